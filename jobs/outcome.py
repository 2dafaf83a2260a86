"""What a run did: the plan, and beside it what became of each part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fivestep.connectors.sheet import Written
from fivestep.process.plan import Plan


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
    def partly(self) -> bool:
        """Whether a part failed."""
        return any(w.outcome == "failed" for w in self.changes) or any(d.outcome == "failed" for d in self.drafts)
