"""What is at hand when mails are chosen: the follow-ups that are due, and the people who get none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DraftRecord
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import FollowUp, Stage


class Due(NamedTuple):
    """A follow-up that a deal's sequence asks for, and what the deal's row says about it."""

    deal: Deal
    stage: Stage
    entry: int
    """Which entry into the stage this is, from 1."""
    follow_up: FollowUp
    step: int
    """Which follow-up of this stage entry it is, from 1: a sequence may be gone through more than once."""
    days_since_contact: int
    """In working days."""
    answered: dt.date | None = None
    """The day of their last word: what was drafted to them by then has its answer."""
    first: Problem | None = None
    """What has to be settled before anything else happens to the deal; None where nothing has."""
    gone: str = ""
    """The header of a guard's column that the sheet has lost; empty where all are there."""
    unsure: str = ""
    """The header of a guard's cell that can't be read, or can't be right; empty where all can be believed."""

    @property
    def cares(self) -> bool:
        """Whether it is care after the sale, and not a nudge."""
        return self.stage.kind == "won"


class People(NamedTuple):
    """Addresses (lower case) that get no draft, over all deals and owners."""

    untouchable: Set[str]
    """Marked do not contact."""
    wrote_last: Set[str]
    have_one: Set[str]
    """An unsent draft waits for them."""
    mails: Mapping[str, Sequence[DraftRecord]]
    """What was drafted to each of them, and was sent, deleted or otherwise dealt with."""
