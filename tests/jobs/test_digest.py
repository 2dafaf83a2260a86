"""The digest through the command line, in every kind of mailbox, and under faults: each once a week, to its reader."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fivestep
from fivestep.cli.commands import commands
from fivestep.cli.frame import call
from fivestep.connectors.mailboxes.gmail import create as gmail_create
from fivestep.connectors.sheets.live.journal import packed
from fivestep.errors import BrakeError, BusyError, CredentialsError, SettingsError, UnreachableError
from fivestep.jobs.digest import draft_digests
from fivestep.jobs.running import settle_drafts
from fivestep.jobs.running.pipeline import open_pipeline
from fivestep.jobs.running.reports import DigestReport
from fivestep.process.model.history import NO_DEAL, DraftRecord, History
from tests.fakes.digest_team import ANA, BEN, COLUMNS, KEYS, ROWS, make_digest_team
from tests.fakes.dovecot import PASSWORD, dovecot, program
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_team import SCOPES, make_google_team
from tests.fakes.team import AS_OF, Team
from tests.system.test_faults import FAULTS, Hostile

SUBJECTS = [(ANA, "team: your deals, 23 Nov"), (ANA, "team: your team, 23 Nov"), (BEN, "team: your deals, 23 Nov")]

BENS = """Hello Ben,

A word is due:
- Bolt (row 3): Review the draft to Lou Roth, and send it

Lost in the last seven days:
- Cask (row 4): too dear
"""


def told(drafts: Sequence[tuple[str, str, str]]) -> list[tuple[str, str]]:
    """To whom, about what, of the drafts that are digests."""
    return [(to, subject) for to, subject, _ in drafts if subject.startswith("team: ")]


def outcomes(report: DigestReport) -> list[tuple[str, str]]:
    return [(draft.key, done.outcome) for draft, done in zip(report.drafts, report.outcomes, strict=True)]


def called(folder: Path, capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert call(commands, [*arguments, "--config", str(folder / "fivestep.toml")]) == code
    return capsys.readouterr().out


def lost(team: Team, reason: str = "too dear") -> Team:
    """With a reason why Cask was lost, so that it counts as lost."""
    file = team.settings.base / "fivestep.toml"
    file.write_text(file.read_text("utf-8").replace("[columns]\n", '[columns]\nlost_reason = "Why"\n'), "utf-8")
    team.write([[*ROWS[0], "Why"], *([*row, ""] for row in ROWS[1:3]), [*ROWS[3], reason]])
    return Team(fivestep.load_settings(file))


def test_each_reader_gets_their_own_to_themselves(tmp_path: Path) -> None:
    team = lost(make_digest_team(tmp_path))
    fivestep.run(team.settings, AS_OF)
    report = fivestep.digest(team.settings, AS_OF)
    assert sorted(outcomes(report)) == [(key, "created") for key in KEYS]
    assert told(team.drafts()) == SUBJECTS
    assert next(text for to, _, text in team.drafts() if to == BEN).splitlines() == BENS.splitlines()
    senders = {path.read_bytes().split(b"From: ")[1].split(b"\r\n")[0] for path in (tmp_path / "drafts").glob("*.eml")}
    assert senders == {b"Ana Sommer <ana@northwind.example>", b"Ben Okafor <ben@northwind.example>"}


def test_no_follow_up_is_spoken_of_before_it_is_there(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)

    def next_steps() -> set[str]:
        report = fivestep.digest(team.settings, AS_OF, draft=False)
        return {line.verdict.next_step for digest in report.digests for line in digest.parts.get("follow_up", ())}

    assert not any("draft" in step for step in next_steps())
    fivestep.run(team.settings, AS_OF)
    assert next_steps() == {"Review the draft to Kim Lee, and send it", "Review the draft to Lou Roth, and send it"}


def test_a_digest_that_was_made_is_not_asked_for_again(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)
    fivestep.digest(team.settings, AS_OF)
    asked: list[int] = []
    with open_pipeline(team.settings) as pipeline:

        class Asked(Hostile):
            def trace(self, drafts: Sequence[Any]) -> list[Any]:
                asked.append(len(drafts))
                return list(pipeline.mailbox.trace(drafts))

        watched = dataclasses.replace(pipeline, mailbox=Asked(pipeline.mailbox, "", iter(())))
        draft_digests(watched, AS_OF)
    assert asked == []


def test_one_a_week_and_the_next_week_another(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)
    fivestep.digest(team.settings, AS_OF)
    before = team.drafts()
    again = fivestep.digest(team.settings, AS_OF + dt.timedelta(days=6))
    assert {(done.outcome, done.reason) for done in again.outcomes} == {
        ("skipped", "this week's was drafted already, on 23 Nov")
    }
    assert team.drafts() == before
    fivestep.digest(team.settings, AS_OF + dt.timedelta(days=7))
    assert len(team.drafts()) == 2 * len(before)


def test_one_a_week_of_the_teams_own(tmp_path: Path) -> None:
    """Where the week begins on Sunday, Sunday's digest is not made again on Monday."""
    file = Path(make_digest_team(tmp_path).settings.file)
    file.write_text(file.read_text("utf-8").replace("[columns]", 'weekend = ["fri", "sat"]\n[columns]', 1), "utf-8")
    settings, sunday = fivestep.load_settings(file), AS_OF - dt.timedelta(days=1)
    first = fivestep.digest(settings, sunday)
    assert (first.week, {outcome for _, outcome in outcomes(first)}) == (48, {"created"})
    for day, outcome in ((1, "skipped"), (6, "skipped"), (7, "created")):
        again = fivestep.digest(settings, sunday + dt.timedelta(days=day))
        assert {outcome for _, outcome in outcomes(again)} == {outcome}


