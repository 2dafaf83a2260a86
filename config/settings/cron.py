"""Cron expressions, read as cron reads them: when something is due next."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from cronsim import CronSim, CronSimError

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

NEVER_DUE = "off"
"""Stands for an expression that is never due."""

_FORM = 'must be five fields (minute hour day month weekday), such as "0 8 * * 1-5", or "off"'
_ONE_WITH_A_STEP = re.compile(r"\b(\w+)-\1/\d+")
"""A range of one, which cronsim takes for one without an end."""

_LAST = (59, 23, 31, 12, 7)
"""The highest number of each field."""

_ANY_DAY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_MINUTE, _DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
_FAR = 366 * 9
"""Days: within so many there is a 29 February."""


class Times(NamedTuple):
    """What a cron expression names; None: all of them."""

    minutes: Sequence[int]
    hours: Sequence[int]
    days: Sequence[int] | None
    months: Sequence[int] | None
    weekdays: Sequence[int] | None
    """0 is Sunday. One of `days` and `weekdays` names all of them."""


class Cron:
    """A cron expression that every clock reads alike.

    What cron, systemd, Kubernetes and GitHub differ on is refused.

    0 and 7 are Sunday. Clock changes are those of Debian's cron: what is due at set times is due once where an hour
    comes twice, and at the first minute there is where its time is left out. What is due all the time (a minute or an
    hour that begins with `*`) goes by what the clock shows, minute by minute.
    """

    def __init__(self, expression: str) -> None:
        """Raises ValueError, worded for people, where it is none, never comes, or has two meanings."""
        self.expression = " ".join(ALIASES.get(expression.strip().casefold(), expression).split())
        if len(self.expression.split()) != 5 or set("#") & set(self.expression):
            raise ValueError(_FORM)
        try:
            self._days = CronSim(_ONE_WITH_A_STEP.sub(r"\1", self.expression), _ANY_DAY)
        except (CronSimError, ValueError) as error:
            raise ValueError(f"{_FORM}: {str(error).replace('Bad', 'wrong')}") from None
        self._weekdays = [number for number in self._days.weekdays if isinstance(number, int)]
        if len(self._weekdays) < len(self._days.weekdays) or min(self._days.days) < 0:
            raise ValueError(f"{_FORM}: L and W are not known here")
        minute, hour, *_ = fields = self.expression.split()
        _refuse_two_kinds_of_days(fields)
        _refuse_open_steps(fields)
        self._goes_on = minute.startswith("*") or hour.startswith("*")
        self._on = lru_cache(maxsize=4)(self._due_on)
        if self.after(_ANY_DAY, dt.UTC) is None:
            raise ValueError(f"{_FORM}: this never comes")

    @property
    def times(self) -> Times:
        """What it names, in numbers."""
        day, weekday = self.expression.split()[2], self.expression.split()[4]
        return Times(
            sorted(self._days.minutes),
            sorted(self._days.hours),
            None if day == "*" else sorted(self._days.days),
            sorted(self._days.months) if len(self._days.months) < 12 else None,
            None if weekday == "*" else sorted({number % 7 for number in self._weekdays}),
        )

    def after(self, moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime | None:
        """The next time it is due by the clocks of the zone, in UTC; None where it never is again."""
        first = moment.astimezone(zone).date() - _DAY
        for ahead in range(_FAR):
            day = first + ahead * _DAY
            # Where clocks go back over midnight, a day's last minutes come after the next day's first.
            dues = [self._on(one, zone) for one in (day, day + _DAY)]
            found = [all_of_it[at] for all_of_it in dues if (at := bisect_right(all_of_it, moment)) < len(all_of_it)]
            if found:
                return min(found)
        return None

    def _due_on(self, day: dt.date, zone: dt.tzinfo) -> Sequence[dt.datetime]:
        """When it is due on one day of the zone's calendar, in UTC and in order."""
        if day.month not in self._days.months or not self._days.match_day(day):
            return ()
        times = (dt.time(hour, minute) for hour in self._days.hours for minute in self._days.minutes)
        shown = [dt.datetime.combine(day, time, zone) for time in times]
        if self._goes_on:
            real = filter(_exists, shown)
            return sorted({local.replace(fold=fold).astimezone(dt.UTC) for local in real for fold in (0, 1)})
        return sorted({_first_there_is(local).astimezone(dt.UTC) for local in shown})


def _refuse_two_kinds_of_days(fields: Sequence[str]) -> None:
    """Raise ValueError where days of the month and of the week are both named.

    Most crons take either kind of day then, systemd only days that are both, and where one field begins with a star
    Debian's takes what is both and Kubernetes' what is either.
    """
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise ValueError(
            "names days of the month and days of the week, which some clocks read as either and others as both: write "
            f'"{minute} {hour} * {month} {weekday}" or "{minute} {hour} {day} {month} *"'
        )


def _refuse_open_steps(fields: Sequence[str]) -> None:
    """Raise ValueError where a step begins at one number, or leads beyond the field.

    Clocks read the one in two ways; of the other, such as `*/90` minutes, some make each full hour.
    """
    for field, last in zip(fields, _LAST, strict=True):
        for part in field.split(","):
            begin, slash, step = part.partition("/")
            if slash and begin != "*" and "-" not in begin:
                raise ValueError(
                    f'has "{part}", which not every clock takes: write the end as well, such as "{begin}-{last}/{step}"'
                )
            if slash and int(step) > last:
                raise ValueError(f'has "{part}", a step that leads beyond {last}: not every clock takes it')


def _exists(local: dt.datetime) -> bool:
    return local.astimezone(dt.UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def _first_there_is(local: dt.datetime) -> dt.datetime:
    """The time itself, or the first after those that a clock change leaves out."""
    while not _exists(local):
        local += _MINUTE
    return local
