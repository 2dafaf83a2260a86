from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.model.deal import Deal
from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.spells import TeamPast
from fivestep.process.results.top import Coverage, Targets, coverage, new_deals
from tests.process.prognosis.histories import past_of

TODAY = dt.date(2026, 4, 20)
EMPTY = TeamPast((), {})
STAGES = {
    "Pitch": Stage("Pitch", probability=0.5),
    "Keep warm": Stage("Keep warm", parked=True),
    "Won": Stage("Won", "won"),
    "Lost": Stage("Lost", "lost"),
}


def test_new_deals_are_counted_in_eight_weeks_that_end_today() -> None:
    past = past_of([StageLine("b", "Pitch", dt.date(2026, 4, 13))], "Pitch")
    deals = [
        Deal(2, "a", created=TODAY),
        Deal(3, "b"),
        Deal(4, "c", created=dt.date(2026, 2, 24)),
        Deal(5, "d"),
        Deal(6, "too old", created=dt.date(2026, 2, 23)),
    ]
    found = new_deals(deals, past, 2, TODAY)
    assert found is not None
    assert [count for _, count in found.by_week] == [1, 0, 0, 0, 0, 0, 1, 1]
    assert found.came == 3


def test_days_that_do_not_reach_back_so_far_say_nothing() -> None:
    assert new_deals([Deal(2, "a")], EMPTY, 2, TODAY) is None
    assert new_deals([Deal(2, "a", created=dt.date(2026, 2, 25))], EMPTY, 2, TODAY) is None
    assert new_deals([Deal(2, "a", created=dt.date(2026, 2, 24))], EMPTY, 2, TODAY) is not None


DEALS = [
    Deal(2, "a", stage="Pitch", amount=1000.0, currency="EUR"),
    Deal(3, "b", stage="Pitch", amount=200.0, currency="EUR", probability=0.9),
    Deal(4, "c", stage="Won", amount=300.0, currency="EUR", won_on=dt.date(2026, 4, 1)),
    Deal(5, "d", stage="Won", amount=400.0, currency="EUR", won_on=dt.date(2026, 3, 31)),
    Deal(6, "e", stage="Lost", amount=500.0, currency="EUR"),
    Deal(7, "f", stage="Keep warm", amount=600.0, currency="EUR"),
]


def test_coverage_counts_what_is_left_of_this_month() -> None:
    found = coverage(DEALS, EMPTY, STAGES, Targets(won_per_month=900.0), TODAY)
    assert found == Coverage("EUR", quota=900.0, won=300.0, open=1200.0, weighted=pytest.approx(680.0))
    assert found.left == 600.0
    assert found.times == 2.0


def test_a_quota_that_is_won_leaves_nothing_to_cover() -> None:
    found = coverage(DEALS, EMPTY, STAGES, Targets(won_per_month=100.0), TODAY)
    assert found is not None
    assert (found.left, found.times) == (0.0, None)


def test_of_several_currencies_one_must_be_named() -> None:
    deals = [*DEALS, Deal(7, "f", stage="Pitch", amount=50.0, currency="USD")]
    assert coverage(deals, EMPTY, STAGES, Targets(won_per_month=900.0), TODAY) is None
    found = coverage(deals, EMPTY, STAGES, Targets(won_per_month=900.0, currency="USD"), TODAY)
    assert found == Coverage("USD", 900.0, 0.0, 50.0, 25.0)


def test_where_no_deal_names_a_currency_all_are_of_the_quotas() -> None:
    deals = [deal._replace(currency=None) for deal in DEALS]
    found = coverage(deals, EMPTY, STAGES, Targets(won_per_month=900.0, currency="EUR"), TODAY)
    assert found is not None
    assert (found.currency, found.open) == ("EUR", 1200.0)


def test_without_a_quota_there_is_no_coverage() -> None:
    assert coverage(DEALS, EMPTY, STAGES, Targets(), TODAY) is None