@pytest.mark.parametrize("fate", ["sent", "deleted"])
def test_what_a_person_has_dealt_with_is_not_made_again(tmp_path: Path, fate: str) -> None:
    team = make_digest_team(tmp_path)
    fivestep.digest(team.settings, AS_OF)
    (tmp_path / "drafts" / "sent").mkdir()
    for path in (tmp_path / "drafts").glob("*.eml"):
        path.rename(tmp_path / "drafts" / "sent" / path.name) if fate == "sent" else path.unlink()
    assert {outcome for _, outcome in outcomes(fivestep.digest(team.settings, AS_OF))} == {"skipped"}
    assert team.drafts() == []


def test_a_digest_is_nothing_to_the_deals_and_their_follow_ups(tmp_path: Path) -> None:
    """The same cells and follow-ups with and without it, though Ben is a customer as well, and the caps are low."""
    teams = []
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
        team = make_digest_team(tmp_path / name)
        customer = ["Desk", "Pitch", BEN, "Ben Okafor", "2026-10-02", "Ana Sommer", ANA, "7"]
        team.write([*ROWS, customer])
        drafts = team.settings.drafts.model_copy(update={"per_day": 3, "per_run": 3})
        teams.append(Team(team.settings.model_copy(update={"drafts": drafts})))
    with_it, without = teams
    for day in (AS_OF, AS_OF + dt.timedelta(days=1)):
        fivestep.digest(with_it.settings, day)
        for team in teams:
            assert not fivestep.run(team.settings, day).partly
        fivestep.digest(with_it.settings, day)
        assert with_it.sheet() == without.sheet()
        assert [draft for draft in with_it.drafts() if not told([draft])] == without.drafts()
    assert len(without.drafts()) == 3
    assert len(told(with_it.drafts())) == 3
    sent = with_it.settings.path("drafts") / "sent"
    sent.mkdir()
    for path in with_it.settings.path("drafts").glob("*team your*.eml"):
        path.rename(sent / path.name)
    later = AS_OF + dt.timedelta(days=2)
    for team in teams:
        fivestep.run(team.settings, later)
    assert with_it.sheet() == without.sheet()


def test_no_draft_of_a_digest_stands_in_the_report(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)
    before = fivestep.report(team.settings, AS_OF)
    fivestep.digest(team.settings, AS_OF)
    assert fivestep.report(team.settings, AS_OF) == before


def test_print_shows_the_mails_and_drafts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    team = lost(make_digest_team(tmp_path))
    fivestep.run(team.settings, AS_OF)
    before = team.drafts()
    page = called(tmp_path, capsys, "digest", "--print", "--as-of", "2026-11-23")
    assert BENS.strip() in page
    assert "To ben@northwind.example: team: your deals, 23 Nov" in page
    assert "Nothing has been drafted; `fivestep digest` without --print does it." in page
    assert team.drafts() == before
    assert [run.kind for run in fivestep.history(team.settings)] == ["follow_up"]


def test_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_digest_team(tmp_path)
    document = json.loads(called(tmp_path, capsys, "digest", "--json", "--as-of", "2026-11-23"))
    assert (document["pipeline"], document["as_of"], document["run"]) == ("team", "2026-11-23", 1)
    assert document["summary"] == {"created": 3}
    [ben] = [one for one in document["digests"] if one["to"] == BEN]
    assert (ben["kind"], ben["key"], ben["outcome"], ben["mailbox"]) == ("owner", KEYS[2], "created", "drafts/")
    assert [line["name"] for line in ben["parts"]["follow_up"]] == ["Bolt"]
    assert ben["text"].startswith("Hello Ben,")


