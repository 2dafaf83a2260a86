"""What a mail is that came in: a word of somebody's, or what programs write in their place.

Everything is told by the outside of a mail: its headers, the kinds of its parts, its first words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Set
from typing import Literal, NamedTuple

from fivestep.process.mails.absence import away_until
from fivestep.process.mails.mail_words import MailWords, spoken
from fivestep.process.model.address import mailed_addresses

MailKind = Literal["word", "automatic", "accepted", "bounce"]
"""`word`: a person wrote it to somebody. `automatic`: nobody did; a reaction and a no to an invitation count as this.
`accepted`: a yes to an invitation. `bounce`: a mail could not be delivered."""


class Envelope(NamedTuple):
    """The outside of a mail."""

    sender: str
    """The address in lower case; empty where there is none."""
    headers: Mapping[str, str]
    """By name in lower case, decoded."""
    kinds: tuple[str, ...]
    """The content types of the mail and its parts, with their parameters, in lower case."""
    opening: str
    """The first words of its text; empty where the mailbox does not tell."""
    day: dt.date
    """On which it was written."""
    report: str = ""
    """What a delivery report (RFC 3464) or an answer to an invitation (RFC 5545) says for machines, as far as the
    mailbox tells."""


class Meaning(NamedTuple):
    """What a mail means for the deal with its sender."""

    kind: MailKind = "word"
    by_itself: bool = False
    """A program says of itself that it wrote it."""
    failed: Set[str] = frozenset()
    """Of a bounce the addresses in lower case that it was about, as far as it names them."""
    away_until: dt.date | None = None
    """Of an automatic reply: until when its sender is away."""
    asks_out: bool = False
    """They ask to get no more mails."""


_SAID_BY_PROGRAMS = ("auto-submitted", "x-autoreply", "x-autorespond")
_TO_MANY = frozenset({"bulk", "junk", "list"})
_OF_AN_ANSWER = ("in-reply-to", "references")
_NO_PERSON = re.compile(r"(?:mailer-daemon|postmaster|microsoftexchange[0-9a-f]{32})@", re.IGNORECASE)
_OUTCOME = re.compile(r"^action:\s*(\w+)", re.IGNORECASE | re.MULTILINE)
_RECIPIENT = re.compile(r"^(?:original|final)-recipient:[^;\n]*;\s*<?([^\s<>]+@[^\s<>]+)", re.IGNORECASE | re.MULTILINE)
_EMPTY_LINES = re.compile(r"(?<=[^\s.!?:,;])\s*\n[ \t\r]*\n\s*")
_SIGNATURE = re.compile(r"(?:^|\n)-- ?\r?\n")
_FIRST_SENTENCE = re.compile(r"^[^.!?]+(?=[.!])")
_END_OF_SENTENCE = re.compile(r"[.!?;。！？]")
_CALENDAR = ("text/calendar", "application/ics", "application/ms-tnef")
_ATTENDANCE = re.compile(r"PARTSTAT=\"?(accepted|declined|tentative)", re.IGNORECASE)
_REACTED = 120
"""In how many of its first letters a mail says that it is a reaction to another."""
_REACTION = "text/vnd.google.email-reaction+json"


def meaning_of(mail: Envelope, words: MailWords) -> Meaning:
    """What this mail is. Of its text only words count that can hardly mean something else."""
    by_itself = answers_by_itself(mail.headers)
    subject = spoken(mail.headers.get("subject", ""))
    if _is_about_a_delivery(mail, subject, words):
        failed = _failed(mail)
        lost = failed is not None and (_OUTCOME.search(mail.report) or _says_lost(subject, words))
        return Meaning("bounce" if lost else "automatic", by_itself, failed or frozenset())
    if (answer := _to_an_invitation(mail, subject, words)) is not None:
        return Meaning(answer, by_itself)
    if any(kind.startswith(_REACTION) for kind in mail.kinds) or words.reacted.search(spoken(mail.opening)[:_REACTED]):
        return Meaning("automatic", by_itself)
    text = _own_words(mail.opening, words)
    if _is_automatic(mail, subject, words):
        return Meaning("automatic", by_itself, away_until=away_until(f"{subject}. {text}", mail.day, words))
    return Meaning("word", by_itself, asks_out=_asks_out(subject, text, words))


def answers_by_itself(headers: Mapping[str, str]) -> bool:
    """Whether a program says of itself that it wrote this mail (RFC 3834, and headers from before it)."""
    said = [headers.get(name, "").partition(";")[0].strip().casefold() for name in _SAID_BY_PROGRAMS]
    return any(word not in ("", "no") for word in said)


def _says_lost(subject: str, words: MailWords) -> bool:
    """Whether a report is on a lost mail, by its subject, which may hold that mail's own as well."""
    return words.lost.match(subject) is not None or words.not_lost.search(subject) is None


