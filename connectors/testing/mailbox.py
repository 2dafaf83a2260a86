"""What every mailbox must do.

A test module derives from `MailboxContract` and gives the fixture `place`.

Where the mailbox reads mail, it derives from `CorrespondenceContract` as well. `Place` says what a person could do to
the mailbox meanwhile. The suite needs pytest and hypothesis (the package's extra `testing`).
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import uuid
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivestep.connectors.mailbox import BatchMailbox, Fate, Found, Known, Mailbox, Message, RefusedError
from fivestep.process.model.history import Correspondence

# One test method serves every mailbox, and one mailbox all of its examples: what these two checks warn of is meant.
SHARED = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
)

ANA, KIM = "ana@northwind.example", "kim@fabrikam.example"

WHEN = dt.datetime(2026, 11, 23, 9, 15, tzinfo=dt.timezone(dt.timedelta(hours=1)))

TEXTS = [
    "Hello Kim,\n\nshall we talk on Thursday?\n",
    "🙂 naïve — “quotes” 李雷\n",
    "\u202bשלום עולם\u202c\n",
    "x" * 5_000 + "\n",
    "From the start\n.\n..two dots\n.one dot\n>From\n--\nAna\n",
    "trailing spaces   \n\ttabs\t\n\n\n",
    "=20 is not a space, =\nnot a soft break\n",
    "--=_boundary--\n",
]

SUBJECTS = [
    "Your offer",
    "Ärger mit Umlauten, und ein sehr langer Betreff " * 8,
    "a long one in plain words " * 20,
    "x" * 400,
    "🙂 שלום עולם 李雷 " * 12,
    "=?utf-8?q?not_encoded?=",
    'Quotes " and \\ and <angles@fabrikam.example>, and; more:',
]

BREAKS = ["\n", "\r", "\r\n", "\0", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\r\n\r\n"]

PEOPLE_NOT = [
    "",
    "kim",
    "@fabrikam.example",
    "kim@",
    "kim@@fabrikam.example",
    "kim@fabrikam.example, lee@fabrikam.example",
    "kim@fabrikam.example,lee@fabrikam.example",
    "kim@fabrikam.example; lee@fabrikam.example",
    "kim@fabrikam.example lee@fabrikam.example",
    "Kim <kim@fabrikam.example>",
    "<kim@fabrikam.example>",
    '"kim, lee"@fabrikam.example',
    "kim@fabrikam.example\r\nBcc: lee@fabrikam.example",
    "kim@fabrikam.example\nBcc: lee@fabrikam.example",
    "kim@fabrikam.example\n",
    " kim@fabrikam.example",
    "kim@fabrikam.example\0",
    "kim@fabrikam\u2028.example",
    "kim(a comment)@fabrikam.example",
    "group:kim@fabrikam.example;",
    "kim@[127.0.0.1]",
    "kim@fabrikam..example",
    "kim@-fabrikam.example",
    "kïm@fabrikam.example",
    "kim@straße.example",
    "k" * 65 + "@fabrikam.example",
]


def message(
    *,
    token: str = "",
    sender: str = "ana@northwind.example",
    to: str = "kim@fabrikam.example",
    subject: str = "Your offer",
    plain: str = "Hello Kim\n",
    html: str = "<p>Hello Kim</p>\n",
    deal: str = "D-17",
    key: str = "D-17/1/2",
) -> Message:
    """A message; `token`, `sender`, `to`, `subject`, `plain`, `html`, `deal`, `key` as in `Message`.

    An empty `token` is replaced by a new one.
    """
    return Message(token or uuid.uuid4().hex, key, deal, sender, to, subject, plain, html, WHEN)


def find(mailbox: Mailbox, one: Message) -> Found | None:
    """What the next run finds where nobody has told it what became of this message."""
    [found] = mailbox.trace([known(one)])
    return found


def fate(mailbox: Mailbox, one: Message, draft_id: str) -> Fate:
    """What became of this message's draft."""
    [found] = mailbox.trace([known(one, draft_id)])
    assert found is not None
    return found.fate


def known(one: Message, draft_id: str = "") -> Known:
    """The draft of this message, as the ledger knows it."""
    return Known(one.token, draft_id, one.sender, one.to, one.subject, one.date)


class Place(Protocol):
    """A mailbox of the kind under test, and what a person or another program can do to it."""

    mailbox: Mailbox
    tells_sent: bool
    """Whether it can tell a sent draft from a deleted one: without it, one that is gone is `unknown`."""

    def reopened(self) -> Mailbox:
        """The same mailbox as the next run opens it."""

    def raw(self, draft_id: str) -> bytes:
        """The mail as it is stored."""

    def count(self) -> int:
        """How many drafts there are."""

    def delete(self, draft_id: str) -> None:
        """What a person does to a draft that they do not want."""

    def send(self, draft_id: str) -> None:
        """What a person does with a draft that they want."""


