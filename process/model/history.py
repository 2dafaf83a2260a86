"""What the ledger remembers and the sheet does not say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from fivestep.process.model.subject import as_answer

DraftState = Literal["intended", "created", "edited", "sent", "deleted", "unknown", "failed"]
"""`intended`: written down before the mailbox was called, its outcome open. `created`: waits for a person. `edited`:
a person has worked on it, and it still waits. `unknown`: gone, and nobody can say whether it was sent. `failed`: the
mailbox refused it; it may be tried again."""

NO_DEAL = ""
"""Stands for the deal in a draft that is about none: a digest, or a notice to the keeper. No customer gets those."""

OPEN_STATES: Set[DraftState] = frozenset({"intended", "created", "edited"})


class StageEntry(NamedTuple):
    """A deal came into a stage."""

    stage: str
    on: dt.date
    """The day of the first run that saw it there."""
    dated: dt.date | None
    """What the sheet's own date for the stage said when the deal was last seen in it."""


class Wait(NamedTuple):
    """The clocks stood still from one day until another."""

    since: dt.date
    until: dt.date


class DraftRecord(NamedTuple):
    """One draft, and what became of it."""

    key: str
    deal: str
    person: str
    """The address, in lower case."""
    entry: int
    """Which stage entry of the deal it belongs to, from 1."""
    step: int
    """Which step of the sequence, from 1."""
    template: str
    state: DraftState
    on: dt.date
    """When it was made."""
    changed_on: dt.date
    """When its state last changed."""
    answered_on: dt.date | None = None
    """The day of the first word of theirs after it; None where no run has seen one."""


@dataclass(frozen=True, slots=True)
class DealHistory:
    """One deal's past."""

    entries: Sequence[StageEntry] = ()
    """Oldest first; the last is the stage in which the deal was last seen."""
    drafts: Sequence[DraftRecord] = ()
    """Oldest first."""
    waits: Sequence[Wait] = ()
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Header to the texts that the deal's cell may hold if nobody but a run touched it: the text a run last put there,
    and, where a later run was ended before it could say what it did, the text that one was about to put there."""
    fingerprint: str = ""
    """What the row was about when it was last seen: see `process.judging.deal_ids`."""
    imported: StageEntry | None = None
    """The last stage entry that no run saw, and that was imported; None where there is none."""

    @property
    def seen(self) -> bool:
        """Whether a run knows it; of a deal that was only imported none does."""
        return self.imported is None or bool(self.entries or self.fingerprint or self.written or self.drafts)


NO_PAST = DealHistory()


@dataclass(frozen=True)
class History:
    """The pipeline's past."""

    deals: Mapping[str, DealHistory] = field(default_factory=dict)
    open_elsewhere: Set[str] = frozenset()
    """Who has an unsent draft about a deal of another pipeline waiting; addresses in lower case."""
    drafts_today: int = 0
    """Drafts about deals that were made on the day of the plan."""
    to_the_team: Sequence[DraftRecord] = ()
    """The drafts that are about no deal, oldest first: they are in none of the above."""

    @cached_property
    def seen(self) -> Set[str]:
        """The deals that runs know, by their IDs."""
        return {deal for deal, past in self.deals.items() if past.seen}

    @cached_property
    def first_run(self) -> dt.date | None:
        """The day of the first run that saw a deal in a stage; None before it."""
        return min((past.entries[0].on for past in self.deals.values() if past.entries), default=None)

    @property
    def open_people(self) -> Set[str]:
        """Who has an unsent draft waiting, of any owner or pipeline; addresses in lower case."""
        drafts = (draft for past in self.deals.values() for draft in past.drafts)
        return self.open_elsewhere | {draft.person for draft in drafts if draft.state in OPEN_STATES}


class Conversation(NamedTuple):
    """The latest mails with one person in one mailbox: where a follow-up belongs."""

    thread: str
    """The mailbox's own name for it."""
    message_id: str
    """The Message-ID of its last mail, in angle brackets."""
    references: str
    """The Message-IDs that mail refers to, apart by spaces."""
    subject: str
    """As that mail has it, with or without a `Re:`."""

    @property
    def reply_subject(self) -> str:
        """The subject of an answer."""
        return as_answer(self.subject)


class Correspondence(NamedTuple):
    """The last mails exchanged with one person, as far as the mailboxes can tell."""

    theirs: dt.date | None = None
    """Their last word, or that of somebody who answered for them; an automatic reply is none."""
    ours: dt.date | None = None
    they_wrote_last: bool = False
    """Which came first where both are of one day."""
    conversations: Mapping[str, Conversation] = {}
    """By the address (lower case) of whose mailbox it is in."""
    unknown: str = ""
    """Why they may have written later than this tells; empty where everything was looked through."""
    accepted: dt.date | None = None
    """Their last yes to an invitation: a contact, and no answer to a mail."""
    bounced: dt.date | None = None
    """When the last mail to this address was lost; None where something came from it since."""
    away_until: dt.date | None = None
    """Until when they are away, as their last automatic reply says; None where they wrote since."""
    asked_out: dt.date | None = None
    """When they last asked to get no more mails."""
    alive: dt.date | None = None
    """When the last mail of any kind came from this very address."""


@dataclass(frozen=True)
class Mail:
    """What the mailboxes say."""

    correspondence: Mapping[str, Correspondence] = field(default_factory=dict)
    """By the person's address in lower case: everybody who was asked for, or nobody where mail is not read at all."""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Why no draft can be made for a sender, by their address in lower case."""


NO_MAIL = Mail()
