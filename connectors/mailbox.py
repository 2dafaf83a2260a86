"""A mailbox: the protocol that every kind of mailbox implements, and what passes through it.

A connector imports from here alone. There is no call that sends. One that makes several drafts in one call is a
`BatchMailbox`. The contract suite in `connectors/testing/mailbox.py` holds each implementation to this page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from fivestep.errors import CredentialsError, FivestepError, LostAnswerError, SettingsError, UnreachableError
from fivestep.process.model.history import Conversation, Correspondence

__all__ = [
    "BatchMailbox",
    "Conversation",
    "Correspondence",
    "CredentialsError",
    "Fate",
    "FivestepError",
    "Found",
    "Known",
    "LostAnswerError",
    "Mailbox",
    "MailboxCapabilities",
    "Message",
    "RefusedError",
    "SettingsError",
    "UnreachableError",
]


class MailboxCapabilities(NamedTuple):
    """What a kind of mailbox can do; each has a fallback where it cannot."""

    reads_mail: bool
    """It can tell the correspondence; without it the sheet's own columns have to do."""
    in_flight: dt.timedelta = dt.timedelta()
    """How long a request of a process that was killed may still take effect: an intent that is younger and left no
    draft is not given up yet."""


class Message(NamedTuple):
    """A draft to be made."""

    token: str
    """Random, and recorded in the ledger before the mailbox is called; the draft carries it."""
    key: str
    """The follow-up's key, see `process.model.plan.Draft`."""
    deal: str
    sender: str
    """`ana@northwind.example`, or `Ana Sommer <ana@northwind.example>`."""
    to: str
    subject: str
    plain: str
    html: str
    date: dt.datetime
    """With time zone."""
    conversation: Conversation | None = None
    """The one that it goes on with, in the sender's mailbox; a mailbox that can't thread leaves it aside."""


class RefusedError(FivestepError, ValueError):
    """The message can't be a mail to one person, and no mailbox was asked to make it: mend the cell."""


class Known(NamedTuple):
    """All by which a draft of an earlier run can be known again."""

    token: str
    draft_id: str
    """What `create` returned; empty where nobody knows whether it made the draft."""
    sender: str
    to: str
    subject: str
    since: dt.datetime
    """When it was about to be made, with time zone."""
    gone_by: dt.datetime | None = None
    """When it was seen to be gone: what was sent later is another mail. None while it was last seen waiting."""


Fate = Literal["created", "edited", "sent", "deleted", "unknown", "unasked"]
"""What became of a draft; `created` and `edited` still wait. `unasked`: the mailbox can't be looked into now, and
nothing follows from that."""


class Found(NamedTuple):
    """A draft that was found again."""

    draft_id: str
    fate: Fate
    sent_at: dt.datetime | None = None
    """When it was sent, with time zone; None where it was not, or the mailbox does not tell."""


@runtime_checkable
class Mailbox(Protocol):
    """Where drafts are put."""

    capabilities: MailboxCapabilities

    @property
    def name(self) -> str:
        """What messages call it, such as the folder's name."""

    def check(self) -> None:
        """Raise UnreachableError or CredentialsError, with what to do, where a draft could not be made by now."""

    def refusal(self, sender: str) -> str:
        """Why no draft of this sender (an address in lower case) can be made here; empty where one can."""

    def create(self, message: Message) -> str:
        """Make the draft, once, and return its ID.

        Raises RefusedError, and UnreachableError where it is certain that none was made. Any other failure leaves
        it open: the next run asks `trace`.
        """

    def trace(self, drafts: Sequence[Known]) -> list[Found | None]:
        """What became of each draft, in the same order; None where there is none, and none has been.

        One that is gone is `unknown` where it can't be told whether it was sent or deleted.
        """

    def correspondence(self, people: Mapping[str, Collection[str]]) -> Mapping[str, Correspondence]:
        """The last mails with each of these people; nobody where mail is not read at all (`reads_mail`).

        `people` has for each address the senders whose mailboxes are to be asked; all in lower case. Of whom a
        mailbox can't tell all, `Correspondence.unknown` says so. What a mail is and whose answer it is, the domain
        says: `process.mails.mail_kind.meaning_of` and `process.mails.exchange`. No mail is changed, nor marked as read.
        """


@runtime_checkable
class BatchMailbox(Mailbox, Protocol):
    """A mailbox that makes several drafts in one call."""

    @property
    def at_once(self) -> int:
        """How many it makes in one call."""

    def create_all(self, messages: Sequence[Message]) -> list[str | FivestepError]:
        """Make at most `at_once` drafts; for each its ID, or what `create` would have raised."""