class ReadPlace(Protocol):
    """A mailbox of a kind that reads mail, and what comes into it. It is Ana's."""

    mailbox: Mailbox

    def reopened(self) -> Mailbox:
        """The same mailbox as the next run opens it."""

    def deliver(self, raw: bytes, at: dt.datetime, *, sent: bool) -> None:
        """Put a whole mail among those that came, or among those that its owner sent."""

    def current(self) -> dt.datetime:
        """What time it is for this mailbox."""


class CorrespondenceContract:
    """What a mailbox tells that reads mail. Derive from it, and give `place`: a `ReadPlace` that is empty."""

    def told(self, place: ReadPlace, *letters: EmailMessage, to: str = KIM) -> Correspondence:
        """What the next run is told about one person, after these letters."""
        for letter in letters:
            at = letter["Date"].datetime
            place.deliver(
                letter.as_bytes(policy=email.policy.SMTP), at, sent=letter["From"].addresses[0].addr_spec == ANA
            )
        return place.reopened().correspondence({to: {ANA}})[to]

    def test_who_wrote_last(self, place: ReadPlace) -> None:
        ours, theirs = letter(place, ANA, KIM, hours_ago=50), letter(place, KIM, ANA, hours_ago=2)
        told = self.told(place, ours)
        assert (told.ours is not None, told.theirs, told.they_wrote_last) == (True, None, False)
        told = self.told(place, theirs)
        assert told.they_wrote_last
        assert told.conversations[ANA].message_id == theirs["Message-ID"]
        assert not self.told(place, letter(place, ANA, KIM, hours_ago=1)).they_wrote_last

    @pytest.mark.parametrize(
        "sender", ["kim.lee@fabrikam.example", "office@contoso.example", "kim+cards@fabrikam.example"]
    )
    def test_an_answer_counts_by_the_conversation(self, place: ReadPlace, sender: str) -> None:
        ours = letter(place, ANA, KIM, hours_ago=50)
        assert self.told(place, ours, letter(place, sender, ANA, hours_ago=2, answers=ours)).they_wrote_last

    @pytest.mark.parametrize("sender", ["ben@northwind.example", "kim.lee@fabrikam.example"])
    def test_others_outside_of_it_and_our_own_people_answer_nothing(self, place: ReadPlace, sender: str) -> None:
        ours = letter(place, ANA, KIM, hours_ago=50)
        answers = ours if sender.endswith("northwind.example") else None
        assert self.told(place, ours, letter(place, sender, ANA, hours_ago=2, answers=answers)).theirs is None

    def test_an_automatic_reply_says_until_when_they_are_away(self, place: ReadPlace) -> None:
        back = (place.current() + dt.timedelta(days=12)).date()
        ours = letter(place, ANA, KIM, hours_ago=50)
        note = letter(place, KIM, ANA, f"I am away until {back}.", hours_ago=49, answers=ours)
        note["Auto-Submitted"] = "auto-replied"
        told = self.told(place, ours, note)
        assert (told.theirs, told.away_until) == (None, back)
        assert self.told(place, letter(place, KIM, ANA, hours_ago=2, answers=ours)).away_until is None

    def test_a_lost_mail_is_told(self, place: ReadPlace) -> None:
        ours = letter(place, ANA, KIM, hours_ago=50)
        report = lost(place, KIM, hours_ago=49)
        told = self.told(place, ours, report)
        assert (told.theirs, told.bounced) == (None, report["Date"].datetime.astimezone().date())
        assert self.told(place, to="lee@fabrikam.example").bounced is None

    def test_a_mail_that_is_only_late_is_none(self, place: ReadPlace) -> None:
        ours = letter(place, ANA, KIM, hours_ago=50)
        assert (
            self.told(place, ours, lost(place, KIM, hours_ago=49, subject="Delayed", action="delayed")).bounced is None
        )

    def test_who_asks_to_be_left_alone_is_told(self, place: ReadPlace) -> None:
        ours = letter(place, ANA, KIM, hours_ago=50)
        told = self.told(place, ours, letter(place, KIM, ANA, "Please remove me from your list.", hours_ago=2))
        assert told.asked_out is not None
        assert told.they_wrote_last

    def test_a_yes_to_an_invitation_is_a_contact_and_no_answer(self, place: ReadPlace) -> None:
        ours = letter(place, ANA, KIM, hours_ago=50)
        yes = letter(place, KIM, ANA, "Kim has accepted", hours_ago=2, subject="Accepted: Demo")
        yes.add_alternative("BEGIN:VCALENDAR", subtype="calendar", params={"method": "REPLY"})
        told = self.told(place, ours, yes)
        assert (told.theirs, told.accepted is not None, told.they_wrote_last) == (None, True, False)

    def test_a_reaction_is_nothing(self, place: ReadPlace) -> None:
        ours = letter(place, ANA, KIM, hours_ago=50)
        reaction = letter(place, KIM, ANA, "Kim reacted via Gmail", hours_ago=2, answers=ours)
        reaction.add_alternative(b"{}", maintype="text", subtype="vnd.google.email-reaction+json")
        told = self.told(place, ours, reaction)
        assert (told.theirs, told.accepted) == (None, None)


