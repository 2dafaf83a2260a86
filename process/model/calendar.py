"""The team's working days."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Set

_SATURDAY_SUNDAY = frozenset({5, 6})
_WEEK = range(7)


def first_working_day(weekend: Set[int]) -> int:
    """The day with which the working week begins: the one after the longest row of free days.

    Days are as `date.weekday` counts them (0 is Monday). Of rows that are equally long the one counts whose next day
    comes first from Monday on; where no day is free it is Monday.
    """
    rows = {day: _free_before(day, weekend) for day in _WEEK if day not in weekend}
    return max(rows, key=rows.__getitem__)


def _free_before(day: int, weekend: Set[int]) -> int:
    """How many days right before this one are free."""
    return next((row for row in _WEEK if (day - row - 1) % 7 not in weekend), 0)


def week_of(day: dt.date, weekend: Set[int]) -> tuple[int, int]:
    """The year and the number of the team's week that holds this day.

    Weeks are numbered as in ISO 8601, but begin with the team's first working day.
    """
    ahead = -first_working_day(weekend) % 7
    year, week, _ = (day + dt.timedelta(days=ahead if ahead <= 3 else ahead - 7)).isocalendar()
    return year, week


class Calendar:
    """Counts working days: every day but the weekend's and the public holidays."""

    __slots__ = ("_holidays", "_week_table", "_weekend")

    def __init__(self, weekend: Set[int] = _SATURDAY_SUNDAY, holidays: Iterable[dt.date] = ()) -> None:
        """`weekend` holds days as `date.weekday` counts them (0 is Monday); not all seven may be in it."""
        if len(weekend & set(range(7))) == 7:
            raise ValueError("a week needs at least one working day")
        self._weekend = frozenset(weekend)
        # Ordinal 1 is a Monday, so an ordinal's weekday is (ordinal - 1) % 7.
        self._holidays = sorted({day.toordinal() for day in holidays if day.weekday() not in self._weekend})
        # How many of the first n days of a week that begins on a Monday are working days.
        self._week_table = [sum(day not in self._weekend for day in range(n)) for n in range(8)]

    def until(self, ordinal: int) -> int:
        """Working days from the calendar's first day up to and including the day of this ordinal.

        The difference of two such numbers is the number of working days between two days; this form lets a
        caller with many dates and one `today` compute each once.
        """
        weeks, days = divmod(ordinal, 7)
        return weeks * self._week_table[7] + self._week_table[days] - bisect_right(self._holidays, ordinal)

    def between(self, since: dt.date, until: dt.date) -> int:
        """Working days after `since`, up to and including `until`; 0 where `until` is not later."""
        return max(0, self.until(until.toordinal()) - self.until(since.toordinal()))

    def is_working(self, day: dt.date) -> bool:
        """Whether the team works on this day."""
        return self.until(day.toordinal()) > self.until(day.toordinal() - 1)

    def add(self, day: dt.date, count: int) -> dt.date:
        """The day that is `count` working days after (or, below zero, before) this one.

        For zero it is the day itself, even a free one.
        """
        step = dt.timedelta(days=1 if count > 0 else -1)
        while count:
            day += step
            if self.is_working(day):
                count -= 1 if count > 0 else -1
        return day
