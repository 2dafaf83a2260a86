"""Compiles a process file without mistakes into the process that the domain works with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from fivestep.config.sales_process.checks import COLUMN
from fivestep.config.sales_process.model import OTHER, WrittenProcess, WrittenStage
from fivestep.process.conditions.compile import Scope, compile_all, compile_first
from fivestep.process.model.problem import Severity
from fivestep.process.model.sales_process import CONTACT_FIELDS, Choice, FollowUp, Process, Rule, Stage
from fivestep.process.model.template import Merge
from fivestep.process.wording.vocabulary import plain

_GRAVITY: Mapping[Severity, int] = {"error": 0, "warning": 1, "info": 2}


class _Checked(NamedTuple):
    """A rule, and the condition under which it is broken."""

    rule: Rule
    when: str


def build(written: WrittenProcess, mapped: Collection[str]) -> Process:
    """The process for a sheet that has columns for these fields.

    A mapped name that neither the process nor the file knows is a text field of the team's own.
    """
    # Cold or warm follows from the source where no column says it.
    derived = ("lead_type",) if written.lead_type_by_source and "source" in mapped else ()
    scope = written.scope([*mapped, *derived])
    return Process(
        name=written.name,
        stages={stage.name: _StageBuilder(written, scope, stage).build() for stage in written.stages},
        kinds={**dict.fromkeys(mapped, "text"), **written.kinds},
        choices={name: _choice(written, name) for name in written.choices},
        stage_words={plain(word): stage.name for stage in written.stages for word in (*stage.aliases, stage.name)},
        cold_or_warm=written.lead_type_by_source,
        notes_contacts=any(name in mapped for name in CONTACT_FIELDS),
        new_leads_per_week=written.targets.new_leads_per_week,
        learn_rhythm=written.learn_rhythm,
    )


def _choice(written: WrittenProcess, name: str) -> Choice:
    values = written.choices[name]
    return Choice(
        words={plain(word): value for value, words in values.items() for word in (value, *words) if word != OTHER},
        other=next((value for value, words in values.items() if OTHER in words), None),
        scales=tuple(
            (scale.of, {since: value for value, since in scale.since.items()}) for scale in written.scales.get(name, ())
        ),
    )


class _StageBuilder:
    """Compiles one stage."""

    def __init__(self, written: WrittenProcess, scope: Scope, stage: WrittenStage) -> None:
        self._written = written
        self._scope = scope
        self._stage = stage
        self._place = written.stages.index(stage)

    def build(self) -> Stage:
        stage, scope = self._stage, self._scope
        checked = self._checked()
        steps = self._next_steps()
        return Stage(
            name=stage.name,
            kind=stage.kind,
            probability=self._probability(),
            date_field=stage.date if stage.date in scope.mapped else None,
            parked=stage.parked,
            rhythm=stage.rhythm,
            stall_after=stage.stall_after,
            silent_after=stage.silent_after,
            quiet_after=stage.quiet_after,
            moves=self._moves(),
            rules=tuple(one.rule for one in checked),
            broken=compile_all([one.when for one in checked], scope),
            next_steps=tuple(Merge(step) for _, step in steps),
            next_step=compile_first([when for when, _ in steps], scope),
            sequences=tuple(
                tuple(FollowUp(mail.after, mail.text) for mail in sequence.steps) for sequence in stage.follow_ups
            ),
            sequence=compile_first([sequence.when for sequence in stage.follow_ups], scope),
            care=tuple(FollowUp(mail.after, mail.text, mail.within) for mail in stage.care),
            care_due=compile_all([mail.when for mail in stage.care], scope),
        )

    def _probability(self) -> float:
        if self._stage.probability is not None:
            return self._stage.probability
        return 1.0 if self._stage.kind == "won" else 0.0

    def _moves(self) -> frozenset[str]:
        """As written; else on to the next stage, and to the lost ones. A closed deal stays where it is."""
        stage, stages = self._stage, self._written.stages
        if stage.moves is not None:
            return frozenset(stage.moves)
        if stage.kind != "open":
            return frozenset()
        lost = {other.name for other in stages if other.kind == "lost"}
        return frozenset({*lost, *(following.name for following in stages[self._place + 1 : self._place + 2])})

    def _checked(self) -> list[_Checked]:
        """The rules that a deal in this stage may break and that have a column, gravest first."""
        rules = [*self._own_rules(), *self._asked_by_fields()]
        mapped = [one for one in rules if one.rule.field in self._scope.mapped]
        return sorted(mapped, key=lambda one: _GRAVITY[one.rule.severity])

    def _own_rules(self) -> list[_Checked]:
        return [
            _Checked(
                Rule(
                    f"{_slug(self._stage)}.{rule.id}",
                    rule.field,
                    rule.severity,
                    Merge(rule.message),
                    Merge(rule.fix),
                    rule.first,
                    rule.asks_for or "",
                ),
                rule.when,
            )
            for rule in self._stage.rules
        ]

    def _asked_by_fields(self) -> list[_Checked]:
        """What `enter` and `leave` ask for, here and in the stages before; about each field one thing."""
        stage = self._stage
        asked: dict[str, _Checked] = {}
        for name in stage.enter:
            message = f"{self._label(name)} is missing, and a deal in {stage.name} needs it"
            asked[name] = self._missing(stage, name, "error", message)
        if stage.kind == "lost":
            return list(asked.values())
        before = [other for other in self._written.stages[: self._place] if other.kind == "open"]
        for asking in before:
            severity: Severity = "error"
            if stage.kind == "won":
                # What was skipped keeps an open deal from going on; of a won one it is a gap in the books.
                severity = "warning" if asking is before[-1] else "info"
            for name in asking.leave:
                message = f"{self._label(name)} is missing, and {asking.name} does not end without it"
                asked.setdefault(name, self._missing(asking, name, severity, message))
        for name in stage.leave:
            message = f"{self._label(name)} is still to be filled in"
            asked.setdefault(name, self._missing(stage, name, "info", message))
        return list(asked.values())

    def _missing(self, asking: WrittenStage, name: str, severity: Severity, message: str) -> _Checked:
        cell = f"{{{{{COLUMN}|{self._label(name)}}}}}"
        if self._written.kinds[name] == "milestone":
            fix = f"Put a tick or the day into {cell}"
        elif self._written.kinds[name] == "flag":
            fix = f"Put a tick or a yes into {cell}"
        else:
            fix = f"Fill in {cell}"
        question = asking.questions.get(name)
        if question:
            fix = f"{fix}. Ask: {question}"
        identity = f"{_slug(asking)}.{name}"
        rule = Rule(identity, name, severity, Merge(message), Merge(fix), asks_for=self._name(name))
        return _Checked(rule, f"missing({name})")

    def _label(self, name: str) -> str:
        label = self._name(name)
        return label[:1].upper() + label[1:]

    def _name(self, name: str) -> str:
        return self._written.labels.get(name) or name.replace("_", " ")

    def _next_steps(self) -> Sequence[tuple[str, str]]:
        """Condition and text of each next step, the questions among them."""
        steps: list[tuple[str, str]] = []
        for entry in self._stage.next_steps:
            if entry.step is not None:
                steps.append((entry.when, entry.step))
            else:
                steps.extend((f"missing({name})", f"Ask: {text}") for name, text in self._stage.questions.items())
        return steps


def _slug(stage: WrittenStage) -> str:
    return plain(stage.name).replace(" ", "_")
