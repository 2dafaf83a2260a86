"""One column of a sheet, read.

A sheet has many more cells than different ones, most texts and numbers are fine as they stand, and what a date or an
amount means depends on its column. So every distinct cell of a column is read once, and only where it needs reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from fivestep.process.amounts import Money, currency_reader, money_reader
from fivestep.process.answers import answer_reader, flag_reader, milestone_reader, read_people
from fivestep.process.cells import CHECKBOX, Fault, Filled, Read, Reading, as_text, fill
from fivestep.process.choices import choice_reader
from fivestep.process.dates import date_reader
from fivestep.process.deal import KINDS, Kind
from fivestep.process.definition import Process
from fivestep.process.emails import read_email
from fivestep.process.shares import share_reader
from fivestep.process.stages import blank_stage, stage_reader
from fivestep.process.table import Cell, shown

Reader = Callable[[Filled], Read | Money | Fault]

_ColumnKind = Kind | Literal["id", "currency"]
_DECIDE_ON_BLANKS: Set[_ColumnKind] = frozenset({"id", "stage", "choice"})
"""Kinds in which a `-` or a `tbd` may be what is meant."""

_WHERE_UNREAD: Mapping[str, Read] = {"do_not_contact": True}
"""What a field holds where its cell can't be read, if not None: whoever wrote there did not mean "go on"."""

_ORDINARY_EMAIL = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@(?:[a-z0-9]+[.-])*[a-z0-9]+\.[a-z]{2,10}", re.ASCII)
_BOUND = 1e15


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
        return {how(text) for text in texts for how in (str.lower, str.upper, str.capitalize, str.title)}


class Column(NamedTuple):
    """A column as it was read."""

    cells: Sequence[Cell]
    """Boxes have become texts."""
    values: Sequence[Any]
    """One for each cell, of the type that the field's kind has."""
    faults: Mapping[Cell, Fault]
    """The distinct cells that can't be read."""
    currencies: Sequence[str | None] = ()
    """The currency that stands beside each amount; empty where none stands beside any."""


def read_column(field: str, cells: Sequence[Cell], dialect: Dialect) -> Column:
    """The column of a field."""
    kind = _kind(field, dialect.process)
    to_read = _to_read(kind, cells, dialect)
    if (True in to_read or False in to_read) and bool in set(map(type, cells)):
        # As a key, True would be the same as 1.
        cells = [shown(cell) if isinstance(cell, bool) else cell for cell in cells]
        to_read = _to_read(kind, cells, dialect)
    if not to_read:
        return Column(cells, cells, {})
    values = _read(kind, to_read, field, dialect)
    faults = {cell: value for cell, value in values.items() if isinstance(value, Fault)}
    values.update(dict.fromkeys(faults, _WHERE_UNREAD.get(field)))
    named = {cell: value.currency for cell, value in values.items() if isinstance(value, Money)}
    values.update((cell, values[cell].value) for cell in named)
    currencies = list(map(named.get, cells)) if named else ()
    return Column(cells, list(map(values.get, cells, cells)), faults, currencies)


def _kind(field: str, process: Process) -> _ColumnKind:
    match field:
        case "id" | "currency":
            return field
        case _:
            return KINDS.get(field) or process.kinds.get(field, "text")


def _to_read(kind: _ColumnKind, cells: Iterable[Cell], dialect: Dialect) -> set[Cell]:
    """The distinct cells that may not be, as they stand, what a field of this kind holds."""
    telling = dialect.telling
    match kind:
        case "id" | "text":
            # The first characters are those of errors: `#REF!`, `Err:502`; an empty text begins with any.
            return {
                c
                for c in cells
                if type(c) is not str or c[:1] in "#E" or not c.isascii() or c.strip() is not c or c in telling
            }
        case "answer":
            return {
                c
                for c in cells
                if type(c) is not str or c[:1] == "E" or not c[:1].isalnum() or c[-1].isspace() or c in telling
            }
        case "email":
            ordinary = _ORDINARY_EMAIL.fullmatch
            return {c for c in cells if type(c) is not str or len(c) > 64 or not ordinary(c)}
        case "amount":
            return {c for c in cells if not ((type(c) is float or type(c) is int) and -_BOUND < c < _BOUND)}
        case _:
            return set(cells)


def _read(kind: _ColumnKind, cells: Collection[Cell], field: str, dialect: Dialect) -> dict[Cell, Any]:
    """What each of these cells means, or why it can't be read."""
    blanks: Set[str] = frozenset() if kind in _DECIDE_ON_BLANKS else dialect.reading.words.blanks
    blank = blank_stage(dialect.process) if kind == "stage" else None
    filled = {cell: fill(cell, blanks) for cell in cells}
    read = _reader(
        kind, [one for one in filled.values() if one is not None and not isinstance(one, Fault)], field, dialect
    )
    return {
        cell: blank if one is None else one if isinstance(one, Fault) else read(one) for cell, one in filled.items()
    }


def _reader(kind: _ColumnKind, cells: Collection[Filled], field: str, dialect: Dialect) -> Reader:  # noqa: C901
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
        case "people":
            return read_people
        case _:
            return as_text
