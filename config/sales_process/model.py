"""The process file as it is written: its tables and keys, typed.

`docs/process.md` explains each to a sales lead.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fivestep.process.conditions.compile import Scope
from fivestep.process.model.deal import DEAL_OUTCOMES, KINDS, FieldKind
from fivestep.process.model.problem import Severity
from fivestep.process.model.sales_process import StageKind

Name = Annotated[str, Field(min_length=1)]
Days = Annotated[int, Field(ge=0, le=36_500)]
Limit = Annotated[int, Field(ge=1, le=36_500)]

ALWAYS = "true"
"""The condition of what has none."""

OTHER = "*"
"""Among the words of a choice's value: any other word."""


class ProcessTable(BaseModel):
    """A table of the process file; an unknown name in it is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WrittenTargets(ProcessTable):
    """What the team aims at."""

    new_leads_per_week: Limit | None = None
    """So many new leads a week keep the top of the pipeline full."""


class WrittenScale(ProcessTable):
    """How numbers stand for the values of a choice."""

    of: float
    """The scale's highest number."""
    since: Annotated[dict[str, float], Field(alias="from", min_length=1)]
    """A value to the number from which on it holds."""


class WrittenRule(ProcessTable):
    """A finding of the team's own."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """A word of small letters, digits and `_`."""
    field: Name
    """The field that mends it; without a column for it the rule is left out."""
    when: str
    """The condition under which the rule is broken."""
    severity: Severity = "warning"
    """How bad it is; with an error the deal needs data."""
    message: Name
    """What is wrong."""
    fix: Name
    """What to do about it."""
    first: bool = False
    """Nothing else is to be done before it is settled, and no mail is drafted."""
    asks_for: Name | None = None
    """What is still open where the rule is broken; the status of a late deal names it."""


class WrittenStep(ProcessTable):
    """A next step; or, with `questions`, all of the stage's questions at this place."""

    when: str = ALWAYS
    """The condition of this step; the first step whose condition holds is taken."""
    step: str | None = None
    """What to do."""
    questions: bool = False
    """Instead of a step: the stage's open questions."""


class WrittenMail(ProcessTable):
    """One mail of a sequence of follow-ups."""

    after: Days
    """Working days of silence for the first mail, since the one before for the next."""
    text: Name
    """The name of the mail text."""


class WrittenFollowUps(ProcessTable):
    """A sequence of follow-ups; an empty one keeps deals from being written to."""

    when: str = ALWAYS
    """The condition of this sequence."""
    steps: list[WrittenMail]
    """The mails, in order; none keeps such deals from being written to."""


class WrittenCare(ProcessTable):
    """One mail after the sale."""

    when: str = ALWAYS
    """The condition of this mail."""
    after: Days
    """Working days since the win."""
    within: Limit | None = None
    """The mail is left out when it is so many working days overdue."""
    text: Name
    """The name of the mail text."""


class WrittenStage(ProcessTable):
    """One stage."""

    name: Name
    """What the stage is called."""
    aliases: list[str] = []
    """Other words for the stage that sheets use."""
    kind: StageKind = "open"
    """Whether its deals are open, won or lost."""
    probability: Annotated[float | None, Field(ge=0, le=1)] = None
    """The share of such deals that are won in the end, 0 to 1."""
    date: str | None = None
    """The field with the day on which a deal came into this stage, such as `won_on`."""
    parked: bool = False
    """Deals rest here, and nobody sells to them: nothing is learned from how long they do."""
    rhythm: Limit | None = None
    """Working days in the stage after which a word is due."""
    stall_after: Limit | None = None
    """Working days in the stage after which a deal has stalled; if not given, that is learned from your own deals."""
    silent_after: Limit | None = None
    """Working days without contact after which a word is due."""
    quiet_after: Limit | None = None
    """Working days of silence after which no mail is drafted any more."""
    moves: list[str] | None = None
    """The stages to which a deal may go from here; if not given, the next one and those of kind lost."""
    enter: list[str] = []
    """Fields that a deal in this stage must have."""
    leave: list[str] = []
    """Fields to be filled in here before the deal goes on."""
    questions: dict[str, Name] = {}
    """A field to the question that gets the answer."""
    rules: list[WrittenRule] = []
    """Findings of your own."""
    next_steps: list[WrittenStep] = []
    """What to do next, the most urgent first."""
    follow_ups: list[WrittenFollowUps] = []
    """The mails to a deal to which a word is due, or that has stalled."""
    care: list[WrittenCare] = []
    """The mails after the sale; only where the kind is won."""


class WrittenProcess(ProcessTable):
    """The whole file."""

    name: Name
    """What the process is called."""
    learn_rhythm: bool = False
    """The days under `rhythm` give way to what won deals have taken, once that is known."""
    targets: WrittenTargets = WrittenTargets()
    fields: dict[str, FieldKind] = {}
    """Fields of your own that conditions and texts use, each with its kind."""
    labels: dict[str, Name] = {}
    """What messages call a field."""
    choices: dict[str, dict[str, list[str]]] = {}
    """For each field of the kind `choice`: a value to the words for it; `*` stands for every other word."""
    scales: dict[str, list[WrittenScale]] = {}
    """For choices that a cell may give as a number: from which number on each value holds."""
    lead_type_by_source: dict[str, str] = {}
    """Whether a lead is cold or warm, by its source, where no cell says so."""
    stages: Annotated[list[WrittenStage], Field(min_length=1)]
    """The stages, in order."""

    @property
    def kinds(self) -> dict[str, FieldKind]:
        """The kind of every field, the team's own included; a choice without listed words is a text."""
        kinds: dict[str, FieldKind] = {**KINDS, **self.fields}
        return {name: "text" if kind == "choice" and name not in self.choices else kind for name, kind in kinds.items()}

    def scope(self, mapped: Collection[str]) -> Scope:
        """What conditions may name."""
        values: dict[str, Collection[str]] = {name: list(choice) for name, choice in self.choices.items()}
        values |= {"stage": [stage.name for stage in self.stages], "outcome": DEAL_OUTCOMES}
        return Scope(self.kinds, values, frozenset(mapped))
