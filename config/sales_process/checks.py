"""Mistakes of a process file that types don't show: names that lead nowhere, rules that never apply."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from fivestep.config.sales_process.model import ALWAYS, OTHER, WrittenProcess, WrittenStage
from fivestep.config.settings.mistakes import shortened
from fivestep.errors import Mistake
from fivestep.process.conditions.compile import ExpressionError, check_condition
from fivestep.process.conditions.terms import CONSTANTS, FACTS, FUNCTIONS
from fivestep.process.mails.merge_values import DERIVED
from fivestep.process.model.deal import KINDS, FieldKind
from fivestep.process.model.template import Merge
from fivestep.process.wording.spelling import did_you_mean
from fivestep.process.wording.vocabulary import plain

COLUMN = "column"
"""In the message and the fix of a rule: the header of the column that mends it."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = {*FACTS, *FUNCTIONS, *CONSTANTS, *DERIVED, *keyword.kwlist, COLUMN}
_DATES: Sequence[FieldKind] = ("date",)

_Found = tuple[str, str, str]
"""Place, what was found, what was expected."""


def process_mistakes(written: WrittenProcess, texts: Collection[str], file: str) -> list[Mistake]:
    """All mistakes of a file whose types are right. `texts` holds the names of the mail texts there are."""
    found = [
        *_fields(written),
        *_choices(written),
        *_scales(written),
        *_lead_types(written),
        *_stage_words(written),
        *_stage_kinds(written),
    ]
    for stage in written.stages:
        checks = _StageChecks(written, texts, stage)
        found.extend((f"stages.{stage.name}.{place}", what, expected) for place, what, expected in checks.all())
    return [Mistake(file, *one) for one in dict.fromkeys(found)]


def _fields(written: WrittenProcess) -> Iterator[_Found]:
    for name, kind in written.fields.items():
        if name in KINDS:
            yield f"fields.{name}", repr(kind), f"{name} is a field of every process, of the kind {KINDS[name]}"
        elif name in _RESERVED or not _NAME.fullmatch(name):
            yield f"fields.{name}", "", "a field's name is one word of small letters, digits and _, and none in use"
        elif kind == "choice" and name not in written.choices:
            yield f"fields.{name}", repr(kind), f"its values must stand in [choices.{name}]"
    for name in written.labels:
        yield from _known_field(written, f"labels.{name}", name)


def _choices(written: WrittenProcess) -> Iterator[_Found]:
    for name, values in written.choices.items():
        place = f"choices.{name}"
        if written.kinds.get(name) != "choice":
            known = [field for field, kind in {**KINDS, **written.fields}.items() if kind == "choice"]
            yield place, "", f"there is no field {name} of the kind choice{did_you_mean(name, known)}"
        owners: dict[str, str] = {}
        for value, words in values.items():
            for word in [value, *words]:
                folded = word if word == OTHER else plain(word)
                if not folded:
                    yield f"{place}.{value}", repr(word), "a word needs letters or digits"
                elif owners.setdefault(folded, value) != value:
                    yield f"{place}.{value}", repr(word), f"this word stands for {owners[folded]} already"


def _scales(written: WrittenProcess) -> Iterator[_Found]:
    for name, scales in written.scales.items():
        values = written.choices.get(name, {})
        for number, scale in enumerate(scales, 1):
            place = f"scales.{name}[{number}]"
            if not values:
                yield place, "", f"there are no values in [choices.{name}]"
            for value, since in scale.since.items():
                if values and value not in values:
                    yield f"{place}.from.{value}", "", f"{name} has no such value{did_you_mean(value, values)}"
                if not 0 <= since <= scale.of:
                    yield f"{place}.from.{value}", f"{since:g}", f"must lie between 0 and {scale.of:g}"
            if len(set(scale.since.values())) < len(scale.since):
                yield f"{place}.from", "", "two values begin with the same number"


def _lead_types(written: WrittenProcess) -> Iterator[_Found]:
    for source, lead_type in written.lead_type_by_source.items():
        place = f"lead_type_by_source.{source}"
        sources, types = written.choices.get("source", {}), written.choices.get("lead_type", {})
        if source not in sources:
            yield place, "", f"[choices.source] has no such value{did_you_mean(source, sources)}"
        if lead_type not in types:
            hint = did_you_mean(lead_type, types)
            yield place, repr(lead_type), f"[choices.lead_type] has no such value{hint}"


def _stage_words(written: WrittenProcess) -> Iterator[_Found]:
    owners: dict[str, int] = {}
    for position, stage in enumerate(written.stages):
        for key, word in [("name", stage.name), *(("aliases", alias) for alias in stage.aliases)]:
            place = f"stages.{stage.name}.{key}"
            if not plain(word):
                yield place, repr(word), "a stage's name needs letters or digits"
            elif owners.setdefault(plain(word), position) != position:
                yield place, repr(word), f"this is {written.stages[owners[plain(word)]].name} already"


def _stage_kinds(written: WrittenProcess) -> Iterator[_Found]:
    kinds = {stage.kind for stage in written.stages}
    for kind in ("open", "won", "lost"):
        if kind not in kinds:
            yield "stages", "", f'there is no stage of kind = "{kind}", and a process needs one'


def _known_field(written: WrittenProcess, place: str, name: str, kinds: Collection[FieldKind] = ()) -> Iterator[_Found]:
    kind = written.kinds.get(name)
    if kind is None:
        yield place, repr(name), f"there is no such field{did_you_mean(name, written.kinds)}"
    elif kinds and kind not in kinds:
        yield place, repr(name), f"a field of the kind {' or '.join(kinds)} is wanted, and this one is {kind}"


