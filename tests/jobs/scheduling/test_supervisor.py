"""What becomes of a job that is due, whoever has it done: by a clock or by a queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors.ledger import Ledger, RunOutcome
from fivestep.connectors.registry import open_ledger
from fivestep.errors import UnreachableError
from fivestep.jobs.scheduling import supervisor
from fivestep.jobs.scheduling.occasion import Occasion, latest_start
from fivestep.jobs.scheduling.supervisor import Errand, Upshot, is_done, pause_after
from tests.fakes.team import Team, make_team

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
MINUTE = dt.timedelta(minutes=1)


class Process:
    """Stands in for the process of a job: it ends as it is told, or when it is asked to stop."""

    pid = 7

    def __init__(self, code: int | None, words: str = "", seconds: float = 1.0, when_stopped: int = 4) -> None:
        self.code, self._words, self.seconds, self._when_stopped = code, words, seconds, when_stopped

    def stop(self) -> None:
        self.code = self._when_stopped

    def kill(self) -> None:
        self.code = -9

    def wait(self, _seconds: float) -> int:
        assert self.code is not None
        return self.code

    def last_words(self) -> str:
        return self._words


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = make_team(tmp_path)
    file = Path(team.settings.file)
    file.write_text(f"{file.read_text('utf-8')}[schedule]\ngrace = 30\njitter = 5\ntime_limit = 1\n", "utf-8")
    return Team(fivestep.load_settings(file))


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Process], None]:
    """Has each job that is begun be this process."""

    def give(process: Process) -> None:
        monkeypatch.setattr(supervisor, "begin_job", lambda _job, _settings: process)

    return give


def errand_of(team: Team, due: dt.datetime = NOW, tries: int = 0, *, ours: bool = False) -> Errand:
    occasion = Occasion(team.settings.file, team.settings.pipeline.name, "sync", due)
    return Errand(occasion, team.settings, tries, ours=ours)


def ran(ledger: Ledger, outcome: RunOutcome, code: int | None = None, started: dt.datetime = NOW) -> None:
    if outcome == "failed":
        ledger.failed("team", "sync", started.date(), started, started, "it failed", code or 1)
        return
    run = ledger.begin("team", "sync", started.date(), started, plan=None, changes=())
    if outcome != "open":
        ledger.finish(run, outcome, started, {})


class TestDone:
    @pytest.mark.parametrize(
        ("outcome", "code", "done"),
        [
            ("done", None, True),
            ("partly", None, True),
            ("failed", 2, True),
            ("failed", 5, True),
            ("failed", 4, False),
            ("failed", 6, False),
            ("open", None, False),
        ],
    )
    def test_a_run_that_ended_for_good_makes_up_for_what_was_due_before_it(
        self, outcome: RunOutcome, code: int | None, done: bool, team: Team
    ) -> None:
        ledger = open_ledger(team.settings)
        ran(ledger, outcome, code)
        assert is_done(ledger, "team", "sync", NOW - MINUTE) is done
        assert not is_done(ledger, "team", "sync", NOW + MINUTE)
        assert not is_done(ledger, "team", "digest", NOW - MINUTE)

    @pytest.mark.parametrize("ours", [False, True])
    def test_what_is_done_is_not_begun_again(
        self, ours: bool, team: Team, processes: Callable[[Process], None]
    ) -> None:
        """By a clock as by a queue: somebody may have run it by hand since it was due."""
        ran(open_ledger(team.settings), "done")
        ending = errand_of(team, NOW - MINUTE, ours=ours).begin()
        assert ending is not None
        assert ending.upshot == "taken"

    def test_of_two_that_share_a_ledger_one_has_it(self, team: Team, processes: Callable[[Process], None]) -> None:
        processes(Process(0))
        one, other = errand_of(team), errand_of(team)
        assert one.begin() is None
        ending = other.begin()
        assert ending is not None
        assert ending.upshot == "taken"
        one.give_back()
        assert other.begin() is None

    def test_a_queues_job_is_ours_without_a_claim(self, team: Team, processes: Callable[[Process], None]) -> None:
        processes(Process(0))
        assert open_ledger(team.settings).claim("team", "sync", NOW)
        assert errand_of(team, ours=True).begin() is None

    @pytest.mark.parametrize("ours", [False, True])
    def test_too_late_is_missed(self, ours: bool, team: Team) -> None:
        ending = errand_of(team, NOW - 36 * MINUTE, ours=ours).begin()
        assert ending is not None
        assert (ending.upshot, ending.message[:8]) == ("missed", "sync of ")
        assert latest_start(NOW, team.settings) == NOW + 35 * MINUTE


class TestAgain:
    def test_there_is_one_ladder(self) -> None:
        assert [pause_after(tries).total_seconds() for tries in range(5)] == [60, 120, 300, 600, 600]

    @pytest.mark.parametrize("code", [4, 6])
    def test_what_was_unreachable_or_busy_waits_longer_each_time(
        self, code: int, team: Team, processes: Callable[[Process], None]
    ) -> None:
        processes(Process(code, "no network"))
        errand = errand_of(team)
        for pause in (60, 120, 300):
            assert errand.begin() is None
            ending = errand.end()
            assert (ending.upshot, ending.why) == ("again", "no network")
            assert errand.pause == dt.timedelta(seconds=pause)
            assert errand.not_before > dt.datetime.now(dt.UTC) + 0.9 * errand.pause
        assert open_ledger(team.settings).runs("team") == []

    def test_a_ledger_that_is_away_is_a_reason_to_try_again(self, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(_settings: object) -> Ledger:
            raise UnreachableError("the ledger is away")

        monkeypatch.setattr(supervisor, "ledger_of", away)
        ending = errand_of(team, tries=2).begin()
        assert ending is not None
        assert (ending.upshot, ending.why) == ("again", "the ledger is away")

    def test_a_try_that_would_be_too_late_is_none(self, team: Team, processes: Callable[[Process], None]) -> None:
        processes(Process(6, "another run"))
        errand = errand_of(team, dt.datetime.now(dt.UTC) - 34 * MINUTE, tries=2)
        assert errand.begin() is None
        ending = errand.end()
        assert (ending.upshot, ending.message) == ("failed", "sync failed: another run")


class TestEnd:
    @pytest.mark.parametrize(
        ("code", "words", "upshot", "says"),
        [
            (0, "", "done", "sync is done after 1.0 s"),
            (2, "mend this", "failed", "sync ended with exit code 2: mend this"),
            (-9, "", "failed", "sync was killed by signal 9: it said nothing"),
        ],
    )
    def test_each_is_told_and_what_failed_is_recorded(
        self, code: int, words: str, upshot: Upshot, says: str, team: Team, processes: Callable[[Process], None]
    ) -> None:
        processes(Process(code, words))
        errand = errand_of(team)
        assert errand.begin() is None
        assert not errand.goes_on()
        ending = errand.end()
        assert (ending.upshot, ending.message) == (upshot, says)
        assert [run.outcome for run in open_ledger(team.settings).runs("team")] == ["failed"][: code != 0]

    def test_one_time_limit(self, team: Team, processes: Callable[[Process], None]) -> None:
        """A job that was asked to stop for it is not tried again, though it ends as one that could not go on."""
        processes(Process(None, seconds=59))
        errand = errand_of(team)
        assert errand.begin() is None
        assert errand.goes_on()
        errand._child.seconds = 61  # type: ignore[union-attr, misc, assignment]
        assert errand.goes_on()
        assert not errand.goes_on()
        ending = errand.end()
        assert ending.upshot == "overdue"
        assert "it took longer than 1 minutes, its time_limit" in ending.message

    def test_one_that_is_looked_at_too_late_is_overdue_all_the_same(
        self, team: Team, processes: Callable[[Process], None]
    ) -> None:
        processes(Process(None, seconds=600))
        errand = errand_of(team)
        assert errand.begin() is None
        assert errand.goes_on()
        assert not errand.goes_on()
        assert errand.end().upshot == "overdue"

    def test_one_that_gets_done_while_it_is_asked_to_stop_is_done(
        self, team: Team, processes: Callable[[Process], None]
    ) -> None:
        processes(Process(None, seconds=61, when_stopped=0))
        errand = errand_of(team)
        assert errand.begin() is None
        assert errand.goes_on()
        assert errand.end().upshot == "done"