def letter(
    place: ReadPlace,
    sender: str,
    to: str,
    text: str = "Hello",
    *,
    hours_ago: float,
    subject: str = "Your offer",
    answers: EmailMessage | None = None,
) -> EmailMessage:
    """A mail of that time, before it is sent.

    - `place`, `sender`, `to`: the mailbox, and from whom the mail goes to whom.
    - `text`, `subject`: what it says.
    - `hours_ago`: when it was written.
    - `answers`: the mail that it answers; None for none.
    """
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject if answers is None else f"Re: {subject}"
    mail["Date"] = (place.current() - dt.timedelta(hours=hours_ago)).replace(microsecond=0)
    mail["Message-ID"] = f"<{uuid.uuid4().hex}@mail.example>"
    if answers is not None:
        mail["In-Reply-To"] = mail["References"] = str(answers["Message-ID"])
    mail.set_content(text)
    return mail


def lost(
    place: ReadPlace, person: str, *, hours_ago: float, subject: str = "Undeliverable", action: str = "failed"
) -> EmailMessage:
    """A delivery report (RFC 3464) on a mail to this person, outside of its conversation.

    - `place`, `person`: the mailbox, and to whom the mail went.
    - `hours_ago`: when the report was written.
    - `subject`, `action`: its subject, and what it says became of the mail.
    """
    about = letter(place, "MAILER-DAEMON@mail.example", ANA, hours_ago=hours_ago, subject=subject)
    kept = "".join(f"{name}: {about[name]}\r\n" for name in ("From", "To", "Subject", "Date", "Message-ID"))
    parts = (
        f"text/plain\r\n\r\nAbout a mail to {person}",
        f"message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n"
        f"Final-Recipient: rfc822; {person}\r\nAction: {action}\r\n",
    )
    body = "".join(f"--=_report\r\nContent-Type: {part}\r\n" for part in parts)
    kind = 'Content-Type: multipart/report; report-type=delivery-status; boundary="=_report"'
    return parsed(f"{kept}MIME-Version: 1.0\r\n{kind}\r\n\r\n{body}--=_report--\r\n".encode())


