"""Teams whose owners have mailboxes of their own at Google, and what their logins may lack."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import fivestep
from fivestep.config.settings.model import Settings
from fivestep.connectors.google.account import COMPOSE, READ_MAIL, SHEETS_SCOPE
from fivestep.errors import CredentialsError
from fivestep.jobs.running import read_mail
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.people import Person
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google_team import ANA, GoogleTeam, make_google_team
from tests.fakes.team import AS_OF

BEN = "ben@northwind.example"
HEADERS = ["Deal", "Stage", "E-mail", "Contact", "Since", "Owner mail"]
ACME = ["Acme", "Pitch", "kim@acme.example", "Kim Lee", "2026-10-02", ANA]
BOLT = ["Bolt", "Qualification", "lou@bolt.example", "Lou Roth", "2026-10-26", BEN]
BOT = "bot@p.iam.gserviceaccount.com"
LONG_AGO, LATELY = dt.datetime(2026, 10, 1, tzinfo=dt.UTC), dt.datetime(2026, 11, 4, tzinfo=dt.UTC)


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as running:
        running.gmail.clock = lambda: dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
        yield running


def team_of(folder: Path, server: GoogleServer, *rows: list[str], **how: Any) -> GoogleTeam:
    columns = how.pop("columns", 'owner_email = "Owner mail"')
    return make_google_team(folder, server, [HEADERS, *rows], columns=columns, row_count=400, **how)


def log_in(team: GoogleTeam, person: str, scopes: Sequence[str] = (COMPOSE, READ_MAIL)) -> Path:
    file = team.settings.base / f"google-token.{person}.json"
    file.write_text(json.dumps(team.server.tokens.authorized_user(person, scopes)), "utf-8")
    return file


def told(team: GoogleTeam, today: dt.date = AS_OF, settings: Settings | None = None) -> dict[str, str]:
    """To whom a run would have drafted, and why it did not; empty where it did."""
    report = fivestep.run(settings or team.settings, today)
    assert report.plan.drafts
    return {
        draft.to: made.reason or made.outcome.replace("created", "")
        for draft, made in zip(report.plan.drafts, report.drafts, strict=True)
    }


def looks(team: GoogleTeam) -> list[str]:
    """What the doctor thinks a person should look at."""
    return [f"{check.name}: {check.message}" for check in fivestep.doctor(team.settings) if check.ok is not True]


class TestWhoWroteLast:
    """Nobody is nudged where it can't be told whether they wrote last."""

    def test_an_owner_whose_login_may_not_read(self, tmp_path: Path, server: GoogleServer) -> None:
        team = team_of(tmp_path, server, ACME, BOLT)
        log_in(team, BEN, (COMPOSE,))
        server.gmail.mailbox(BEN).receive("lou@bolt.example", "Offer", "call me", at=LATELY)
        [look] = [look for look in looks(team) if look.startswith("mail")]
        assert look == (
            f"mail: of 1 contact it is not known who wrote last, so they get no draft: the mailbox of {BEN} can't be "
            "read with its login"
        )
        assert told(team) == {
            "kim@acme.example": "",
            "lou@bolt.example": f"it is not known who wrote last: the mailbox of {BEN} can't be read with its login",
        }
        assert team.drafts(BEN) == []
        assert "not known who wrote last" in team.column("Follow-up")["Bolt"]

    def test_a_colleague_whose_login_has_ended(self, tmp_path: Path, server: GoogleServer) -> None:
        """Ben's mailbox may hold an answer to Ben, and Ana must not nudge that person."""
        other = ["Cask", "Pitch", "kim@acme.example", "Kim Lee", "2026-10-02", BEN]
        team = team_of(tmp_path, server, ACME, other)
        log_in(team, BEN)
        server.tokens.revoke(BEN)
        report = fivestep.run(team.settings, AS_OF)
        assert all(draft.skipped for draft in report.plan.drafts)
        assert team.drafts() == []

    def test_a_team_that_reads_no_mail_at_all_goes_on(self, tmp_path: Path, server: GoogleServer) -> None:
        for number, how in enumerate(({"google": "read_mail = false"}, {"scopes": (SHEETS_SCOPE, COMPOSE)})):
            folder = tmp_path / str(number)
            folder.mkdir()
            team = team_of(folder, server, ACME, BOLT, **how)
            log_in(team, BEN, (COMPOSE,))
            assert told(team) == {"kim@acme.example": "", "lou@bolt.example": ""}
            assert any("replies, threads" in look for look in looks(team))
            for box in server.gmail.boxes.values():
                box.drafts.clear()

    @pytest.mark.parametrize("address", ["kim!lee@acme.example", "+sales@acme.example"])
    def test_an_address_that_gmail_cannot_be_asked_for(
        self, tmp_path: Path, server: GoogleServer, address: str
    ) -> None:
        team = team_of(tmp_path, server, [*ACME[:2], address, *ACME[3:]])
        box = server.gmail.mailbox(ANA)
        box.receive(address, "Re: Your offer", "Yes", at=LATELY)
        _crowd(server)
        assert told(team) == {
            address: "it is not known who wrote last: Gmail can't be asked for mails from this address"
        }

    def test_such_an_address_is_known_by_the_newest_mails(self, tmp_path: Path, server: GoogleServer) -> None:
        address = "kim!lee@acme.example"
        team = team_of(tmp_path, server, [*ACME[:2], address, *ACME[3:]])
        _crowd(server, at=LONG_AGO)
        server.gmail.mailbox(ANA).receive(address, "Re: Your offer", "Yes", at=LATELY)
        assert [verdict.status for verdict in fivestep.plan(team.settings, AS_OF).verdicts] == ["Your turn"]
        server.gmail.mailbox(ANA).send(address, "Re: Your offer", "Fine", at=LATELY + dt.timedelta(hours=1))
        assert told(team, AS_OF + dt.timedelta(days=20)) == {address: ""}

    def test_more_automatic_mails_than_are_read(self, tmp_path: Path, server: GoogleServer) -> None:
        team = team_of(tmp_path, server, ACME)
        box = server.gmail.mailbox(ANA)
        box.send("kim@acme.example", "Your offer", "...", at=LONG_AGO)
        box.receive("kim@acme.example", "A question", "Call me", at=LATELY)
        for hour in range(26):
            at = LATELY + dt.timedelta(hours=1 + hour)
            box.receive("kim@acme.example", "Automatic reply: newsletter", at=at)
        _crowd(server)
        assert told(team) == {
            "kim@acme.example": "it is not known who wrote last: the last 25 mails from this address are all automatic"
        }
        # What we have written since is surely later than what was not read.
        box.send("kim@acme.example", "Re: Your offer", "...", at=LATELY + dt.timedelta(hours=20))
        assert told(team, AS_OF + dt.timedelta(days=20)) == {"kim@acme.example": ""}

    @pytest.mark.parametrize("most", [2, 3, 100])
    def test_more_contacts_than_are_looked_for(
        self, tmp_path: Path, server: GoogleServer, most: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two customers who wrote last stand before three stalled deals; whoever gets their place was looked up."""
        monkeypatch.setattr(read_mail, "MOST_PEOPLE", most)
        won = [[f"W{n}", "Won", f"w{n}@acme.example", f"Wa{n} Lee", "2026-11-20", ANA] for n in (1, 2)]
        stalled = [[f"P{n}", "Pitch", f"p{n}@bolt.example", f"Pa{n} Lee", "2026-09-20", ANA] for n in (1, 2, 3)]
        team = team_of(tmp_path, server, *won, *stalled)
        text = (tmp_path / "fivestep.toml").read_text("utf-8").replace("[drafts]", "[drafts]\nper_run = 1")
        (tmp_path / "fivestep.toml").write_text(text, "utf-8")
        box = server.gmail.mailbox(ANA)
        for row in won:
            box.receive(row[2], "Problem!", "it does not run", at=dt.datetime(2026, 12, 8, tzinfo=dt.UTC))
        found = told(team, dt.date(2026, 12, 10), fivestep.load_settings(tmp_path / "fivestep.toml"))
        assert [found[row[2]] for row in won] == ["they wrote last"] * 2
        unknown = [to for to, reason in found.items() if reason.endswith("mails with them were not looked for")]
        assert unknown == [f"p{n}@bolt.example" for n in (1, 2, 3)[max(0, most - 2) :]]
        assert [to for to, reason in found.items() if not reason] == ["p1@bolt.example"][: most - 2]


class TestLogins:
    def test_an_owner_without_a_licence_for_gmail_is_named(self, tmp_path: Path, server: GoogleServer) -> None:
        team = team_of(
            tmp_path,
            server,
            ACME,
            BOLT,
            google='login = "service-account"\ncredentials = "key.json"\ndelegate = true',
        )
        key = server.tokens.service_account(BOT, True, (COMPOSE, READ_MAIL))
        (tmp_path / "key.json").write_text(json.dumps(key), "utf-8")
        team.book.share(BOT)

        def before(call: Call) -> None:
            if call.method_id.startswith("gmail.") and call.account == BEN:
                raise GoogleError(400, "failedPrecondition", "Mail service not enabled")

        server.before = before
        reason = f"{BEN} has no mailbox in Gmail: Mail service not enabled"
        assert any(reason in look for look in looks(team))
        assert told(team) == {"kim@acme.example": "", "lou@bolt.example": reason}

    @pytest.mark.parametrize(
        "owner", ["sales/emea@northwind.example", "x" * 64 + "@" + "y" * 60 + "." + "z" * 60 + ".example"]
    )
    def test_an_owner_whose_address_is_no_files_name(self, tmp_path: Path, server: GoogleServer, owner: str) -> None:
        team = team_of(tmp_path, server, ACME, [*BOLT[:5], owner])
        assert told(team) == {
            "kim@acme.example": "",
            "lou@bolt.example": f"{owner} has no mailbox here: run `fivestep login --for {owner}`",
        }

    def test_a_login_that_fails_is_asked_for_once(self, tmp_path: Path, server: GoogleServer) -> None:
        rows = [[f"Deal {n}", "Pitch", f"p{n}@c{n}.example", f"Pat{n} Lee", "2026-10-02", BEN] for n in range(60)]
        team = team_of(tmp_path, server, *rows)
        log_in(team, BEN)
        server.tokens.revoke(BEN)
        reasons = set(told(team).values())
        assert len(reasons) == 1
        assert BEN in reasons.pop()
        assert len(server.of("oauth2.token")) == 2

    def test_a_draft_in_a_mailbox_whose_login_is_gone_is_named(self, tmp_path: Path, server: GoogleServer) -> None:
        team = team_of(tmp_path, server, BOLT)
        file = log_in(team, BEN)
        assert told(team) == {"lou@bolt.example": ""}
        file.unlink()
        Person(team.book.tabs[0]).type("F2", ANA)
        report = fivestep.run(team.settings, AS_OF + dt.timedelta(days=60))
        [notice] = [notice for notice in report.notices if BEN in notice]
        assert "lou@bolt.example (D-1)" in notice
        assert "counts as waiting" in notice

    @pytest.mark.parametrize("role", ["reader", "writer"])
    def test_the_doctor_sees_whether_the_login_may_edit(self, tmp_path: Path, server: GoogleServer, role: str) -> None:
        team = team_of(tmp_path, server, ACME, to="drafts/")
        team.book.share(ANA, role)
        cells = team.cells()
        found = {check.name: check for check in fivestep.doctor(team.settings)}["sheet, writing"]
        assert found.ok is (role == "writer")
        assert ("can be written to" in found.message) is (role == "writer")
        assert team.cells() == cells

    def test_no_application_default_credentials(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HOME", "APPDATA", "CLOUDSDK_CONFIG"):
            monkeypatch.setenv(name, str(tmp_path))
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
        (tmp_path / "fivestep.toml").write_text(
            '[pipeline]\nsheet = "https://docs.google.com/spreadsheets/d/abc/edit"\n[columns]\nstage = "Stage"\n'
            '[google]\nlogin = "default"\n',
            "utf-8",
        )
        with pytest.raises(CredentialsError, match="gcloud auth application-default login"):
            fivestep.run(fivestep.load_settings(tmp_path / "fivestep.toml"), AS_OF)


def _crowd(server: GoogleServer, at: dt.datetime = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)) -> None:
    """More mails with other people than are read without a search."""
    for number in range(70):
        server.gmail.mailbox(ANA).receive(f"p{number}@x.example", "Hi", at=at + dt.timedelta(minutes=number))
