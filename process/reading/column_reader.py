"""The columns of a sheet, read.

A sheet has many more cells than different ones, most texts and numbers are fine as they stand, and what a date or an
amount means depends on its column. So every distinct cell of a column is read once, and only where it needs reading.

A column is taken part by part, beside the same part of the others: going through a hundred thousand rows column by
column waits for the memory far longer than it works.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, filterfalse, product
from typing import Any, Literal, NamedTuple, Protocol, cast

from fivestep.process.model.deal import KINDS, FieldKind
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Cell, may_hold_error, shown
from fivestep.process.reading.amounts import Money, currency_reader, money_reader
from fivestep.process.reading.cells import (
    CHECKBOX,
    UNSEEN,
    CellFault,
    Filled,
    Read,
    Reading,
    as_text,
    clean,
    fill,
    narrow,
)
from fivestep.process.reading.choices import choice_reader
from fivestep.process.reading.dates import date_reader
from fivestep.process.reading.email_cell import read_email
from fivestep.process.reading.percentages import share_reader
from fivestep.process.reading.stage_names import blank_stage, outcome_reader, stage_reader
from fivestep.process.reading.yes_no import answer_reader, flag_reader, milestone_reader, read_people

_ColumnKind = FieldKind | Literal["id", "currency"]
_Reader = Callable[[Filled], Read | Money | CellFault]

_DECIDE_ON_BLANKS: Set[_ColumnKind] = frozenset({"id", "stage", "choice"})
"""Kinds in which a `-` or a `tbd` may be what is meant."""

_WHERE_UNREAD: Mapping[str, Read] = {"do_not_contact": True}
"""What a field holds where its cell can't be read, if not None: whoever wrote there did not mean "go on"."""

_ORDINARY_EMAIL = re.compile(r"(?!.{65})[\w+-]+(?:\.[\w+-]+)*@(?:[a-z0-9]+[.-])*[a-z0-9]+\.[a-z]{2,10}", re.ASCII)
_BOUND = 1e15
_SHORT = 4
_BOXES: Mapping[Cell, Cell] = {True: "TRUE", False: "FALSE"}
_UNSEEN = re.compile(f"[{UNSEEN}]")


@dataclass(frozen=True)
class Dialect:
    """All that the reading of a column depends on, beside its cells."""

    reading: Reading
    process: Process
    stage_words: Mapping[str, str]

    @cached_property
    def telling(self) -> Set[str]:
        """Plain texts that, as a whole, are more or less than words, in their usual spellings."""
        words = self.reading.words
        texts = {*words.blanks, *words.ticks, *words.crosses, *CHECKBOX}
        usual = {how(text) for text in texts for how in (str.lower, str.upper, str.capitalize, str.title)}
        # Short ones come in any: other programs write `NaN`.
        return {""} | usual | {"".join(one) for text in texts if len(text) <= _SHORT for one in _cases(text)}


def _cases(text: str) -> Iterator[tuple[str, ...]]:
    return product(*({character.lower(), character.upper()} for character in text))


class FaultAt(NamedTuple):
    """A cell that can't be read."""

    position: int
    """Among the cells of the column, from 0."""
    cell: Cell
    fault: CellFault


class ReadColumn(NamedTuple):
    """A column as it was read."""

    values: Sequence[Any]
    """One for each cell, of the type that the field's kind has."""
    faults: Sequence[FaultAt]
    beside: Sequence[str | None] = ()
    """Beside an amount the currency that is written there, beside a stage the sheet's own word; empty where nothing."""


class ColumnReader(Protocol):
    """Takes a column part by part."""

    def take(self, part: Sequence[Cell]) -> None:
        """The next cells."""

    def column(self) -> ReadColumn:
        """The whole column, once it is taken."""


def column_reader(field: str, dialect: Dialect) -> ColumnReader:
    """The reader of a field's column."""
    kind: _ColumnKind
    match field:
        case "id" | "currency":
            kind = field
        case _:
            kind = KINDS.get(field) or dialect.process.kinds.get(field, "text")
    if kind in {"id", "text", "answer", "email"}:
        return _CellByCell(field, kind, dialect)
    return _AsAWhole(field, kind, dialect)


class _CellByCell:
    """For cells that mean the same whatever stands in the others."""

    def __init__(self, field: str, kind: _ColumnKind, dialect: Dialect) -> None:
        self._kind = kind
        self._telling = dialect.telling
        self._meanings = _Meanings(field, kind, dialect)
        self._values: list[Any] = []
        self._faults: list[FaultAt] = []

    def take(self, part: Sequence[Cell]) -> None:
        if (
            self._kind != "email"
            and self._telling.isdisjoint(part)
            and _are_words(part, answers=self._kind == "answer")
        ):
            self._values.extend(part)
            return
        part, distinct = _with_boxes_as_texts(part)
        self._meanings.learn(_not_as_they_stand(self._kind, distinct, self._telling))
        self._faults.extend(self._meanings.faults_in(part, len(self._values)))
        self._values.extend(map(self._meanings.values.get, part, part))

    def column(self) -> ReadColumn:
        return ReadColumn(self._values, self._faults)