def test_history_names_it_and_undo_refuses_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    team = make_digest_team(tmp_path)
    fivestep.digest(team.settings, AS_OF)
    assert "1    digest" in called(tmp_path, capsys, "history")
    with pytest.raises(SettingsError, match="run 1 made digests and wrote no cell"):
        fivestep.undo(team.settings, 1)
    with pytest.raises(SettingsError, match="nothing to undo"):
        fivestep.undo(team.settings)
    number = fivestep.run(team.settings, AS_OF).run
    fivestep.digest(team.settings, AS_OF)
    assert fivestep.undo(team.settings).undoes == number


def test_a_digest_for_a_later_day_does_not_make_a_plan_look_old(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)
    fivestep.digest(team.settings, AS_OF + dt.timedelta(days=30))
    assert fivestep.run(team.settings, AS_OF).notices == []


def test_who_gets_one_is_for_the_settings_to_say(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path, '[digest]\nlead = "Lea Boss <lea@northwind.example>"\nowners = false')
    [draft] = fivestep.digest(team.settings, AS_OF).drafts
    assert (draft.to, draft.sender) == ("lea@northwind.example", '"Lea Boss" <lea@northwind.example>')
    assert draft.plain.startswith("Hello Lea,\n\nOpen deals: 2 (100).\n\n- Ana Sommer: 1 open (100), ")


def test_whose_address_nobody_knows_is_named(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)
    team.write([ROWS[0], ROWS[1], ["Bolt", "Qualification", "lou@bolt.example", "", "2026-10-26", "Eve Low", "", ""]])
    report = fivestep.digest(team.settings, AS_OF)
    skipped = {
        digest.reader.who: done.reason
        for digest, done in zip(report.digests, report.outcomes, strict=True)
        if done.outcome == "skipped"
    }
    assert skipped == {"Eve Low": "their address is not known: fill in Owner e-mail"}
    assert len(team.drafts()) == 2


def test_nobody_at_all_to_write_to(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)
    nobody = team.settings.model_copy(update={"drafts": team.settings.drafts.model_copy(update={"sender": None})})
    report = fivestep.digest(nobody, AS_OF)
    assert report.notices == ["The lead gets no digest: set lead under [digest], or from under [drafts]"]
    assert sorted(outcomes(report)) == [(key, "created") for key in KEYS[1:]]


def test_where_all_is_fine_nobody_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    team = make_digest_team(tmp_path)
    team.write([ROWS[0]])
    page = called(tmp_path, capsys, "digest", "--as-of", "2026-11-23")
    assert page == "There is nothing to tell anybody\nRun 1: 0 drafts made\n"


def test_a_sheet_that_had_an_accident_is_not_told_of(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)
    fivestep.run(team.settings, AS_OF)
    before = team.drafts()
    team.write([team.sheet()[0]])
    with pytest.raises(BrakeError, match="no digest is drafted: the sheet holds no deals, and held 3 before"):
        fivestep.digest(team.settings, AS_OF)
    assert any("No digest would be" in one for one in fivestep.digest(team.settings, AS_OF, draft=False).notices)
    assert team.drafts() == before


def test_not_beside_a_run(tmp_path: Path) -> None:
    team = make_digest_team(tmp_path)
    with open_pipeline(team.settings) as pipeline, pipeline.ledger.lock("team"), pytest.raises(BusyError):
        fivestep.digest(team.settings, AS_OF)