class MailboxContract:
    """Derive from it, and give `place`: one with an empty mailbox."""

    def test_a_draft_is_found_in_the_next_run(self, place: Place) -> None:
        place.mailbox.check()
        one, other = message(), message(to="lee@fabrikam.example")
        ids = [place.mailbox.create(one), place.mailbox.create(other)]
        assert len(set(ids)) == 2
        for mailbox in (place.mailbox, place.reopened()):
            assert find(mailbox, one) == Found(ids[0], "created")
            assert find(mailbox, other) == Found(ids[1], "created")
            assert fate(mailbox, one, ids[0]) == "created"
        place.mailbox.check()

    def test_one_that_was_never_made_is_not_found(self, place: Place) -> None:
        assert find(place.mailbox, message()) is None
        place.mailbox.create(message(subject="Another"))
        assert find(place.mailbox, message()) is None

    def test_drafts_are_traced_in_the_order_asked(self, place: Place) -> None:
        made, never = message(subject="Made"), message(subject="Never made")
        draft_id = place.mailbox.create(made)
        assert place.mailbox.trace([]) == []
        asked = [known(never), known(made, draft_id), known(made)]
        assert place.mailbox.trace(asked) == [None, Found(draft_id, "created"), Found(draft_id, "created")]

    def test_a_token_in_a_text_is_not_taken_for_the_drafts_own(self, place: Place) -> None:
        other = message(subject="Never made")
        text = f"X-Fivestep-Token: {other.token}"
        place.mailbox.create(message(plain=f"{text}\n", html=text))
        assert find(place.mailbox, other) is None

    def test_two_messages_alike_are_two_drafts(self, place: Place) -> None:
        assert place.mailbox.create(message()) != place.mailbox.create(message())
        assert place.count() == 2

    def test_any_sender_of_the_mailbox_has_a_place(self, place: Place) -> None:
        assert place.mailbox.refusal("ana@northwind.example") == ""

    def test_a_deleted_draft_is_told(self, place: Place) -> None:
        kept, gone = message(subject="Kept"), message(subject="Gone")
        kept_id, gone_id = place.mailbox.create(kept), place.mailbox.create(gone)
        place.delete(gone_id)
        told = "deleted" if place.tells_sent else "unknown"
        for mailbox in (place.mailbox, place.reopened()):
            assert fate(mailbox, gone, gone_id) == told
            assert fate(mailbox, kept, kept_id) == "created"

    def test_a_sent_draft_is_told(self, place: Place) -> None:
        one = message()
        draft_id = place.mailbox.create(one)
        place.send(draft_id)
        told = "sent" if place.tells_sent else "unknown"
        for mailbox in (place.mailbox, place.reopened()):
            assert fate(mailbox, one, draft_id) == told
            if place.tells_sent:
                found = find(mailbox, one)
                assert found is not None
                assert found.fate == "sent"

    def test_several_drafts_at_once(self, place: Place) -> None:
        mailbox = place.mailbox
        if not isinstance(mailbox, BatchMailbox):
            pytest.skip("it makes one draft a call")
        fine = [message(subject=f"Number {n}") for n in range(mailbox.at_once - 1)]
        made = mailbox.create_all([*fine, message(to="nobody")])
        assert isinstance(made[-1], RefusedError)
        for one, draft_id in zip(fine, made, strict=False):
            assert find(place.reopened(), one) == Found(str(draft_id), "created")
        assert place.count() == len(fine)

    def test_no_correspondence_where_mail_is_not_read(self, place: Place) -> None:
        if not place.mailbox.capabilities.reads_mail:
            assert place.mailbox.correspondence({"kim@fabrikam.example": {"ana@northwind.example"}}) == {}

    @pytest.mark.parametrize("text", TEXTS)
    def test_texts_come_through(self, place: Place, text: str) -> None:
        html = f"<p>{text}</p>"
        mail = parsed(place.raw(place.mailbox.create(message(plain=text, html=html))))
        assert bodies(mail) == (text, html + "\n")

    @pytest.mark.parametrize("subject", SUBJECTS)
    def test_subjects_come_through(self, place: Place, subject: str) -> None:
        mail = parsed(place.raw(place.mailbox.create(message(subject=subject))))
        assert header(mail, "Subject") == subject.strip()

    def test_headers(self, place: Place) -> None:
        one = message(sender="Ana Sommer <ana@northwind.example>")
        mail = parsed(place.raw(place.mailbox.create(one)))
        assert mail["X-Fivestep-Token"] == one.token
        assert mail["From"] == "Ana Sommer <ana@northwind.example>"
        assert mail["To"] == "kim@fabrikam.example"
        assert mail["Date"].datetime == WHEN
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert mail["Bcc"] is None
        assert mail["Cc"] is None
        assert mail.defects == []

    @pytest.mark.parametrize(
        ("sender", "name"),
        [
            ("ana@northwind.example", ""),
            ("<ana@northwind.example>", ""),
            ("Änne Sömmer <ana@northwind.example>", "Änne Sömmer"),
            ('"Sommer, Ana" <ana@northwind.example>', "Sommer, Ana"),
            ("Sommer, Ana <ana@northwind.example>", "Sommer, Ana"),
            ('"Ana \\"the\\" Sommer" <ana@northwind.example>', 'Ana "the" Sommer'),
            ("kim@fabrikam.example, Ana <ana@northwind.example>", "kim@fabrikam.example, Ana"),
            ("=?utf-8?q?Ana?= <ana@northwind.example>", "=?utf-8?q?Ana?="),
            ("Ana\r\nBcc: kim@fabrikam.example <ana@northwind.example>", "Ana Bcc: kim@fabrikam.example"),
            (f"{'A' * 90}, {'B' * 30} <ana@northwind.example>", f"{'A' * 90}, {'B' * 30}"),
            (f"{'李雷, 韩梅梅 ' * 20}<ana@northwind.example>", ("李雷, 韩梅梅 " * 20).strip()),
        ],
    )
    def test_a_sender_is_one_whatever_the_name(self, place: Place, sender: str, name: str) -> None:
        mail = parsed(place.raw(place.mailbox.create(message(sender=sender))))
        [address] = mail["From"].addresses
        assert address.addr_spec == "ana@northwind.example"
        assert shown_name(mail) == name

    def test_a_domain_in_other_letters_is_written_in_ascii(self, place: Place) -> None:
        mail = parsed(place.raw(place.mailbox.create(message(to="kim@bücher.example", sender="ana@Bücher.example"))))
        assert mail["To"] == "kim@xn--bcher-kva.example"
        assert mail["From"] == "ana@xn--bcher-kva.example"

    @pytest.mark.parametrize("to", PEOPLE_NOT)
    def test_nothing_but_one_address_gets_a_draft(self, place: Place, to: str) -> None:
        with pytest.raises(RefusedError):
            place.mailbox.create(message(to=to))
        with pytest.raises(RefusedError):
            place.mailbox.create(message(sender=f"Ana <{to}>, <ana@northwind.example>"))
        assert place.count() == 0

    @pytest.mark.parametrize("to", ["k.i-m+x_y@fabrikam.example", "KIM@Fabrikam.Example", "o'hara@a.b.c.example"])
    def test_usual_addresses_get_one(self, place: Place, to: str) -> None:
        mail = parsed(place.raw(place.mailbox.create(message(to=to))))
        assert [address.addr_spec for address in mail["To"].addresses] == [to]

    @pytest.mark.parametrize("gap", BREAKS)
    def test_a_break_in_a_value_makes_no_header(self, place: Place, gap: str) -> None:
        smuggled = f"x{gap}Bcc: lee@fabrikam.example"
        one = message(subject=smuggled, key=smuggled, deal=smuggled, sender=f"{smuggled} <ana@northwind.example>")
        raw = place.raw(place.mailbox.create(one))
        mail = parsed(raw)
        assert mail["Bcc"] is None
        assert header(mail, "Subject") == "x Bcc: lee@fabrikam.example"
        assert not any(line.lower().startswith(b"bcc") for line in raw.splitlines())

    @settings(SHARED, max_examples=40)
    @given(subject=st.text(max_size=300), name=st.text(max_size=150), plain=st.text(), html=st.text())
    def test_any_text_makes_a_sound_mail(self, place: Place, subject: str, name: str, plain: str, html: str) -> None:
        sender = f"{name.replace('<', '').replace('>', '')}<ana@northwind.example>"
        raw = place.raw(place.mailbox.create(message(subject=subject, sender=sender, plain=plain, html=html)))
        mail = parsed(raw)
        assert raw.isascii()
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert sorted({name.lower() for name in mail.keys()} & {"to", "from", "subject", "cc", "bcc", "date"}) == [  # noqa: SIM118
            "date", "from", "subject", "to"
        ]  # fmt: skip
        assert [address.addr_spec for address in mail["From"].addresses] == ["ana@northwind.example"]
        assert header(mail, "Subject") == " ".join(header_text(subject).split())
        assert [body.rstrip("\n") for body in bodies(mail)] == [_lines(plain), _lines(html)]

    @settings(SHARED, max_examples=100)
    @given(to=st.text(max_size=30) | st.emails() | st.from_regex(r"[a-z,;<>@\" \n\r:.]{1,30}@[a-z., <>\n]{1,20}"))
    def test_any_recipient_is_one_or_refused(self, place: Place, to: str) -> None:
        try:
            draft_id = place.mailbox.create(message(to=to))
        except RefusedError:
            return
        mail = parsed(place.raw(draft_id))
        [address] = mail["To"].addresses
        assert address.addr_spec == to or not to.isascii()
        assert (mail["Cc"], mail["Bcc"]) == (None, None)


def parsed(raw: bytes) -> EmailMessage:
    """The draft as a mail program reads it."""
    return email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)


def header(mail: EmailMessage, name: str) -> str:
    """The header as RFC 2047 has it; the newer policy of Python 3.11 adds spaces between words."""
    raw = next(value for key, value in mail.raw_items() if key == name)
    return str(make_header(decode_header(str(raw).replace("\r\n", "").replace("\n", ""))))


def shown_name(mail: EmailMessage) -> str:
    """The sender's display name; the parser's newer policy adds spaces here as well."""
    raw = header(mail, "From")
    phrase = raw.rpartition("<")[0].strip() if "<" in raw else ""
    return phrase[1:-1].replace('\\"', '"') if phrase.startswith('"') else phrase


def bodies(mail: EmailMessage) -> tuple[str, str]:
    """The plain text and the HTML of a mail."""
    plain, html = mail.iter_parts()
    return plain.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def header_text(text: str) -> str:
    """What of a text can stand in a header."""
    for character in (*map(chr, range(32)), *map(chr, range(127, 160)), "\u2028", "\u2029"):
        text = text.replace(character, " ")
    return text


def _lines(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
