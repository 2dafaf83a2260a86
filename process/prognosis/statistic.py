"""The few methods of statistics that limits and chances are made with.

Aalen and Johansen's estimate of one of two competing ends; pooling of neighbours that are out of order; Wilson and
Hilferty's bound of a Gamma distribution.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from fivestep.process.prognosis.spells import Spell

_Z = 1.6449
"""The 95th percentile of the normal distribution: bounds here are one-sided, at 95 %."""


def in_order_of_time(spells: Iterable[Spell]) -> list[Spell]:
    """By the time to their end; what happened on a day comes before what was only seen until then."""
    return sorted(spells, key=lambda spell: (spell.to_end, spell.end == "open"))


def share_won(spells: Sequence[Spell], horizon: float, older_than: int = 0) -> tuple[int, float]:
    """How many stays are longer than some days, and the share of their deals that is won after these.

    - `spells`: in the order of `in_order_of_time`.
    - `horizon`, `older_than`: days; with 0 the stays as a whole are meant.

    A lost deal is one that can't be won any more; of an open one only is known that it was not won so far. So this is
    neither won among won and lost, nor the complement of a survival curve, which are both too high.
    """
    at_risk = count = len(spells) if not older_than else sum(spell.days > older_than for spell in spells)
    last = horizon + older_than
    won, left = 0.0, 1.0
    for spell in spells:
        if spell.to_end > last:
            break
        if spell.days <= older_than and older_than:
            continue
        if spell.end != "open":
            step = left / at_risk
            left -= step
            if spell.end == "won":
                won += step
        at_risk -= 1
    return count, won


def never_rising(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The values, with neighbours that rise replaced by their weighted mean, as often as it takes."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        pool = (value, weight, 1)
        while pools and pools[-1][0] < pool[0]:
            before, heavy, many = pools.pop()
            both = heavy + pool[1]
            pool = ((before * heavy + pool[0] * pool[1]) / both, both, many + pool[2])
        pools.append(pool)
    return [value for value, _, many in pools for _ in range(many)]


def upper_bound(shape: float, rate: float) -> float:
    """The 95th percentile of a Gamma distribution, by Wilson and Hilferty's approximation."""
    return shape / rate * max(0.0, 1 - 1 / (9 * shape) + _Z / math.sqrt(9 * shape)) ** 3


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which this share of them lies, interpolated linearly; there must be one at least."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
