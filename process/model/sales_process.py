"""A sales process: its stages, rules, next steps and follow-ups, loaded and compiled.

`config` makes these from a TOML file; the rest of `process` gives them meaning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from fivestep.process.model.deal import Deal, FieldKind
from fivestep.process.model.problem import Severity
from fivestep.process.model.template import Merge


class Facts(NamedTuple):
    """What conditions may ask about a deal beyond its own fields. Days are the team's working days."""

    today: dt.date
    days_in_stage: int | None
    """None where no date tells when the stage began."""
    days_since_contact: int | None
    """Since the last word in either direction, else since the stage began; None where silence can't be told."""
    follow_ups: int
    """How many follow-ups of this stage entry have been drafted so far."""


Holding = Callable[[Deal, Facts], Sequence[int]]
"""Which of a list of compiled conditions hold for a deal: their positions, in order."""

First = Callable[[Deal, Facts], int]
"""The position of the first condition that holds, or -1."""

StageKind = Literal["open", "won", "lost"]


def none_hold(_deal: Deal, _facts: Facts) -> Sequence[int]:
    """The compiled form of no conditions at all."""
    return ()


def none_first(_deal: Deal, _facts: Facts) -> int:
    """The compiled form of no conditions at all, where the first one is asked for."""
    return -1


@dataclass(frozen=True)
class Rule:
    """A finding that is reported where its condition holds."""

    id: str
    """The whole name, with the stage's: `closing.signature`."""
    field: str
    """The field whose column is to be mended; a rule of a column that is not mapped is not checked."""
    severity: Severity
    message: Merge
    fix: Merge
    first: bool = False
    """Nothing else is to be done before it is settled: its fix is the next step, and no mail is drafted."""
    asks_for: str = ""
    """What is still open in a deal that breaks it, as the status of a late deal names it; empty where nothing is."""


@dataclass(frozen=True)
class FollowUp:
    """One mail of a sequence."""

    after: int
    """Working days: of silence for the first nudge, since the step before for the next; since the win for care."""
    text: str
    """The name of the mail text."""
    within: int | None = None
    """Care only: the step lapses when it is this many working days overdue."""


@dataclass(frozen=True)
class Stage:
    """One stage, with everything compiled that concerns a deal in it."""

    name: str
    kind: StageKind = "open"
    parked: bool = False
    """Deals rest here, and nobody sells to them: nothing is learned from how long they do."""
    probability: float = 0.0
    date_field: str | None = None
    """The field with the day on which the deal entered this stage, such as `won_on`; before `stage_since`."""
    rhythm: int | None = None
    """Working days in the stage after which a word is due; None: never."""
    stall_after: int | None = None
    """Working days in the stage after which the deal has stalled, set by hand; None: that is learned."""
    silent_after: int | None = None
    """Working days without contact after which a word is due; None: never."""
    quiet_after: int | None = None
    """Working days of silence after which nudges are pointless and none is drafted."""
    moves: frozenset[str] = frozenset()
    """The stages a deal may go to from here without a reason in `override`."""
    rules: tuple[Rule, ...] = ()
    broken: Holding = none_hold
    """Which of `rules` a deal breaks."""
    next_steps: tuple[Merge, ...] = ()
    next_step: First = none_first
    """Which of `next_steps` comes first."""
    sequences: tuple[tuple[FollowUp, ...], ...] = ()
    sequence: First = none_first
    """Which of `sequences` is the deal's."""
    care: tuple[FollowUp, ...] = ()
    care_due: Holding = none_hold
    """Which steps of `care` have their condition met (the days are counted apart)."""


@dataclass(frozen=True)
class Choice:
    """The values of one field of kind `choice`, and the words for them."""

    words: Mapping[str, str]
    """A word in the form of `plain` to the value."""
    other: str | None = None
    """What any other word means; None: it is a problem."""
    scales: tuple[tuple[float, Mapping[float, str]], ...] = ()
    """For numbers: the scale's highest number, and from which number on each value holds."""


CONTACT_FIELDS = ("last_contact", "last_reply")
"""The fields that tell of contacts."""


@dataclass(frozen=True)
class Process:
    """The whole process of one team."""

    name: str
    stages: Mapping[str, Stage]
    """By name, in the order of the process."""
    kinds: Mapping[str, FieldKind]
    """Of every field, the team's own included."""
    choices: Mapping[str, Choice] = field(default_factory=dict)
    stage_words: Mapping[str, str] = field(default_factory=dict)
    """A stage's other names, in the form of `plain`, to its own."""
    cold_or_warm: Mapping[str, str] = field(default_factory=dict)
    """What `lead_type` is, by source, where its cell is blank."""
    notes_contacts: bool = True
    """The sheet has a column for one of `CONTACT_FIELDS`, so that no word there means silence."""
    new_leads_per_week: int | None = None
    """The target for the top of the pipeline."""
    learn_rhythm: bool = False
    """The stages' `rhythm` is a guess, and gives way to what won deals have taken, once that is known."""
