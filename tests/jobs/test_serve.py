"""Serve: real settings files, a real clock, and real processes."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import fivestep
from fivestep.config.sales_process.load import BUILT_IN_PROCESS
from fivestep.config.settings.cron import Cron
from fivestep.config.settings.load import load_settings
from fivestep.config.settings.timetables import Timetable, timetables
from fivestep.connectors.registry import open_ledger
from fivestep.connectors.system import stopping
from fivestep.errors import SettingsError, StoppedError, UnreachableError
from fivestep.jobs import serve
from fivestep.jobs.running.attempt import record_ended
from fivestep.jobs.scheduling import clock, supervisor
from fivestep.jobs.scheduling.clock import Clock
from fivestep.jobs.scheduling.occasion import Occasion
from fivestep.jobs.scheduling.settings_files import SettingsFiles
from fivestep.jobs.serve import Server
from tests.fakes.team import AS_OF, Team, make_team

# Each begins processes.
pytestmark = pytest.mark.slow

EVERY_MINUTE = '[schedule]\nsync = "* * * * *"\nfollow_up = "off"\ndigest = "off"\n'
RARELY = '[schedule]\nsync = "0 0 1 1 *"\nfollow_up = "off"\ndigest = "off"\ngrace = 0\n'
NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)

needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are how a run is made to hang here")


def team_of(folder: Path, schedule: str = EVERY_MINUTE) -> Team:
    folder.mkdir(exist_ok=True)
    make_team(folder)
    file = folder / "fivestep.toml"
    file.write_text(file.read_text("utf-8") + schedule, "utf-8")
    return Team(fivestep.load_settings(file))


def make_it_hang(team: Team) -> Path:
    """Have a run wait for ever for its process: it is in a pipe into which nobody writes. Returns the pipe."""
    file = Path(team.settings.file)
    file.write_text(f'{file.read_text("utf-8")}\n[process]\nfile = "process.toml"\n', "utf-8")
    pipe = file.with_name("process.toml")
    os.mkfifo(pipe)
    return pipe


def until(condition: Callable[[], object], *, turn: Callable[[], None] = lambda: None, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        turn()
        time.sleep(0.02)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "LOOK", 0.1)
    monkeypatch.setattr(serve, "STOPPING_PATIENCE", 0.5)
    monkeypatch.setattr(supervisor, "STOPPING_PATIENCE", 0.5)
    monkeypatch.setattr(supervisor, "PAUSES", (0.1,))


@pytest.fixture
def server(tmp_path: Path, quick: None) -> Iterator[Callable[..., Server]]:
    made: list[Server] = []

    def make(*places: Path, at_once: int = 4) -> Server:
        made.append(Server(places or [tmp_path], {}, at_once))
        return made[-1]

    yield make
    for one in made:
        one.end()


def hear(server: Server, team: Team, job: str = "sync", due: dt.datetime | None = None) -> None:
    """As the clock does."""
    settings, moment = team.settings, due or dt.datetime.now(dt.UTC)
    server._inbox.put(Occasion(settings.file, settings.pipeline.name, job, moment))  # type: ignore[arg-type]


class TestTheCommand:
    def test_it_serves_until_it_is_ended_and_says_what_it_did(self, tmp_path: Path) -> None:
        team = team_of(tmp_path)
        command = [sys.executable, "-m", "fivestep", "serve", str(tmp_path), "--log-format", "json", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            until(lambda: any(run.outcome == "done" for run in fivestep.history(team.settings)))
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=30)
        assert process.returncode == 0
        assert json.loads(out)["occasions"].keys() <= {"done", "stopped"}
        events = [json.loads(line) for line in err.splitlines()]
        assert [event["message"] for event in events][1] == "team: sync begins"
        assert {event["pipeline"] for event in events} == {"team"}
        assert {run.kind for run in fivestep.history(team.settings)} == {"sync"}
        assert team.drafts() == []

    def test_without_settings_it_says_what_is_missing(self, tmp_path: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "fivestep", "serve", str(tmp_path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "there are no settings here" in done.stderr


class TestJobs:
    def test_what_was_due_just_before_the_beginning_is_made_up_for(
        self, tmp_path: Path, server: Callable[..., Server]
    ) -> None:
        team = team_of(tmp_path)
        one = server()
        until(lambda: one.counts["done"], turn=one.turn)
        assert fivestep.history(team.settings)[0].kind == "sync"

    def test_a_follow_up_makes_drafts(self, tmp_path: Path, server: Callable[..., Server]) -> None:
        team = team_of(tmp_path, RARELY)
        one = server()
        hear(one, team, "follow_up")
        until(lambda: one.counts["done"], turn=one.turn)
        assert len(team.drafts()) == 2

    def test_several_that_share_a_ledger_do_each_occasion_once(
        self, tmp_path: Path, server: Callable[..., Server]
    ) -> None:
        team = team_of(tmp_path, RARELY)
        servers = [server() for _ in range(3)]

        def all_turn() -> None:
            for one in servers:
                one.turn()

        for _ in range(3):
            due = dt.datetime.now(dt.UTC)
            for one in servers:
                hear(one, team, due=due)
            until(
                lambda: not any(one._waiting or one._running or not one._inbox.empty() for one in servers),
                turn=all_turn,
            )
        assert sum(one.counts["done"] for one in servers) == 3
        assert sum(one.counts["taken"] for one in servers) == 6
        assert len(fivestep.history(team.settings)) == 3

    def test_a_job_whose_machine_lost_its_power_is_done_when_it_is_back(
        self, tmp_path: Path, server: Callable[..., Server]
    ) -> None:
        team = team_of(tmp_path, RARELY.replace("grace = 0", "grace = 60"))
        due, ledger = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=10), open_ledger(team.settings)
        assert ledger.claim("team", "follow_up", due)
        ledger.begin("team", "follow_up", due.date(), due + dt.timedelta(seconds=5), plan=None, changes=())
        one = server()
        hear(one, team, "follow_up", due)
        until(lambda: one.counts["done"] or one.counts["taken"], turn=one.turn)
        hear(one, team, "follow_up", due)
        until(lambda: one.counts["taken"], turn=one.turn)
        assert dict(one.counts) == {"done": 1, "taken": 1}
        assert len(team.drafts()) == 2

    def test_a_job_that_is_under_way_elsewhere_is_left_alone(
        self, tmp_path: Path, server: Callable[..., Server]
    ) -> None:
        team = team_of(tmp_path, RARELY.replace("grace = 0", "grace = 60"))
        due, ledger = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=10), open_ledger(team.settings)
        assert ledger.claim("team", "follow_up", due)
        one = server()
        with ledger.lock("team"):
            hear(one, team, "follow_up", due)
            until(lambda: sum(one.counts.values()), turn=one.turn)
        assert dict(one.counts) == {"taken": 1}

    def test_one_that_waits_for_another_try_is_not_lost_where_its_settings_change(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        team = team_of(tmp_path, RARELY.replace("grace = 0", "grace = 5"))
        one, due = server(), dt.datetime.now(dt.UTC)
        with open_ledger(team.settings).lock("team"):
            hear(one, team, due=due)
            until(lambda: "is tried again" in caplog.text, turn=one.turn)
            hear(one, team, due=due)  # as the clock does where the file has changed
            one.turn()
        until(lambda: one.counts["done"] or one.counts["taken"], turn=one.turn)
        assert dict(one.counts) == {"done": 1}

    def test_what_is_told_once_more_while_it_is_under_way_is_not_lost(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        team = team_of(tmp_path, RARELY.replace("grace = 0", "grace = 5"))
        one, due = server(), dt.datetime.now(dt.UTC)
        with open_ledger(team.settings).lock("team"):
            hear(one, team, due=due)
            until(lambda: one._running, turn=one.turn)
            hear(one, team, due=due)  # as the clock does where the file has changed
            until(lambda: "is tried again" in caplog.text, turn=one.turn)
        until(lambda: sum(one.counts.values()), turn=one.turn)
        assert dict(one.counts) == {"done": 1}

    def test_ledgers_that_are_away_do_not_hold_up_a_turn(
        self, tmp_path: Path, server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(serve, "LONGEST_TURN", 0.05)

        def away(_self: object) -> bool:
            time.sleep(0.1)
            raise UnreachableError("the ledger can't be reached")

        monkeypatch.setattr(supervisor, "ledger_of", away)
        team = team_of(tmp_path, RARELY.replace("grace = 0", "grace = 5"))
        one = server()
        for job in ("sync", "follow_up", "digest"):
            hear(one, team, job)
        one.turn()
        assert sum(waiting._tries for waiting in one._waiting.values()) == 1

    def test_what_a_job_said_is_told_although_it_is_done(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        team = team_of(tmp_path, RARELY)
        file = Path(team.settings.file)
        file.write_text(f"{file.read_text('utf-8')}[notice]\nafter = 1\n", "utf-8")
        record_ended(team.settings, "sync", dt.datetime.now(dt.UTC), "it hung")
        shutil.rmtree(team.settings.path("drafts"), ignore_errors=True)
        team.settings.path("drafts").write_text("no folder")
        one = server()
        hear(one, team)
        until(lambda: sum(one.counts.values()), turn=one.turn)
        assert "the keeper could not be told" in caplog.text

    def test_never_two_of_one_pipeline_at_once_and_not_too_many_of_all(
        self, tmp_path: Path, server: Callable[..., Server]
    ) -> None:
        teams = [team_of(tmp_path / name, RARELY) for name in "abc"]
        one = server(*[tmp_path / name for name in "abc"], at_once=2)
        most = 0

        def turn() -> None:
            nonlocal most
            one.turn()
            most = max(most, len(one._running))

        for team in teams:
            for job in ("sync", "follow_up", "sync"):
                hear(one, team, job)
        until(lambda: one.counts["done"] == 6, turn=turn)  # a second sync that waits takes the first one's place
        assert most == 2
        for team in teams:
            late, early = fivestep.history(team.settings)
            assert early.finished is not None
            assert early.finished <= late.started

    def test_a_failure_is_told_and_nothing_else_ends(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        bad, good = team_of(tmp_path / "bad", RARELY), team_of(tmp_path / "good", RARELY)
        bad.write([["Deal", "Step"], ["Acme", "Pitch"]])
        one = server(tmp_path / "bad", tmp_path / "good")
        hear(one, bad)
        hear(one, good)
        until(lambda: one.counts["failed"] and one.counts["done"], turn=one.turn)
        assert "ended with exit code 2" in caplog.text
        assert "the sheet has no column 'Stage'" in caplog.text

    def test_what_is_busy_is_tried_again(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        team = team_of(tmp_path, RARELY.replace("grace = 0", "grace = 5"))
        one = server()
        with open_ledger(team.settings).lock("team"):
            hear(one, team)
            until(lambda: "is tried again" in caplog.text, turn=one.turn)
        until(lambda: one.counts["done"], turn=one.turn)
        assert one.counts["failed"] == 0

    def test_what_is_busy_for_longer_than_the_grace_has_failed(
        self, tmp_path: Path, server: Callable[..., Server]
    ) -> None:
        team = team_of(tmp_path, RARELY)
        one = server()
        with open_ledger(team.settings).lock("team"):
            hear(one, team)
            until(lambda: one.counts["failed"], turn=one.turn)

    def test_what_no_process_could_be_begun_for_is_tried_again(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        team = team_of(tmp_path, RARELY.replace("grace = 0", "grace = 5"))
        one = server()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subprocess, "Popen", _no_memory)
            hear(one, team)
            until(lambda: "is tried again" in caplog.text, turn=one.turn)
        assert "no process can be begun here (Cannot allocate memory)" in caplog.text
        until(lambda: one.counts["done"], turn=one.turn)

    @needs_pipes
    def test_one_that_hangs_is_ended_and_told(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        team = team_of(tmp_path, f"{RARELY}time_limit = 0.02\n")
        make_it_hang(team)
        one = server()
        hear(one, team)
        until(lambda: one.counts["overdue"], turn=one.turn)
        assert "took longer than 0.02 minutes" in caplog.text

    @needs_pipes
    def test_the_end_leaves_nothing_under_way_and_its_occasion_to_others(
        self, tmp_path: Path, server: Callable[..., Server]
    ) -> None:
        team = team_of(tmp_path, RARELY)
        make_it_hang(team)
        one = server()
        due = dt.datetime.now(dt.UTC)
        hear(one, team, due=due)
        until(lambda: one._running, turn=one.turn)
        [errand] = one._running.values()
        one.end()
        assert errand._child is not None
        assert errand._child.code is not None
        assert one.counts["stopped"] == 1
        assert open_ledger(team.settings).claim("team", "sync", due)


class TestSettings:
    def test_changes_are_taken_up_and_what_is_broken_keeps_the_old(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        team = team_of(tmp_path, RARELY)
        file, one = Path(team.settings.file), server()

        def schedule() -> list[str]:
            return [table.cron.expression for *_, table in one._clock._tables.values()]

        assert schedule() == ["0 0 1 1 *"]
        good = file.read_text("utf-8")
        file.write_text(good.replace("0 0 1 1 *", "5 5 5 5 *"), "utf-8")
        until(lambda: schedule() == ["5 5 5 5 *"], turn=one.turn)
        file.write_text(good.replace("0 0 1 1 *", "often"), "utf-8")
        until(lambda: "can't be used" in caplog.text, turn=one.turn)
        for _ in range(20):
            one.turn()
            time.sleep(0.02)
        assert schedule() == ["5 5 5 5 *"]
        assert caplog.text.count("can't be used") == 1
        file.write_text(good, "utf-8")
        until(lambda: schedule() == ["0 0 1 1 *"], turn=one.turn)
        file.unlink()
        until(lambda: schedule() == [], turn=one.turn)

    def test_jobs_go_by_what_the_file_said_before_it_was_broken(
        self, tmp_path: Path, server: Callable[..., Server], caplog: pytest.LogCaptureFixture
    ) -> None:
        team = team_of(tmp_path, RARELY)
        one = server()
        Path(team.settings.file).write_text("[pipeline\n", "utf-8")
        until(lambda: "can't be used" in caplog.text, turn=one.turn)
        hear(one, team)
        until(lambda: one.counts["done"] or one.counts["failed"], turn=one.turn)
        assert dict(one.counts) == {"done": 1}

    def test_a_folder_is_looked_through(self, tmp_path: Path) -> None:
        team = team_of(tmp_path)
        (tmp_path / "process.toml").write_text("[stages]\n")
        files = SettingsFiles([tmp_path], {})
        assert list(files.look().settings) == [team.settings.file]
        assert files.look() == ({}, {}, [])
        other = tmp_path / "other.toml"
        other.write_text("[pipeline\n")
        assert files.look() == ({}, {}, [])
        other.write_text("[pipeline]\nsheet = 5\n")
        news = files.look()
        assert (list(news.broken), list(news.settings)) == ([str(other)], [])
        assert files.look() == ({}, {}, [])
        other.write_text(Path(team.settings.file).read_text("utf-8").replace('"team"', '"other"'))
        assert list(files.look().settings) == [str(other)]
        other.unlink()
        assert files.look() == ({}, {}, [str(other)])

    def test_a_pipeline_is_one_files_only(self, tmp_path: Path) -> None:
        team = team_of(tmp_path)
        one, copy, files = Path(team.settings.file), tmp_path / "copy.toml", SettingsFiles([tmp_path], {})
        files.look()
        copy.write_bytes(one.read_bytes())
        news = files.look()
        assert news.settings == {}
        assert "needs another name" in str(news.broken[str(copy)])
        assert files.look() == ({}, {}, [])
        one.unlink()
        news = files.look()
        assert (list(news.settings), news.gone) == ([str(copy)], [str(one)])

    def test_names_can_be_exchanged(self, tmp_path: Path) -> None:
        team = team_of(tmp_path)
        one, other, files = Path(team.settings.file), tmp_path / "other.toml", SettingsFiles([tmp_path], {})
        said, renamed = one.read_bytes(), one.read_bytes().replace(b'"team"', b'"other"')
        other.write_bytes(renamed)
        files.look()
        one.write_bytes(renamed)
        other.write_bytes(said)
        assert {file: one.pipeline.name for file, one in files.look().settings.items()} == {
            str(one): "other",
            str(other): "team",
        }

    def test_a_file_that_can_not_be_read_just_now_is_not_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        team = team_of(tmp_path)
        files = SettingsFiles([tmp_path], {})
        files.look()
        read = Path.read_bytes
        with monkeypatch.context() as patch:

            def away(self: Path) -> bytes:
                if self.suffix == ".toml":
                    raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
                return read(self)

            patch.setattr(Path, "read_bytes", away)
            news = files.look()
            assert (list(news.broken), news.gone, list(news.settings)) == ([team.settings.file], [], [])
            assert files.look() == ({}, {}, [])
        assert list(files.look().settings) == [team.settings.file]

    def test_a_ledger_on_this_machine_alone_has_no_queue(self, tmp_path: Path) -> None:
        team_of(tmp_path)
        with pytest.raises(SettingsError, match="PostgreSQL"):
            serve.serve([tmp_path], 1, threading.Event(), queued=True)

    def test_nothing_that_can_be_used_is_no_beginning(self, tmp_path: Path) -> None:
        file = tmp_path / "fivestep.toml"
        file.write_text("[pipeline]\nsheet = 5\n")
        with pytest.raises(SettingsError, match="must be a text in quotes"):
            Server([file], {})


class TestClock:
    @pytest.fixture
    def table(self, tmp_path: Path) -> Timetable:
        team = team_of(tmp_path)
        return timetables(load_settings(Path(team.settings.file), {}))[0]

    def test_of_what_was_slept_through_only_the_latest_counts(self, table: Timetable) -> None:
        heard: list[Occasion] = []
        one = Clock(heard.append)
        one.put("a.toml", "team", [table], dt.timedelta(minutes=30))
        until(lambda: heard)
        one.stop()
        assert len(heard) == 1
        assert dt.datetime.now(dt.UTC) - heard[0].due < dt.timedelta(minutes=2)
        assert (heard[0].job, heard[0].missed, heard[0].due.second) == ("sync", False, 0)

    def test_without_a_grace_some_seconds_are_not_late(self, table: Timetable) -> None:
        one = Clock(lambda _: None)
        one.put("a.toml", "team", [table], dt.timedelta())
        [job] = one._scheduler.get_jobs()
        one.stop()
        assert job.misfire_grace_time == 60

    def test_what_a_pipeline_waits_for_is_no_part_of_the_occasion(self, table: Timetable) -> None:
        heard: list[Occasion] = []
        one = Clock(heard.append)
        one.put("a.toml", "team", [table._replace(delay=dt.timedelta(seconds=7))], dt.timedelta(minutes=30))
        until(lambda: heard)
        one.stop()
        assert heard[0].due.second == 0

    def test_what_was_slept_through_is_told_at_the_next_look(self, table: Timetable) -> None:
        """A thread that waits for an hour does not notice that the machine was asleep for a day."""
        import time_machine

        heard: list[Occasion] = []
        with time_machine.travel(NOON, tick=False) as traveller:
            one = Clock(heard.append)
            one.put("a.toml", "team", [table._replace(cron=Cron("0 15 * * *"))], dt.timedelta(minutes=240))
            time.sleep(0.1)
            traveller.move_to(NOON + dt.timedelta(hours=4))
            time.sleep(0.1)
            assert heard == []
            one.wake()
            until(lambda: heard)
            one.stop()
        assert [(occasion.due, occasion.missed) for occasion in heard] == [(NOON.replace(hour=15), False)]

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_one_that_died_is_noticed(self, table: Timetable) -> None:
        class Broken(Cron):
            asked = 0

            def after(self, moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime | None:
                self.asked += 1
                if self.asked > 2:
                    raise ZeroDivisionError
                return super().after(moment, zone)

        one = Clock(lambda _: None)
        one.wake()
        one.put("a.toml", "team", [table._replace(cron=Broken("* * * * *"))], dt.timedelta(minutes=5))
        one._scheduler._thread.join(10)
        with pytest.raises(RuntimeError, match="stands still"):
            one.wake()
        one.stop()

    def test_what_is_dropped_is_not_told(self, table: Timetable) -> None:
        heard: list[Occasion] = []
        one = Clock(heard.append)
        one.put("a.toml", "team", [table], dt.timedelta())
        one.drop("a.toml")
        assert one._scheduler.get_jobs() == []
        one.stop()
        assert heard == []

    def test_the_trigger_asks_the_timetable(self, table: Timetable) -> None:
        trigger = clock._Trigger(table)
        assert trigger.get_next_fire_time(None, NOON) == NOON + dt.timedelta(minutes=1)
        assert trigger.get_next_fire_time(NOON + dt.timedelta(minutes=9), NOON) == NOON + dt.timedelta(minutes=10)


class TestStopping:
    @pytest.fixture(autouse=True)
    def wish(self) -> Iterator[None]:
        yield
        stopping._wished.clear()

    def test_a_run_stops_between_two_drafts_and_the_next_one_goes_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from fivestep.connectors.mailboxes.folder import EmlFolder

        team = make_team(tmp_path)
        create = EmlFolder.create

        def create_and_wish(self: EmlFolder, message: object) -> str:
            stopping._wished.set()
            return create(self, message)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr(EmlFolder, "create", create_and_wish)
            with pytest.raises(StoppedError) as stopped:
                fivestep.run(team.settings, AS_OF)
        assert stopped.value.exit_code == 4
        assert len(team.drafts()) == 1
        assert fivestep.history(team.settings)[0].outcome == "failed"
        stopping._wished.clear()
        fivestep.run(team.settings, AS_OF)
        assert len(team.drafts()) == 2
        assert fivestep.run(team.settings, AS_OF).changes == []

    def test_a_pause_ends_with_the_wish(self, monkeypatch: pytest.MonkeyPatch) -> None:
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            stopping._wished.set()

        monkeypatch.setattr("time.sleep", sleep)
        with pytest.raises(StoppedError):
            stopping.pause(60)
        assert len(waits) == 1
        assert waits[0] < 1

    @needs_pipes
    @pytest.mark.parametrize("command", [["run"], ["run", "--job", "sync"], ["digest"]])
    def test_every_job_stops_between_two_steps(self, tmp_path: Path, command: list[str]) -> None:
        """A signal's handler that is not in place would have the process ended by the signal."""
        team = team_of(tmp_path)
        pipe = make_it_hang(team)
        command = [sys.executable, "-m", "fivestep", *command, "--config", team.settings.file]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            until(lambda: _is_held(team))
            process.send_signal(signal.SIGTERM)
            until(lambda: process.poll() is not None or _feed(pipe))
            _, said = process.communicate(timeout=60)
        assert process.returncode == 4, said
        assert "stopped on request" in said
        assert team.drafts() == []

    def test_a_run_that_is_to_stop_writes_nothing(self, tmp_path: Path) -> None:
        team = make_team(tmp_path)
        before = team.sheet()
        stopping._wished.set()
        with pytest.raises(StoppedError, match="stopped on request"):
            fivestep.run(team.settings, AS_OF)
        assert team.sheet() == before


