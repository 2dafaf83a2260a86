"""What lies in one mailbox: messages, their threads, labels and drafts, and the history of all that."""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Iterable, Iterator

from tests.fakes.google.gmail_history import History
from tests.fakes.google.gmail_labels import Labels
from tests.fakes.google.gmail_message import Message


class Numbers:
    """IDs that look like Gmail's and come in the same order every time."""

    def __init__(self) -> None:
        self._messages = itertools.count(1)
        self._drafts = itertools.count(1)

    def message(self) -> str:
        """16 hex digits, rising."""
        return f"{0x18C0000000000000 + next(self._messages) * 0x10001:016x}"

    def draft(self) -> str:
        """`r` and up to 19 digits; every other one has a minus before them, as half of Gmail's have."""
        number = next(self._drafts)
        return f"r{'-' if number % 2 else ''}{number * 0x5851F42D4C957F2D % 2**63}"

    def message_id(self) -> str:
        """A `Message-ID` of a mail that Gmail writes."""
        return f"<CAF{next(self._messages) * 0x9E3779B97F4A7C15 % 2**96:024x}@mail.gmail.com>"


class Store:
    """The messages of one mailbox."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.messages: dict[str, Message] = {}
        self.threads: dict[str, list[Message]] = {}
        self.drafts: dict[str, Message] = {}
        self.history = History()
        self.labels = Labels()
        self._order = itertools.count(1)
        self._sorted: list[tuple[tuple[int, int], Message]] = []
        self._by_message_id: dict[str, list[Message]] = {}

    def new(self, raw: bytes, labels: Iterable[str], at: dt.datetime) -> Message:
        """A message that is not in the mailbox yet."""
        if at.tzinfo is None:
            raise ValueError("a time in a mailbox needs its time zone")
        known = {self.labels.id_of(label) for label in labels}
        return Message(self.numbers.message(), raw, known, at, next(self._order))

    def add(self, message: Message, thread_id: str | None = None) -> Message:
        """Put it into this thread, or into one of its own, which gets the message's ID."""
        message.thread_id = thread_id or message.id
        self.messages[message.id] = message
        bisect.insort(self._sorted, (message.key, message))
        bisect.insort(self.threads.setdefault(message.thread_id, []), message, key=lambda each: each.key)
        self._by_message_id.setdefault(message.message_id, []).append(message)
        message.history_id = self.history.add("messagesAdded", message)
        return message

    def remove(self, message: Message) -> None:
        """Take it out for good; a thread goes with its last message."""
        del self.messages[message.id]
        del self._sorted[bisect.bisect_left(self._sorted, (message.key,))]
        self._by_message_id[message.message_id].remove(message)
        thread = self.threads[message.thread_id]
        thread.remove(message)
        if not thread:
            del self.threads[message.thread_id]
        self.history.add("messagesDeleted", message)

    def relabel(self, message: Message, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Change its labels; what changes nothing is no history."""
        added = {*add} - message.labels
        removed = {*remove} & message.labels
        message.labels |= added
        message.labels -= removed
        for kind, labels in (("labelsAdded", added), ("labelsRemoved", removed)):
            if labels:
                message.history_id = self.history.add(kind, message, sorted(labels))

    def newest_first(self) -> Iterator[Message]:
        """All messages, drafts and trash too."""
        return (message for _, message in reversed(self._sorted))

    def conversation(self, message: Message, thread_id: str | None = None) -> str | None:
        """The thread that the message joins: it refers to a mail in there, and the subject is the thread's.

        With `thread_id` that thread or none.
        """
        for reference in message.references:
            for other in self._by_message_id.get(reference, ()):
                right_one = thread_id in {None, other.thread_id}
                if right_one and self.threads[other.thread_id][0].topic == message.topic:
                    return other.thread_id
        return None
