"""Working days, held against counting them one by one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.process.model.calendar import Calendar, first_working_day, week_of

MONDAY = dt.date(2026, 11, 23)
days = st.dates(dt.date(2015, 1, 1), dt.date(2035, 12, 31))
weekends = st.sets(st.integers(0, 6), max_size=6)
holidays = st.lists(st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31)), max_size=30)


def counted(since: dt.date, until: dt.date, weekend: set[int], free: list[dt.date]) -> int:
    """Working days after `since` up to `until`, the slow way."""
    step = dt.timedelta(days=1)
    count, day = 0, since
    while day < until:
        day += step
        count += day.weekday() not in weekend and day not in free
    return count


@given(since=days, length=st.integers(-30, 700), weekend=weekends, free=holidays)
def test_between_counts_the_days_that_are_worked(
    since: dt.date, length: int, weekend: set[int], free: list[dt.date]
) -> None:
    until = since + dt.timedelta(days=length)
    assert Calendar(frozenset(weekend), free).between(since, until) == counted(since, until, weekend, free)


@given(day=days, count=st.integers(1, 60), weekend=weekends, free=holidays)
def test_add_is_the_way_back_of_between(day: dt.date, count: int, weekend: set[int], free: list[dt.date]) -> None:
    calendar = Calendar(frozenset(weekend), free)
    later = calendar.add(day, count)
    assert calendar.between(day, later) == count
    assert calendar.is_working(later)


def test_the_weekend_does_not_count() -> None:
    friday, monday = dt.date(2026, 11, 20), MONDAY
    assert Calendar().between(friday, monday) == 1
    assert Calendar(frozenset({4, 5})).between(friday, monday) == 2  # Friday and Saturday are free, Sunday is not


def test_a_holiday_does_not_count() -> None:
    christmas = Calendar(holidays=[dt.date(2026, 12, 25), dt.date(2026, 12, 26)])
    assert christmas.between(dt.date(2026, 12, 24), dt.date(2026, 12, 28)) == 1


def test_the_same_day_and_an_earlier_one_are_no_days() -> None:
    assert Calendar().between(MONDAY, MONDAY) == 0
    assert Calendar().between(MONDAY, MONDAY - dt.timedelta(days=9)) == 0


def test_add_goes_back_too() -> None:
    assert Calendar().add(MONDAY, -1) == dt.date(2026, 11, 20)
    assert Calendar().add(MONDAY, 0) == MONDAY


def test_a_week_without_a_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        Calendar(frozenset(range(7)))


@given(day=days, weekend=weekends)
def test_a_week_has_seven_days_and_begins_with_its_first_working_day(day: dt.date, weekend: set[int]) -> None:
    step, first = dt.timedelta(days=1), first_working_day(weekend)
    begin = day - step * ((day.weekday() - first) % 7)
    week = week_of(day, weekend)
    assert {week_of(begin + step * n, weekend) for n in range(7)} == {week}
    assert week_of(begin - step, weekend) != week != week_of(begin + 7 * step, weekend)
    assert first not in weekend


@given(day=days)
def test_from_monday_on_weeks_are_those_of_iso(day: dt.date) -> None:
    assert week_of(day, {5, 6}) == week_of(day, {6}) == week_of(day, set()) == day.isocalendar()[:2]


@pytest.mark.parametrize(("weekend", "week"), [({5, 6}, 48), ({4, 5}, 49), ({3, 4}, 49), ({4}, 49), ({6, 0}, 48)])
def test_the_week_of_a_sunday(weekend: set[int], week: int) -> None:
    assert week_of(dt.date(2026, 11, 29), weekend) == (2026, week)
