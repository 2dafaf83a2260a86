from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.model.deal import Deal
from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.fit import chance_of, learned_on
from fivestep.process.results.outlook import LearnedPast, outlook
from tests.process.prognosis.histories import AS_OF, ended, past_of, stages

STAGES = stages("Pitch")
CAME = AS_OF - dt.timedelta(days=3)
PAST = past_of([*ended("Pitch", range(1, 25), range(4, 97, 4)), StageLine("D-1", "Pitch", CAME)], "Pitch")
DEALS = [
    Deal(2, "D-1", stage="Pitch", amount=1000.0, currency="EUR", probability=0.5),
    Deal(3, "D-2", stage="Pitch", amount=400.0, currency="USD", probability=0.25),
    Deal(4, "D-3", stage="Won", amount=9000.0, currency="EUR"),
]


def test_both_sums_stand_side_by_side_and_currencies_apart() -> None:
    learned = LearnedPast(PAST, learned_on(PAST, AS_OF))
    chance = chance_of(learned.prognosis, "Pitch", 3)
    assert chance is not None
    found = outlook(DEALS, STAGES, learned, AS_OF)
    assert found.weighted == {"EUR": 500.0, "USD": 100.0}
    assert found.amounts == {"EUR": pytest.approx(1000 * chance)}
    assert found.expected == pytest.approx(chance)
    assert (found.deals, found.unknown_age) == (2, 1)


def test_without_a_past_only_the_stages_weigh() -> None:
    found = outlook(DEALS, STAGES, LearnedPast(), AS_OF)
    assert found.months == []
    assert found.weighted == {"EUR": 500.0, "USD": 100.0}
    assert found.amounts == {}


def test_what_is_parked_or_over_is_not_expected_to_be_won() -> None:
    parked = {**STAGES, "Keep warm": Stage("Keep warm", parked=True, probability=1.0)}
    deals = [Deal(2, "a", stage="Keep warm", amount=7.0), Deal(3, "b", stage="Won", amount=7.0), Deal(4, "c")]
    found = outlook(deals, parked, LearnedPast(), AS_OF)
    assert (found.deals, found.weighted) == (0, {})
