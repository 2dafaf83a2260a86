from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.prognosis.by_month import OpenDeal, expected_by_month
from fivestep.process.prognosis.fit import chance_of, learned_on
from tests.process.prognosis.histories import AS_OF, ended, past_of

PAST = past_of(ended("Pitch", range(1, 25), range(4, 97, 4)), "Pitch")


def test_the_months_add_up_to_the_chances() -> None:
    learned = learned_on(PAST, AS_OF)
    chance = chance_of(learned, "Pitch", 3)
    assert chance is not None
    deals = [OpenDeal("Pitch", 3, 1000.0, "EUR"), OpenDeal("Pitch", 3, 500.0, "USD")]
    months = expected_by_month(PAST, learned, deals)
    assert [one.month for one in months] == [dt.date(2026, 5, 1)]  # within 21 days all were won that are
    assert months[0].deals == pytest.approx(2 * chance)
    assert months[0].amounts == {"EUR": pytest.approx(1000 * chance), "USD": pytest.approx(500 * chance)}


def test_an_age_at_which_nothing_was_won_is_spread_over_the_horizon() -> None:
    learned = learned_on(PAST, AS_OF)
    (may,) = expected_by_month(PAST, learned, [OpenDeal("Pitch", 90, 1.0, "")])
    assert may.month == dt.date(2026, 5, 1)
    assert 0 < may.deals == pytest.approx(chance_of(learned, "Pitch", 90))


def test_without_a_past_nothing_is_expected() -> None:
    few = past_of(ended("Pitch", range(1, 4), range(1, 4)), "Pitch")
    assert expected_by_month(few, learned_on(few, AS_OF), [OpenDeal("Pitch", 3, 1.0, "EUR")]) == []
