"""Runs that fail: each is in the ledger, and after three in a row the keeper has one draft, whatever else happens."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import fivestep
from fivestep.config.settings.model import Settings
from fivestep.connectors.ledger import RunRecord
from fivestep.connectors.registry import open_ledger
from fivestep.errors import BrakeError, BusyError, FivestepError, SettingsError, UnreachableError
from fivestep.jobs.running.attempt import record_ended
from fivestep.jobs.scheduling.metrics import Metrics
from fivestep.redact import redacted
from tests.fakes.team import AS_OF, ROWS, Team, make_team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return make_team(tmp_path)


def runs(settings: Settings) -> list[RunRecord]:
    """Oldest first."""
    return fivestep.history(settings)[::-1]


def fail(team: Team, times: int = 1) -> None:
    """Runs while the sheet is open in a program; it is closed again afterwards."""
    lock = team.path.with_name(f".~lock.{team.path.name}#")
    lock.write_text(",ana,laptop,,;")
    for _ in range(times):
        with pytest.raises(UnreachableError):
            fivestep.run(team.settings, AS_OF)
    lock.unlink()


def told(team: Team) -> list[tuple[str, str, str]]:
    """The drafts to the keeper."""
    return [draft for draft in team.drafts() if draft[1].startswith("fivestep:")]


def changed(team: Team, section: str, **values: object) -> Team:
    old = getattr(team.settings, section)
    return Team(team.settings.model_copy(update={section: old.model_copy(update=values)}))


class TestRecords:
    def test_a_run_that_can_not_begin_is_recorded(self, team: Team) -> None:
        fail(team)
        fivestep.run(team.settings, AS_OF)
        assert [(run.outcome, run.exit_code) for run in runs(team.settings)] == [("failed", 4), ("done", None)]
        failed = runs(team.settings)[0]
        assert "is open in LibreOffice (ana)" in failed.message
        assert failed.finished is not None

    def test_one_that_failed_for_a_later_day_knew_no_more(self, team: Team) -> None:
        fivestep.run(team.settings, AS_OF)
        team.write(ROWS[:1])
        with pytest.raises(BrakeError):
            fivestep.run(team.settings, AS_OF + dt.timedelta(days=30))
        team.write(ROWS)
        assert fivestep.run(team.settings, AS_OF + dt.timedelta(days=1)).notices == []

    def test_a_brake_is_recorded(self, team: Team) -> None:
        fivestep.run(team.settings, AS_OF)
        team.write(ROWS[:1])
        with pytest.raises(BrakeError):
            fivestep.run(team.settings, AS_OF)
        assert (runs(team.settings)[-1].outcome, runs(team.settings)[-1].exit_code) == ("failed", 5)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"pipeline": {"sheet": "pipeline.ods"}},  # no connector: it fails before anything is opened
            {"pipeline": {"sheet": "gone.csv"}},
            {"drafts": {"to": "nobody:knows"}},
            {"process": {"file": "gone.toml"}},
        ],
    )
    def test_wrong_settings_are_recorded_once(self, wrong: dict[str, dict[str, str]], team: Team) -> None:
        settings = team.settings
        for section, values in wrong.items():
            settings = changed(team, section, **values).settings
        with pytest.raises(SettingsError):
            fivestep.run(settings, AS_OF)
        assert [(run.outcome, run.exit_code) for run in runs(team.settings)] == [("failed", 2)]

    def test_busy_is_not_recorded(self, team: Team) -> None:
        ledger = open_ledger(team.settings)
        with ledger.lock("team"), pytest.raises(BusyError):
            fivestep.run(team.settings, AS_OF)
        assert runs(team.settings) == []

    def test_undoing_what_is_not_there_is_no_failed_run(self, team: Team) -> None:
        fivestep.run(team.settings, AS_OF)
        with pytest.raises(SettingsError):
            fivestep.undo(team.settings, 77)
        assert [run.kind for run in runs(team.settings)] == ["follow_up"]

    def test_a_ledger_that_can_not_be_written_does_not_hide_the_fault(self, team: Team) -> None:
        settings = changed(team, "pipeline", sheet="pipeline.ods").settings
        settings = settings.model_copy(
            update={"ledger": settings.ledger.model_copy(update={"url": "sqlite:///no/x.db"})}
        )
        with pytest.raises(SettingsError, match=r"must end in \.xlsx"):
            fivestep.run(settings, AS_OF)

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("can't reach postgresql+psycopg://sales:hunter2@db.example/ledger", "hunter2"),
            ("can't reach postgresql://sales:hun/ter2@db.example/ledger", "ter2"),
            ("can't reach postgresql://sales:hun@ter2@db.example/ledger", "ter2"),
            ("Authorization: Bearer ya29.a0AfH6SMBx-Zk", "a0AfH6SMBx"),
            ("refresh with 1//0gAbCdEfGhIjKl failed", "0gAbCdEf"),
            ('{"client_secret": "GOCSPX-abcdef"}', "abcdef"),
            ("GET /token?access_token=abcdef&x=1", "abcdef"),
            ("-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----", "MIIabc"),
        ],
    )
    def test_secrets_are_not_kept(self, text: str, kept: str) -> None:
        assert kept not in redacted(text)
        assert "***" in redacted(text)

    @pytest.mark.parametrize(
        "text",
        [
            "log in again: the token google-token.json was revoked",
            'found "secret"; password must not stand in the settings',
            "https://docs.google.com/spreadsheets/d/abc/edit#gid=0 can't be read",
            "C17: 'token: basic' is not a stage",
        ],
    )
    def test_what_is_no_secret_stays(self, text: str) -> None:
        assert redacted(text) == text


class TestKeeper:
    def test_three_in_a_row_make_one_draft(self, team: Team) -> None:
        fail(team, 2)
        assert told(team) == []
        fail(team, 1)
        [(to, subject, text)] = told(team)
        assert to == "ana@northwind.example"
        assert subject == "fivestep: team needs you, its last 3 runs failed"
        assert "no run has ended well yet" in text
        assert "is open in LibreOffice (ana)" in text
        assert "fivestep doctor" in text
        assert str(team.settings.base / "fivestep.toml") in text
        fail(team, 4)
        assert len(told(team)) == 1

    def test_runs_that_were_ended_from_outside_are_told_of_by_the_next_one(self, team: Team) -> None:
        for _ in range(3):
            record_ended(team.settings, "sync", dt.datetime.now(dt.UTC), "sync was ended: it took too long")
        fivestep.run(team.settings, AS_OF, job="sync")
        [(_, subject, text)] = told(team)
        assert subject.endswith("its last 3 runs failed")
        assert "it took too long" in text

    def test_runs_that_somebody_stopped_are_no_defect(self, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr("fivestep.connectors.mailboxes.folder.EmlFolder.create", interrupted)
            for _ in range(3):
                with pytest.raises(KeyboardInterrupt):
                    fivestep.run(team.settings, AS_OF)
        assert [run.exit_code for run in runs(team.settings)] == [130, 130, 130]
        fivestep.run(team.settings, AS_OF)
        [(_, _, plain)] = told(team)
        assert "What is wrong: it was stopped with Ctrl-C before it was done" in plain
        assert "defect" not in plain

    def test_each_time_anew(self, team: Team) -> None:
        fail(team, 3)
        fivestep.run(team.settings, AS_OF)
        fail(team, 2)
        assert len(told(team)) == 1
        fail(team, 1)
        assert len(told(team)) == 2
        assert "the last good run was on" in told(team)[1][2] or "the last good run was on" in told(team)[0][2]

    def test_two_then_a_good_one_tell_nobody(self, team: Team) -> None:
        for _ in range(3):
            fail(team, 2)
            fivestep.run(team.settings, AS_OF)
        assert told(team) == []

    def test_busy_does_not_count(self, team: Team) -> None:
        fail(team, 2)
        with open_ledger(team.settings).lock("team"), pytest.raises(BusyError):
            fivestep.run(team.settings, AS_OF)
        assert told(team) == []

    def test_it_is_not_made_again_after_it_was_deleted(self, team: Team) -> None:
        fail(team, 3)
        for draft in team.settings.path("drafts").glob("*.eml"):
            draft.unlink()
        fail(team, 3)
        assert told(team) == []

    def test_the_keeper_may_be_another_and_the_number_too(self, team: Team) -> None:
        fail(changed(team, "notice", keeper="Kim <kim@northwind.example>", after=1))
        assert [to for to, *_ in told(team)] == ["kim@northwind.example"]

    def test_nobody_is_told_where_that_is_not_wanted(self, team: Team) -> None:
        fail(changed(team, "notice", after=0), 4)
        fail(changed(team, "drafts", sender=None), 4)
        assert told(team) == []

    def test_a_notice_is_no_deals_draft(self, team: Team) -> None:
        fail(team, 3)
        report = fivestep.run(team.settings, AS_OF)
        assert not [notice for notice in report.notices if "no longer in the sheet" in notice]
        assert report.plan.summary["drafts"] == 2
        assert "fivestep:" not in fivestep.report(team.settings, AS_OF)
        ledger = open_ledger(team.settings)
        assert "ana@northwind.example" not in ledger.history("team", AS_OF).open_people
        assert "" not in ledger.history("team", AS_OF).deals

    def test_a_notice_that_was_cut_off_is_made_by_the_next_run(
        self, team: Team, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fail(team, 2)
        with monkeypatch.context() as patch:

            def killed(*_: object) -> None:
                raise KeyboardInterrupt

            patch.setattr("fivestep.connectors.mailboxes.folder.EmlFolder.create", killed)
            team.path.with_name(f".~lock.{team.path.name}#").write_text(",ana,laptop,,;")
            with pytest.raises(KeyboardInterrupt):
                fivestep.run(team.settings, AS_OF)
        assert [draft.record.state for draft in open_ledger(team.settings).open_drafts("team")] == ["intended"]
        fail(team, 1)
        assert len(told(team)) == 1

    def test_a_mailbox_that_fails_is_only_logged(
        self, team: Team, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object) -> None:
            raise UnreachableError("the mailbox is away")

        monkeypatch.setattr("fivestep.connectors.mailboxes.folder.EmlFolder.check", away)
        fail(team, 3)
        assert told(team) == []
        assert "the keeper could not be told: the mailbox is away" in caplog.text


@pytest.mark.parametrize(("code", "recorded"), [(None, 4), (2, 2), (3, 3), (1, 1)])
def test_a_process_that_said_nothing_itself_is_recorded_with_its_own_code(
    team: Team, code: int | None, recorded: int
) -> None:
    assert record_ended(team.settings, "digest", dt.datetime.now(dt.UTC), "why", code) == "failed"
    [run] = runs(team.settings)
    assert (run.kind, run.outcome, run.exit_code, run.message) == ("digest", "failed", recorded, "why")


@pytest.mark.parametrize(("code", "message"), [(None, "it took too long"), (4, "stopped on request")])
def test_what_was_asked_to_stop_says_why(team: Team, code: int | None, message: str) -> None:
    began, ledger = dt.datetime.now(dt.UTC), open_ledger(team.settings)
    run = ledger.begin("team", "sync", AS_OF, began, plan=None, changes=())
    ledger.finish(run, "failed", began, {}, "stopped on request", 4)
    assert record_ended(team.settings, "sync", began, "it took too long", code) == "failed"
    assert [one.message for one in runs(team.settings)] == [message]


def test_what_was_done_in_part_has_not_failed(team: Team) -> None:
    began, ledger = dt.datetime.now(dt.UTC), open_ledger(team.settings)
    run = ledger.begin("team", "sync", AS_OF, began, plan=None, changes=())
    ledger.finish(run, "partly", began, {"failed": 1})
    assert record_ended(team.settings, "sync", began, "ended with exit code 1", 1) == "partly"
    assert [one.outcome for one in runs(team.settings)] == ["partly"]


def test_a_failure_is_shown_in_words(team: Team) -> None:
    from fivestep.cli import listing

    fail(team)
    [row] = listing.run_section(fivestep.history(team.settings), team.settings.zone).rows
    assert "failed: unreachable" in row.cells


@pytest.mark.parametrize(
    ("code", "kind"),
    [(1, "defect"), (2, "settings"), (3, "credentials"), (4, "unreachable"), (5, "brake"), (6, "busy"),
     (130, "interrupted"), (139, "defect")],
)  # fmt: skip
def test_one_word_for_what_ended_a_run_wherever_it_is_told(team: Team, code: int, kind: str) -> None:
    from fivestep.cli import listing

    metrics = Metrics(lambda: {"team": team.settings}, lambda: 0.0)
    metrics.text()
    ledger, now = open_ledger(team.settings), dt.datetime.now(dt.UTC)
    failed = [ledger.failed("team", "run", AS_OF, now, now, "why", code) for _ in range(3)]
    ledger.close()
    [*_, row] = listing.run_section(fivestep.history(team.settings), team.settings.zone).rows
    assert (len(failed), row.cells[4]) == (3, f"failed: {kind}")
    assert f'cause="{kind}"' in metrics.text()[0].decode()
    fivestep.run(team.settings, AS_OF)
    [(_, _, plain)] = told(team)
    assert ("report it" in plain) == (kind == "defect")


def test_an_aftermath_that_breaks_does_not_change_how_a_run_ended(
    team: Team, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    for part in ("keeper_notice.notify", "heartbeat.beat"):
        monkeypatch.setattr(f"fivestep.jobs.running.attempt.{part}", broken)
    fail(team)
    assert fivestep.run(team.settings, AS_OF).run == 2
    assert "ZeroDivisionError" in caplog.text
    assert isinstance(UnreachableError(""), FivestepError)
