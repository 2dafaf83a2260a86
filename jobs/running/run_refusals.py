"""Why a planned draft is not made: reasons that only a run can learn, in the order it learns them.

What the plan itself knows stands in `process/mails/refusals.py`.
"""

from __future__ import annotations

from fivestep.connectors.mailbox import RefusedError
from fivestep.errors import FivestepError, UnreachableError
from fivestep.jobs.running.reports import Drafted

LEFT_TO_FOLLOW_UP = Drafted("skipped", "due, and left to the next follow-up run")
"""The job is one that makes no drafts."""

NO_ID_IN_SHEET = Drafted("skipped", "the row has no ID yet, as it could not be written")
"""The sheet did not take the deal's new ID, without which nobody finds the deal again."""

OVERTAKEN = Drafted("skipped", "another run has drafted this, or something else to this person, in the meantime")
"""The ledger refused the intent."""


def never_made(fault: FivestepError) -> bool:
    """Whether this answer of a mailbox says for certain that there is no draft; else nobody knows."""
    return isinstance(fault, UnreachableError | RefusedError)


def not_drafted(fault: FivestepError) -> Drafted:
    """What is said of a draft for which a mailbox gave this answer."""
    if never_made(fault):
        return Drafted("failed", str(fault))
    return Drafted("failed", f"{fault} (the next run finds out whether the draft was made)")


CELL_WITHOUT_DRAFT = "the draft that it speaks of was not made"
"""Why a cell was put back which said that a draft waits."""
