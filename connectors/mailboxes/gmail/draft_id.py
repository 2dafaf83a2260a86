"""The name of a draft in somebody's Gmail, as the ledger keeps it: `ana@northwind.example r123 18c…`."""

from __future__ import annotations

from typing import NamedTuple

from fivestep.connectors.mailboxes.gmail.api import DraftRef

_NOT_KNOWN = "-"


class DraftId(NamedTuple):
    """Where a draft is in Gmail."""

    address: str
    """The mailbox's own, in lower case: it tells whether a login is still the one that the draft was made with."""
    draft: str
    """Gmail's ID of the draft, which it keeps; `-` where there is none any more."""
    message: str
    """Gmail's ID of the message that it was when it was made, which changes with every edit; `-` where it was first
    seen when a person had worked on it."""

    def __str__(self) -> str:
        return f"{self.address} {self.draft} {self.message}"

    def edited(self, now: DraftRef) -> bool:
        """Whether it has become another message, so that somebody has edited it."""
        return self.message != now.message


def read_draft_id(text: str) -> DraftId | None:
    """The ID that the ledger kept; None where a mailbox of another kind gave it."""
    parts = text.split(" ")
    return DraftId(*parts) if len(parts) == 3 and all(parts) else None


def as_made(address: str, ref: DraftRef) -> DraftId:
    """The ID of a draft that nobody has edited since it was made."""
    return DraftId(address, ref.id, ref.message)


def as_edited(address: str, draft: str) -> DraftId:
    """The ID of a draft that was first found after a person had edited it."""
    return DraftId(address, draft, _NOT_KNOWN)


def as_sent(address: str, message: str) -> DraftId:
    """The ID of a draft that was first found after it had been sent."""
    return DraftId(address, _NOT_KNOWN, message)
