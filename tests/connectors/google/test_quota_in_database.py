"""One Google login used by several machines at once stays under its quota over all of them."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.database.queue import Queue
from fivestep.connectors.google import quota as google_quota
from fivestep.connectors.google.accounts import Accounts, _login_key
from fivestep.connectors.google.quota import Cost, FileMemory, Memory, OwnMemory, Quota
from fivestep.connectors.google.quota_in_database import DatabaseMemory
from fivestep.errors import UnreachableError
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google_team import ANA, SCOPES, SETTINGS
from tests.fakes.postgres import Server
from tests.fakes.team import ROWS, make_team
from tests.fakes.workers import ROOT, jobs, stop, wait_until, working

# These need a database server of their own.
pytestmark = pytest.mark.slow

MACHINE = """
import sys, time
from fivestep.connectors.google import quota as google_quota
from fivestep.connectors.google.quota_in_database import DatabaseMemory

google_quota.MINUTE = 1.0
google_quota.PER_MINUTE["gmail"] = 400
quota = google_quota.Quota(DatabaseMemory(sys.argv[1], "ana"))
for _ in range(12):
    quota.wait_for(google_quota.Cost("gmail", 40))
    print(time.time(), flush=True)
"""


@pytest.fixture(params=["own", "file", "database"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Memory:
    if request.param == "own":
        return OwnMemory()
    if request.param == "file":
        return FileMemory(tmp_path / "token.json.quota")
    return DatabaseMemory(request.getfixturevalue("url"), "ana")


def test_wherever_it_is_kept_the_quota_holds(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(google_quota.PER_MINUTE, "sheets read", 3)
    waits: list[float] = []

    class EnoughError(Exception):
        pass

    def pause(seconds: float) -> None:
        waits.append(seconds)
        raise EnoughError

    quota = Quota(memory, pause)
    for _ in range(3):
        quota.wait_for(Cost("sheets read", 1))
    quota.wait_for(Cost("sheets write", 1))
    quota.wait_for(Cost("", 1))
    with pytest.raises(EnoughError):
        quota.wait_for(Cost("sheets read", 1))
    assert 50 < waits[0] <= 61


def test_logins_are_told_apart(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(google_quota.PER_MINUTE, "gmail", 40)
    for login in ("ana", "ben"):
        Quota(DatabaseMemory(url, login), pause=lambda _: pytest.fail("had to wait")).wait_for(Cost("gmail", 40))


def test_takers_at_the_same_time_take_no_more_than_there_is(url: str) -> None:
    taken: list[float] = []
    ready = threading.Barrier(6)

    def take() -> None:
        memory = DatabaseMemory(url, "ana")
        ready.wait()
        step = partial(google_quota._take, Cost("sheets write", 1))
        taken.extend(memory.change(step) for _ in range(15))

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 90
    assert sum(wait == 0 for wait in taken) == google_quota.PER_MINUTE["sheets write"]


def test_machines_share_it(url: str) -> None:
    """Three machines want 36 calls at 40 units; 400 units are allowed within a second."""
    command = [sys.executable, "-c", MACHINE, url]
    machines = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    times = sorted(float(line) for machine in machines for line in machine.communicate(timeout=60)[0].split())
    assert len(times) == 36
    # What is read here is later than what the database counted by as much as its answer took.
    assert all(times[at + 11] - times[at] > 0.7 for at in range(len(times) - 11))


def test_a_database_that_is_down_keeps_the_call_from_being_made(url: str, server: Server) -> None:
    quota = Quota(DatabaseMemory(url, "ana"))
    quota.wait_for(Cost("gmail", 40))
    server.stop()
    try:
        with pytest.raises(UnreachableError):
            quota.wait_for(Cost("gmail", 40))
    finally:
        server.start()


def test_it_is_chosen_by_the_ledger(tmp_path: Path, url: str) -> None:
    make_team(tmp_path)
    for ledger, kind in ((url, DatabaseMemory), ("sqlite:///fivestep.db", FileMemory)):
        with (tmp_path / "fivestep.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[ledger]\nurl = "{ledger}"\n')
        settings = fivestep.load_settings(tmp_path / "fivestep.toml")
        assert isinstance(Accounts(settings)._memory(""), kind)
        text = (tmp_path / "fivestep.toml").read_text("utf-8")
        (tmp_path / "fivestep.toml").write_text(text.partition("\n[ledger]")[0], "utf-8")


def test_a_login_is_one_wherever_its_file_lies(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text('{"refresh_token": "s3cret", "token": "%s"}' % name, "utf-8")  # noqa: UP031
    keys = {_login_key(tmp_path / name, "") for name in ("one", "two")}
    assert len(keys) == 1
    assert "s3cret" not in keys.pop()
    assert _login_key(tmp_path / "one", "ben") != _login_key(tmp_path / "one", "")


# Whole workers


AT_GOOGLE = """
import os
from urllib.parse import urlsplit
from fivestep.connectors.google import quota as google_quota
from fivestep.connectors.google.transport import GoogleTransport

def rewritten(self, url):
    parts = urlsplit(url)
    return f"{os.environ['GOOGLE']}/{parts.hostname}{parts.path}?{parts.query}"

GoogleTransport.rewritten = rewritten
google_quota.MINUTE = 6.0
google_quota.PER_MINUTE["sheets read"] = 8
"""
"""Run by each Python at its beginning: as at Google itself, where `api_root` is not set, but with short minutes."""


def test_workers_on_two_machines_stay_below_it(
    tmp_path: Path, url: str, google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"team-{number}" for number in range(5)]
    login = json.dumps(google.tokens.authorized_user(ANA, SCOPES))
    books = {name: google.sheets.add(name, ROWS, tab="Deals", writers=[ANA]).id for name in names}
    machines = [tmp_path / "north", tmp_path / "south"]
    for folder in machines:
        folder.mkdir()
        (folder / "google-token.json").write_text(login, "utf-8")
        for name in names:
            text = SETTINGS.format(sheet=books[name], to="gmail", root="", pipeline="", columns="", google="")
            text = text.replace('"team"', f'"{name}"') + f'\n[ledger]\nurl = "{url}"\n'
            (folder / f"{name}.toml").write_text(text, "utf-8")
    (tmp_path / "sitecustomize.py").write_text(AT_GOOGLE, "utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(ROOT)]))
    monkeypatch.setenv("GOOGLE", google.root)
    monkeypatch.setenv("FIVESTEP_GOOGLE_API_ROOT", "")
    reads: list[float] = []

    def note(call: Call) -> None:
        if call.http == "GET" and call.method_id.startswith("sheets."):
            reads.append(time.monotonic())

    google.before = note
    with closing(Queue(url)) as queue, closing(SqlLedger(url)) as ledger, ExitStack() as stack:
        due = dt.datetime.now(dt.UTC)
        for name in names:
            queue.put(name, "sync", due)
        workers = [stack.enter_context(working(folder, "--at-once", "2")) for folder in machines]
        wait_until(lambda: not jobs(url), seconds=120)
        for process in workers:
            stop(process)
        assert [[run.outcome for run in ledger.runs(name)] for name in names] == [["done"]] * len(names)
    assert len(reads) > 16
    # A call arrives later than it was counted; on a busy machine by a second or more.
    assert all(reads[at + 8] - reads[at] > 3.5 for at in range(len(reads) - 8))
