from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.process.prognosis.spells import Spell
from fivestep.process.prognosis.statistic import in_order_of_time, never_rising, quantile, share_won, upper_bound


@pytest.mark.parametrize(("horizon", "share"), [(30, 0.5), (10, 0.2)])
def test_lost_deals_take_the_chance_away_and_open_ones_do_not(horizon: float, share: float) -> None:
    ends = [(3, "lost"), (5, "won"), (8, "open"), (12, "won"), (20, "lost")]
    spells = in_order_of_time(Spell("Pitch", days, days, end) for days, end in reversed(ends))
    # At 5 days 4 of 5 are left, and 1 of these is won: 1/5. At 12 days 2 are left, each with 3/5 / 2.
    assert share_won(spells, horizon) == (5, pytest.approx(share))


def test_what_happened_on_a_day_comes_before_what_was_only_seen_until_then() -> None:
    spells = in_order_of_time([Spell("Pitch", 5, 5, "open"), Spell("Pitch", 5, 5, "won")])
    assert share_won(spells, 30) == (2, pytest.approx(0.5))


def test_older_stays_are_counted_from_the_age_on() -> None:
    spells = in_order_of_time([Spell("Pitch", days, days, "won") for days in (5, 10, 20, 50)])
    assert share_won(spells, 10, 10) == (2, pytest.approx(0.5))  # 20 is won within 10 days of the tenth, 50 is not
    assert share_won(spells, 10, 50) == (0, 0.0)


def test_neighbours_that_rise_are_pooled() -> None:
    assert never_rising([0.9, 0.5, 0.7, 0.2], [1, 2, 2, 1]) == pytest.approx([0.9, 0.6, 0.6, 0.2])


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 10)), min_size=1))
def test_pooled_values_never_rise_and_keep_their_mean(pairs: list[tuple[float, float]]) -> None:
    values, weights = zip(*pairs, strict=True)
    pooled = never_rising(values, weights)
    assert all(one >= other - 1e-9 for one, other in itertools.pairwise(pooled))
    mean = sum(value * weight for value, weight in pairs)
    assert sum(value * weight for value, weight in zip(pooled, weights, strict=True)) == pytest.approx(mean)


@pytest.mark.parametrize(("shape", "rate", "bound"), [(2.5, 8, 0.6903), (1.5, 3, 1.2959)])
def test_the_bound_is_that_of_wilson_and_hilferty(shape: float, rate: float, bound: float) -> None:
    assert upper_bound(shape, rate) == pytest.approx(bound, abs=5e-5)


def test_quantiles_lie_between_values() -> None:
    assert quantile([10, 0, 20, 30], 0.9) == pytest.approx(27)
    assert quantile([4], 0.5) == 4