class _StageChecks:
    """The mistakes of one stage; places are told from the stage on."""

    def __init__(self, written: WrittenProcess, texts: Collection[str], stage: WrittenStage) -> None:
        self._written = written
        self._texts = texts
        self._stage = stage
        self._scope = written.scope(written.kinds)

    def all(self) -> Iterator[_Found]:
        yield from self._of_its_kind()
        yield from self._moves()
        if self._stage.date is not None:
            yield from _known_field(self._written, "date", self._stage.date, _DATES)
        yield from self._asked_fields()
        yield from self._rules()
        yield from self._next_steps()
        yield from self._follow_ups()
        yield from self._care()

    def _of_its_kind(self) -> Iterator[_Found]:
        stage = self._stage
        if stage.kind != "open":
            for key in ("parked", "rhythm", "stall_after", "silent_after", "leave", "follow_ups"):
                if getattr(stage, key):
                    yield key, "", "is for open stages; a closed deal is not late and goes nowhere"
        if stage.parked and stage.stall_after is not None:
            yield "stall_after", str(stage.stall_after), "is not for a parked stage: deals rest there"
        if stage.kind != "won" and stage.care:
            yield "care", "", 'is for stages of kind = "won"'
        if stage.quiet_after is not None and stage.quiet_after <= (stage.silent_after or 0):
            yield (
                "quiet_after",
                str(stage.quiet_after),
                "must be more than silent_after, else nobody is ever written to",
            )

    def _moves(self) -> Iterator[_Found]:
        stages = [stage.name for stage in self._written.stages]
        for name in self._stage.moves or ():
            if name not in stages:
                yield "moves", repr(name), f"there is no such stage{did_you_mean(name, stages)}"

    def _asked_fields(self) -> Iterator[_Found]:
        for key, names in (("enter", self._stage.enter), ("leave", self._stage.leave)):
            for name in names:
                yield from _known_field(self._written, key, name)
            for name in _repeated(names):
                yield key, repr(name), "stands here twice"
        for name, question in self._stage.questions.items():
            yield from _known_field(self._written, "questions", name)
            yield from self._text(f"questions.{name}", question)

    def _rules(self) -> Iterator[_Found]:
        for rule in self._stage.rules:
            place = f"rules.{rule.id}"
            yield from _known_field(self._written, f"{place}.field", rule.field)
            yield from self._condition(place, rule.when)
            for key in ("message", "fix"):
                yield from self._text(f"{place}.{key}", getattr(rule, key), COLUMN)
        asked = [*self._stage.enter, *self._stage.leave]
        for name in _repeated([*(rule.id for rule in self._stage.rules), *dict.fromkeys(asked)]):
            yield f"rules.{name}.id", repr(name), "is in use already, by a rule or by a field of enter or leave"

    def _next_steps(self) -> Iterator[_Found]:
        steps = self._stage.next_steps
        for number, entry in enumerate(steps, 1):
            place = f"next_steps[{number}]"
            yield from self._condition(place, entry.when)
            if (entry.step is None) is not entry.questions:
                yield place, "", "must have either step or questions = true"
            if entry.questions and entry.when != ALWAYS:
                yield place, "", "takes no `when`: each question is asked where its answer is missing"
            if entry.questions and not self._stage.questions:
                yield place, "", "the stage has no questions"
            if entry.step is not None:
                yield from self._text(f"{place}.step", entry.step)
        # Questions are each asked under a condition of their own: the answer is missing.
        yield from _unreached("next_steps", ["" if entry.questions else entry.when for entry in steps])

    def _follow_ups(self) -> Iterator[_Found]:
        for number, sequence in enumerate(self._stage.follow_ups, 1):
            place = f"follow_ups[{number}]"
            yield from self._condition(place, sequence.when)
            for mail_number, mail in enumerate(sequence.steps, 1):
                yield from self._mail_text(f"{place}.steps[{mail_number}].text", mail.text)
        yield from _unreached("follow_ups", [sequence.when for sequence in self._stage.follow_ups])

    def _care(self) -> Iterator[_Found]:
        for number, mail in enumerate(self._stage.care, 1):
            yield from self._condition(f"care[{number}]", mail.when)
            yield from self._mail_text(f"care[{number}].text", mail.text)
        for number, (before, mail) in enumerate(pairwise(self._stage.care), 2):
            if mail.after < before.after:
                yield f"care[{number}].after", str(mail.after), f"comes before the mail above it, after {before.after}"

    def _condition(self, place: str, condition: str) -> Iterator[_Found]:
        try:
            check_condition(condition, self._scope)
        except ExpressionError as error:
            yield f"{place}.when", shortened(condition), str(error)

    def _text(self, place: str, text: str, *also: str) -> Iterator[_Found]:
        try:
            fields = Merge(text).fields
        except ValueError as error:
            yield place, shortened(text), str(error)
            return
        for field in fields:
            if field.name not in self._written.kinds and field.name not in also:
                hint = did_you_mean(field.name, [*self._written.kinds, *also])
                yield place, f"{{{{{field.name}}}}}", f"there is no such field{hint}"
            elif field.fallback is None:
                yield place, f"{{{{{field.name}}}}}", f"needs a fallback: {{{{{field.name}|…}}}}"

    def _mail_text(self, place: str, name: str) -> Iterator[_Found]:
        if name not in self._texts:
            yield place, repr(name), f"there is no such mail text{did_you_mean(name, self._texts)}"


def _unreached(key: str, conditions: Sequence[str]) -> Iterator[_Found]:
    """Only the last entry may do without a condition: the first whose condition holds is taken."""
    for number, condition in enumerate(conditions[:-1], 1):
        if condition == ALWAYS:
            yield f"{key}[{number}]", "", "has no `when`, so what stands below it never comes"


def _repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