@needs_pipes
def test_a_job_that_hangs_ends_itself_where_nobody_looks_after_it(tmp_path: Path) -> None:
    """Else it would hold its pipeline for ever after `serve` was killed."""
    team = team_of(tmp_path, f"{RARELY}time_limit = 0.001\n")
    make_it_hang(team)
    script = "import sys; from fivestep.connectors.system import stopping; from fivestep.cli.commands import main; "
    script += "stopping.STOPPING_PATIENCE = 0.5; sys.argv[0] = 'fivestep'; main()"
    command = [sys.executable, "-c", script, "run", "--config", team.settings.file, "--config-on-stdin"]
    said = Path(team.settings.file).read_bytes()
    assert subprocess.run(command, input=said, check=False, timeout=60).returncode == StoppedError.exit_code
    assert not _is_held(team)


@needs_pipes
class TestOneAtATime:
    @contextmanager
    def run(self, team: Team, *more: str) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "fivestep", "run", "--config", team.settings.file, *more]
        # Where the tests run in the background of a script, SIGINT is ignored, and so it would be in what they start.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            signal.signal(signal.SIGINT, before)
            try:
                yield process
            finally:
                process.kill()

    @pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
    def test_the_second_process_says_so_and_a_dead_holder_holds_nothing(
        self, tmp_path: Path, end: signal.Signals
    ) -> None:
        team = team_of(tmp_path)
        pipe = make_it_hang(team)
        with self.run(team) as holder:
            until(lambda: _is_held(team))
            with self.run(team, "--job", "sync") as second:
                _, err = second.communicate(timeout=60)
            assert second.returncode == 6
            assert "another run of 'team' is under way" in err
            holder.send_signal(end)
            holder.communicate(timeout=60)
        pipe.unlink()
        shutil.copy(BUILT_IN_PROCESS, pipe)
        with self.run(team) as third:
            third.communicate(timeout=60)
        assert third.returncode == 0
        assert len(team.drafts()) == 2


def _feed(pipe: Path) -> bool:
    """Let who waits for the process have it; False where nobody does."""
    try:
        end = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    os.write(end, BUILT_IN_PROCESS.read_bytes())
    os.close(end)
    return True


def _no_memory(*_: object, **__: object) -> None:
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


def _is_held(team: Team) -> bool:
    from fivestep.errors import BusyError

    try:
        with open_ledger(team.settings).lock("team"):
            return False
    except BusyError:
        return True
