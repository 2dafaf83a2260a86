"""Replays the past week by week: which deals a limit would have flagged, and what came of them."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.prognosis import Prognosis
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.fit import FEWEST_ENDED, kept, learned_on
from fivestep.process.prognosis.spells import TeamPast

_WEEK = dt.timedelta(days=7)

REFIT = dt.timedelta(days=28)
"""So long what was learned is kept before it is learned anew."""


class ReplayRow(NamedTuple):
    """One open deal in a selling stage on one Monday."""

    deal: int
    """Its place among the deals of the past."""
    stage: str
    on: dt.date
    entered: dt.date
    won_on: dt.date | None
    """None where it was not won in the end."""

    @property
    def age(self) -> int:
        """Calendar days in the stage."""
        return (self.on - self.entered).days


Flags = Callable[[ReplayRow], bool]
"""Whether a rule would have called this deal stalled on that day."""


def fits(past: TeamPast, until: dt.date) -> list[Prognosis]:
    """What would have been learned every 28 days from the first Monday on."""
    found: list[Prognosis] = []
    for monday in mondays(past, until):
        if not found or monday >= _day(found[-1]) + REFIT:
            now = learned_on(past, monday)
            found.append(kept(found[-1], now, past) if found else now)
    return found


def mondays(past: TeamPast, until: dt.date) -> Iterator[dt.date]:
    """Every Monday from the first line on, up to that day."""
    first = past.first_day()
    if first is not None:
        monday = first + dt.timedelta(days=-first.weekday() % 7)
        while monday <= until:
            yield monday
            monday += _WEEK


def learned_since(fitted: Sequence[Prognosis]) -> dt.date | None:
    """The first day on which there was enough to learn from; None where there never was."""
    enough = (_day(one) for one in fitted if min(one.won, one.lost) >= FEWEST_ENDED)
    return next(enough, None)


def rows_of(past: TeamPast, since: dt.date, until: dt.date) -> list[ReplayRow]:
    """A row for each open deal in a selling stage on each Monday of that time, both days included."""
    first = past.first_day() or since
    begin = max(since, first)
    begin += dt.timedelta(days=-begin.weekday() % 7)
    selling = set(past.selling)
    found: list[ReplayRow] = []
    for place, deal in enumerate(past.deals):
        known = deal.known_on(until)
        if not known:
            continue
        won_on = deal.days[known - 1] if past.end_of(deal, known) == "won" else None
        for number in range(known):
            if deal.stages[number] not in selling:
                continue
            came = deal.days[number]
            left = deal.days[number + 1] if number + 1 < known else until + dt.timedelta(days=1)
            monday = max(begin, came + dt.timedelta(days=-came.weekday() % 7))
            while monday < left:
                found.append(ReplayRow(place, deal.stages[number], monday, came, won_on))
                monday += _WEEK
    return found


def by_what_was_learned(fitted: Sequence[Prognosis]) -> Flags:
    """The limits that had been learned by then."""
    days = [_day(one) for one in fitted]
    limits = [{stage: limit.days for stage, limit in one.limits.items()} for one in fitted]

    def flags(row: ReplayRow) -> bool:
        limit = limits[bisect_right(days, row.on) - 1].get(row.stage)
        return limit is not None and row.age > limit

    return flags


def by_the_process(stages: Mapping[str, Stage], calendar: Calendar) -> Flags:
    """The working days of the process file: a limit that was set by hand, else the rhythm."""
    limits = {
        stage.name: stage.stall_after if stage.stall_after is not None else stage.rhythm for stage in stages.values()
    }
    due: dict[tuple[dt.date, int], dt.date] = {}

    def flags(row: ReplayRow) -> bool:
        limit = limits.get(row.stage)
        if limit is None:
            return False
        key = (row.entered, limit)
        if key not in due:
            due[key] = calendar.add(*key)
        return row.on > due[key]

    return flags


def by_fixed_days(days: int) -> Flags:
    """The same number of calendar days in each stage."""
    return lambda row: row.age > days


def fixed_days_like(rows: Sequence[ReplayRow], flagged: int) -> int:
    """The number of days that flags as nearly as can be so many of the rows."""
    ages = sorted((row.age for row in rows), reverse=True)
    if not ages:
        return 0
    limit = ages[min(flagged, len(ages) - 1)]
    fewer, more = sum(age > limit for age in ages), sum(age >= limit for age in ages)
    return limit if flagged - fewer <= more - flagged else max(0, limit - 1)


def _day(fitted: Prognosis) -> dt.date:
    return fitted.fitted_on or dt.date.min
