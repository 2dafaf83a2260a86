"""What became of texts that were written into a sheet while people worked in it, and how to put right what went astray.

A write goes to rows and columns as they were a moment before. By the time it arrives, people may have sorted, inserted,
deleted or moved some, so that a text lands in another deal's row, or in a column of theirs. Both tables are at hand
here: the sheet right before the write and right after it. What a person has typed stands above what was to be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    check = _LongAgo(before, written, after, aligned) if long_ago else _Check(before, written, after, aligned)
    return Landing(aligned.rows, aligned.columns, check.repairs())


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

    def __init__(self, before: Table, written: Cells, after: Table, aligned: Alignment) -> None:
        self._before = before
        self._written = written
        self._after = after
        self._aligned = aligned
        self._hit = {column for columns in written.values() for column in columns}

    def repairs(self) -> dict[int, dict[int, Cell | Formula]]:
        """What has to be written."""
        found: dict[int, dict[int, Cell | Formula]] = {}
        columns = sorted(self._hit | {now for then, now in self._aligned.columns.items() if then in self._hit})
        for row in self._rows():
            then = self._aligned.rows_before.get(row)
            for column in columns:
                was = self._aligned.columns_before.get(column)
                shows, meant = shown(self._after.at(row, column)), self._meant(then, was)
                if not _same(shows, meant) and self._may_mend((row, column), shows, then, was):
                    found.setdefault(row, {})[column] = meant
        return found

    def _rows(self) -> Sequence[int]:
        """The rows of now to look at: those that were written to, and those that should have been."""
        return sorted(
            {*self._written, *(self._aligned.rows[row] for row in self._written if row in self._aligned.rows)}
        )

    def _meant(self, then: int | None, was: int | None) -> Cell | Formula:
        """What a cell should show; blank where its row or its column is new: nothing else is known of it."""
        if then is None or was is None:
            return ""
        text = self._text(then, was)
        return self._stood(then, was) if text is None else text

    def _stood(self, then: int, was: int) -> Cell | Formula:
        """What the cell held before."""
        cell = self._before.at(then, was)
        return Formula(shown(cell)) if was in self._before.formulas.get(then, ()) else cell

    def _text(self, then: int | None, was: int | None) -> Cell:
        """The text that was meant for a cell; None where none was."""
        return None if then is None or was is None else self._written.get(then, {}).get(was)

    def _may_mend(self, spot: tuple[int, int], shows: str, then: int | None, was: int | None) -> bool:
        """Whether it was this write, and no person, that made the cell show this."""
        ours = self._written.get(spot[0], {}).get(spot[1])
        if ours is not None and shows == shown(ours):
            return True
        if then is None or was is None or self._text(then, was) is None:
            return False
        return shows == shown(self._before.at(then, was))  # the text for it has gone elsewhere


class _LongAgo(_Check):
    """The same when much may have happened since: rows with texts of ours may have been moved with them."""

    def __init__(self, before: Table, written: Cells, after: Table, aligned: Alignment) -> None:
        super().__init__(before, written, after, aligned)
        self._texts: dict[int, set[str]] = {}
        for columns in written.values():
            for column, cell in columns.items():
                self._texts.setdefault(column, set()).add(shown(cell))

    def _rows(self) -> Sequence[int]:
        return range(1, len(self._after.rows) + 1)

    def _may_mend(self, spot: tuple[int, int], shows: str, then: int | None, was: int | None) -> bool:
        """Whether the cell shows a text meant for another row of its column, or one that its column was hit with."""
        if then is None or was is None or not shows or shows == shown(self._before.at(then, was)):
            return False
        if was in self._hit:
            return shows in self._texts[was]
        return spot[1] in self._hit and self._is_overrun(spot[1], was)

    def _meant(self, then: int | None, was: int | None) -> Cell | Formula:
        """What stood there before: what was to be written is for the next plan to say."""
        return "" if then is None or was is None else self._stood(then, was)

    def _is_overrun(self, column: int, was: int) -> bool:
        """Whether a column of people's shows our texts in most of the rows that were written to."""
        texts = self._texts[column]
        hit = [row for row, columns in self._written.items() if column in columns]
        strange = sum(
            shown(self._after.at(now, column)) in texts
            for now, then in self._aligned.rows_before.items()
            if shown(self._before.at(then, was)) not in texts
        )
        return 2 * strange > len(hit)


def _same(shows: str, meant: Cell | Formula) -> bool:
    """Whether a cell holds what it should; a formula whose cell has moved points elsewhere and is the same."""
    if isinstance(meant, Formula):
        return shows.startswith("=")
    return shows == shown(meant)
