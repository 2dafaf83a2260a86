"""Who answered, over days: drafts are sent, people answer or do not, and the sheet says what follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

import fivestep
from tests.fakes.google.gmail_message import Message as Mail
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_team import ANA, make_google_team

KIM = "kim@fabrikam.example"

pytestmark = pytest.mark.slow


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


class Weeks:
    """One deal of Ana's, and what happens to it at which time (UTC)."""

    def __init__(self, folder: Path, server: GoogleServer, since: str = "2026-11-02", pipeline: str = "") -> None:
        rows = [["Deal", "Stage", "E-mail", "Contact", "Since"], ["Pump", "Qualification", KIM, "Kim Lee", since]]
        self.team = make_google_team(folder, server, rows, row_count=40, pipeline=pipeline)
        self.box = server.gmail.mailbox(ANA)
        self.now = dt.datetime.now(dt.UTC)
        server.gmail.clock = lambda: self.now

    def at(self, moment: str) -> Weeks:
        self.now = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
        return self

    def run(self) -> fivestep.RunReport:
        return fivestep.run(self.team.settings, self.now.date())

    def send_all(self) -> list[Mail]:
        return [self.box.send_draft(key) for key in list(self.box.drafts)]

    def cell(self, header: str) -> str:
        return self.team.column(header)["Pump"]


def written_to(folder: Path, server: GoogleServer) -> tuple[Weeks, Mail]:
    """Kim has got the first mail on the 16th, and the run of that day has seen it."""
    weeks = Weeks(folder, server)
    weeks.at("2026-11-16T09:00").run()
    [sent] = weeks.send_all()
    weeks.at("2026-11-16T10:00").run()
    return weeks, sent


@pytest.mark.parametrize("sender", ["kim.lee@fabrikam.example", "office@contoso.example"])
def test_an_answer_from_another_address_is_their_answer(server: GoogleServer, tmp_path: Path, sender: str) -> None:
    weeks, sent = written_to(tmp_path, server)
    weeks.at("2026-11-16T12:00").box.receive(sender, f"Re: {sent.subject}", "We want to go ahead.", reply_to=sent)
    for number in range(70):  # so many that the newest mails are others
        weeks.at("2026-11-20T12:00").box.receive(f"p{number}@contoso.example", "Hello", "…")
    weeks.at("2026-11-25T09:00").run()
    assert weeks.cell("Status") == "Your turn: they wrote last, on 16 Nov"
    assert not weeks.box.drafts


@pytest.mark.parametrize(
    ("pipeline", "moment", "day"),
    [
        ("", "2026-11-20T20:00", "20 Nov"),
        ('timezone = "Asia/Tokyo"', "2026-11-20T20:00", "21 Nov"),
        ('timezone = "America/Los_Angeles"', "2026-11-21T02:00", "20 Nov"),
    ],
)
def test_a_mail_is_of_the_day_on_which_it_was_sent(
    server: GoogleServer, tmp_path: Path, pipeline: str, moment: str, day: str
) -> None:
    weeks = Weeks(tmp_path, server, "2026-11-09", pipeline)
    weeks.at("2026-11-19T18:00").run()
    weeks.at(moment).send_all()
    weeks.at("2026-11-23T18:00").run()
    assert weeks.cell("Follow-up").startswith(f"Sent 1 of 3 on {day}")


def test_a_bounce_is_an_error_of_the_cell_and_ends_the_sequence(server: GoogleServer, tmp_path: Path) -> None:
    weeks, sent = written_to(tmp_path, server)
    text = f"Address not found. Your message wasn't delivered to {KIM} because the address couldn't be found."
    weeks.at("2026-11-17T12:00").box.receive(
        "mailer-daemon@googlemail.com", "Delivery Status Notification (Failure)", text, reply_to=sent,
        headers={"X-Failed-Recipients": KIM, "Auto-Submitted": "auto-replied"},
    )  # fmt: skip
    report = weeks.at("2026-11-18T09:00").run()
    assert weeks.cell("Follow-up") == "Ended: mail to this address bounced on 17 Nov"
    assert weeks.cell("Suggested next step") == f"Correct E-mail: mail to {KIM} bounced on 17 Nov"
    assert [one.message for one in report.plan.problems if one.rule == "email.bounced"] == [
        f"Mail to {KIM} bounced on 17 Nov"
    ]
    report = weeks.at("2026-11-30T09:00").run()
    assert [draft.skipped for draft in report.plan.drafts] == ["mail to this address bounced on 17 Nov"]


