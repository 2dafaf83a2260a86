"""What became of texts that were written into a sheet while people worked in it, and how to put right what went astray.

A write goes to rows and columns as they were a moment before. By the time it arrives, people may have sorted, inserted,
deleted or moved some, so that a text lands in another deal's row, or in a column of theirs. Both tables are at hand
here: the sheet right before the write and right after it. What a person has typed stands above what was to be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple

from fivestep.process.alignment import Alignment, Cells, align
from fivestep.process.table import Cell, Table, shown


class Formula(NamedTuple):
    """A formula to be put back; any other text that begins with `=` stays a text."""

    text: str


@dataclass(frozen=True)
class Landing:
    """What a comparison of the two tables says."""

    rows: Mapping[int, int] | None
    """Rows of before to rows of now, without those that are gone; None where all are where they were."""
    columns: Mapping[int, int] | None = None
    repairs: Mapping[int, Mapping[int, Cell | Formula]] = field(default_factory=dict)
    """What has to be written to put things right, by row and column of now."""

    def place(self, row: int, column: int) -> tuple[int, int] | None:
        """Where a cell of before is now; None where its row or its column is gone."""
        if self.rows is None or self.columns is None:
            return row, column
        if row not in self.rows or column not in self.columns:
            return None
        return self.rows[row], self.columns[column]


def landing(before: Table, header_row: int, written: Cells, after: Table, *, long_ago: bool = False) -> Landing:
    """Hold the sheet against what it should be: as it was, with the texts in their cells, wherever those are now.

    `long_ago`: the write may never have been made, and much may have happened since. Then only what went astray is put
    right, and nothing that is missing is written.
    """
    if _just_as_meant(before, written, after):
        return Landing(None)
    aligned = align(before, header_row, written, after)
    if aligned is None:
        return Landing({}, {})
    return Landing(aligned.rows, aligned.columns, _Check(before, written, after, aligned, long_ago=long_ago).repairs())


def _just_as_meant(before: Table, written: Cells, after: Table) -> bool:
    """Whether nobody has touched the sheet meanwhile: most often it is so, and this is quick."""
    for number in range(1, max(len(before.rows), len(after.rows), *written, 0) + 1):
        was = before.rows[number - 1] if number <= len(before.rows) else ()
        now = after.rows[number - 1] if number <= len(after.rows) else ()
        cells = written.get(number)
        if (cells or was != now) and _trimmed(_with(was, cells or {})) != _trimmed(now):
            return False
    return True


def _with(row: Sequence[Cell], cells: Mapping[int, Cell]) -> list[Cell]:
    meant = list(row)
    for column, cell in cells.items():
        meant.extend([""] * (column + 1 - len(meant)))
        meant[column] = cell
    return meant


def _trimmed(row: Sequence[Cell]) -> list[Cell]:
    cells = list(row)
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()
    return cells


class _Check:
    """Goes through every cell in which a text of ours may stand, or should."""

    def __init__(self, before: Table, written: Cells, after: Table, aligned: Alignment, *, long_ago: bool) -> None:
        self._before = before
        self._written = written
        self._after = after
        self._aligned = aligned
        self._long_ago = long_ago
        self._hit = {column for columns in written.values() for column in columns}
        self._texts = {shown(cell) for columns in written.values() for cell in columns.values()}
        there = [columns for row, columns in written.items() if row in aligned.rows]
        self._most = max((sum(column in of for of in there) for column in self._hit), default=0)

    def repairs(self) -> dict[int, dict[int, Cell | Formula]]:
        """What has to be written."""
        found: dict[int, dict[int, Cell | Formula]] = {}
        rows = {*range(1, len(self._after.rows) + 1), *self._aligned.rows_before}
        for column in sorted({*range(self._after.width), *self._aligned.columns_before}):
            was = self._aligned.columns_before.get(column)
            ours = self._strays(column, was)
            if not ours:
                continue
            for row in rows:
                then = self._aligned.rows_before.get(row)
                shows, meant = shown(self._after.at(row, column)), self._meant(then, was)
                if _same(shows, meant) or (self._long_ago and shows == shown(self._text(then, was))):
                    continue
                if shows in ours or self._never_arrived(shows, then, was):
                    found.setdefault(row, {})[column] = meant
        return found

    def _strays(self, column: int, was: int | None) -> Set[str]:
        """The texts that this write, and no person, has brought into a column of now, in whichever row.

        Rows and columns may have been moved before the write came and once more after it: every text may be anywhere.
        """
        if was in self._hit:
            return self._texts
        if was is None:
            # Nobody types such texts into a column that has just been made; later on somebody may copy them there.
            return frozenset() if self._long_ago else self._texts - {""}
        # Into a column of their own somebody might, as a stage: but not into most of the rows, and none that is new.
        before = {shown(self._before.at(row, was)) for row in range(1, len(self._before.rows) + 1)}
        new = self._texts - before - {""}
        shows = sum(shown(self._after.at(row, column)) in new for row in range(1, len(self._after.rows) + 1))
        return new | (self._texts & {""}) if shows and 2 * shows >= self._most else frozenset()

    def _meant(self, then: int | None, was: int | None) -> Cell | Formula:
        """What a cell should show; blank where its row or its column is new: nothing else is known of it."""
        if then is None or was is None:
            return ""
        text = self._text(then, was)
        if text is not None and not self._long_ago:
            return text
        cell = self._before.at(then, was)
        if was in self._before.formulas.get(then, ()):
            return Formula(shown(cell))
        return "" if cell is None else cell

    def _never_arrived(self, shows: str, then: int | None, was: int | None) -> bool:
        """Whether the cell is as it was before, and the text that was meant for it has gone elsewhere."""
        if self._long_ago or then is None or was is None or self._text(then, was) is None:
            return False
        return shows == shown(self._before.at(then, was))

    def _text(self, then: int | None, was: int | None) -> Cell:
        """The text that was meant for a cell of before; None where none was."""
        return None if then is None or was is None else self._written.get(then, {}).get(was)


def _same(shows: str, meant: Cell | Formula) -> bool:
    """Whether a cell holds what it should; a formula whose cell has moved points elsewhere and is the same."""
    if isinstance(meant, Formula):
        return shows.startswith("=")
    return shows == shown(meant)
