"""How headers are recognised, wherever that is asked: as a person would compare them.

Spaces and marks of no width do not count. Where no header is the same, one in other capitals, accents and signs is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from fivestep.process.model.table import Cell, Table, shown
from fivestep.process.reading.cells import clean
from fivestep.process.wording.vocabulary import plain


class Headers:
    """The texts of one row, looked up as a person would compare them."""

    def __init__(self, row: Sequence[Cell]) -> None:
        self.texts = [heading(cell) for cell in row]
        self._exact = _positions(self.texts)

    @cached_property
    def _alike(self) -> Mapping[str, Sequence[int]]:
        return _positions(map(plain, self.texts))

    def text(self, column: int) -> str:
        """The header of a column; empty where it has none."""
        return self.texts[column] if column < len(self.texts) else ""

    def all(self, wanted: str) -> Sequence[int]:
        """The columns with this header, left to right: those that match exactly, else in the form of `plain`."""
        text = heading(wanted)
        return self._exact[text] if text in self._exact else self._alike.get(plain(text), ())

    def first(self, wanted: str) -> int | None:
        """The leftmost column with this header; None where there is none."""
        return next(iter(self.all(wanted)), None)

    def one(self, wanted: str, before: Headers) -> int | None:
        """The one column with this header; of several the first, if the headers are those of before still."""
        columns = self.all(wanted)
        return columns[0] if len(columns) == 1 or (columns and self.same_as(before)) else None

    def same_as(self, other: Headers) -> bool:
        """Whether the other row has the very same headers in the same columns."""
        return self._exact == other._exact

    def paired(self, other: Headers) -> dict[int, int]:
        """Columns with a header that stands once in both rows, each with its column in the other row."""
        pairs = _singles(self._exact, other._exact)
        taken = set(pairs.values())
        for column, now in _singles(self._alike, other._alike).items():
            if column not in pairs and now not in taken:
                pairs[column] = now
        return pairs


def heading(cell: Cell) -> str:
    """A header cell's text on one line, with single spaces."""
    return " ".join(clean(shown(cell)).split())


def find_header(base: Table, header_row: int, now: Table) -> int | None:
    """The row that shares most texts with the base's header, and at least half; None where several do."""
    found = _found(base.rows, header_row, now.rows)
    if found is None:
        # Only now as people would compare them: rows are many, and nearly always the texts are the very same.
        found = _found([_forms(row) for row in base.rows], header_row, [_forms(row) for row in now.rows])
    return found


def _found(base: Sequence[Iterable[Cell]], header_row: int, now: Sequence[Iterable[Cell]]) -> int | None:
    wanted = {cell for cell in base[header_row - 1] if shown(cell).strip()}
    shared = [len(wanted.intersection(row)) for row in now]
    most = max(shared, default=0)
    if most == 0 or most * 2 < len(wanted):
        return None
    rows = [row for row, count in enumerate(shared, 1) if count == most]
    # A header that is repeated further down, as for printing, is one of as many now as before.
    twins = [row for row, cells in enumerate(base, 1) if wanted.issubset(cells)]
    return rows[twins.index(header_row)] if len(rows) == len(twins) else None


def _forms(row: Iterable[Cell]) -> set[Cell]:
    return {form for cell in row if isinstance(cell, str) and (form := plain(heading(cell)))}


def _positions(texts: Iterable[str]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        if text:
            positions.setdefault(text, []).append(index)
    return positions


def _singles(was: Mapping[str, Sequence[int]], now: Mapping[str, Sequence[int]]) -> dict[int, int]:
    return {
        columns[0]: now[text][0] for text, columns in was.items() if len(columns) == 1 and len(now.get(text, ())) == 1
    }
