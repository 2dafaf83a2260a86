"""Which rows of a table are deals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import compress, zip_longest
from typing import NamedTuple

from fivestep.process.model.table import Cell, Table
from fivestep.process.reading.cells import CHECKBOX, clean
from fivestep.process.reading.headers import heading
from fivestep.process.reading.layout import Layout
from fivestep.process.wording.vocabulary import Words, plain

_TELLING = ("stage", "deal", "company", "contact", "email", "phone", "id")
"""The fields that make a row a deal; an owner or a date alone may be filled in for rows to come."""

_QUARTER = re.compile(r"[qhkt][1-4]|fy\d*|deals|rows|records")
"""What else stands behind a total: the name of a quarter, or what was counted."""

_AT_ONCE = 512
"""Rows turned into columns at once: few enough to stay in the processor's cache."""


class DealRows(NamedTuple):
    """Some rows of deals, column by column."""

    numbers: Sequence[int]
    """As the sheet numbers them."""
    columns: Mapping[int, Sequence[Cell]]
    """By column index, for every mapped column; what a row does not reach is the empty text."""


def deal_rows(table: Table, layout: Layout, words: Words) -> Iterator[DealRows]:
    """Part by part, the rows below the header that say something in a column that makes a deal.

    Left out are rows of totals, and header rows that were pasted in again.
    """
    for start in range(layout.header_row, len(table.rows), _AT_ONCE):
        rows = table.rows[start : start + _AT_ONCE]
        columns = _columns(rows, layout)
        dropped = _silent(columns, layout) | _headers(columns, layout) | _totals(rows, columns, layout, words)
        numbers = range(start + 1, start + 1 + len(rows))
        if not dropped:
            yield DealRows(numbers, columns)
            continue
        kept = [position not in dropped for position in range(len(rows))]
        yield DealRows(list(compress(numbers, kept)), {i: list(compress(cells, kept)) for i, cells in columns.items()})


def says_something(cell: Cell) -> bool:
    """Whether a person filled this in: an empty box and the 0 of a reference to a blank cell are no content."""
    if isinstance(cell, str):
        text = clean(cell)
        return bool(text) and CHECKBOX.get(text.upper()) is not False
    return cell is not None and cell is not False and cell != 0


def _columns(rows: Sequence[Sequence[Cell]], layout: Layout) -> dict[int, Sequence[Cell]]:
    columns = list(zip_longest(*rows, fillvalue=""))
    empty = ("",) * len(rows)
    return {index: columns[index] if index < len(columns) else empty for index in layout.columns.values()}


def _silent(columns: Mapping[int, Sequence[Cell]], layout: Layout) -> set[int]:
    """The positions of rows without content."""
    own = set(layout.tools.values())
    mapped = {field: index for field, index in layout.columns.items() if index not in own}
    telling = [mapped[field] for field in _TELLING if field in mapped] or list(mapped.values())
    silent: Sequence[int] = range(len(next(iter(columns.values()), ())))
    for index in telling:
        cells = columns[index]
        nothing = {cell for cell in {cells[position] for position in silent} if not says_something(cell)}
        silent = [position for position in silent if cells[position] in nothing] if nothing else ()
    return set(silent)


def _headers(columns: Mapping[int, Sequence[Cell]], layout: Layout) -> set[int]:
    """The positions of rows that say in most mapped columns what the header says."""
    if not layout.columns:
        return set()
    first = layout.columns.get("stage", min(layout.columns.values()))
    same = {cell for cell in set(columns[first]) if _is_heading(cell, layout.headers[first])}
    return {
        position
        for position in _where(columns[first], same)
        if 2 * sum(_is_heading(cells[position], layout.headers[index]) for index, cells in columns.items())
        > len(columns)
    }


def _is_heading(cell: Cell, header: str) -> bool:
    return isinstance(cell, str) and heading(cell) == header


def _totals(
    body: Sequence[Sequence[Cell]], columns: Mapping[int, Sequence[Cell]], layout: Layout, words: Words
) -> set[int]:
    """The positions of rows that name no stage and begin with a word for a total, or are the banner of a month."""
    candidates: Iterable[int] = range(len(body))
    if "stage" in layout.columns:
        cells = columns[layout.columns["stage"]]
        candidates = _where(cells, {c for c in set(cells) if not says_something(c) or _is_total(c, words)})
    return {
        position
        for position in candidates
        if _is_total(_first_text(body[position]), words) or _is_banner(body[position], words)
    }


def _where(cells: Sequence[Cell], wanted: Set[Cell]) -> Iterable[int]:
    return [position for position, cell in enumerate(cells) if cell in wanted] if wanted else ()


def _first_text(row: Sequence[Cell]) -> Cell:
    return next((cell for cell in row if isinstance(cell, str) and clean(cell)), None)


def _is_total(cell: Cell, words: Words) -> bool:
    """Whether this says `Total`, with or without a number, a month or a quarter behind it.

    A deal of the company Total Energies is none.
    """
    if not isinstance(cell, str):
        return False
    return " ".join(word for word in plain(cell).split() if not _is_period(word, words)) in words.totals


def _is_banner(row: Sequence[Cell], words: Words) -> bool:
    """Whether the row holds nothing but the name of a month, a quarter or a year."""
    filled = [cell for cell in row if says_something(cell)]
    return (
        len(filled) == 1
        and isinstance(filled[0], str)
        and bool(plain(filled[0]))
        and all(_is_period(word, words) for word in plain(filled[0]).split())
    )


def _is_period(word: str, words: Words) -> bool:
    return word.isdecimal() or word in words.months or _QUARTER.fullmatch(word) is not None
