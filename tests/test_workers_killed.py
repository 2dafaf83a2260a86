"""Workers that are killed in the middle, again and again: every pipeline run, never two at once, no draft twice."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import groupby
from pathlib import Path

import pytest

from fivestep.connectors.queue import Queue
from fivestep.connectors.sql_ledger import SqlLedger
from tests.google.server import Call, GoogleServer
from tests.google_team import ANA, SCOPES, SETTINGS
from tests.postgres import Server
from tests.team import ROWS

PIPELINES, WORKERS, KILLS = 20, 3, 14
ROOT = Path(__file__).resolve().parent.parent

IMPATIENT = """
import sys
from fivestep.connectors import queue

queue.HEARTBEAT, queue.DEAD_AFTER, queue.BUSY_WAIT, queue.LONGEST_WAIT = 0.2, 0.6, 1, 1
sys.argv[1:1] = ["worker", "--at-once", "4"]
from fivestep.cli import main
main()
"""


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


def make_pipelines(folder: Path, google: GoogleServer, url: str) -> list[str]:
    login = json.dumps(google.tokens.authorized_user(ANA, SCOPES))
    (folder / "google-token.json").write_text(login, "utf-8")
    names = [f"team-{number}" for number in range(PIPELINES)]
    for name in names:
        rows = [[cell.replace(".example", f".{name}.example") for cell in row] for row in ROWS]
        book = google.sheets.add(name, rows, tab="Deals", writers=[ANA])
        text = SETTINGS.format(sheet=book.id, to="gmail", root=google.root, pipeline="", columns="", google="")
        text = text.replace('"team"', f'"{name}"') + f'\n[ledger]\nurl = "{url}"\n'
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return names


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", IMPATIENT, str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL)


def kill(process: subprocess.Popen[bytes], *, with_children: bool) -> None:
    """As the machine loses its power; or only the worker is lost, and its job goes on by itself."""
    children: list[str] = []
    with suppress(FileNotFoundError):
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    process.kill()
    process.wait()
    for child in children if with_children else ():
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


@contextmanager
def ended_at_last(workers: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


@pytest.mark.long
def test_workers_killed_at_random(tmp_path: Path, server: Server) -> None:
    dice, watch = random.Random(7), Watch()
    with GoogleServer() as google, server.database() as url:
        google.before = watch.note
        google.faults.add("slow", times=None, seconds=0.5)
        names = make_pipelines(tmp_path, google, url)
        workers = [start(tmp_path) for _ in range(WORKERS)]
        with ended_at_last(workers), closing(Queue(url)) as queue, closing(SqlLedger(url)) as ledger:
            occasions = []
            for round_number in range(KILLS):
                if round_number % 4 == 0:
                    due = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(microseconds=round_number)
                    job = "sync" if round_number % 8 == 4 else "follow_up"
                    occasions += [(name, job, due) for name in names]
                    assert all(queue.put(*occasion) for occasion in occasions[-len(names) :])
                time.sleep(dice.uniform(0.5, 4))
                unlucky = dice.randrange(WORKERS)
                kill(workers[unlucky], with_children=dice.random() < 0.5)
                workers[unlucky] = start(tmp_path)
            database = url.rpartition("/")[2]
            until = time.monotonic() + 300
            while server.ask("SELECT 1 FROM procrastinate_jobs", database):
                assert time.monotonic() < until
                time.sleep(1)
            for worker in workers:
                worker.terminate()
            # The last one may not even have come to heed signals.
            assert {worker.wait(60) for worker in workers} <= {0, -signal.SIGTERM}
            runs = {name: ledger.runs(name, 1000) for name in names}
        for name, job, due in occasions:
            assert any(run.kind == job and run.started >= due and run.outcome == "done" for run in runs[name])
        assert watch.mixed() == []
        assert len(watch.talks) == PIPELINES
        drafts = Counter(draft.to for draft in google.gmail.mailbox(ANA).drafts.values())
        assert len(drafts) == 2 * PIPELINES
        assert set(drafts.values()) == {1}
