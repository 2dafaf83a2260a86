"""The plan: everything that a run does, decided before it does anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from fivestep.process.model.history import Conversation, Wait
from fivestep.process.model.problem import Problem
from fivestep.process.model.prognosis import LimitSource
from fivestep.process.model.sales_process import StageKind

Status = Literal[
    "On track",
    "Unknown age",
    "Needs data",
    "Follow up",
    "Stalled",
    "Your turn",
    "Waiting",
    "Won",
    "Lost",
    "Unknown stage",
]
"""`Follow up`: by the team's rhythm a word is due. `Stalled`: deals like this are seldom won any more."""

STATUSES: tuple[Status, ...] = get_args(Status)
"""Each one takes precedence over those before it."""

LATE: frozenset[Status] = frozenset({"Follow up", "Stalled"})
"""Where a follow-up may be due."""

Outcome = Literal["planned", "created", "written", "skipped", "failed"]


class AgeLimit(NamedTuple):
    """After how long in its stage a deal has stalled, and how that is known."""

    days: int
    """Working days where it was set by hand, else calendar days: what is learned of a past knows no holidays."""
    source: LimitSource | Literal["set"]


class Verdict(NamedTuple):
    """Where one deal stands."""

    deal: str
    row: int
    stage: str
    """The process's name of the stage; empty where it is unknown."""
    status: Status
    reason: str
    next_step: str
    days_in_stage: int | None
    """None where no date tells when the stage began; so below, where none tells of a contact either."""
    days_since_contact: int | None
    name: str = ""
    """What a person calls the deal: `Deal.name`."""
    due: dt.date | None = None
    """When to look at it next: the end of its wait, or the day after which it is late; None where it needs somebody
    now, or nobody any more."""
    since: dt.date | None = None
    """When its stage began; None where that, or the stage, is unknown."""
    age_days: int | None = None
    """Calendar days in the stage, without those on which it waited; None as for `days_in_stage`."""
    limit: AgeLimit | None = None
    """None where age says nothing in this stage, or nobody knows what it says."""
    open_points: tuple[str, ...] = ()
    """What of the selling is missing in a deal that is late, in the process's words: `who decides`."""
    past_wins: bool = False
    """It has been in its stage for longer than any deal that was won: no mail, but close it or revive it."""

    @property
    def status_text(self) -> str:
        """What the status cell says: the status and, in one line, why."""
        return f"{self.status}: {self.reason}" if self.reason else self.status


class Change(NamedTuple):
    """One cell of one of the tool's own columns, to be written."""

    deal: str
    row: int
    """The row when the sheet was read; the deal is what counts."""
    column: str
    """The header."""
    old: str
    """What the cell shows now; the write is refused where it shows something else by then."""
    new: str
    needs: str = ""
    """The key of a draft without which the change does not hold; empty where there is none."""


class Draft(NamedTuple):
    """One follow-up, to be drafted or, with the reason, not."""

    deal: str
    row: int
    key: str
    """Deal, stage entry, step: never used twice."""
    entry: int
    step: int
    to: str
    sender: str
    subject: str
    plain: str
    html: str
    template: str
    skipped: str = ""
    """Why it is not drafted; empty where it is."""
    conversation: Conversation | None = None
    """The one that it goes on with; None begins a new one."""


class Sighting(NamedTuple):
    """What a run learned about a deal that the ledger does not have yet."""

    deal: str
    fingerprint: str
    stage: str
    """Empty where the stage is unknown."""
    entered: bool
    """The stage is another than at the last run, or the deal is new; where it is not, a stage under another name has
    been renamed."""
    dated: dt.date | None
    waits: tuple[Wait, ...]
    """All waits known by now."""


class FirstAnswer(NamedTuple):
    """Their first word after a draft."""

    key: str
    """The draft's."""
    on: dt.date


class NewLead(NamedTuple):
    """A referral named in a won deal that has no row yet."""

    name: str
    referred_by: str
    """The deal's ID."""
    row: int


@dataclass(frozen=True)
class FunnelStage:
    """One stage's share of the pipeline."""

    stage: str
    deals: int
    amounts: Mapping[str, float]
    """By currency; the empty text where a deal names none."""
    weighted: Mapping[str, float]
    """Amounts times probability."""
    kind: StageKind = "open"


@dataclass(frozen=True)
class Funnel:
    """The pipeline in figures."""

    stages: Sequence[FunnelStage]
    won: int
    lost: int
    win_rate: float | None
    """Won among won and lost; None where none is either."""
    new_leads: int | None
    """Deals that came in during the seven days up to the day of the plan; None where no column says when they came."""
    new_leads_target: int | None
    unknown: Mapping[str, float] = field(default_factory=dict)
    """The amounts of deals of an unknown stage, by currency: they are in no stage's."""


class Brake(NamedTuple):
    """A reason to stop before anything is written."""

    switch: str
    """What lets the run through: `empty`, `stage-changes`, `new-ledger`; empty where nothing does."""
    message: str


@dataclass(frozen=True)
class Plan:
    """What `plan` prints and `run` carries out."""

    pipeline: str
    as_of: dt.date
    verdicts: Sequence[Verdict]
    problems: Sequence[Problem]
    changes: Sequence[Change]
    drafts: Sequence[Draft]
    funnel: Funnel
    new_columns: Sequence[str] = ()
    """Headers of the tool's columns that the sheet lacks, to be added at its right."""
    new_leads: Sequence[NewLead] = ()
    sightings: Sequence[Sighting] = ()
    answers: Sequence[FirstAnswer] = ()
    """The drafts that have been answered, and of which the ledger does not know it yet."""
    brakes: Sequence[Brake] = ()
    summary: Mapping[str, int] = field(default_factory=dict)
    """`deals`, how many hold each status, and further counts."""
    notices: Sequence[str] = ()
    """What a person should know beyond deals and cells, such as rows that are taken for no deals."""
