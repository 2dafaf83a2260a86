"""A mail in an IMAP mailbox as the correspondence needs it, and which mails are of one conversation."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from collections.abc import Iterable, Mapping
from email.message import Message as Mime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from fivestep.config.vocabulary.mail_words import load_mail_words
from fivestep.connectors.mailboxes.mime.headers import MESSAGE_ID, addresses, by_name, references, writer
from fivestep.connectors.mailboxes.mime.signature import plain_text
from fivestep.process.mails.mail_kind import Envelope, Meaning, meaning_of
from fivestep.process.model.history import Conversation

ASKED_HEADERS = (
    "From", "To", "Cc", "Date", "Subject", "Message-ID", "In-Reply-To", "References", "Content-Type", "Auto-Submitted",
    "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "Precedence", "List-Unsubscribe", "X-Failed-Recipients",
)  # fmt: skip
"""Those that are asked for: a mail's own, without what relays and filters have added."""

_SLACK = dt.timedelta(days=1)
"""How far a sender's clock may be ahead."""

_OPENING = 500
"""How many letters of a mail's text are looked at."""


class Outside(NamedTuple):
    """What is read of every mail: its headers, and where it lies."""

    uid: str
    folder: str
    is_sent: bool
    """It lies where the owner's own mails do."""
    headers: Mapping[str, str]
    came: dt.datetime
    """When the mailbox got it, with time zone."""

    @property
    def sender(self) -> str:
        """The address in lower case; empty where there is none."""
        return writer(self.headers.get("from", ""))

    @property
    def to(self) -> frozenset[str]:
        """Everybody in To and Cc, in lower case."""
        return frozenset(addresses(f"{self.headers.get('to', '')}, {self.headers.get('cc', '')}"))

    @property
    def written(self) -> dt.datetime:
        """When it was sent: as it says itself, or where it says nothing that can be, when the mailbox got it."""
        try:
            said = parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, TypeError):
            return self.came
        said = said if said.tzinfo else said.replace(tzinfo=dt.UTC)
        return said if said <= self.came + _SLACK else self.came

    @property
    def name(self) -> str:
        """Its Message-ID; where it has none, where it lies."""
        return self.message_id or f"{self.folder} {self.uid}"

    @property
    def message_id(self) -> str:
        """In angle brackets; empty where it has none that could be answered to."""
        name = self.headers.get("message-id", "").strip()
        return name if MESSAGE_ID.fullmatch(name) else ""


class StoredMail(NamedTuple):
    """One mail; implements `process.mails.exchange.Exchanged`."""

    id: str
    thread: str
    at: int
    sender: str
    to: frozenset[str]
    is_sent: bool
    meaning: Meaning
    conversation: Conversation


def outside_of(uid: str, folder: str, is_sent: bool, came: dt.datetime, head: bytes) -> Outside:
    """A mail from outside of the drafts, from what the server says of it.

    - `uid`, `folder`: where it is.
    - `is_sent`: whether that folder holds the owner's own mails.
    - `came`: when it came or was sent.
    - `head`: its header lines, as they were asked for.
    """
    fields = email.message_from_bytes(head, policy=email.policy.compat32).items()
    headers = by_name((name, " ".join(str(value).split())) for name, value in fields)
    return Outside(uid, folder, is_sent, headers, came)


def stored_mail(outside: Outside, thread: str, raw: bytes | None) -> StoredMail:
    """The mail; `raw` is the whole of it, or its beginning, where more than the headers was read."""
    kinds, opening, report = ((), "", "") if raw is None else _inside(raw)
    headers = outside.headers
    kinds = (headers.get("content-type", "").casefold(), *kinds)
    envelope = Envelope(outside.sender, headers, kinds, opening, outside.written.date(), report)
    return StoredMail(
        id=outside.name,
        thread=thread,
        at=int(outside.written.timestamp() * 1000),
        sender=outside.sender,
        to=outside.to,
        is_sent=outside.is_sent,
        meaning=meaning_of(envelope, load_mail_words()),
        conversation=Conversation(thread, outside.message_id, references(headers), headers.get("subject", "")),
    )


def threads_of(mails: Iterable[Outside]) -> dict[str, str]:
    """A name of the conversation for each Message-ID, by what mails say they refer to (RFC 5322)."""
    above: dict[str, str] = {}

    def root(name: str) -> str:
        while (up := above.setdefault(name, name)) != name:
            above[name] = name = above[up]
        return name

    for mail in mails:
        names = [*references(mail.headers).split(), mail.name]
        for name in names[1:]:
            above[root(name)] = root(names[0])
    return {name: root(name) for name in list(above)}


def _inside(raw: bytes) -> tuple[tuple[str, ...], str, str]:
    """The kinds of the parts, the first words, and what it says for machines."""
    kinds, opening, report = [], "", ""
    for part in email.message_from_bytes(raw, policy=email.policy.compat32).walk():
        kind = part.get_content_type()
        kinds.append(" ".join(str(part.get("Content-Type", kind)).casefold().split()))
        if kind == "message/delivery-status":
            report = part.as_string()
        elif kind == "text/calendar":
            report = _text_of(part)
        elif kind in ("text/plain", "text/html") and not opening and not part.get_filename():
            text = _text_of(part)
            opening = (plain_text(text) if kind == "text/html" else text)[:_OPENING]
    return tuple(kinds), opening, report


def _text_of(part: Mime) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
