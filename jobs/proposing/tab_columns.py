"""The columns of a tab that nobody has described yet: their headers, and what stands below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from fivestep.process.model.table import Cell, Table
from fivestep.process.reading.cells import CellFault, Filled, fill
from fivestep.process.reading.headers import heading
from fivestep.process.wording.vocabulary import Words

_LOOKED_AT = 2000
"""Filled cells of a column that are evidence enough."""


@dataclass(frozen=True)
class TabColumn:
    """One column of a tab."""

    index: int
    header: str
    cells: Sequence[Cell]
    """Everything below the header; None where the header is repeated, as above each month."""
    filled: Sequence[Filled]
    """The first of them that hold something."""
    block: int
    """Which run of columns with headers it belongs to, from 0: a side table stands apart."""
    repeated: bool = False
    """A column further right has the same header."""


def tab_columns(table: Table, header_row: int, words: Words) -> list[TabColumn]:
    """The columns that have a header of their own; of several with the same one only the first."""
    rows = table.rows[header_row:]
    found: list[TabColumn] = []
    times = Counter(map(heading, table.rows[header_row - 1]))
    for index, header, block in _headers(table.rows[header_row - 1]):
        cells = [_below(row[index], header) if index < len(row) else None for row in rows]
        filled = list(islice(_filled(cells, words), _LOOKED_AT))
        found.append(TabColumn(index, header, cells, filled, block, times[header] > 1))
    return found


def _below(cell: Cell, header: str) -> Cell:
    return None if isinstance(cell, str) and heading(cell) == header else cell


def _headers(row: Sequence[Cell]) -> Iterator[tuple[int, str, int]]:
    """Index, header and block of each column; of equal headers the settings can only name the first."""
    seen: set[str] = set()
    block = 0
    for index, cell in enumerate(row):
        header = heading(cell)
        if not header:
            block += 1
        elif header not in seen:
            seen.add(header)
            yield index, header, block


def _filled(cells: Sequence[Cell], words: Words) -> Iterator[Filled]:
    for cell in cells:
        held = fill(cell, words.blanks)
        if held is not None and not isinstance(held, CellFault):
            yield held
