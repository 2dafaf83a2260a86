"""Workers that are killed in the middle, again and again: every pipeline run, never two at once, no draft twice."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
import signal
import subprocess
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.database.queue import Queue
from fivestep.connectors.ledger import RunRecord
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google_team import ANA, SCOPES, SETTINGS, make_google_team
from tests.fakes.postgres import Server
from tests.fakes.team import ROWS
from tests.fakes.workers import jobs, kill, start, wait_until

PIPELINES, WORKERS, KILLS = 12, 3, 9
JOBS = ("follow_up", "digest", "sync")
"""What is due in which round."""


class Watch:
    """Who talked to which spreadsheet, in which order: a process has a connection of its own."""

    def __init__(self) -> None:
        self.talks: defaultdict[str, list[int]] = defaultdict(list)
        self._numbers = itertools.count()
        self._own = threading.local()

    def note(self, call: Call) -> None:
        """Called for each call, in the thread of its connection."""
        if not hasattr(self._own, "number"):
            self._own.number = next(self._numbers)
        if call.method_id.startswith("sheets."):
            self.talks[call.path.split("/")[3].partition(":")[0]].append(self._own.number)

    def mixed(self) -> list[str]:
        """The spreadsheets to which one came back after another had begun."""
        turns = {sheet: [number for number, _ in groupby(talk)] for sheet, talk in self.talks.items()}
        return [sheet for sheet, numbers in turns.items() if len(set(numbers)) < len(numbers)]


def make_pipelines(folder: Path, google: GoogleServer, url: str) -> dict[str, Spreadsheet]:
    """The pipelines' spreadsheets by name."""
    login = json.dumps(google.tokens.authorized_user(ANA, SCOPES))
    (folder / "google-token.json").write_text(login, "utf-8")
    books = {}
    for name in (f"team-{number}" for number in range(PIPELINES)):
        rows = [[cell.replace(".example", f".{name}.example") for cell in row] for row in ROWS]
        books[name] = google.sheets.add(name, rows, tab="Deals", writers=[ANA])
        text = SETTINGS.format(sheet=books[name].id, to="gmail", root=google.root, pipeline="", columns="", google="")
        text = text.replace('"team"', f'"{name}"') + f'\n[ledger]\nurl = "{url}"\n'
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return books


@contextmanager
def three_workers(folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
    workers = [start_one(folder) for _ in range(WORKERS)]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def start_one(folder: Path) -> subprocess.Popen[str]:
    return start(folder, "--at-once", "3", dead_after=1.0, log=subprocess.DEVNULL)


def told(book: Spreadsheet) -> list[list[str]]:
    """What the cells show, but for the IDs, which are each pipeline's own."""
    top, *rows = book.tabs[0].values()
    left = [at for at, header in enumerate(top) if header not in ("Deal ID", "E-mail")]
    return [[str(row[at]) if at < len(row) else "" for at in left] for row in (top, *rows)]


def overlapping(runs: Sequence[RunRecord]) -> list[tuple[RunRecord, RunRecord]]:
    """The runs of one pipeline of which one began while another was under way; of one that was killed nobody knows."""
    whole = [run for run in runs if run.finished]
    return [
        (one, other) for one in whole for other in runs if one.finished and one.started < other.started < one.finished
    ]


@pytest.mark.long
def test_workers_killed_at_random(tmp_path: Path, server: Server) -> None:
    dice, watch = random.Random(7), Watch()
    with GoogleServer() as google, server.database() as url:
        google.faults.add("slow", times=None, seconds=0.3)
        books = make_pipelines(tmp_path, google, url)
        # One that nobody disturbs; all of its mails go to others than those of the rest.
        spared = make_google_team(_folder(tmp_path / "spared"), google)
        fivestep.run(spared.settings)
        google.before = watch.note
        with three_workers(tmp_path) as workers, closing(Queue(url)) as queue, closing(SqlLedger(url)) as ledger:
            occasions = []
            for round_number in range(KILLS):
                if round_number % 3 == 0:
                    due = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(microseconds=round_number)
                    due_now = [(name, JOBS[round_number // 3], due) for name in books]
                    assert all(queue.put(*occasion) for occasion in due_now)
                    occasions += due_now
                time.sleep(dice.uniform(0.5, 3))
                unlucky = dice.randrange(WORKERS)
                kill(workers[unlucky], with_children=dice.random() < 0.5)
                workers[unlucky] = start_one(tmp_path)
            wait_until(lambda: not jobs(url), seconds=300)
            for worker in workers:
                worker.terminate()
            # The last one may not even have come to heed signals.
            assert {worker.wait(60) for worker in workers} <= {0, -signal.SIGTERM}
            runs = {name: ledger.runs(name, 1000) for name in books}
        for name, job, due in occasions:
            assert any(run.kind == job and run.started >= due and run.outcome == "done" for run in runs[name])
        assert watch.mixed() == []
        assert len(watch.talks) == PIPELINES
        assert [overlapping(one) for one in runs.values()] == [[]] * PIPELINES
        assert {name: told(book) for name, book in books.items()} == dict.fromkeys(books, told(spared.book))
        drafts = Counter((draft.to, draft.subject) for draft in google.gmail.mailbox(ANA).drafts.values())
        # Two follow-ups of each and of the one that was spared, and a digest of each to Ana.
        to_ana = [to for to, _ in drafts if to == ANA]
        assert len(to_ana) == PIPELINES
        assert len(drafts) - len(to_ana) == 2 * (PIPELINES + 1)
        assert set(drafts.values()) == {1}


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