def digest_with(team: Team, faults: Sequence[str]) -> None:
    """A digest under these faults of the mailbox, which may end it."""
    with open_pipeline(team.settings) as pipeline:
        hostile = dataclasses.replace(pipeline, mailbox=Hostile(pipeline.mailbox, "create", iter(faults)))
        try:
            draft_digests(hostile, AS_OF)
        except (ConnectionResetError, CredentialsError, UnreachableError):
            return


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(schedule=st.lists(st.lists(st.sampled_from(FAULTS), max_size=3), max_size=4))
def test_after_any_faults_each_is_drafted_once(
    schedule: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    team = make_digest_team(tmp_path_factory.mktemp("team"))
    for faults in schedule:
        digest_with(team, faults)
    digest_with(team, [])
    assert told(team.drafts()) == SUBJECTS
    fivestep.run(team.settings, AS_OF)
    assert told(team.drafts()) == SUBJECTS


def test_a_fault_fails_one_digest_and_the_exit_code_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make_digest_team(tmp_path)
    from fivestep.connectors.mailboxes.folder import EmlFolder

    made = itertools.count()
    whole = EmlFolder.create

    def create(self: EmlFolder, message: Any) -> str:
        if next(made) == 0:
            raise UnreachableError("the mailbox is away")
        return whole(self, message)

    monkeypatch.setattr(EmlFolder, "create", create)
    page = called(tmp_path, capsys, "digest", "--as-of", "2026-11-23", code=1)
    assert "the mailbox is away" in page
    assert [run.outcome for run in fivestep.history(team.settings)] == ["partly"]
    called(tmp_path, capsys, "digest", "--as-of", "2026-11-23")
    assert told(team.drafts()) == SUBJECTS


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


def test_in_each_owners_gmail(server: GoogleServer, tmp_path: Path) -> None:
    team = make_google_team(tmp_path, server, ROWS, columns=COLUMNS)
    report = fivestep.digest(team.settings, AS_OF)
    [ben] = [done for draft, done in zip(report.drafts, report.outcomes, strict=True) if draft.to == BEN]
    assert ben.outcome == "skipped"
    assert ben.reason.startswith(f"{BEN} has no mailbox here: ")
    assert told(team.drafts()) == SUBJECTS[:2]
    token = json.dumps(server.tokens.authorized_user(BEN, SCOPES))
    (tmp_path / f"google-token.{BEN}.json").write_text(token, "utf-8")
    fivestep.digest(team.settings, AS_OF)
    assert told(team.drafts(BEN)) == SUBJECTS[2:]
    assert told(team.drafts()) == SUBJECTS[:2]
    fivestep.run(team.settings, AS_OF)
    assert team.column("Follow-up")["Acme"] == "Draft 1 of 3 waiting since 23 Nov"
    assert {outcome for _, outcome in outcomes(fivestep.digest(team.settings, AS_OF))} == {"skipped"}


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_answer_of_gmail_makes_no_second_one(
    server: GoogleServer, tmp_path: Path, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gmail_create, "_pause", lambda _seconds: None)
    monkeypatch.setitem(settle_drafts.settle_drafts.__kwdefaults__, "pause", lambda _seconds: None)
    team = make_google_team(tmp_path, server, ROWS[:2], columns=COLUMNS, google="", to="gmail")
    server.faults.add("cut", method="gmail.users.drafts.create", after=after)
    [first] = fivestep.digest(team.settings, AS_OF).outcomes
    assert first.outcome == ("created" if after else "failed")
    fivestep.digest(team.settings, AS_OF)
    assert told(team.drafts()) == SUBJECTS[:1]


def test_what_a_killed_run_left_in_the_sheet_is_told(server: GoogleServer, tmp_path: Path) -> None:
    team = make_google_team(tmp_path, server, ROWS[:2], columns=COLUMNS)
    with open_pipeline(team.settings) as pipeline:
        pipeline.ledger.keep_write(pipeline.name, packed("another tab", []))
    report = fivestep.digest(team.settings, AS_OF)
    assert any("was cut off while it wrote to another sheet" in notice for notice in report.notices)


def test_what_became_of_a_digest_says_nothing_of_a_customer() -> None:
    """A customer who waits for a draft in another pipeline, and reads a digest in this one."""
    digest = DraftRecord(KEYS[2], NO_DEAL, BEN, 0, 0, "digest-owner", "intended", AS_OF, AS_OF)
    before = History(open_elsewhere=frozenset({BEN}), to_the_team=(digest,))
    failed = digest._replace(state="failed")
    after = settle_drafts.settled(before, [settle_drafts.Settlement(failed, None)], AS_OF)
    assert after == History(open_elsewhere=frozenset({BEN}), to_the_team=(failed,))


@pytest.mark.skipif(program() is None, reason="Dovecot is not installed (Debian's package dovecot-imapd)")
def test_in_each_owners_mailbox_by_imap(tmp_path: Path) -> None:
    with dovecot() as port:
        (tmp_path / "secret").write_text(PASSWORD, "utf-8")
        imap = (
            f'[imap]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nuser = "{ANA}"\npassword_file = "secret"\n'
        )
        team = make_digest_team(tmp_path, imap)
        drafts = team.settings.drafts.model_copy(update={"to": "imap"})
        by_imap = team.settings.model_copy(update={"drafts": drafts})
        report = fivestep.digest(by_imap, AS_OF)
        assert sorted(outcomes(report)) == [(KEYS[0], "created"), (KEYS[1], "created"), (KEYS[2], "skipped")]
        assert {outcome for _, outcome in outcomes(fivestep.digest(by_imap, AS_OF))} == {"skipped"}
