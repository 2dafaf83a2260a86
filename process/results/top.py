"""How full the top of the pipeline is, and whether the open deals can carry the month's quota."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.spells import TeamPast

WEEKS = 8
"""So many weeks are looked at."""

_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Targets:
    """What the team aims at; None where it has said nothing."""

    new_leads_per_week: int | None = None
    won_per_month: float | None = None
    """An amount."""
    currency: str | None = None
    """Of that amount; None where the sheet has but one."""


class NewDeals(NamedTuple):
    """The new deals of the last weeks."""

    by_week: Sequence[tuple[dt.date, int]]
    """The first of its seven days, and how many came in; the last week ends today."""
    target: int | None
    """For one week."""

    @property
    def came(self) -> int:
        """Of all these weeks."""
        return sum(count for _, count in self.by_week)


class Coverage(NamedTuple):
    """What is still to be won this month, and what there is to win it from, in one currency."""

    currency: str
    quota: float
    won: float
    """Since the first of the month."""
    open: float
    """In selling stages."""
    weighted: float
    """By the probability of the stages, or of the deal where the sheet has one."""

    @property
    def left(self) -> float:
        """What is still to be won."""
        return max(0.0, self.quota - self.won)

    @property
    def times(self) -> float | None:
        """How many times the open amount covers what is left; None where nothing is left."""
        return self.open / self.left if self.left else None


def new_deals(deals: Iterable[Deal], past: TeamPast, target: int | None, today: dt.date) -> NewDeals | None:
    """How many deals came in, week by week; None where no date reaches back to the first of these weeks.

    - `deals`: those of the sheet; `created` says when they came in.
    - `past`: says it where that is blank.
    - `target`, `today`: for one week, and the last day that counts.
    """
    first_known = {deal.deal: deal.days[0] for deal in past.deals}
    days = [day for deal in deals if (day := deal.created or first_known.get(deal.id))]
    begins = [today - number * _WEEK + dt.timedelta(days=1) for number in range(WEEKS, 0, -1)]
    # What nobody noted so long ago is not the same as weeks in which nothing came.
    if min(days, default=today) > begins[0]:
        return None
    return NewDeals([(begin, sum(begin <= day < begin + _WEEK for day in days)) for begin in begins], target)


def coverage(
    deals: Sequence[Deal], past: TeamPast, stages: Mapping[str, Stage], targets: Targets, today: dt.date
) -> Coverage | None:
    """The coverage of this month's quota.

    None where there is no quota, or the deals have several currencies and the targets do not say which is meant.

    - `deals`, `stages`: those of the sheet, and the process's stages.
    - `past`: says when a deal was won where `won_on` is blank.
    - `targets`, `today`: the quota, and the day.
    """
    if targets.won_per_month is None:
        return None
    currencies = {deal.currency or "" for deal in deals if deal.amount is not None}
    if targets.currency is None and len(currencies) > 1:
        return None
    # Where no deal names a currency, all are of the quota's.
    mine = currencies if targets.currency is None or currencies == {""} else {targets.currency}
    won_days = {deal.deal: deal.days[-1] for deal in past.deals if past.end_of(deal, len(deal.days)) == "won"}
    won = open_amount = weighted = 0.0
    for deal in deals:
        stage = stages.get(deal.stage or "")
        if deal.amount is None or stage is None or (deal.currency or "") not in mine:
            continue
        if stage.kind == "open" and not stage.parked:
            open_amount += deal.amount
            weighted += deal.amount * (stage.probability if deal.probability is None else deal.probability)
        elif stage.kind == "won":
            day = deal.won_on or won_days.get(deal.id)
            won += deal.amount if day is not None and today.replace(day=1) <= day <= today else 0.0
    currency = targets.currency or next(iter(currencies), "")
    return Coverage(currency, targets.won_per_month, won, open_amount, weighted)
