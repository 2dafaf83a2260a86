"""The ledger: what the tool knows that the sheet does not. The protocol, and what passes through it.

The contract suite in `tests/contracts/ledger.py` holds each implementation to this page. Every method is one
transaction: after it returns, what it wrote survives a crash; before that, nothing of it does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol, get_args

from fivestep.process.history import DraftRecord, DraftState, History, StageEntry
from fivestep.process.plan import Change, Draft, Outcome, Plan

Job = Literal["sync", "follow_up"]
"""What is carried out on a schedule: `follow_up` makes a plan and carries out all of it, `sync` its cells only."""

JOBS: tuple[Job, ...] = get_args(Job)

RunKind = Literal["run", "undo", "digest"] | Job
"""`run`: a whole run of a version that had no jobs."""
RunOutcome = Literal["open", "done", "partly", "failed"]
"""`open`: under way, or cut off."""


HEADER = ""
"""Stands for the deal in the change that gave a new column its header."""


class RunRecord(NamedTuple):
    """One run."""

    id: int
    kind: RunKind
    as_of: dt.date
    started: dt.datetime
    """In UTC, as every time in the ledger."""
    finished: dt.datetime | None
    outcome: RunOutcome
    counts: Mapping[str, int]
    """The plan's summary, and `written`, `created`, `skipped`, `failed`."""
    message: str
    """What went wrong; empty where nothing did."""
    undoes: int | None
    """The run that an undo takes back."""


class ChangeRecord(NamedTuple):
    """One cell of one run."""

    run: int
    deal: str
    row: int
    column: str
    old: str
    new: str
    outcome: Outcome


class OpenDraft(NamedTuple):
    """A draft whose story has not ended."""

    record: DraftRecord
    token: str
    draft_id: str
    """Empty while it is intended."""
    mailbox: str
    """The mailbox it was made in, as the settings name it."""
    sender: str
    subject: str
    since: dt.datetime
    """When it was about to be made."""


class DealStory(NamedTuple):
    """Everything about one deal, oldest first."""

    deal: str
    entries: Sequence[StageEntry]
    drafts: Sequence[DraftRecord]
    changes: Sequence[ChangeRecord]


class Ledger(Protocol):
    """The memory of any number of pipelines, each under its own name."""

    def lock(self, pipeline: str) -> AbstractContextManager[None]:
        """Hold the pipeline while a run is under way.

        Raises BusyError at once where somebody else does. A holder that died holds nothing.
        """

    def claim(self, pipeline: str, job: str, due: dt.datetime) -> bool:
        """Take the occasion on which this job is due; False where it has been taken already.

        Of all that share the ledger, one gets it. Occasions are forgotten some weeks later.
        """

    def give_back(self, pipeline: str, job: str, due: dt.datetime) -> None:
        """Let somebody take an occasion that was claimed and not used."""

    def history(self, pipeline: str, today: dt.date) -> History:
        """All that `evaluate` needs."""

    def begin(
        self,
        pipeline: str,
        kind: RunKind,
        as_of: dt.date,
        started: dt.datetime,
        *,
        plan: Plan | None,
        changes: Sequence[Change],
        undoes: int | None = None,
    ) -> int:
        """Open a run and return its ID: its changes as planned, and the plan's sightings, are written down."""

    def intend(
        self, pipeline: str, run: int, draft: Draft, token: str, mailbox: str, on: dt.date, at: dt.datetime
    ) -> bool:
        """Write down that this draft is about to be made, at this time, for that day's plan.

        False, with nothing written, where its key has been used, unless its last try is known to have failed; and
        where an unsent draft to that person waits, in whichever pipeline: of two runs at once only one gets True.
        A digest is a draft about no deal, see `process.history.NO_DEAL`: it waits for nobody, and keeps nobody waiting.
        """

    def settle(self, pipeline: str, key: str, state: DraftState, on: dt.date, draft_id: str | None = None) -> None:
        """Record what became of a draft."""

    def open_drafts(self, pipeline: str, gone_since: dt.date | None = None) -> list[OpenDraft]:
        """The drafts that are in one of `OPEN_STATES`, oldest first.

        With `gone_since` also those that have been `deleted` or `unknown` since that day: they may come back.
        """

    def record_changes(self, run: int, outcomes: Sequence[Outcome]) -> None:
        """What became of the run's changes, in the order in which `begin` got them."""

    def finish(
        self, run: int, outcome: RunOutcome, finished: dt.datetime, counts: Mapping[str, int], message: str = ""
    ) -> None:
        """Close a run."""

    def keep_write(self, pipeline: str, content: bytes | None) -> None:
        """Keep what is about to be written to the sheet in place of what was kept; None: it stands where it belongs."""

    def unverified_write(self, pipeline: str) -> bytes | None:
        """What was kept of a write that was cut off; None where all writes stand where they belong."""

    def runs(self, pipeline: str, limit: int = 20) -> list[RunRecord]:
        """The latest runs, newest first."""

    def run(self, pipeline: str, run: int) -> RunRecord | None:
        """One run; None where this pipeline has none of that number."""

    def changes(self, run: int) -> list[ChangeRecord]:
        """The cells of a run, in the order of the plan."""

    def story(self, pipeline: str, deal: str) -> DealStory | None:
        """One deal's whole story; None where it was never seen."""

    def close(self) -> None:
        """Let go of the database."""
