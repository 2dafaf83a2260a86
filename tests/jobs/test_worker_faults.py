"""What becomes of a job that fails, hangs, is killed, or whose worker is told to end."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
from contextlib import closing
from pathlib import Path

import pytest

from fivestep.config.sales_process.load import BUILT_IN_PROCESS
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.database.queue import Queue
from fivestep.connectors.ledger import RunRecord
from tests.fakes.workers import add_team, children, jobs, stop, wait_until, working

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are how a run is made to hang here"),
]
HANGS = '[process]\nfile = "process.toml"\n'
"""A run waits for ever for its process where that is a pipe into which nobody writes."""


def put(url: str, *jobs_due: str) -> None:
    """Jobs of the pipeline `one`, due one after the other in the minutes before now."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    with closing(Queue(url)) as queue:
        for number, job in enumerate(jobs_due):
            assert queue.put("one", job, now - dt.timedelta(minutes=len(jobs_due) - number))


def history(url: str) -> list[RunRecord]:
    with closing(SqlLedger(url)) as ledger:
        return list(ledger.runs("one"))


def test_jobs_that_fail_are_recorded_and_the_keeper_has_a_draft(tmp_path: Path, url: str) -> None:
    drafts = add_team(tmp_path, "one", url)
    file = tmp_path / "one.toml"
    file.write_text(file.read_text("utf-8").replace('stage = "Stage"', 'stage = "Nowhere"'), "utf-8")
    put(url, "sync", "digest", "follow_up")
    with working(tmp_path) as process:
        wait_until(lambda: not jobs(url))
        said = stop(process)
    runs = history(url)
    assert [(run.kind, run.outcome, run.exit_code) for run in runs] == [
        ("follow_up", "failed", 2), ("digest", "failed", 2), ("sync", "failed", 2),
    ]  # fmt: skip
    assert all("Nowhere" in run.message for run in runs)
    assert said.count("ended with exit code 2") == 3
    [draft] = drafts.glob("*.eml")
    assert b"needs you" in draft.read_bytes()


def test_a_job_that_hangs_is_ended_and_recorded(tmp_path: Path, url: str) -> None:
    add_team(tmp_path, "one", url, f"{HANGS}[schedule]\ntime_limit = 0.05\n")
    os.mkfifo(tmp_path / "process.toml")
    put(url, "follow_up")
    with working(tmp_path) as process:
        wait_until(lambda: not jobs(url))
        assert children(process) == []
        assert "took longer than 0.05 minutes" in stop(process)
    [run] = history(url)
    assert (run.kind, run.outcome) == ("follow_up", "failed")
    assert "took longer than 0.05 minutes" in run.message


def test_a_job_that_is_killed_by_itself_is_recorded(tmp_path: Path, url: str) -> None:
    """As the system does where memory runs out."""
    add_team(tmp_path, "one", url, HANGS)
    os.mkfifo(tmp_path / "process.toml")
    put(url, "sync")
    with working(tmp_path) as process:
        wait_until(lambda: jobs(url) == [("doing", 0)] and children(process))
        os.kill(children(process)[0], signal.SIGKILL)
        wait_until(lambda: not jobs(url))
        stop(process)
    [run] = history(url)
    assert (run.kind, run.outcome) == ("sync", "failed")
    assert "killed by signal 9: it said nothing" in run.message


def test_a_worker_that_is_told_to_end_gives_its_job_to_another(tmp_path: Path, url: str) -> None:
    drafts = add_team(tmp_path, "one", url, HANGS)
    pipe = tmp_path / "process.toml"
    os.mkfifo(pipe)
    put(url, "follow_up")
    with working(tmp_path) as first:
        wait_until(lambda: jobs(url) == [("doing", 0)] and children(first))
        begun = children(first)
        stop(first)
    assert [status for status, _ in jobs(url)] == ["todo"]
    assert not any(Path(f"/proc/{child}").exists() for child in begun)
    writing = threading.Thread(target=pipe.write_bytes, args=(BUILT_IN_PROCESS.read_bytes(),), daemon=True)
    writing.start()
    with working(tmp_path) as second:
        wait_until(lambda: not jobs(url))
        stop(second)
    assert [(run.kind, run.outcome) for run in history(url)] == [("follow_up", "done")]
    assert len(list(drafts.glob("*.eml"))) == 2
