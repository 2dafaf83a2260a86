"""One person's mailbox: what that person and others do in it, and what the API does with its drafts."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, Protocol

from tests.fakes.google import gmail_raw
from tests.fakes.google.gmail_message import Message
from tests.fakes.google.gmail_send_as import Identities
from tests.fakes.google.gmail_store import Numbers, Store
from tests.fakes.google.gmail_terms import View


class Rules(Protocol):
    """What all mailboxes of a Gmail have in common."""

    numbers: Numbers
    lock: AbstractContextManager[Any]
    replaces_message_ids: bool

    def clock(self) -> dt.datetime:
        """Now, with time zone."""


@dataclass(frozen=True)
class _Letter:
    """The headers that a mail by hand begins with."""

    sender: str
    to: str
    subject: str
    at: dt.datetime
    message_id: str
    reply_to: Message | None

    def headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """All headers; those in `more` take the place of their namesakes, and an empty one is left out."""
        own = {
            "From": self.sender,
            "To": self.to,
            "Subject": self.subject,
            "Date": format_datetime(self.at),
            "Message-ID": self.message_id,
        }
        if self.reply_to:
            chain = [*reversed(self.reply_to.references), self.reply_to.message_id]
            own |= {"In-Reply-To": self.reply_to.message_id, "References": " ".join(chain)}
        given = {name.casefold() for name in more}
        return {name: value for name, value in own.items() if name.casefold() not in given} | dict(more)


class Box:
    """The mailbox of `account`."""

    def __init__(self, account: str, rules: Rules) -> None:
        self.account = account
        self.store = Store(rules.numbers)
        self.identities = Identities(account)
        self._rules = rules

    @property
    def drafts(self) -> dict[str, Message]:
        """The messages that are drafts by draft ID, in the order in which the drafts were begun."""
        return self.store.drafts

    @property
    def messages(self) -> dict[str, Message]:
        """Everything by message ID, in the order of arrival: drafts and trash too."""
        return self.store.messages

    @property
    def threads(self) -> dict[str, list[Message]]:
        """The messages by thread ID, the oldest of a thread first."""
        return self.store.threads

    def now(self) -> dt.datetime:
        """The time on Gmail's clock."""
        return self._rules.clock()

    def view(self) -> View:
        """What a search needs to know of this mailbox."""
        return View(self.now(), self.identities.addresses(), self.store.labels.by_search_name())

    # What people do.

    def receive(
        self,
        sender: str,
        subject: str,
        text: str = "…",
        *,
        html: str | None = None,
        headers: Mapping[str, str] | None = None,
        reply_to: Message | None = None,
        at: dt.datetime | None = None,
        to: str | None = None,
        cc: str | None = None,
        labels: Iterable[str] = ("INBOX", "UNREAD"),
    ) -> Message:
        """A mail that somebody writes to this person.

        `reply_to` may be a message of another mailbox. `headers` add to those that a mail has, replace them, and
        leave out those that are given empty. A mail with `html` and an empty text has no plain version. A label
        that does not exist yet is made.
        """
        with self._rules.lock:
            at = at or self.now()
            domain = sender.rpartition("@")[2].strip("> ") or "mail.example"
            message_id = f"<{self._rules.numbers.message()}@{domain}>"
            letter = _Letter(sender, to or self.account, subject, at, message_id, reply_to)
            fields = letter.headers({**({"Cc": cc} if cc else {}), **(headers or {})})
            return self._arrived(gmail_raw.compose(fields, text, html), labels, at)

    def send(
        self, to: str, subject: str, text: str, *, reply_to: Message | None = None, at: dt.datetime | None = None
    ) -> Message:
        """A mail that this person writes by hand and sends."""
        with self._rules.lock:
            at = at or self.now()
            sender = self.identities.sender("")
            letter = _Letter(sender, to, subject, at, self._rules.numbers.message_id(), reply_to)
            return self._arrived(gmail_raw.compose(letter.headers({}), text, written(text)), {"SENT"}, at)

    def send_draft(self, draft_id: str, *, at: dt.datetime | None = None, keep_headers: bool = True) -> Message:
        """The message that a draft becomes; the draft is gone, and with `keep_headers=False` its X- headers are."""
        with self._rules.lock:
            draft = self.drafts[draft_id]
            at = at or self.now()
            changes: dict[str, str | None] = {} if keep_headers else custom_headers(draft)
            changes |= {"Message-ID": self._rules.numbers.message_id(), "Date": format_datetime(at)}
            sent = self.store.new(gmail_raw.with_headers(draft.raw, changes), {"SENT"}, at)
            self.store.add(sent, draft.thread_id)
            self.delete_draft(draft_id)
            return sent

    def edit_draft(
        self, draft_id: str, *, subject: str | None = None, text: str | None = None, keep_headers: bool = False
    ) -> Message:
        """The new message of a draft that was edited in the web page.

        It leaves its thread with a new subject, and its X- headers unless they are to be kept.
        """
        with self._rules.lock:
            draft = self.drafts[draft_id]
            changes: dict[str, str | None] = {} if keep_headers else custom_headers(draft)
            changes |= {"Message-ID": self._rules.numbers.message_id(), "Date": format_datetime(self.now())}
            if subject is not None:
                changes["Subject"] = subject
            raw = gmail_raw.with_headers(draft.raw, changes)
            if text is not None:
                raw = gmail_raw.with_content(raw, gmail_raw.content(text, written(text)))
            edited = self.store.new(raw, draft.labels, self.now())
            self._replace(draft_id, edited, draft.thread_id if edited.topic == draft.topic else None)
            return edited

    def delete_draft(self, draft_id: str) -> None:
        """Discard a draft for good."""
        with self._rules.lock:
            self.store.remove(self.store.drafts.pop(draft_id))

    def trash(self, message_id: str) -> None:
        """Put a message into the trash."""
        self.relabel(message_id, {"TRASH"}, {"INBOX", "SPAM"})

    def archive(self, message_id: str) -> None:
        """Take a message out of the inbox."""
        self.relabel(message_id, (), {"INBOX"})

    def relabel(self, message_id: str, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Put labels on a message, named by ID or by name, and take others off."""
        with self._rules.lock:
            id_of = self.store.labels.id_of
            self.store.relabel(self.messages[message_id], [*map(id_of, add)], [*map(id_of, remove)])

    def set_signature(
        self, html: str, address: str | None = None, display_name: str | None = None, is_default: bool = True
    ) -> None:
        """Set the signature of the account's own address, or of an alias, which is made if it is new."""
        with self._rules.lock:
            self.identities.set(address or self.account, html, display_name, is_default)

    # What the API does.

    def create_draft(self, raw: bytes, thread_id: str | None) -> str:
        """The ID of a new draft; it joins the thread if it answers a message in there."""
        message = self._written(raw, {"DRAFT"}, keeps_message_id=not self._rules.replaces_message_ids)
        self.store.add(message, thread_id and self.store.conversation(message, thread_id))
        draft_id = self._rules.numbers.draft()
        self.store.drafts[draft_id] = message
        return draft_id

    def update_draft(self, draft_id: str, raw: bytes, thread_id: str | None) -> None:
        """Give a draft another message. It leaves a conversation unless it is asked into it anew.

        Reported in github.com/anthropics/claude-code/issues/91305. In a thread of its own it stays while the subject
        does.
        """
        old = self.drafts[draft_id]
        message = self._written(raw, {"DRAFT"}, keeps_message_id=not self._rules.replaces_message_ids)
        thread = thread_id and self.store.conversation(message, thread_id)
        if not thread and self.threads[old.thread_id] == [old] and old.topic == message.topic:
            thread = old.thread_id
        self._replace(draft_id, message, thread)

    def send_raw(self, raw: bytes, thread_id: str | None) -> Message:
        """The message that is sent without a draft."""
        message = self._written(raw, {"SENT"}, keeps_message_id=False)
        return self.store.add(message, thread_id and self.store.conversation(message, thread_id))

    def _written(self, raw: bytes, labels: Iterable[str], *, keeps_message_id: bool) -> Message:
        """A message of this raw mail, with the headers that Gmail sets itself."""
        now = self.now()
        changes: dict[str, str | None] = {}
        sender = gmail_raw.value_of(raw, "From")
        if self.identities.sender(sender) != sender:
            changes["From"] = self.identities.sender(sender)
        if not keeps_message_id or not gmail_raw.value_of(raw, "Message-ID"):
            changes["Message-ID"] = self._rules.numbers.message_id()
        if not gmail_raw.value_of(raw, "Date"):
            changes["Date"] = format_datetime(now)
        return self.store.new(gmail_raw.with_headers(raw, changes), labels, now)

    def _arrived(self, raw: bytes, labels: Iterable[str], at: dt.datetime) -> Message:
        message = self.store.new(raw, labels, at)
        return self.store.add(message, self.store.conversation(message))

    def _replace(self, draft_id: str, message: Message, thread_id: str | None) -> None:
        """Put the new message in before the old one goes, so that a thread of one survives."""
        old = self.drafts[draft_id]
        self.store.add(message, thread_id)
        self.store.drafts[draft_id] = message
        self.store.remove(old)


def custom_headers(message: Message) -> dict[str, str | None]:
    """The X- headers of a message, to be taken out."""
    return {field.name: None for field in message.fields if field.name.casefold().startswith("x-")}


def written(text: str) -> str:
    """The HTML that the web page makes of what a person types."""
    lines = (f"<div>{html.escape(line) or '<br>'}</div>" for line in text.splitlines())
    return f'<div dir="ltr">{"".join(lines)}</div>'
