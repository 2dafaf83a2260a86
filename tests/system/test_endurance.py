"""Ninety days of a team's life, run after run, with calls that fail and people who edit: nothing drifts or grows."""

from __future__ import annotations

import datetime as dt
import gc
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
import time_machine

import fivestep
from fivestep.connectors.ledger import Job
from fivestep.errors import FivestepError
from fivestep.jobs.running.reports import DigestReport, RunReport
from fivestep.process.model.plan import STATUSES
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google_team import make_google_team
from tests.fakes.no_waiting import impatient
from tests.fakes.quarter import DAYS, FIRST, HEADERS, WAY, Diary, works

Report = TypeVar("Report", RunReport, DigestReport)

BERLIN = ZoneInfo("Europe/Berlin")
FAULTS = 0.02
EDITS = 0.02
SETTINGS = '[write_back]\nheartbeat = "State!B2"'
PIPELINE = 'timezone = "Europe/Berlin"\nholidays = "DE-BE"'
JOBS: dict[int, Job] = {7: "sync", 9: "follow_up", 13: "sync"}
"""By the hour at which they begin."""
REMEMBERED = 31
"""Days for which a run that had nothing to do is in the ledger."""
TRIES = 10


@contextmanager
def at(day: dt.date, hour: int, minute: int = 0) -> Iterator[dt.datetime]:
    """That moment, for everything in this process."""
    moment = dt.datetime.combine(day, dt.time(hour, minute), BERLIN)
    with time_machine.travel(moment, tick=True):
        yield moment


