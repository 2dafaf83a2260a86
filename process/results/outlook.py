"""What is to be expected of today's open deals: by stage, and by what was learned."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.prognosis import NO_PROGNOSIS, Prognosis
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.backtest import Backtest
from fivestep.process.prognosis.by_month import MonthExpected, OpenDeal, expected_by_month
from fivestep.process.prognosis.spells import TeamPast


@dataclass(frozen=True)
class LearnedPast:
    """The team's past, and what was learned of it."""

    past: TeamPast = field(default_factory=lambda: TeamPast((), {}))
    prognosis: Prognosis = NO_PROGNOSIS
    backtest: Backtest | None = None
    """None where nothing was replayed."""


class Outlook(NamedTuple):
    """What today's open deals may bring."""

    deals: int
    """In selling stages."""
    weighted: Mapping[str, float]
    """By currency: each amount by the probability that the process gives its stage, or the sheet the deal."""
    unknown_age: int
    """Deals of which nobody knows since when they are in their stage: what was learned says nothing of them."""
    expected: float
    """Wins within the horizon, as far as that was learned."""
    amounts: Mapping[str, float]
    """By currency, of these wins."""
    months: Sequence[MonthExpected]
    """The same month by month; empty where the past allows no forecast."""


def outlook(deals: Iterable[Deal], stages: Mapping[str, Stage], learned: LearnedPast, today: dt.date) -> Outlook:
    """What is to be expected of these deals.

    Their age is that of the past, in calendar days, where it has them in the stage of today.
    """
    came = _came_in(learned.past, today)
    weighted: defaultdict[str, float] = defaultdict(float)
    known: list[OpenDeal] = []
    count = 0
    for deal in deals:
        stage = stages.get(deal.stage or "")
        if stage is None or stage.kind != "open" or stage.parked:
            continue
        count += 1
        amount, currency = deal.amount or 0.0, deal.currency or ""
        weighted[currency] += amount * (stage.probability if deal.probability is None else deal.probability)
        if (day := came.get((deal.id, stage.name))) is not None:
            known.append(OpenDeal(stage.name, (today - day).days, amount, currency))
    now = replace(learned.prognosis, fitted_on=today)
    months = expected_by_month(learned.past, now, known)
    amounts: defaultdict[str, float] = defaultdict(float)
    for month in months:
        for currency, amount in month.amounts.items():
            amounts[currency] += amount
    expected = sum(month.deals for month in months)
    return Outlook(count, dict(weighted), count - len(known), expected, dict(amounts), months)


def _came_in(past: TeamPast, today: dt.date) -> dict[tuple[str, str], dt.date]:
    """When each deal came into the stage in which it is known to be."""
    found = {}
    for deal in past.deals:
        if known := deal.known_on(today):
            found[deal.deal, deal.stages[known - 1]] = deal.days[known - 1]
    return found
