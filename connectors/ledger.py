"""The ledger: what the tool knows that the sheet does not. The protocol, and what passes through it.

The contract suite in `connectors/testing/ledger.py` holds each implementation to this page. Every method is one
transaction: after it returns, what it wrote survives a crash; before that, nothing of it does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Literal, NamedTuple, Protocol, get_args

from fivestep.process.model.history import DraftRecord, DraftState, History, StageEntry
from fivestep.process.model.plan import Change, Draft, Outcome, Plan
from fivestep.process.model.prognosis import StageLine

Job = Literal["sync", "follow_up"]
"""What is carried out on a schedule: `follow_up` makes a plan and carries out all of it, `sync` its cells only."""

JOBS: tuple[Job, ...] = get_args(Job)

RunKind = Literal["run", "undo", "digest", "import"] | Job
"""`run`: a whole run of a version that had no jobs. `import`: took in stage entries that no run has seen."""

BY_HAND: frozenset[RunKind] = frozenset({"undo", "import"})
"""What only a person begins, who sees how it ends."""

ASIDE: frozenset[RunKind] = BY_HAND | {"digest"}
"""What does not bring the sheet up to date."""
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
    exit_code: int | None = None
    """What a run that failed ended with; None for others."""

    @property
    def succeeded(self) -> bool:
        """Whether it did its work, be it with parts that failed."""
        return self.outcome in ("done", "partly")


class Failures(NamedTuple):
    """The runs that have failed since the last one that did not; undos and imports do not count."""

    runs: int
    first: RunRecord
    last: RunRecord


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


class FindingRecord(NamedTuple):
    """A problem that a deal has or had."""

    rule: str
    column: str
    message: str
    """As it read when it was first found."""
    since: dt.date
    """The day of the first run that found it."""
    until: dt.date | None
    """The day of the first run that did not find it any more; None while it lasts."""


class DealStory(NamedTuple):
    """Everything about one deal, oldest first."""

    deal: str
    entries: Sequence[StageEntry]
    drafts: Sequence[DraftRecord]
    changes: Sequence[ChangeRecord]
    findings: Sequence[FindingRecord] = ()
    """Errors and warnings."""
    days: Mapping[int, dt.date] = {}
    """The days that the runs of `changes` were for."""
    imported: Sequence[StageLine] = ()
    """The stage entries that no run saw."""


class LedgerState(NamedTuple):
    """How a ledger's database is."""

    size: int
    """Bytes."""
    version: str
    """Its newest migration; empty before the first run."""
    faults: Sequence[str]
    """What is broken in it."""


