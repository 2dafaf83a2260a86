"""What the cells of a column speak for, whatever its header says. The evidence is the reading itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from fivestep.process.model.deal import KINDS
from fivestep.process.reading.amounts import Money, money_reader
from fivestep.process.reading.cells import CellFault, DateOrder, DecimalMark, Filled, Read, Reading, as_text
from fivestep.process.reading.dates import column_order, date_reader, two_numbers
from fivestep.process.reading.email_cell import read_email
from fivestep.process.reading.numbers import decimal_mark, read_number
from fivestep.process.reading.percentages import share_reader
from fivestep.process.reading.stage_names import outcome_of
from fivestep.process.reading.yes_no import flag_reader, milestone_reader
from fivestep.process.wording.vocabulary import Words

_NAMES = frozenset(
    {"deal", "company", "contact", "owner", "source", "lead_type", "industry", "objection", "referred_by"}
)
"""Fields whose cells hold words: no numbers, dates or addresses."""

_ORDERS: tuple[DateOrder, ...] = ("day-month", "month-day")
_LONGEST_STAGE = 60
"""Letters; what is longer is told in sentences, as a "Status" of the week's talks is."""
_PHONE = re.compile(r"[+\d(][\d\s()./+-]*(?:(?:ext|x)\.?\s*\d+)?")
_DIGITS_OF_A_PHONE = 6, 18
_DIGITS_AS_A_NUMBER = 8
"""A number without any sign is an amount rather, unless it is long."""

_ADDRESS = re.compile(r"(?:mailto:)?[^\s<>()\[\],;:@]+@[^\s<>()\[\],;:@]+\.[^\s<>()\[\],;:@]+")

_Reader = Callable[[Filled], object]
_NO = CellFault("", "", "")
_BY_DATE_ORDER: Mapping[str, Callable[[Collection[Filled], Reading], _Reader]] = {
    "date": date_reader,
    "milestone": milestone_reader,
}


def fit(field: str, cells: Collection[Filled], words: Words) -> float:
    """The share of these cells that can be what this field holds; 1 where there are none."""
    if not cells:
        return 1.0
    return max((_share(reader, cells) for reader in _readers(field, cells, words)), default=1.0)


def says_money(cells: Collection[Filled], words: Words) -> float:
    """The share of these cells that are amounts and name their currency."""
    read = money_reader(cells, Reading(words))
    return sum(isinstance(read(cell), Money) for cell in cells) / len(cells) if cells else 0.0


def names_beside_addresses(cells: Collection[Filled]) -> float:
    """The share of these cells that name somebody and their address: `Ann Lee (ann@acme.example)`."""
    return _share(lambda cell: True if _named_address(as_text(cell)) else _NO, cells) if cells else 0.0


def _readers(field: str, cells: Collection[Filled], words: Words) -> list[_Reader]:
    """Every way in which such a column could be read: which of them holds is seen later."""
    kind = KINDS.get(field, "text")
    readings = [Reading(words, date_order=order, decimal=".") for order in _ORDERS]
    if kind in _BY_DATE_ORDER:
        return [_BY_DATE_ORDER[kind](cells, reading) for reading in readings]
    if kind == "amount":
        return [money_reader(cells, readings[0]), money_reader(cells, replace(readings[0], decimal=","))]
    if field in _NAMES:
        return [_is_word]
    if field == "phone":
        return [_is_phone]
    match kind:
        case "email":
            return [_is_address]
        case "percent":
            return [share_reader(cells)]
        case "flag":
            return [flag_reader(words)]
        case "outcome":
            return [lambda cell: outcome_of(as_text(cell), words) or _NO]
        case "stage":
            return [_stage_check(cells, readings)]
        case _:
            return []


def _share(reader: _Reader, cells: Collection[Filled]) -> float:
    return sum(not isinstance(reader(cell), CellFault) for cell in cells) / len(cells)


def _is_word(cell: Filled) -> Read | CellFault:
    return True if isinstance(cell, str) and any(map(str.isalpha, _ADDRESS.sub("", cell))) else _NO


def _is_address(cell: Filled) -> object:
    return True if _named_address(as_text(cell)) else read_email(cell)


def _is_phone(cell: Filled) -> Read | CellFault:
    text = as_text(cell).strip()
    digits = sum(map(str.isdigit, text))
    least = _DIGITS_AS_A_NUMBER if isinstance(cell, float) else _DIGITS_OF_A_PHONE[0]
    return True if least <= digits <= _DIGITS_OF_A_PHONE[1] and _PHONE.fullmatch(text.casefold()) else _NO


def _stage_check(cells: Collection[Filled], readings: Sequence[Reading]) -> _Reader:
    """Whether a cell may name a stage: it is no date, address, amount or long text."""
    others = [money_reader(cells, readings[0]), *(date_reader(cells, reading) for reading in readings)]

    def check(cell: Filled) -> Read | CellFault:
        text = as_text(cell)
        if "@" in text or len(text) > _LONGEST_STAGE:
            return _NO
        return _NO if any(isinstance(read(cell), dt.date | Money) for read in others) else True

    return check


def _named_address(text: str) -> bool:
    """Whether an address stands here beside a name."""
    found = _ADDRESS.search(text)
    return found is not None and any(map(str.isalpha, text[: found.start()] + text[found.end() :]))


class Order(NamedTuple):
    """What columns of dates say about the order of day and month."""

    order: DateOrder | None
    """None where none says anything, or where they contradict each other."""
    silent: Sequence[str]
    """The headers of columns with dates such as 3/4/2025, and nothing that tells which number is the day."""


def date_order(columns: Iterable[tuple[str, Sequence[Filled]]], words: Words, today: dt.date | None) -> Order:
    """The order of day and month that these columns (header and cells) give away.

    `today` tells years of two digits from days.
    """
    orders: set[DateOrder] = set()
    silent: list[str] = []
    for header, cells in columns:
        pairs = [pair for pair in two_numbers(_texts(cells), words) if not pair.dotted]
        order = column_order(_texts(cells), words, today)
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
