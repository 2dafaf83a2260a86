"""What a run did: the plan, and beside it what became of each part."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fivestep.connectors.sheet import Written
from fivestep.process.digest.digest import Digest
from fivestep.process.model.plan import Change, Draft, Plan
from fivestep.process.prognosis.backtest import Backtest


class Drafted(NamedTuple):
    """What became of one draft of the plan."""

    outcome: Literal["planned", "created", "skipped", "failed"]
    reason: str = ""


@dataclass(frozen=True)
class RunReport:
    """A plan, carried out or (`run` is None) not.

    `changes` and `drafts` stand beside `plan.changes` and `plan.drafts`, in the same order; both are empty
    where nothing was carried out.
    """

    plan: Plan
    run: int | None = None
    changes: Sequence[Written] = ()
    drafts: Sequence[Drafted] = ()
    notices: Sequence[str] = ()
    """What a person should know beyond deals and cells, such as drafts of an earlier run that were settled."""

    @property
    def counts(self) -> dict[str, int]:
        """The plan's summary, and how many parts had which outcome."""
        outcomes: Counter[str] = Counter([*(w.outcome for w in self.changes), *(d.outcome for d in self.drafts)])
        return {**self.plan.summary, **outcomes}

    @property
    def partly(self) -> bool:
        """Whether a part failed, or has left something elsewhere that a person has to mend."""
        return any(w.outcome == "failed" or (w.outcome == "written" and w.reason) for w in self.changes) or any(
            d.outcome == "failed" for d in self.drafts
        )


@dataclass(frozen=True)
class DigestReport:
    """The digests of a week, drafted or (`run` is None) not.

    `drafts` stand beside `digests`, and `results` beside both where they were drafted.
    """

    pipeline: str
    as_of: dt.date
    week: int
    """The number of the team's week."""
    digests: Sequence[Digest]
    drafts: Sequence[Draft]
    run: int | None = None
    results: Sequence[Drafted] = ()
    notices: Sequence[str] = ()
    """What a person should know beyond the digests."""

    @property
    def outcomes(self) -> Sequence[Drafted]:
        """What became of each draft, or would."""
        return self.results or [Drafted("skipped" if one.skipped else "planned", one.skipped) for one in self.drafts]

    @property
    def counts(self) -> dict[str, int]:
        """How many drafts had which outcome."""
        return dict(Counter[str](result.outcome for result in self.outcomes))

    @property
    def partly(self) -> bool:
        """Whether a part failed."""
        return any(result.outcome == "failed" for result in self.results)


@dataclass(frozen=True)
class BacktestReport:
    """The replay of one pipeline's past."""

    pipeline: str
    tested: Backtest


@dataclass(frozen=True)
class ImportReport:
    """What an import took into the ledger."""

    pipeline: str
    run: int
    """The number by which `undo` takes it back."""
    file: str
    lines: int
    """Stage entries that the file tells of."""
    added: int
    """How many of them the ledger did not have."""
    deals: int
    in_sheet: int
    """Deals of the file that are in the sheet."""
    won: int
    lost: int
    first: dt.date | None
    """The earliest and the latest day; None for a file without lines."""
    last: dt.date | None
    notices: Sequence[str] = ()
    """What a person should know of it."""


@dataclass(frozen=True)
class UndoReport:
    """What an undo did; `results` stand beside `changes`, in the same order."""

    run: int
    undoes: int
    """The run that was taken back."""
    changes: Sequence[Change]
    results: Sequence[Written]
    removed: int = 0
    """Imported stage entries that were taken out."""

    @property
    def partly(self) -> bool:
        """Whether a part failed."""
        return any(result.outcome == "failed" for result in self.results)
