"""A message in a Gmail mailbox, with what conversations and drafts need of it."""

from __future__ import annotations

import datetime as dt
import html
from typing import NamedTuple

from fivestep.config.vocabulary.mail_words import load_mail_words
from fivestep.connectors.mailboxes.gmail.api import RawMail
from fivestep.connectors.mailboxes.mime.headers import MESSAGE_ID, addresses, by_name, references, writer
from fivestep.connectors.mailboxes.mime.message import TOKEN
from fivestep.process.mails.mail_kind import Envelope, Meaning, meaning_of
from fivestep.process.model.history import Conversation

SENT_LABEL = "SENT"
_NO_MAIL = frozenset({"DRAFT", "TRASH", "SPAM", "CHAT"})


class GmailMessage(NamedTuple):
    """One message."""

    id: str
    thread: str
    labels: frozenset[str]
    at: int
    """When it came or was sent, in milliseconds since 1970."""
    sender: str
    """The address in lower case; empty where there is none."""
    to: frozenset[str]
    """Everybody in To and Cc, in lower case."""
    subject: str
    message_id: str
    """In angle brackets; empty where it has none that could be answered to."""
    references: str
    token: str
    """That of the draft that it was; empty where this tool did not make it, or an edit took it away."""
    meaning: Meaning
    """What it is for whoever gets it."""

    @property
    def counts(self) -> bool:
        """Whether it is part of a correspondence: a draft never is."""
        return self.labels.isdisjoint(_NO_MAIL)

    @property
    def is_sent(self) -> bool:
        """Whether the owner sent it, whatever address it was sent from."""
        return SENT_LABEL in self.labels

    @property
    def conversation(self) -> Conversation:
        """The conversation that an answer to this mail belongs to."""
        return Conversation(self.thread, self.message_id, self.references, self.subject)


def message_of(raw: RawMail) -> GmailMessage:
    """The message that the API tells of."""
    headers = by_name(raw.headers)
    sender = writer(headers.get("from", ""))
    message_id = headers.get("message-id", "").strip()
    day = dt.datetime.fromtimestamp(raw.at / 1000, dt.UTC).date()
    kinds = (raw.kind, headers.get("content-type", "").casefold(), *raw.parts)
    envelope = Envelope(sender, headers, kinds, html.unescape(raw.snippet), day)
    return GmailMessage(
        id=raw.id,
        thread=raw.thread,
        labels=raw.labels,
        at=raw.at,
        sender=sender,
        to=frozenset(addresses(f"{headers.get('to', '')}, {headers.get('cc', '')}")),
        subject=" ".join(headers.get("subject", "").split()),
        message_id=message_id if MESSAGE_ID.fullmatch(message_id) else "",
        references=references(headers),
        token=headers.get(TOKEN.casefold(), "").strip(),
        meaning=meaning_of(envelope, load_mail_words()),
    )
