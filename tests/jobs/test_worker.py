"""Workers as real processes over a real PostgreSQL: every pipeline run, and no follow-up drafted twice."""

from __future__ import annotations

import datetime as dt
import json
import signal
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.database.queue import Queue
from fivestep.errors import SettingsError
from fivestep.jobs import serve
from fivestep.jobs.scheduling.occasion import Occasion, latest_start
from fivestep.jobs.worker import Here
from tests.fakes.workers import ROOT, add_team, jobs, stop, wait_until, working

# These need a database server of their own.
pytestmark = pytest.mark.slow


class TestHere:
    def test_every_settings_file_of_a_folder_counts(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            add_team(tmp_path, name, "sqlite:////tmp/x.db")
        assert Here([tmp_path], {}).names() == {"one", "two"}

    def test_files_come_change_and_go(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        for name in ("one", "two"):
            add_team(tmp_path, name, "sqlite:////tmp/x.db")
        here = Here([tmp_path], {})
        add_team(tmp_path, "three", "sqlite:////tmp/x.db")
        (tmp_path / "two.toml").unlink()
        (tmp_path / "one.toml").write_text("[pipeline", "utf-8")
        assert here.names() == here.names() == {"one", "three"}
        assert caplog.text.count("what it said before still holds") == 1
        add_team(tmp_path, "four", "sqlite:////tmp/y.db")
        assert here.names() == {"one", "three"}
        assert "names another ledger" in caplog.text

    def test_a_name_is_one_pipelines(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        add_team(tmp_path, "one", "sqlite:////tmp/x.db")
        (tmp_path / "two.toml").write_bytes((tmp_path / "one.toml").read_bytes())
        found = Here([tmp_path], {}).settings("one")
        assert found is not None
        assert found.file.endswith("one.toml")
        assert "needs another name" in caplog.text

    def test_one_ledger_for_all(self, tmp_path: Path) -> None:
        add_team(tmp_path, "one", "sqlite:////tmp/x.db")
        add_team(tmp_path, "two", "sqlite:////tmp/y.db")
        with pytest.raises(SettingsError, match="share one"):
            Here([tmp_path], {})

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="there are no settings here"):
            Here([tmp_path], {})

    def test_a_ledger_on_this_machine_alone(self, tmp_path: Path) -> None:
        add_team(tmp_path, "one", "sqlite:////tmp/x.db")
        with pytest.raises(SettingsError, match="PostgreSQL"):
            fivestep.work([tmp_path])


def test_a_worker_runs_what_is_due_once_and_ends_when_it_is_told(tmp_path: Path, url: str) -> None:
    drafts = {name: add_team(tmp_path, name, url) for name in ("one", "two")}
    due = dt.datetime.now(dt.UTC).replace(microsecond=0)
    with closing(Queue(url)) as queue, closing(SqlLedger(url)) as ledger:
        for name in drafts:
            queue.put(name, "follow_up", due - dt.timedelta(hours=1))
            queue.put(name, "follow_up", due)
        with working(tmp_path, "--json", answers=subprocess.PIPE) as process:
            wait_until(lambda: all(ledger.runs(name) and ledger.runs(name)[0].finished for name in drafts))
            # The second occasion waited until the first one was over, and had nothing left to do.
            wait_until(lambda: not jobs(url))
            process.send_signal(signal.SIGTERM)
            answered, said = process.communicate(timeout=60)
            assert process.returncode == 0, said
            assert json.loads(answered) == {"stopped": True}
        assert [len(ledger.runs(name)) for name in drafts] == [1, 1]
    assert [len(list(folder.glob("*.eml"))) for folder in drafts.values()] == [2, 2]
    assert "horse" not in said


def test_a_pipeline_that_runs_by_hand_is_waited_for(tmp_path: Path, url: str) -> None:
    add_team(tmp_path, "one", url)
    with closing(Queue(url)) as queue, closing(SqlLedger(url)) as ledger:
        queue.put("one", "sync", dt.datetime.now(dt.UTC))
        with working(tmp_path):
            with ledger.lock("one"):
                wait_until(lambda: any(status == "todo" and tries for status, tries in jobs(url)))
                assert ledger.runs("one") == []
            wait_until(lambda: ledger.runs("one") and ledger.runs("one")[0].outcome == "done")


def test_without_a_grace_there_is_still_the_moment_that_a_queue_takes(tmp_path: Path) -> None:
    add_team(tmp_path, "one", "sqlite:////tmp/x.db")
    with (tmp_path / "one.toml").open("a", encoding="utf-8") as file:
        file.write("[schedule]\ngrace = 0\njitter = 2\n")
    due = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
    assert latest_start(due, fivestep.load_settings(tmp_path / "one.toml")) == due + dt.timedelta(minutes=3)


def test_clocks_leave_their_jobs_to_workers(tmp_path: Path, url: str) -> None:
    add_team(tmp_path, "one", url)
    # Today's own occasions stay out of it.
    with (tmp_path / "one.toml").open("a", encoding="utf-8") as file:
        file.write('[schedule]\nsync = "off"\nfollow_up = "off"\ndigest = "off"\n')
    clocks = [serve.Server([tmp_path], {}, hand_over=serve.enqueue) for _ in range(2)]
    due = dt.datetime.now(dt.UTC).replace(microsecond=0)
    for clock in clocks:
        clock._inbox.put(Occasion(str(tmp_path / "one.toml"), "one", "follow_up", due))
        clock.turn()
        clock.end()
    assert [dict(clock.counts) for clock in clocks] == [{"queued": 1}, {"taken": 1}]
    with closing(SqlLedger(url)) as ledger, working(tmp_path):
        wait_until(lambda: ledger.runs("one") and ledger.runs("one")[0].outcome == "done")


def test_a_job_that_nobody_could_carry_out_in_time_is_missed(tmp_path: Path, url: str) -> None:
    add_team(tmp_path, "one", url)
    with closing(Queue(url)) as queue, closing(SqlLedger(url)) as ledger, working(tmp_path) as process:
        queue.put("one", "follow_up", dt.datetime.now(dt.UTC) - dt.timedelta(hours=5))
        wait_until(lambda: not jobs(url))
        assert "was missed" in stop(process)
        assert ledger.runs("one") == []


def test_every_kind_of_job_goes_from_two_clocks_through_the_queue_once(tmp_path: Path, url: str) -> None:
    due = f"{dt.datetime.now(dt.UTC) - dt.timedelta(minutes=2):%-M %-H %-d %-m} *"
    schedule = "[schedule]\n" + "".join(f'{job} = "{due}"\n' for job in ("sync", "follow_up", "digest"))
    drafts = {name: add_team(tmp_path, name, url, schedule) for name in ("one", "two")}
    command = [sys.executable, "-m", "fivestep", "serve", str(tmp_path), "--queue", "--json"]
    with ExitStack() as stack, closing(SqlLedger(url)) as ledger:
        clocks = [
            stack.enter_context(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)) for _ in "12"
        ]
        stack.callback(lambda: [clock.kill() for clock in clocks])
        with working(tmp_path, "--at-once", "2") as process:
            wait_until(lambda: all(len(ledger.runs(name)) >= 3 for name in drafts) and not jobs(url))
            stop(process)
        for clock in clocks:
            clock.send_signal(signal.SIGTERM)
        counts = [json.loads(clock.communicate(timeout=60)[0])["occasions"] for clock in clocks]
        runs = {name: sorted((run.kind, run.outcome) for run in ledger.runs(name)) for name in drafts}
    assert sum(count.get("queued", 0) for count in counts) == sum(count.get("taken", 0) for count in counts) == 6
    assert set(map(tuple, runs.values())) == {(("digest", "done"), ("follow_up", "done"), ("sync", "done"))}
    # Two follow-ups and Ana's digest.
    assert [len(list(folder.glob("*.eml"))) for folder in drafts.values()] == [3, 3]
