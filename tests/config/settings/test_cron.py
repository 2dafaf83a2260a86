"""When jobs are due: held to a second opinion that goes through UTC minute by minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivestep.config.settings.cron import Cron
from fivestep.config.settings.load import load_settings
from fivestep.config.settings.timetables import Scheduled, Timetable, timetables
from fivestep.errors import SettingsError

MINUTE = dt.timedelta(minutes=1)
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def numbers(field: str, first: int, last: int, names: list[str]) -> set[int]:
    """The numbers of a field; written without looking at anybody else's way to do it."""
    found: set[int] = set()
    for part in field.lower().split(","):
        what, _, step = part.partition("/")
        begin, _, end = what.partition("-")
        number = {name: at + first for at, name in enumerate(names)}
        low = first if begin == "*" else number.get(begin, -1) if begin in number else int(begin)
        high = last if begin == "*" or (step and not end) else (number[end] if end in number else int(end or low))
        found |= {n for n in range(low, high + 1) if (n - low) % int(step or 1) == 0}
    return found


class SecondOpinion:
    """Says of a minute on a clock whether it is named."""

    def __init__(self, expression: str) -> None:
        minute, hour, day, month, weekday = expression.split()
        self.minutes, self.hours = numbers(minute, 0, 59, []), numbers(hour, 0, 23, [])
        self.days, self.months = numbers(day, 1, 31, []), numbers(month, 1, 12, MONTHS)
        self.weekdays = {n % 7 for n in numbers(weekday, 0, 7, WEEKDAYS)}
        self.set_times = minute[0] != "*" and hour[0] != "*"

    def names(self, local: dt.datetime) -> bool:
        right_day = local.day in self.days and local.isoweekday() % 7 in self.weekdays
        return right_day and local.month in self.months and local.hour in self.hours and local.minute in self.minutes

    def due(self, begin: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> Iterator[dt.datetime]:
        """Every minute at which it is due, from clock to clock."""
        shown_before = (begin - MINUTE).astimezone(zone).replace(tzinfo=None)
        furthest = shown_before
        moment = begin
        while moment < end:
            shown = moment.astimezone(zone).replace(tzinfo=None)
            if not self.set_times:
                is_due = self.names(shown)
            else:  # a set time that was shown before is over; one that was jumped over is made up for
                skipped = (furthest + MINUTE * n for n in range(1, int((shown - furthest) / MINUTE) + 1))
                is_due = any(map(self.names, skipped))
            if is_due:
                yield moment
            furthest = max(furthest, shown)
            moment += MINUTE


CHANGES = {
    "Europe/Berlin": [(2026, 3, 29), (2026, 10, 25), (2027, 3, 28)],
    "America/New_York": [(2026, 3, 8), (2026, 11, 1)],
    "Australia/Lord_Howe": [(2026, 4, 4), (2026, 10, 3)],
    "Australia/Sydney": [(2026, 4, 4), (2026, 10, 3), (2027, 4, 3)],
    "America/Havana": [(2026, 3, 8), (2026, 11, 1)],  # at midnight
    "Africa/Casablanca": [(2026, 2, 15), (2026, 3, 22)],  # back for Ramadan, then forward
    "Asia/Kolkata": [(2026, 3, 29)],  # never
    "UTC": [(2026, 2, 28), (2028, 2, 28)],
}
PLACES = [(zone, day) for zone, days in CHANGES.items() for day in days]


def field(first: int, last: int, names: list[str], *, star: int = 1) -> st.SearchStrategy[str]:
    one = st.integers(first, last).map(str) | (st.sampled_from(names) if names else st.nothing())
    pair = st.tuples(st.integers(first, last), st.integers(first, last)).map(sorted)
    spans = pair.map(lambda ends: f"{ends[0]}-{ends[1]}")
    steps = st.tuples(st.just("*") | spans, st.integers(1, last)).map(lambda both: f"{both[0]}/{both[1]}")
    lists = st.lists(one | spans, min_size=1, max_size=3).map(",".join)
    return st.one_of(*[st.just("*")] * star, lists, steps)


DAYS = st.tuples(field(1, 31, [], star=4), field(1, 12, MONTHS, star=6), st.just("*")) | st.tuples(
    st.just("*"), field(1, 12, MONTHS, star=6), field(0, 7, WEEKDAYS, star=4)
)
EXPRESSIONS = st.tuples(
    field(0, 59, []), field(0, 23, []) | st.sampled_from(["1", "2", "3", "1-3", "0"]), DAYS.map(" ".join)
).map(" ".join)
USUAL = [
    "30 2 * * *",
    "0 2 * * *",
    "15,45 2 * * *",
    "*/30 * * * *",
    "0,30 * * * *",
    "0 */2 * * *",
    "0 8 * * 1-5",
    "0 0 1 * *",
    "*/15 2 * * *",
    "45 1 * * *",
    "30 0 * * 7",
    "0 3 29 mar,oct *",
    "*/30 7-19 * * mon-fri",
]


def agree(expression: str, zone: str, day: tuple[int, int, int], days: int) -> None:
    try:
        cron = Cron(expression)
    except ValueError as error:
        assert "never comes" in str(error) or "day-of-month" in str(error)
        return
    place = ZoneInfo(zone)
    begin = dt.datetime(*day, tzinfo=dt.UTC) - dt.timedelta(hours=30)
    end = begin + dt.timedelta(days=days)
    mine, moment = [], begin - MINUTE
    while (moment := cron.after(moment, place) or end) < end:
        mine.append(moment)
    assert mine == list(SecondOpinion(expression).due(begin, end, place))


@pytest.mark.parametrize(("zone", "day"), PLACES)
@pytest.mark.parametrize("expression", USUAL)
def test_usual_expressions_around_the_clock_changes(expression: str, zone: str, day: tuple[int, int, int]) -> None:
    agree(expression, zone, day, 3)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expression=EXPRESSIONS, place=st.sampled_from(PLACES))