def test_an_absence_holds_the_next_mail_until_they_are_back(server: GoogleServer, tmp_path: Path) -> None:
    weeks, sent = written_to(tmp_path, server)
    weeks.at("2026-11-16T10:30").box.receive(
        KIM, f"Automatic reply: {sent.subject}", "I am out of the office until 30 November.", reply_to=sent
    )
    weeks.at("2026-11-25T09:00").run()
    assert weeks.cell("Suggested next step") == "Put 30 Nov into a column Waiting until: Kim Lee is away until then"
    assert not weeks.box.drafts
    weeks.at("2026-11-30T09:00").run()
    assert [draft.to for draft in weeks.box.drafts.values()] == [KIM]


def test_after_an_answer_and_a_new_silence_a_second_round_begins(server: GoogleServer, tmp_path: Path) -> None:
    weeks, sent = written_to(tmp_path, server)
    weeks.at("2026-11-17T12:00").box.receive(KIM, f"Re: {sent.subject}", "Which colours are there?", reply_to=sent)
    weeks.at("2026-11-17T15:00").box.send(KIM, f"Re: {sent.subject}", "Blue.", reply_to=sent)
    report = weeks.at("2026-11-18T09:00").run()
    assert weeks.cell("Follow-up") == "Ended: they answered on 17 Nov"
    report = weeks.at("2026-11-30T09:00").run()
    assert [(draft.key.rpartition("/")[2], draft.template, draft.skipped) for draft in report.plan.drafts] == [
        ("2", "qualification-1", "")
    ]
    weeks.send_all()
    weeks.at("2026-11-30T15:00").run()
    assert weeks.cell("Follow-up").startswith("Sent 1 of 3 on 30 Nov")


def test_a_bounce_and_a_wish_hold_when_the_mailbox_has_them_no_more(server: GoogleServer, tmp_path: Path) -> None:
    weeks, sent = written_to(tmp_path, server)
    lost = weeks.at("2026-11-17T12:00").box.receive(
        "mailer-daemon@googlemail.com", "Delivery Status Notification (Failure)", "Address not found", reply_to=sent,
        headers={"X-Failed-Recipients": KIM},
    )  # fmt: skip
    wish = weeks.at("2026-11-17T13:00").box.receive(
        "kim.lee@fabrikam.example", f"Re: {sent.subject}", "Please take me off your mailing list.", reply_to=sent
    )
    weeks.at("2026-11-17T15:00").box.send("kim.lee@fabrikam.example", "Sorry", "You are.", reply_to=sent)
    weeks.at("2026-11-18T09:00").run()
    step = "Put yes into a column Do not contact: Kim Lee asked on 17 Nov to get no more mails"
    assert weeks.cell("Suggested next step").startswith(step)
    for mail in (lost, wish):
        weeks.box.trash(mail.id)
    for day in ("2026-11-19T09:00", "2027-02-01T09:00"):
        report = weeks.at(day).run()
        assert weeks.cell("Suggested next step").startswith("Put yes into a column Do not contact: Kim Lee asked on")
        assert "email.bounced" in {problem.rule for problem in report.plan.problems}
        assert not weeks.box.drafts


def test_a_draft_that_waits_is_kept_back_while_they_are_away(server: GoogleServer, tmp_path: Path) -> None:
    weeks, sent = written_to(tmp_path, server)
    weeks.at("2026-11-25T09:00").run()
    weeks.at("2026-11-25T12:00").box.receive(
        KIM, f"Automatische Antwort: {sent.subject}", "Ich bin am 4.12. wieder da.", reply_to=sent
    )
    weeks.at("2026-11-26T09:00").run()
    kept_back = "Keep back the draft of 25 Nov: they are away until 4 Dec, as their automatic reply says"
    assert weeks.cell("Follow-up") == kept_back
    weeks.at("2026-12-04T09:00").run()
    assert weeks.cell("Follow-up") == "Draft 2 of 3 waiting since 25 Nov"
