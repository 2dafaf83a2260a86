"""How full the pipeline is: new deals at its top, and open amounts against what is still to be won."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.by_month import MonthExpected
from fivestep.process.prognosis.spells import TeamPast

WEEKS = 8


class Targets(NamedTuple):
    """What the team aims at; None where it has not said so."""

    new_leads_per_week: int | None = None
    won_per_month: float | None = None
    """An amount."""
    currency: str = ""
    """Of that amount; empty where the sheet names none."""


class NewDeals(NamedTuple):
    """How many deals came in."""

    weeks: Sequence[int]
    """In each of the last eight weeks of seven days, the earliest first."""
    target: int | None

    @property
    def a_week(self) -> float:
        """On average."""
        return sum(self.weeks) / len(self.weeks)


class Coverage(NamedTuple):
    """What is still to be won this month, and what there is to win it from; all in the target's currency."""

    target: float
    currency: str
    won: float
    """This month, by today."""
    open: float
    """The amounts of all open deals."""
    expected: float | None
    """Of these, what is expected to be won by the end of the month; None where the past allows no forecast."""

    @property
    def left(self) -> float:
        """What is still to be won."""
        return max(0.0, self.target - self.won)

    @property
    def times(self) -> float | None:
        """How many times the open deals hold what is left; None where nothing is left."""
        return self.open / self.left if self.left else None


def new_deals(deals: Iterable[Deal], today: dt.date, target: int | None) -> NewDeals | None:
    """The new deals of the last eight weeks, by the day they were created; None where no deal has one."""
    days = [deal.created for deal in deals if deal.created is not None]
    if not days:
        return None
    ago = Counter((today - day).days // 7 for day in days if day <= today)
    return NewDeals([ago[week] for week in range(WEEKS - 1, -1, -1)], target)


def coverage(
    deals: Iterable[Deal],
    stages: Mapping[str, Stage],
    past: TeamPast,
    months: Sequence[MonthExpected],
    targets: Targets,
    today: dt.date,
) -> Coverage | None:
    """What there is to win against what is to be won this month; None without a target.

    - `deals`, `stages`: those of the sheet, and the process's stages by name.
    - `past`: knows on which day deals were won.
    - `months`: what is expected, by month.
    - `targets`: the team's.
    - `today`: the day.
    """
    if targets.won_per_month is None:
        return None
    month = today.replace(day=1)
    won_on = {deal.deal: deal.days[known - 1] for deal in past.deals if (known := deal.known_on(today))}
    won = still_open = 0.0
    for deal in deals:
        if deal.amount is None or (deal.currency or "") != targets.currency or not deal.stage:
            continue
        kind = stages[deal.stage].kind
        if kind == "open":
            still_open += deal.amount
        elif kind == "won" and (day := deal.won_on or won_on.get(deal.id)) is not None and month <= day <= today:
            won += deal.amount
    expected = next((one.amounts.get(targets.currency, 0.0) for one in months if one.month == month), None)
    return Coverage(targets.won_per_month, targets.currency, won, still_open, expected if months else None)