def test_any_expression_around_the_clock_changes(expression: str, place: tuple[str, tuple[int, int, int]]) -> None:
    agree(expression, *place, 4)


@pytest.mark.slow
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("expression", ["30 2 * * *", "*/30 7-19 * * mon-fri", "0 8 13 * *"])
def test_whole_years(expression: str, zone: str) -> None:
    agree(expression, zone, (2026, 1, 1), 730)


@pytest.mark.parametrize("late", range(0, 180, 7))
def test_from_any_minute_of_a_repeated_hour_the_next_is_later(late: int) -> None:
    moment = dt.datetime(2026, 10, 25, 0, tzinfo=dt.UTC) + late * MINUTE
    due = Cron("30 2 * * *").after(moment, ZoneInfo("Europe/Berlin"))
    assert due is not None
    assert due == (
        dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
        if late < 30
        else dt.datetime(2026, 10, 26, 1, 30, tzinfo=dt.UTC)
    )


@pytest.mark.parametrize("expression", ["30 2 * * *", "*/30 * * * *"])
def test_steps_do_not_depend_on_how_often_one_asks(expression: str) -> None:
    zone, cron = ZoneInfo("Europe/Berlin"), Cron(expression)
    for day in (dt.datetime(2026, 3, 28, tzinfo=dt.UTC), dt.datetime(2026, 10, 24, tzinfo=dt.UTC)):
        moments = [day + MINUTE * n for n in range(0, 3000, 11)]
        nexts = [cron.after(moment, zone) for moment in moments]
        for (asked, due), (later, after) in pairwise(zip(moments, nexts, strict=True)):
            assert due is not None
            assert after is not None
            assert asked < due <= after
            assert after == due or due <= later


# The settings


def load(folder: Path, schedule: str, pipeline: str = "") -> list[Timetable]:
    file = folder / "fivestep.toml"
    file.write_text(f'[pipeline]\nsheet = "a.csv"\n{pipeline}\n[columns]\nstage = "Stage"\n[schedule]\n{schedule}\n')
    return timetables(load_settings(file, {}))


def test_without_a_word_the_jobs_suit_the_working_days(tmp_path: Path) -> None:
    assert {table.job: table.cron.expression for table in load(tmp_path, "")} == {
        "sync": "*/30 7-19 * * mon-fri",
        "follow_up": "0 8 * * mon-fri",
        "digest": "30 7 * * mon",
    }
    elsewhere = load(tmp_path, "", 'weekend = ["fri", "sat"]')
    assert elsewhere[1].cron.expression == "0 8 * * mon,tue,wed,thu,sun"


