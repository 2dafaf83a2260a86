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


class WrittenScale(ProcessTable):
    """How numbers stand for the values of a choice."""

    of: float
    """The scale's highest number."""
    since: Annotated[dict[str, float], Field(alias="from", min_length=1)]
    """A value to the number from which on it holds."""


class WrittenRule(ProcessTable):
    """A finding of the team's own."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    field: Name
    when: str
    severity: Severity = "warning"
    message: Name
    fix: Name
    first: bool = False
    asks_for: Name | None = None


class WrittenStep(ProcessTable):
    """A next step; or, with `questions`, all of the stage's questions at this place."""

    when: str = ALWAYS
    step: str | None = None
    questions: bool = False


class WrittenMail(ProcessTable):
    """One mail of a sequence of follow-ups."""

    after: Days
    text: Name


class WrittenFollowUps(ProcessTable):
    """A sequence of follow-ups; an empty one keeps deals from being written to."""

    when: str = ALWAYS
    steps: list[WrittenMail]


class WrittenCare(ProcessTable):
    """One mail after the sale."""

    when: str = ALWAYS
    after: Days
    within: Limit | None = None
    text: Name


class WrittenStage(ProcessTable):
    """One stage."""

    name: Name
    aliases: list[str] = []
    kind: StageKind = "open"
    probability: Annotated[float | None, Field(ge=0, le=1)] = None
    date: str | None = None
    parked: bool = False
    rhythm: Limit | None = None
    stall_after: Limit | None = None
    silent_after: Limit | None = None
    quiet_after: Limit | None = None
    moves: list[str] | None = None
    enter: list[str] = []
    leave: list[str] = []
    questions: dict[str, Name] = {}
    rules: list[WrittenRule] = []
    next_steps: list[WrittenStep] = []
    follow_ups: list[WrittenFollowUps] = []
    care: list[WrittenCare] = []


class WrittenProcess(ProcessTable):
    """The whole file."""

    name: Name
    learn_rhythm: bool = False
    targets: WrittenTargets = WrittenTargets()
    fields: dict[str, FieldKind] = {}
    labels: dict[str, Name] = {}
    choices: dict[str, dict[str, list[str]]] = {}
    scales: dict[str, list[WrittenScale]] = {}
    lead_type_by_source: dict[str, str] = {}
    stages: Annotated[list[WrittenStage], Field(min_length=1)]

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
