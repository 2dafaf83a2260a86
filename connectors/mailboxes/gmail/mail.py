"""A message in a Gmail mailbox, as far as the correspondence and the fate of drafts need it."""

from __future__ import annotations

from typing import NamedTuple

from fivestep.connectors.mailboxes.gmail.api import RawMail
from fivestep.connectors.mailboxes.mime.headers import (
    MESSAGE_ID,
    addresses,
    answers_by_itself,
    decoded_header,
    is_automatic,
    writer,
)
from fivestep.connectors.mailboxes.mime.message import TOKEN
from fivestep.process.model.history import Conversation

SENT_LABEL = "SENT"
_NO_MAIL = frozenset({"DRAFT", "TRASH", "SPAM", "CHAT"})
_ADDRESSES = ("from", "to", "cc")


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
    by_itself: bool
    """A program wrote it, as it says of itself."""
    automatic: bool
    """No person wrote it to somebody: see `mail_headers.is_automatic`."""

    @property
    def counts(self) -> bool:
        """Whether it is part of a correspondence: a draft never is."""
        return self.labels.isdisjoint(_NO_MAIL)

    @property
    def conversation(self) -> Conversation:
        """The one that an answer to this mail goes on with."""
        return Conversation(self.thread, self.message_id, self.references, self.subject)


def message_of(raw: RawMail) -> GmailMessage:
    """The message that the API tells of. Of a header that is there twice the first counts, of To and Cc both."""
    headers: dict[str, str] = {}
    for name, value in raw.headers:
        # A name with a comma in it is quoted only as long as it is not decoded.
        plain = value if name in _ADDRESSES else decoded_header(value)
        if name in ("to", "cc") and name in headers:
            headers[name] += f", {plain}"
        else:
            headers.setdefault(name, plain)
    sender = writer(headers.get("from", ""))
    message_id = headers.get("message-id", "").strip()
    return GmailMessage(
        id=raw.id,
        thread=raw.thread,
        labels=raw.labels,
        at=raw.at,
        sender=sender,
        to=frozenset(addresses(f"{headers.get('to', '')}, {headers.get('cc', '')}")),
        subject=" ".join(headers.get("subject", "").split()),
        message_id=message_id if MESSAGE_ID.fullmatch(message_id) else "",
        references=_references(headers.get("references", ""), headers.get("in-reply-to", "")),
        token=headers.get(TOKEN.casefold(), "").strip(),
        by_itself=answers_by_itself(headers),
        automatic=is_automatic(headers, sender, raw.kind),
    )


def _references(references: str, in_reply_to: str) -> str:
    return " ".join(dict.fromkeys(MESSAGE_ID.findall(f"{references} {in_reply_to}")))
