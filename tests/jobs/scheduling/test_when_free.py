"""Two jobs that a clock begins in the same minute: the second one waits for the first."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors.registry import ledger_of, open_ledger
from fivestep.errors import BusyError
from fivestep.jobs.scheduling import when_free as module
from fivestep.jobs.scheduling.when_free import when_free
from tests.fakes.team import AS_OF, make_team


def test_a_run_waits_for_the_one_that_holds_the_pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TRY_AGAIN", 0.05)
    team = make_team(tmp_path)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with ledger_of(team.settings) as ledger, ledger.lock("team"):
            held.set()
            let_go.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(20)
    with pytest.raises(BusyError):
        fivestep.run(team.settings, AS_OF)
    threading.Timer(0.3, let_go.set).start()
    assert fivestep.run(team.settings, AS_OF, wait=1).run == 1
    other.join()


def test_it_waits_no_longer_than_it_is_told() -> None:
    tries: list[float] = []
    paused: list[float] = []

    def busy() -> None:
        tries.append(time.monotonic())
        raise BusyError("another run is under way")

    with pytest.raises(BusyError):
        when_free(busy, 0.1, paused.append)
    assert sum(paused) == pytest.approx(6)
    assert len(tries) == len(paused) + 1


def test_other_faults_are_told_at_once() -> None:
    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        when_free(broken, 10, pytest.fail)


def test_the_ledger_is_free_again(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    fivestep.run(team.settings, AS_OF, wait=1)
    with open_ledger(team.settings).lock("team"):
        pass
