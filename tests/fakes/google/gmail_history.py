"""The history of a mailbox, as `history.list` tells it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tests.fakes.google import gmail_formats
from tests.fakes.google.gmail_message import Message

KINDS = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}
"""The names that a client asks by, and those that the answer uses."""
FIRST = 4711
STEP = 13
"""The IDs count up with gaps."""


class History:
    """What happened, oldest first."""

    def __init__(self) -> None:
        self.last = FIRST
        self.oldest = FIRST
        """The IDs before this one are too old to start from."""
        self._records: list[dict[str, Any]] = []

    def add(self, kind: str, message: Message, labels: Sequence[str] = ()) -> int:
        """Write down a change, and return its ID."""
        self.last += STEP
        change: dict[str, Any] = {"message": gmail_formats.labelled(message)}
        if labels:
            change["labelIds"] = list(labels)
        record = {"id": str(self.last), "messages": [gmail_formats.short(message)], kind: [change]}
        self._records.append(record)
        return self.last

    def forget(self) -> None:
        """What a week does: the IDs up to now are no longer known."""
        self.oldest = self.last + 1
        self._records.clear()

    def since(self, start: int, kinds: Collection[str] = (), label: str = "") -> list[dict[str, Any]]:
        """The records after `start`, of these kinds if any are named, about messages with this label."""
        wanted = {KINDS[kind] for kind in kinds} or set(KINDS.values())
        begin = max(0, (start - self._first()) // STEP + 1) if self._records else 0
        return [record for record in self._records[begin:] if _fits(record, wanted, label)]

    def _first(self) -> int:
        return int(self._records[0]["id"])


def _fits(record: dict[str, Any], wanted: set[str], label: str) -> bool:
    return any(
        not label or label in change["message"]["labelIds"] for kind in wanted for change in record.get(kind, ())
    )
