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

    @pytest.mark.parametrize(
        "subject",
        [
            "Undeliverable: Why delays became a success",
            "Unzustellbar: Verzögerung im Projekt",
            "Returned mail: see transcript",
        ],
    )
    def test_the_subject_of_the_lost_mail_says_nothing(self, subject: str) -> None:
        kinds = ("multipart/report; report-type=delivery-status",)
        assert meaning(subject, "kim@fabrikam.example", kinds=kinds, sender=DAEMON).kind == "bounce"

    @pytest.mark.parametrize(
        "subject",
        ["Delivered: Offer", "Zugestellt: Offer", "Remis : Offer", "Warning: could not send message for past 4 hours",
         "Entrega retrasada: Offer", "Warning: message 1Abc delayed 24 hours"],
    )  # fmt: skip
    def test_what_came_through_or_is_late_in_other_languages_and_programs(self, subject: str) -> None:
        kinds = ("multipart/report; report-type=delivery-status",)
        assert meaning(subject, "kim@fabrikam.example", kinds=kinds, sender=DAEMON).kind == "automatic"

    @pytest.mark.parametrize("text", ["Hi, I run the mail here: your offer looks fine", "3 new messages in quarantine"])
    def test_not_all_that_comes_from_a_postmaster_is_a_bounce(self, text: str) -> None:
        assert meaning("Your messages", text, sender="postmaster@fabrikam.example").kind == "word"

    def test_exchange_has_a_sender_of_its_own(self) -> None:
        sender = "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@northwind.example"
        found = meaning(
            "Undeliverable: Offer", "kim@fabrikam.example couldn't be reached: delivery failed", sender=sender
        )
        assert (found.kind, found.failed) == ("bounce", {"kim@fabrikam.example"})

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

    @pytest.mark.parametrize(
        ("says", "kind"),
        [
            ("ATTENDEE;PARTSTAT=ACCEPTED;CN=Kim:mailto:kim@fabrikam.example", "accepted"),
            ("ATTENDEE;PARTSTAT=DECLINED:mailto:kim@fabrikam.example", "automatic"),
            ("", "automatic"),  # in words that nobody knows it may be a no
        ],
    )
    def test_an_answer_by_its_parts(self, says: str, kind: str) -> None:
        kinds = ("multipart/mixed", 'text/calendar; charset=utf-8; method="reply"')
        assert meaning("Demo", kinds=kinds, report=says).kind == kind

    @pytest.mark.parametrize("subject", ["Accepted: we take your offer", "Declined: your offer", "Tentative: Friday"])
    def test_a_person_may_begin_a_subject_so(self, subject: str) -> None:
        assert meaning(subject, "Hi Ana, here is why.").kind == "word"

    @pytest.mark.parametrize("subject", ["Declined: Demo", "Tentative: Demo", "Abgelehnt: Demo", "Absage: Demo"])
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

    @pytest.mark.parametrize(
        "text", ["[like] Kim Lee reacted to your message:", "👍 Kim Lee hat auf Ihre Nachricht reagiert:"]
    )
    def test_nor_is_one_that_says_so_in_words(self, text: str) -> None:
        assert meaning("Re: Offer", text).kind == "automatic"


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
            "Would you mind taking me off your list? Thanks",
            "Not interested, please stop sending me these emails.",
            "I do not wish to receive further emails from you",
            "Please do not contact me\n\nKim Lee\nFabrikam",
            "Unsubscribe\n\nKim Lee",
            "Kindly remove me, thanks",
            "Ich möchte von Ihnen nicht mehr kontaktiert werden",
            "Kein Interesse, bitte nicht mehr melden",
            "Ich bitte um Löschung meiner Daten",
            "Je ne suis pas intéressé, ne m'écrivez plus",
            "Dejen de enviarme correos",
            "Tirem-me da vossa lista, por favor",
            "Chiedo la cancellazione dei miei dati",
            "Stuur mij geen mails meer",
            "Nie życzę sobie takich maili",
            "Sluta skicka mail till mig",
            "Už mi prosím nepište",
            "Больше не пишите мне",
            "メール配信の停止をお願いします",
            "더 이상 메일 보내지 마세요",
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
            "Sure.\n\nFrom: Ana <ana@northwind.example>\nSent: Monday\nTo: Kim\nSubject: Offer\nplease unsubscribe",
            "Gern.\n\nVon: Ana Sommer\nGesendet: Montag\nBetreff: Angebot\nbitte abmelden",
            "はい。\n2026年11月16日 Ana <ana@northwind.example>: 配信停止はこちら",
            "Friday works.\n-- \nKim Lee\nTo unsubscribe me from anything, ask my assistant",
            "Remove me from cc please, Bob takes over",
            "Please don't contact me before Monday",
            "Please do not email me the contract, send it by post",
            "Please don't take me off the list",
            "Many write 'please remove me from your list': can your tool answer that?",
            "Please unsubscribe us from the old plan and put us on the new one",
            "Please do not contact me at this address, my new one is kim@contoso.example",
            "Delete my last email please, there was a typo",
            "Kann man sich bei Ihnen vom Newsletter abmelden?",
            "Wir wollen keine Mails mehr von Hand verschicken",
            "Bitte nehmen Sie mich in Ihren Verteiler auf",
            "Kontaktieren Sie mich nicht vor 9 Uhr",
            "Veuillez me retirer un article de la commande",
            "No quiero recibir más de 10 unidades",
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
        ("Ich bin am 30.11. wieder da.", (2026, 11, 30)),
        ("Ab Montag, 30.11., bin ich wieder für Sie da", (2026, 11, 30)),
        ("Vuelvo el 30 de noviembre", (2026, 11, 30)),
        ("Sarò di ritorno il 30 novembre", (2026, 11, 30)),
        ("Jeg er på ferie til 27. november", (2026, 11, 27)),
        ("11月30日より出社いたします", (2026, 11, 30)),
        ("out until 27-11-2026", (2026, 11, 27)),
        ("OOO 16-27 Nov", (2026, 11, 27)),
        ("On vacation Nov 16 - 27", (2026, 11, 27)),
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