AFTER_A_MONTH, AT_THE_END = range(DAYS // 3, DAYS // 3 + 5), range(DAYS - 5, DAYS)
"""Days in the evenings of which the memory is looked at."""


def live_objects() -> int:
    """How many objects of the program's own types are alive."""
    gc.collect()
    return sum(str(type(one).__module__).startswith("fivestep") for one in gc.get_objects())


@dataclass
class Quarter:
    """Ninety days with one team, and what the runs said of themselves."""

    diary: Diary
    counts: Counter[str] = field(default_factory=Counter)
    runs: dict[int, dt.date] = field(default_factory=dict)
    """Those that came to their end, by number, and their day."""
    broken: int = 0
    """Runs that did not come to their end."""
    told: tuple[int, int] = (0, 0)
    """The year and week of the last digest."""
    alive: dict[int, int] = field(default_factory=dict)
    """How many of the program's objects were alive in the evening, by the number of the day."""

    def live(self, day: dt.date) -> None:
        """One day: runs from morning to evening, and people at work between them."""
        if works(day) and day.isocalendar()[:2] != self.told:
            with at(day, 6):
                assert any(self.digest(day) for _ in range(TRIES))
            self.told = day.isocalendar()[:2]
        for hour, job in JOBS.items() if works(day) else ():
            with at(day, hour):
                self.run(day, job)
            if job == "follow_up":
                with at(day, hour, 30) as now:
                    self.diary.day(now)
        with at(day, 18):
            assert any(self.run(day, "follow_up") for _ in range(TRIES))
        with at(day, 19) as now:
            self.diary.look(day)
            self.diary.night(now)

    def run(self, day: dt.date, job: Job) -> bool:
        """One run; False where it did not come to its end."""
        report = self.tried(lambda: fivestep.run(self.diary.team.settings, day, allow=["stage-changes"], job=job), day)
        if report is not None:
            self.counts += Counter({name: report.counts.get(name, 0) for name in ("written", "created")})
        return report is not None

    def digest(self, day: dt.date) -> bool:
        """One digest; False where it did not come to its end."""
        report = self.tried(lambda: fivestep.digest(self.diary.team.settings, day), day)
        return report is not None and not report.partly

    def tried(self, work: Callable[[], Report], day: dt.date) -> Report | None:
        """What comes of it while calls fail and people edit; None where it ends in a fault that a person is told of."""
        diary = self.diary
        diary.server.faults.random(diary.dice.randint(0, 10**9), FAULTS)
        diary.server.before = self.disturb
        try:
            report = work()
            self.runs[report.run or 0] = day
            return report
        except FivestepError:
            self.broken += 1
            return None
        finally:
            diary.server.before = None
            diary.server.faults.clear()
            diary.server.calls.clear()

    def disturb(self, call: Call) -> None:
        """Somebody edits the sheet before some of the calls."""
        if call.method_id.startswith("sheets.") and self.diary.dice.random() < EDITS:
            self.diary.person.random_edit()


@pytest.mark.slow
def test_a_quarter(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [[f"Deal {n}", WAY[n % 3], f"p{n}@customer.example", f"Pat{n} Lee", f"note {n}", ""] for n in range(1, 25)]
    caplog.set_level(logging.CRITICAL, "fivestep")  # a fault that the log keeps holds the run in which it happened
    with GoogleServer(7) as server, impatient():
        team = make_google_team(tmp_path, server, [HEADERS, *rows], row_count=200, pipeline=PIPELINE, google=SETTINGS)
        team.book.add_tab("State")
        quarter = Quarter(Diary(server, team, 7))
        server.after = quarter.diary.watch
        for number in range(DAYS):
            quarter.live(FIRST + dt.timedelta(number))
            assert quarter.diary.wrong == []
            if number in (*AFTER_A_MONTH, *AT_THE_END):
                quarter.alive[number] = live_objects()
        for check in CHECKS:
            check(quarter)


def _every_draft_was_made_once(quarter: Quarter) -> None:
    diary = quarter.diary
    assert diary.made.total() > 80
    assert [key for key, count in diary.made.items() if count > 1] == []
    assert diary.sent > 40
    assert diary.deleted > 10


def _the_ledger_tells_the_same_story_of_the_drafts(quarter: Quarter) -> None:
    diary = quarter.diary
    states = Counter(state for (state,) in _rows(diary, "select state from drafts where deal <> ''"))
    assert states.total() == diary.made.total()
    assert states["created"] + states["edited"] == len(diary.box.drafts)
    assert states["intended"] == states["failed"] == 0
    assert states["sent"] + states["deleted"] == diary.sent + diary.deleted
    assert diary.sent <= states["sent"] <= diary.sent + diary.doubtful


def _every_move_of_a_deal_is_known(quarter: Quarter) -> None:
    names = {row["Deal ID"]: row["Deal"] for row in quarter.diary.rows()}
    known = Counter(names[deal] for (deal,) in _rows(quarter.diary, "select deal from stage_entries"))
    assert known == Counter({name: deal.moves for name, deal in quarter.diary.accounts.items()})


def _the_ledger_holds_no_more_than_what_happened(quarter: Quarter) -> None:
    diary = quarter.diary
    ((changes, deals, kept),) = _rows(
        diary,
        "select (select count(*) from changes where outcome = 'written'), (select count(*) from deals),"
        " (select count(*) from unverified_writes)",
    )
    assert changes <= quarter.counts["written"] + 4 * (quarter.broken + 1)
    assert (deals, kept) == (len(diary.accounts), 0)


def _runs_that_did_nothing_are_forgotten(quarter: Quarter) -> None:
    lately = (FIRST + dt.timedelta(DAYS - REMEMBERED)).isoformat()
    rows = _rows(
        quarter.diary,
        "select id, as_of, outcome, id in (select run from changes) or id in (select run from drafts) from runs",
    )
    known = {number: (as_of, outcome, busy) for number, as_of, outcome, busy in rows}
    assert len(known) <= len(quarter.runs) + quarter.broken
    assert {number for number, day in quarter.runs.items() if day.isoformat() >= lately} <= set(known)
    assert [one for one in known.values() if one[0] < lately and one[1] == "done" and not one[2]] == []
    assert len(known) < len(quarter.runs)


def _there_was_one_digest_a_week(quarter: Quarter) -> None:
    weeks = {(FIRST + dt.timedelta(number)).isocalendar()[:2] for number in range(DAYS)}
    assert set(quarter.diary.digests.values()) == {1}
    # In the first two weeks nothing has stalled yet, and there is nothing to be told.
    told = sorted(key.split("/")[1] for key in quarter.diary.digests)
    assert told == [f"{year}-W{week:02}" for year, week in sorted(weeks)[2:]]


def _the_heartbeat_tells_of_the_last_run(quarter: Quarter) -> None:
    [[text]] = [row[1:2] for row in quarter.diary.team.book.tab("State").values()[1:2]]
    assert text == f"fivestep: last good run {(FIRST + dt.timedelta(DAYS - 1)):%-d %b} 18:00"


def _the_figures_of_the_report_are_those_of_the_diary(quarter: Quarter) -> None:
    with at(FIRST + dt.timedelta(DAYS - 1), 20):
        summary = fivestep.plan(quarter.diary.team.settings, FIRST + dt.timedelta(DAYS - 1)).summary
    deals = quarter.diary.accounts.values()
    told = Counter(deal.status(FIRST + dt.timedelta(DAYS - 1)) for deal in deals)
    assert {status: summary[status] for status in STATUSES if summary.get(status)} == told
    assert summary["deals"] == len(deals)


def _memory_does_not_grow(quarter: Quarter) -> None:
    # What one run has made may still be alive, now and then; what two hundred have made may not.
    early, late = (min(quarter.alive[number] for number in days) for days in (AFTER_A_MONTH, AT_THE_END))
    assert late - early < 1000


CHECKS = (
    _every_draft_was_made_once,
    _the_ledger_tells_the_same_story_of_the_drafts,
    _every_move_of_a_deal_is_known,
    _the_ledger_holds_no_more_than_what_happened,
    _runs_that_did_nothing_are_forgotten,
    _there_was_one_digest_a_week,
    _the_heartbeat_tells_of_the_last_run,
    _the_figures_of_the_report_are_those_of_the_diary,
    _memory_does_not_grow,
)


def _rows(diary: Diary, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(diary.team.settings.base / "fivestep.db")) as connection:
        return connection.execute(statement).fetchall()