class _AsAWhole:
    """For cells whose meaning depends on the others, or of which there are few different ones."""

    def __init__(self, field: str, kind: _ColumnKind, dialect: Dialect) -> None:
        self._kind = kind
        self._meanings = _Meanings(field, kind, dialect)
        self._cells: list[Cell] = []
        self._distinct: dict[Cell, Cell] = {}

    def take(self, part: Sequence[Cell]) -> None:
        part, distinct = _with_boxes_as_texts(part)
        if self._kind == "amount":
            self._cells.extend(part)
            unread = {c for c in distinct if not ((type(c) is float or type(c) is int) and -_BOUND < c < _BOUND)}
            self._distinct.update(zip(unread, unread, strict=True))
        else:
            self._cells.extend(map(self._distinct.setdefault, part, part))

    def column(self) -> ReadColumn:
        cells = self._cells
        if not self._distinct:
            return ReadColumn(cells, ())
        self._meanings.learn(self._distinct)
        values = self._meanings.values
        beside: Sequence[str | None] = ()
        if self._kind == "stage":
            beside = list(map({cell: clean(shown(cell)) or None for cell in values}.__getitem__, cells))
        elif self._meanings.currencies:
            beside = list(map(self._meanings.currencies.get, cells))
        return ReadColumn(list(map(values.get, cells, cells)), self._meanings.faults_in(cells), beside)


class _Meanings:
    """What the distinct cells of a column mean."""

    def __init__(self, field: str, kind: _ColumnKind, dialect: Dialect) -> None:
        self.values: dict[Cell, Any] = {}
        self.faults: dict[Cell, CellFault] = {}
        self.currencies: dict[Cell, str] = {}
        self._field = field
        self._kind = kind
        self._dialect = dialect
        self._blank = blank_stage(dialect.process, dialect.stage_words) if kind == "stage" else None
        self._blanks: Set[str] = frozenset() if kind in _DECIDE_ON_BLANKS else dialect.reading.words.blanks
        if kind == "amount":
            self._blanks = {text for text in self._blanks if narrow(text).strip("-")}

    def learn(self, cells: Iterable[Cell]) -> None:
        """Read those of the cells that are new."""
        filled = {cell: fill(cell, self._blanks) for cell in cells if cell not in self.values}
        held = [one for one in filled.values() if one is not None and not isinstance(one, CellFault)]
        read = _reader(self._kind, held, self._field, self._dialect)
        for cell, one in filled.items():
            value = self._blank if one is None else one if isinstance(one, CellFault) else read(one)
            if isinstance(value, CellFault):
                self.faults[cell] = value
                value = _WHERE_UNREAD.get(self._field)
            elif isinstance(value, Money):
                self.currencies[cell] = value.currency
                value = value.value
            self.values[cell] = value

    def faults_in(self, cells: Sequence[Cell], start: int = 0) -> list[FaultAt]:
        """Those of the cells that can't be read; `start` is the position of the first."""
        faults = self.faults
        if faults.keys().isdisjoint(cells):
            return []
        at_fault = compress(enumerate(cells, start), map(faults.__contains__, cells))
        return [FaultAt(at, cell, faults[cell]) for at, cell in at_fault]


def _with_boxes_as_texts(cells: Sequence[Cell]) -> tuple[Sequence[Cell], Set[Cell]]:
    """The cells, and the distinct ones among them; in a set, True would be the same as 1."""
    distinct = set(cells)
    if True not in distinct and False not in distinct:
        return cells, distinct
    types = set(map(type, cells))
    if bool not in types:
        return cells, distinct
    if types <= {bool, str}:
        cells = list(map(_BOXES.get, cells, cells))
    else:
        cells = [cell if not isinstance(cell, bool) else "TRUE" if cell else "FALSE" for cell in cells]
    return cells, set(cells)


def _not_as_they_stand(kind: _ColumnKind, cells: Set[Cell], telling: Set[Cell]) -> Set[Cell]:
    """Those of the cells that may not be, as they stand, what a field of this kind holds."""
    if kind == "email":
        if set(map(type, cells)) == {str}:
            return set(filterfalse(_ORDINARY_EMAIL.fullmatch, cast("Set[str]", cells)))
        return {c for c in cells if type(c) is not str or not _ORDINARY_EMAIL.fullmatch(c)}
    told = cells & telling
    rest = cells - told
    if _are_words(rest, answers=kind == "answer"):
        return told
    return told | {cell for cell in rest if not _are_words({cell}, answers=kind == "answer")}


def _are_words(cells: Collection[Any], *, answers: bool) -> bool:
    """Whether all are words: no spaces around them, no errors, and a letter first if they are answers."""
    try:
        text = "".join(cells)
    except TypeError:
        return False
    if may_hold_error(text) or (not text.isascii() and _UNSEEN.search(text)):
        return False
    if answers and not "".join([cell[:1] for cell in cells]).isalnum():
        return False
    return list(map(str.strip, cells)) == list(cells)


def _reader(kind: _ColumnKind, cells: Collection[Filled], field: str, dialect: Dialect) -> _Reader:  # noqa: C901, PLR0912
    """The reader for a column with these cells."""
    reading, process = dialect.reading, dialect.process
    match kind:
        case "answer":
            return answer_reader(reading.words)
        case "email":
            return read_email
        case "amount":
            return money_reader(cells, reading)
        case "currency":
            return currency_reader(reading.words)
        case "percent":
            return share_reader(cells)
        case "date":
            return date_reader(cells, reading)
        case "milestone":
            return milestone_reader(cells, reading)
        case "flag":
            return flag_reader(reading.words)
        case "choice" if field in process.choices:
            return choice_reader(cells, process.choices[field], reading.words)
        case "stage":
            return stage_reader(process, dialect.stage_words, reading.words)
        case "outcome":
            return outcome_reader(process, reading.words)
        case "people":
            return read_people
        case _:
            return as_text