@pytest.mark.parametrize("off", ["", "off", "OFF", " "])
def test_a_job_can_be_switched_off(tmp_path: Path, off: str) -> None:
    assert [table.job for table in load(tmp_path, f'sync = "{off}"\ndigest = "{off}"')] == ["follow_up"]


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("every morning", "five fields"),
        ("0 8 * * 1-5 2026", "five fields"),
        ("60 8 * * *", "wrong minute"),
        ("0 24 * * *", "wrong hour"),
        ("0 8 * * 8", "wrong day-of-week"),
        ("0 8 * * montag", "wrong day-of-week"),
        ("0 8 * 13 *", "wrong month"),
        ("*/0 * * * *", "wrong minute"),
        ("0 8 5-1 * *", "wrong day-of-month"),
        ("0 8 L * *", "L and W are not known"),
        ("0 8 * * 5#2", "five fields"),
        ("0 8 30 2 *", "wrong day-of-month"),
    ],
)
def test_what_is_no_cron_expression_is_a_mistake(tmp_path: Path, expression: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        load(tmp_path, f'sync = "{expression}"\nfollow_up = "{expression}"')
    assert [mistake.place for mistake in caught.value.mistakes] == ["schedule.sync", "schedule.follow_up"]
    assert all('such as "0 8 * * 1-5", or "off"' in mistake.expected for mistake in caught.value.mistakes)


@pytest.mark.parametrize(
    ("expression", "instead"),
    [
        ("0 9 */2 * mon", ['"0 9 * * mon"', '"0 9 */2 * *"']),
        ("0 8 13 * fri", ['"0 8 * * fri"', '"0 8 13 * *"']),
        ("0 8 1-7 jan,jul */2", ['"0 8 * jan,jul */2"', '"0 8 1-7 jan,jul *"']),
        ("*/5 * 1-31 * 0-6", ['"*/5 * * * 0-6"', '"*/5 * 1-31 * *"']),
        ("5/15 8 * * *", ['"5-59/15"']),
        ("0 8/4 * * 1-5", ['"8-23/4"']),
        ("0 8 * * 1,2/2", ['"2-7/2"']),
        ("0 8 * feb/3 *", ['"feb-12/3"']),
        ("*/90 * * * *", ["beyond 59"]),
        ("0 */30 * * *", ["beyond 23"]),
    ],
)
def test_what_clocks_read_differently_is_refused_with_what_to_write(
    tmp_path: Path, expression: str, instead: list[str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, f'digest = "{expression}"')
    [mistake] = caught.value.mistakes
    assert (mistake.place, mistake.found) == ("schedule.digest", repr(expression))
    assert all(one in mistake.expected for one in instead)


@pytest.mark.parametrize(
    ("weekend", "first_day"),
    [
        ('["sat", "sun"]', "mon"),
        ('["fri", "sat"]', "sun"),
        ('["sat", "fri"]', "sun"),
        ('["thu", "fri"]', "sat"),
        ('["fri"]', "sat"),
        ('["sun"]', "mon"),
        ('["sun", "mon"]', "tue"),
        ('["fri", "sun"]', "mon"),  # as in Brunei
        ("[]", "mon"),
        ('["mon", "tue", "thu", "fri", "sat", "sun"]', "wed"),
    ],
)
def test_the_digest_comes_on_the_first_day_of_the_teams_own_week(tmp_path: Path, weekend: str, first_day: str) -> None:
    tables = load(tmp_path, "", f"weekend = {weekend}")
    assert tables[2].cron.expression == f"30 7 * * {first_day}"


def test_other_ways_to_write_it(tmp_path: Path) -> None:
    [sync, *_] = load(tmp_path, 'sync = "  @Hourly "')
    assert sync.cron.expression == "0 * * * *"
    [sync, *_] = load(tmp_path, 'sync = "0  8\t* * Mon-FRI"')
    assert sync.cron.expression == "0 8 * * Mon-FRI"


def first(tables: list[Timetable], job: Scheduled, after: dt.datetime) -> dt.datetime | None:
    return next(table.after(after) for table in tables if table.job == job)


def test_follow_ups_leave_out_public_holidays_and_syncs_do_not(tmp_path: Path) -> None:
    tables = load(tmp_path, "", 'holidays = "DE-BE"\ntimezone = "Europe/Berlin"')
    christmas = dt.datetime(2026, 12, 24, 12, tzinfo=dt.UTC)  # a Thursday; the 25th is free
    assert first(tables, "follow_up", christmas) == dt.datetime(2026, 12, 28, 7, tzinfo=dt.UTC)
    night = christmas + dt.timedelta(hours=10)
    assert first(tables, "sync", night) == dt.datetime(2026, 12, 25, 6, tzinfo=dt.UTC)
    new_year = dt.datetime(2026, 12, 31, 12, tzinfo=dt.UTC)
    assert first(tables, "follow_up", new_year) == dt.datetime(2027, 1, 4, 7, tzinfo=dt.UTC)


def test_jitter_is_the_pipelines_own_and_the_same_every_day(tmp_path: Path) -> None:
    delays = set()
    for name in "abcdefgh":
        tables = load(tmp_path, 'jitter = 20\nfollow_up = "0 8 * * *"', f'name = "{name}"')
        table = next(table for table in tables if table.job == "follow_up")
        assert dt.timedelta() <= table.delay < dt.timedelta(minutes=20)
        delays.add(table.delay)
        due = table.after(dt.datetime(2026, 11, 26, tzinfo=dt.UTC))
        for day in range(26, 30):
            assert due == dt.datetime(2026, 11, day, 8, tzinfo=dt.UTC) + table.delay
            due = table.after(due)
    assert len(delays) > 4
