"""What the cells of a column speak for, whatever its header says. The evidence is the reading itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from fivestep.process.model.deal import KINDS, FieldKind
from fivestep.process.reading.amounts import money_reader
from fivestep.process.reading.cells import CellFault, DateOrder, DecimalMark, Filled, Read, Reading, as_text
from fivestep.process.reading.dates import date_reader, two_numbers, written_order
from fivestep.process.reading.email_cell import read_email
from fivestep.process.reading.numbers import decimal_mark, read_number
from fivestep.process.reading.percentages import share_reader
from fivestep.process.reading.yes_no import flag_reader, milestone_reader
from fivestep.process.wording.vocabulary import Words, plain

_NAMES = frozenset(
    {"company", "contact", "owner", "source", "lead_type", "industry", "stage", "objection", "referred_by"}
)
"""Fields whose cells hold words: no numbers, dates or addresses."""

_ORDERS: tuple[DateOrder, ...] = ("day-month", "month-day")

_Reader = Callable[[Filled], object]


def fit(field: str, cells: Collection[Filled], words: Words) -> float:
    """The share of these cells that can be what this field holds; 1 where there are none."""
    if not cells:
        return 1.0
    if field in _NAMES:
        return _share(_is_word, cells)
    kind = KINDS.get(field, "text")
    return max((_share(reader, cells) for reader in _readers(kind, cells, words)), default=1.0)


def _readers(kind: FieldKind, cells: Collection[Filled], words: Words) -> list[_Reader]:
    """Every way in which such a column could be read: which of them holds is seen later."""
    readings = [Reading(words, date_order=order, decimal=".") for order in _ORDERS]
    match kind:
        case "email":
            return [read_email]
        case "amount":
            return [money_reader(cells, readings[0]), money_reader(cells, replace(readings[0], decimal=","))]
        case "percent":
            return [share_reader(cells)]
        case "date":
            return [date_reader(cells, reading) for reading in readings]
        case "milestone":
            return [milestone_reader(cells, reading) for reading in readings]
        case "flag":
            return [flag_reader(words)]
        case "outcome":
            return [lambda cell: _is_outcome(cell, words)]
        case _:
            return []


def _share(reader: _Reader, cells: Collection[Filled]) -> float:
    return sum(not isinstance(reader(cell), CellFault) for cell in cells) / len(cells)


def _is_outcome(cell: Filled, words: Words) -> Read | CellFault:
    return words.outcomes.get(plain(as_text(cell))) or CellFault("", "", "")


def _is_word(cell: Filled) -> Read | CellFault:
    wordy = isinstance(cell, str) and any(map(str.isalpha, cell)) and isinstance(read_email(cell), CellFault)
    return True if wordy else CellFault("", "", "")


class Order(NamedTuple):
    """What columns of dates say about the order of day and month."""

    order: DateOrder | None
    """None where none says anything, or where they contradict each other."""
    silent: Sequence[str]
    """The headers of columns with dates such as 3/4/2025, and nothing that tells which number is the day."""


def date_order(columns: Iterable[tuple[str, Sequence[Filled]]], words: Words) -> Order:
    """The order of day and month that these columns (header and cells) give away."""
    orders: set[DateOrder] = set()
    silent: list[str] = []
    for header, cells in columns:
        pairs = [pair for pair in two_numbers(_texts(cells), words) if not pair.dotted]
        order = written_order(pairs)
        if order is not None:
            orders.add(order)
        elif pairs:
            silent.append(header)
    return Order(orders.pop() if len(orders) == 1 else None, silent)


def decimal(columns: Iterable[Sequence[Filled]]) -> DecimalMark | None:
    """The decimal mark that these columns of amounts agree on; None where they tell none, or several."""
    marks = {mark for cells in columns if (mark := _mark(cells)) is not None}
    return marks.pop() if len(marks) == 1 else None


def _mark(cells: Iterable[Filled]) -> DecimalMark | None:
    return decimal_mark(written.number for text in _texts(cells) if (written := read_number(text)) is not None)


def _texts(cells: Iterable[Filled]) -> list[str]:
    return [cell for cell in cells if isinstance(cell, str)]
