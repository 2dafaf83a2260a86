"""The wins that are to be expected of the open deals, by month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fivestep.process.model.prognosis import Prognosis
from fivestep.process.prognosis.fit import chance_of
from fivestep.process.prognosis.spells import Spell, TeamPast


class OpenDeal(NamedTuple):
    """A deal of today's, in a selling stage."""

    stage: str
    age: int
    """Calendar days in it."""
    amount: float
    currency: str


class MonthExpected(NamedTuple):
    """What is to be expected of one month, as far as it lies within the horizon."""

    month: dt.date
    """Its first day."""
    deals: float
    amounts: Mapping[str, float]
    """By currency."""


def expected_by_month(past: TeamPast, now: Prognosis, deals: Iterable[OpenDeal]) -> list[MonthExpected]:
    """The expected wins of today's open deals, month by month; empty where the past allows no forecast.

    A deal's chance is spread over the days after which deals of its stage that were as old, or older, have been won;
    where there are none, evenly over the horizon.
    """
    today = now.fitted_on
    if today is None or not now.chances:
        return []
    won = [spell for spell in past.spells(today) if spell.end == "won"]
    counts: defaultdict[dt.date, float] = defaultdict(float)
    amounts: defaultdict[dt.date, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    spreads: dict[tuple[str, int], Mapping[dt.date, float]] = {}
    for deal in deals:
        chance = chance_of(now, deal.stage, deal.age) or 0.0
        key = (deal.stage, deal.age)
        if key not in spreads:
            spreads[key] = _spread(won, *key, today, now.horizon)
        for month, share in spreads[key].items():
            counts[month] += chance * share
            amounts[month][deal.currency] += chance * share * deal.amount
    return [MonthExpected(month, counts[month], dict(amounts[month])) for month in sorted(counts)]


def _spread(won: Sequence[Spell], stage: str, age: int, today: dt.date, horizon: float) -> Mapping[dt.date, float]:
    """Which share of a deal's chance falls into which month.

    - `won`: the stays of deals that were won.
    - `stage`, `age`: the deal's.
    - `today`, `horizon`: when the forecast begins, and for how many days it is.
    """
    days = [
        spell.to_end - age
        for spell in won
        if spell.stage == stage and spell.days > age and spell.to_end - age <= horizon
    ] or list(range(1, int(horizon) + 1))
    shares: defaultdict[dt.date, float] = defaultdict(float)
    for day in days:
        shares[(today + dt.timedelta(days=day)).replace(day=1)] += 1 / len(days)
    return shares
