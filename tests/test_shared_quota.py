"""One Google login used by several machines at once stays under its quota over all of them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors import google_quota
from fivestep.connectors.google_accounts import Accounts, _login_key
from fivestep.connectors.google_quota import Cost, FileMemory, Memory, OwnMemory, Quota
from fivestep.connectors.sql_quota import DatabaseMemory
from fivestep.errors import UnreachableError
from tests.postgres import Server
from tests.team import make_team

MACHINE = """
import sys, time
from fivestep.connectors import google_quota
from fivestep.connectors.sql_quota import DatabaseMemory

google_quota.MINUTE = 1.0
google_quota.PER_MINUTE["gmail"] = 400
quota = google_quota.Quota(DatabaseMemory(sys.argv[1], "ana"))
for _ in range(12):
    quota.wait_for(google_quota.Cost("gmail", 40))
    print(time.time(), flush=True)
"""


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    with server.database() as url:
        yield url


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


@pytest.mark.slow
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


@pytest.mark.slow
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
