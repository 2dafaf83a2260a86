"""What a mail is, as its outside tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from fivestep.config.vocabulary.mail_words import load_mail_words
from fivestep.process.mails.absence import away_until
from fivestep.process.mails.mail_kind import Envelope, Meaning, meaning_of

MONDAY = dt.date(2026, 11, 16)
DAEMON = "mailer-daemon@googlemail.com"


def meaning(
    subject: str = "Re: Offer",
    opening: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    kinds: tuple[str, ...] = ("text/plain",),
    sender: str = "kim@fabrikam.example",
    report: str = "",
) -> Meaning:
    fields = {"subject": subject, **(headers or {})}
    return meaning_of(Envelope(sender, fields, kinds, opening, MONDAY, report), load_mail_words())


class TestBounces:
    @pytest.mark.parametrize(
        ("subject", "opening", "headers", "kinds", "sender"),
        [
            (
                "Delivery Status Notification (Failure)",
                "Your message wasn't delivered to kim@fabrikam.example because the address couldn't be found",
                {},
                ("multipart/report",),
                DAEMON,
            ),
            (
                "Mail delivery failed",
                "",
                {"x-failed-recipients": "kim@fabrikam.example"},
                ("text/plain",),
                "exim@mx.example",
            ),
            (
                "Undeliverable: Offer",
                "kim@fabrikam.example is unknown",
                {},
                ("multipart/report; report-type=delivery-status",),
                "microsoftexchange@fabrikam.example",
            ),
            ("Unzustellbar", "kim@fabrikam.example", {}, ("multipart/mixed", "message/delivery-status"), "x@y.example"),
        ],
    )
    def test_a_lost_mail(
        self, subject: str, opening: str, headers: Mapping[str, str], kinds: tuple[str, ...], sender: str
    ) -> None:
        found = meaning(subject, opening, headers=headers, kinds=kinds, sender=sender)
        assert (found.kind, found.failed) == ("bounce", {"kim@fabrikam.example"})

    @pytest.mark.parametrize(
        ("subject", "kinds", "report"),
        [
            ("Delivery Status Notification (Delay)", ("multipart/report; report-type=delivery-status",), ""),
            ("Undelivered", ("multipart/report; report-type=delivery-status",), "Action: delayed\n"),
            ("Relayed: Offer", ("multipart/report; report-type=delivery-status",), "Action: relayed\n"),
            ("Read: Offer", ("multipart/report; report-type=disposition-notification",), ""),
        ],
    )
    def test_a_mail_that_is_late_or_came_through_or_was_read(
        self, subject: str, kinds: tuple[str, ...], report: str
    ) -> None:
        assert meaning(subject, "kim@fabrikam.example", kinds=kinds, sender=DAEMON, report=report).kind == "automatic"

    def test_a_name_with_an_apostrophe_is_named_whole(self) -> None:
        headers = {"x-failed-recipients": "kim.o'brien@fabrikam.example"}
        assert meaning("Mail delivery failed", headers=headers).failed == {"kim.o'brien@fabrikam.example"}

    def test_of_several_recipients_only_the_lost_ones(self) -> None:
        report = (
            "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; lee@fabrikam.example\nAction: delivered\n\n"
            "Final-Recipient: rfc822;kim@fabrikam.example\nAction: failed\n"
        )
        assert meaning(kinds=("message/delivery-status",), report=report).failed == {"kim@fabrikam.example"}


class TestInvitations:
    @pytest.mark.parametrize(
        "subject", ["Accepted: Demo @ Fri 20 Nov", "Zugesagt: Demo", "Accepté : Demo", "承諾: Demo"]
    )
    def test_a_yes_by_its_subject(self, subject: str) -> None:
        assert meaning(subject).kind == "accepted"

    def test_a_yes_by_its_parts(self) -> None:
        assert (
            meaning("Demo", kinds=("multipart/mixed", 'text/calendar; charset=utf-8; method="reply"')).kind
            == "accepted"
        )

    @pytest.mark.parametrize("subject", ["Declined: Demo", "Tentative: Demo", "Abgelehnt: Demo"])
    def test_a_no_is_nothing(self, subject: str) -> None:
        assert meaning(subject, kinds=("text/calendar; method=reply",)).kind == "automatic"

    @pytest.mark.parametrize("subject", ["Re: Accepted: Demo", "Accepted offers of last year", "Demo on Friday"])
    def test_what_a_person_wrote(self, subject: str) -> None:
        assert meaning(subject).kind == "word"

    def test_an_invitation_is_their_word(self) -> None:
        assert meaning("Invitation: Demo", kinds=("text/calendar; method=request",)).kind == "word"

    def test_a_reaction_is_nothing(self) -> None:
        kinds = ("multipart/alternative", "text/plain", "text/vnd.google.email-reaction+json; charset=utf-8")
        assert meaning("Re: Offer", "Kim reacted via Gmail", kinds=kinds).kind == "automatic"


class TestWishesToBeLeftAlone:
    @pytest.mark.parametrize(
        "text",
        [
            "Please remove me from your list",
            "unsubscribe",
            "STOP!",
            "Please don’t contact me again. Kim",
            "Bitte nehmen Sie mich aus dem Verteiler.",
            "Merci de me retirer de votre liste",
            "Por favor, no me escriban más",
            "Proszę mnie usunąć z listy",
            "Verwijder mij uit uw bestand",
            "今後のご連絡は不要です",
            "请退订",
            "Удалите меня из рассылки",
        ],
    )
    def test_in_any_language(self, text: str) -> None:
        assert meaning(opening=text) == Meaning("word", asks_out=True)

    @pytest.mark.parametrize(
        "text",
        [
            "We can't stop now, call me",
            "Please remove the second item from the offer",
            "If you do not contact me by Monday I take another",
            "Who is on your list of references?",
            "Yes, go ahead! On Mon, 16 Nov 2026, Ana wrote: to be left out, write unsubscribe me",
            "",
        ],
    )
    def test_what_says_something_else(self, text: str) -> None:
        assert not meaning(opening=text).asks_out

    def test_in_the_subject(self) -> None:
        assert meaning("Unsubscribe", "…").asks_out


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I am out of the office until 7 December.", (2026, 12, 7)),
        ("Back on Monday, December 7, 2026. In urgent cases write to lee@fabrikam.example", (2026, 12, 7)),
        ("On leave from 16 to 27 November", (2026, 11, 27)),
        ("out until 2026-11-30, back 2026-12-01", (2026, 12, 1)),
        ("away until 12/25", (2026, 12, 25)),
        ("Ich bin bis einschließlich 4. Januar nicht im Büro", (2027, 1, 4)),
        ("vom 16.11. bis 27.11.2026", (2026, 11, 27)),
        ("Je suis de retour le 1er décembre", (2026, 12, 1)),
        ("Estaré fuera hasta el 2 de diciembre", (2026, 12, 2)),
        ("Jestem nieobecna do 30 listopada", (2026, 11, 30)),
        ("12月7日まで不在にしております", (2026, 12, 7)),
        ("Afwezig t/m 4 december", (2026, 12, 4)),
        ("away until 12/11", None),  # December or November
        ("Your ticket of 3 December was opened", None),
        ("away until 12 November", None),  # past, or next year: too far
        ("until 31 November", None),
        ("back soon", None),
    ],
)
def test_the_end_of_an_absence(text: str, day: tuple[int, int, int] | None) -> None:
    assert away_until(text, MONDAY, load_mail_words()) == (dt.date(*day) if day else None)


def test_only_an_automatic_reply_tells_of_an_absence() -> None:
    text = "I am away until 7 December."
    assert meaning("Offer", text).away_until is None
    assert meaning("Automatic reply: Offer", text).away_until == dt.date(2026, 12, 7)
    assert meaning("Offer", text, headers={"auto-submitted": "auto-replied"}).away_until == dt.date(2026, 12, 7)
