"""A mailbox: the protocol that every kind of mailbox implements, and what passes through it.

There is no call that sends. The contract suite in `tests/contracts/mailbox.py` holds each implementation to
this page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from fivestep.errors import FivestepError
from fivestep.process.history import Correspondence


class MailboxCapabilities(NamedTuple):
    """What a kind of mailbox can do; each has a fallback where it cannot."""

    reads_mail: bool
    """It can tell the correspondence; without it the sheet's own columns have to do."""
    tells_sent: bool
    """It can tell a sent draft from a deleted one; without it a draft that is gone is `unknown`."""


class Message(NamedTuple):
    """A draft to be made."""

    token: str
    """Random, and recorded in the ledger before the mailbox is called; the draft carries it."""
    key: str
    """The follow-up's key, see `process.plan.Draft`."""
    deal: str
    sender: str
    """`ana@northwind.example`, or `Ana Sommer <ana@northwind.example>`."""
    to: str
    subject: str
    plain: str
    html: str
    date: dt.datetime
    """With time zone."""


class RefusedError(FivestepError, ValueError):
    """The message can't be a mail to one person, and no mailbox was asked to make it: mend the cell."""


Fate = Literal["created", "sent", "deleted", "unknown"]
"""What became of a draft; `created` means that it still waits."""


class Found(NamedTuple):
    """A draft that was found again."""

    draft_id: str
    fate: Fate


@runtime_checkable
class Mailbox(Protocol):
    """Where drafts are put."""

    capabilities: MailboxCapabilities

    @property
    def name(self) -> str:
        """What messages call it, such as the folder's name."""

    def check(self) -> None:
        """Raise UnreachableError or CredentialsError, with what to do, where a draft could not be made by now."""

    def create(self, message: Message) -> str:
        """Make the draft, once, and return its ID.

        Raises RefusedError, and UnreachableError where it is certain that none was made. Any other failure leaves
        it open: the next run calls `find`. A second call with the same token makes no second draft.
        """

    def find(self, message_token: str) -> Found | None:
        """The draft that carries this token, wherever it is by now; None where there is none."""

    def fate(self, draft_id: str) -> Fate:
        """What became of a draft that `create` or `find` named."""

    def correspondence(self, people: Iterable[str]) -> Mapping[str, Correspondence]:
        """The last mails with each of these addresses (lower case); empty where the mailbox can't be read."""
