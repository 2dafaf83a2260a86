"""What is to be expected of the open deals, and how right that has been before.

A chance is that of being won within the horizon, not ever. How far off such a sum may be is learned from its own past
and from nothing else: coin tosses for each deal by itself are far too sure of themselves.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fivestep.process.model.prognosis import Prognosis
from fivestep.process.prognosis.fit import chance_of
from fivestep.process.prognosis.replay import ReplayRow, learned_since
from fivestep.process.prognosis.spells import TeamPast
from fivestep.process.prognosis.statistic import quantile

FEWEST_FINISHED = 4
"""So many finished forecasts are needed for a range."""

NOMINAL = 0.8
"""The share of outcomes that a range is made to hold. It holds fewer."""


class Finished(NamedTuple):
    """A forecast whose time is over, beside what came of it."""

    as_of: dt.date
    expected: float
    """Deals."""
    won: int
    expected_amount: float
    """In whatever currencies the amounts were; by the last amount that is known of a deal."""
    won_amount: float


class Range(NamedTuple):
    """Between which numbers of deals the outcome may lie, and how often such a range was right before."""

    low: float
    high: float
    held: int
    tried: int


class ForecastRecord(NamedTuple):
    """The forecast of today, and the finished ones."""

    expected: float | None
    """Deals that are won within the horizon; None where the past allows no forecast."""
    expected_amount: float | None
    finished: Sequence[Finished]
    """The earliest first."""
    range: Range | None
    """None where too few are finished, or none of such ranges has held."""


def forecast(past: TeamPast, fitted: Sequence[Prognosis], now: Prognosis, rows: Sequence[ReplayRow]) -> ForecastRecord:
    """The forecast of today, and what became of those made with each fit before it.

    - `past`: the team's.
    - `fitted`: what had been learned so far, the earliest first.
    - `now`: what is known today.
    - `rows`: the replayed ones, of every Monday since there was something to learn.
    """
    today = now.fitted_on
    since = learned_since(fitted)
    if today is None or since is None or not now.chances:
        return ForecastRecord(None, None, (), None)
    finished = [
        _finished(past, one, [row for row in rows if row.on == one.fitted_on])
        for one in fitted
        if one.fitted_on is not None and one.chances and _over(one) <= today
    ]
    open_deals = _expected(past, now, _open_today(past, today))
    return ForecastRecord(*open_deals, finished, _range(open_deals[0], finished, fitted))


def _over(fitted: Prognosis) -> dt.date:
    """The day on which a forecast is finished."""
    return (fitted.fitted_on or dt.date.max) + dt.timedelta(days=math.ceil(fitted.horizon))


def _finished(past: TeamPast, fitted: Prognosis, rows: Sequence[ReplayRow]) -> Finished:
    over = _over(fitted)
    expected, amount = _expected(past, fitted, ((row.deal, row.stage, row.age) for row in rows))
    won = [row for row in rows if row.won_on is not None and row.on < row.won_on <= over]
    as_of = fitted.fitted_on or over
    return Finished(as_of, expected, len(won), amount, sum(_amount(past, row.deal, as_of) for row in won))


def _expected(past: TeamPast, fitted: Prognosis, deals: Iterable[tuple[int, str, int]]) -> tuple[float, float]:
    """How many of these deals (place, stage, age) are won within the horizon, and what they are worth."""
    count = amount = 0.0
    as_of = fitted.fitted_on or dt.date.max
    for place, stage, age in deals:
        chance = chance_of(fitted, stage, age) or 0.0
        count += chance
        amount += chance * _amount(past, place, as_of)
    return count, amount


def _open_today(past: TeamPast, today: dt.date) -> Iterable[tuple[int, str, int]]:
    selling = set(past.selling)
    for place, deal in enumerate(past.deals):
        known = deal.known_on(today)
        if known and deal.stages[known - 1] in selling:
            yield place, deal.stages[known - 1], (today - deal.days[known - 1]).days


def _amount(past: TeamPast, place: int, as_of: dt.date) -> float:
    """The last amount that was known of a deal on that day."""
    deal = past.deals[place]
    known = deal.amounts[: deal.known_on(as_of)]
    return next((amount for amount in reversed(known) if amount is not None), 0.0)


def _range(expected: float, finished: Sequence[Finished], fitted: Sequence[Prognosis]) -> Range | None:
    """A range by the errors of the finished forecasts, tried on each with those finished before it."""
    over = {one.fitted_on: _over(one) for one in fitted}
    tried = held = 0
    for one in finished:
        before = [other for other in finished if over[other.as_of] <= one.as_of]
        if len(before) >= FEWEST_FINISHED:
            low, high = _around(one.expected, before)
            tried += 1
            held += low <= one.won <= high
    if len(finished) < FEWEST_FINISHED or not held:
        return None
    return Range(*_around(expected, finished), held, tried)


def _around(expected: float, finished: Sequence[Finished]) -> tuple[float, float]:
    errors = [math.log((one.won + 0.5) / (one.expected + 0.5)) for one in finished]
    low, high = quantile(errors, (1 - NOMINAL) / 2), quantile(errors, (1 + NOMINAL) / 2)
    return max(0.0, (expected + 0.5) * math.exp(low) - 0.5), (expected + 0.5) * math.exp(high) - 0.5