def _is_about_a_delivery(mail: Envelope, subject: str, words: MailWords) -> bool:
    """Whether a mail reports on a delivery, by RFC 3464, headers of Exim and Gmail, or its sender."""
    if "x-failed-recipients" in mail.headers or any(kind.startswith("message/delivery-status") for kind in mail.kinds):
        return True
    reports = [kind for kind in mail.kinds if kind.startswith("multipart/report")]
    if any("delivery-status" in kind for kind in reports):
        return True
    # Other reports tell that a mail was read (RFC 8098), or called junk.
    if any("report-type" in kind for kind in reports) or not _NO_PERSON.match(mail.sender):
        return False
    # Behind these addresses there are people too, and lists of what was held back as junk.
    return bool(reports) or words.says_lost.search(f"{subject} {spoken(mail.opening)}") is not None


def _failed(mail: Envelope) -> Set[str] | None:
    """The addresses that a report says are lost, none where it names none; None where nothing is lost."""
    outcomes = {outcome.casefold() for outcome in _OUTCOME.findall(mail.report)}
    if outcomes and "failed" not in outcomes:
        return None
    blocks = [block for block in re.split(r"\n\s*\n", mail.report) if _is_lost(block)]
    named = [address.casefold() for block in blocks for address in _RECIPIENT.findall(block)]
    named += mailed_addresses(mail.headers.get("x-failed-recipients", ""))
    return frozenset(named or mailed_addresses(mail.opening))


def _is_lost(block: str) -> bool:
    outcome = _OUTCOME.search(block)
    return outcome is not None and outcome[1].casefold() == "failed"


def _to_an_invitation(mail: Envelope, subject: str, words: MailWords) -> MailKind | None:
    """What an answer to an invitation says (RFC 5546); None where the mail is none."""
    calendar = [kind for kind in mail.kinds if kind.startswith(_CALENDAR)]
    if not calendar and mail.opening:  # a person's own words
        return None
    if words.not_accepted.match(subject):
        return "automatic"
    said = _ATTENDANCE.search(mail.report)
    if said[1].casefold() == "accepted" if said else words.accepted.match(subject):
        return "accepted"
    # A reply in words that nobody knows may be a no.
    return "automatic" if said or any(re.search(r"method=\"?reply", kind) for kind in calendar) else None


def _is_automatic(mail: Envelope, subject: str, words: MailWords) -> bool:
    """Whether no person wrote this to somebody: an automatic reply, a report, a mail to many.

    After RFC 3834, and after what programs do that came before it. A subject alone counts only where it begins with
    the words of an automatic reply. An answer that came by way of a list, such as a group's address, was written to
    somebody all the same.
    """
    headers = mail.headers
    if answers_by_itself(headers) or any(kind.startswith("multipart/report") for kind in mail.kinds):
        return True
    precedence = headers.get("precedence", "").strip().casefold()
    to_many = precedence in _TO_MANY or "list-unsubscribe" in headers
    if precedence == "auto_reply" or (to_many and headers.keys().isdisjoint(_OF_AN_ANSWER)):
        return True
    if words.begins_automatic.match(subject):
        return True
    return "x-auto-response-suppress" in headers and words.automatic.search(subject) is not None


def _own_words(opening: str, words: MailWords) -> str:
    """The text up to its signature, or the mail that it quotes; an empty line ends a sentence."""
    text = spoken(_EMPTY_LINES.sub(" . ", _SIGNATURE.split(opening)[0]))
    quoted = words.quoting.search(text)
    return text[: quoted.start()] if quoted else text


def _asks_out(subject: str, text: str, words: MailWords) -> bool:
    """Whether they ask to get no more mails, in their text or its subject."""
    return any(
        words.leave_me_alone_alone.fullmatch(one)
        or any(_is_meant(one, wish, words) for wish in words.leave_me_alone.finditer(one))
        for one in (text, *_FIRST_SENTENCE.findall(text), subject)
    )


def _is_meant(text: str, wish: re.Match[str], words: MailWords) -> bool:
    """Whether such words are a wish of the writer's own, that holds without condition."""
    rest = _END_OF_SENTENCE.split(text[wish.end() :], maxsplit=1)[0]
    return not words.not_meant.search(text[: wish.start()]) and not words.in_a_case.search(rest)