class Ledger(Protocol):
    """The memory of any number of pipelines, each under its own name."""

    def lock(self, pipeline: str) -> AbstractContextManager[None]:
        """Hold the pipeline while a run is under way.

        Raises BusyError at once where somebody else does. A holder that died holds nothing.
        """

    def check_writable(self, pipeline: str) -> None:
        """Raise the fault that would keep a run from writing or from holding its lock; change nothing."""

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
        """Open a run and write down what it plans; return its ID.

        - `pipeline`, `kind`: whose run, and of which kind.
        - `as_of`, `started`: the day it is for, and the moment it began.
        - `plan`: its sightings are written down, which of its errors and warnings have come or gone, and the first
          answers to drafts; None for a run without a plan, such as an undo.
        - `changes`: the cells that are about to be written.
        - `undoes`: the ID of the run that it puts back; None for none.
        """

    def import_lines(self, pipeline: str, run: int, lines: Sequence[StageLine]) -> int:
        """Add stage entries that no run saw, and return how many are new.

        - `pipeline`, `run`: whose they are, and the import that adds them.
        - `lines`: of each deal in their order, which counts within a day.

        What was imported before stays as it was, so that the same file again adds nothing.
        """

    def imported(self, pipeline: str) -> list[StageLine]:
        """All imported stage entries, those of a deal together and in their order."""

    def drop_imported(self, pipeline: str, run: int) -> int:
        """Remove the stage entries that this import added, and return how many there were."""

    def intend(
        self, pipeline: str, run: int, draft: Draft, token: str, mailbox: str, on: dt.date, at: dt.datetime
    ) -> bool:
        """Write down that a draft is about to be made; False, with nothing written, where it must not be.

        - `pipeline`, `run`: the run that makes it.
        - `draft`, `token`: the draft, and what it will be found again by.
        - `mailbox`: the name of the mailbox that it is put into.
        - `on`, `at`: the day of the plan, and the moment.

        It must not be made where its key has been used, unless its last try is known to have failed; and where an
        unsent draft to that person waits, in whichever pipeline: of two runs at once only one gets True. A draft about
        no deal, see `process.model.history.NO_DEAL`, waits for nobody, and keeps nobody waiting.
        """

    def settle(self, pipeline: str, key: str, state: DraftState, on: dt.date, draft_id: str | None = None) -> None:
        """Record what became of a draft.

        - `pipeline`, `key`: which draft.
        - `state`, `on`: its state, and the day on which it was found so.
        - `draft_id`: the mailbox's ID of it; None where that stays as it was.
        """

    def open_drafts(self, pipeline: str, gone_since: dt.date | None = None) -> list[OpenDraft]:
        """The drafts that are in one of `OPEN_STATES`, oldest first.

        With `gone_since` also those that have been `deleted` or `unknown` since that day: they may come back.
        """

    def record_changes(self, run: int, outcomes: Sequence[Outcome]) -> None:
        """What became of the run's changes, in the order in which `begin` got them."""

    def finish(
        self,
        run: int,
        outcome: RunOutcome,
        finished: dt.datetime,
        counts: Mapping[str, int],
        message: str = "",
        exit_code: int | None = None,
    ) -> None:
        """Close a run.

        - `run`: its ID.
        - `outcome`, `finished`: how and when it ended.
        - `counts`: how many of each thing it did.
        - `message`, `exit_code`: what it failed with; empty and None where it did not.
        """

    def failed(
        self,
        pipeline: str,
        kind: RunKind,
        as_of: dt.date,
        started: dt.datetime,
        finished: dt.datetime,
        message: str,
        exit_code: int,
    ) -> int:
        """Record a run that ended before it had a plan, and return its ID.

        - `pipeline`, `kind`: whose run, and of which kind.
        - `as_of`, `started`, `finished`: the day it was for, and when it began and ended.
        - `message`, `exit_code`: what it failed with.
        """

    def keep_write(self, pipeline: str, content: bytes | None) -> None:
        """Keep what is about to be written to the sheet; None once it stands where it belongs."""

    def unverified_write(self, pipeline: str) -> bytes | None:
        """What was kept of a write that was cut off; None where all writes stand where they belong."""

    def runs(self, pipeline: str, limit: int = 20) -> list[RunRecord]:
        """The latest runs, newest first."""

    def run(self, pipeline: str, run: int) -> RunRecord | None:
        """One run; None where this pipeline has none of that number."""

    def last_success(self, pipeline: str) -> RunRecord | None:
        """The latest run that brought the sheet up to date; none of the kinds in `ASIDE` is one."""

    def failures(self, pipeline: str) -> Failures | None:
        """What has failed since then; None where nothing has. A run that was cut off has failed."""

    def remember(self, pipeline: str, name: str, text: str) -> None:
        """Keep a text under a name, in place of what was kept under it."""

    def recall(self, pipeline: str, name: str) -> str:
        """The text that was kept under this name; empty where none was."""

    def prune(self, pipeline: str, idle_before: dt.datetime, before: dt.datetime) -> None:
        """Remove what nothing depends on any more.

        These are: runs of before `idle_before` that succeeded and neither wrote nor drafted; and of before `before`
        changes of cells that show something else by now, findings that have gone, and runs that have nothing left and
        are not the latest that succeeded, or later.
        """

    def changes(self, run: int) -> list[ChangeRecord]:
        """The cells of a run, in the order of the plan."""

    def story(self, pipeline: str, deal: str) -> DealStory | None:
        """One deal's whole story; None where it was never seen."""

    def examine(self) -> LedgerState:
        """How its database is. This may read all of it."""

    def close(self) -> None:
        """Let go of the database."""
