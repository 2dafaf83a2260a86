"""Finds texts that landed elsewhere because people moved rows meanwhile, and says how to repair it.

A write goes to rows and columns as they were a moment before. Until it arrives, people may sort, insert, delete or move
some, and a text lands in another deal's row, or in a column of theirs. Both tables are known: right before the write
and right after it. What a person typed is never replaced by what was to be written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from fivestep.process.live_edits.formulas import Moves
from fivestep.process.live_edits.match_columns import Texts
from fivestep.process.live_edits.match_rows import Alignment, align
from fivestep.process.model.table import Cell, Table, shown


class Formula(NamedTuple):
    """A formula to be put back; other texts that begin with `=` stay texts."""

    text: str


Entry = Cell | Formula
"""What is written into a cell."""

TabEntries = Mapping[int, Mapping[int, Entry]]
"""By the sheet's row (from 1) and column (from 0)."""


_SPILLS = re.compile(r"\b(ARRAYFORMULA|QUERY|FILTER|UNIQUE|SORT|SEQUENCE|SPLIT|IMPORT\w+|MAP|BY\w+)\(|^=\s*\{", re.I)
"""Formulas that fill more cells than their own."""


class Stray(NamedTuple):
    """A cell that shows the wrong thing, and what it should show."""

    row: int
    column: int
    shows: str
    belongs: Entry
    """What should stand there; a formula as it was, where it is not certain how it would read now."""


@dataclass(frozen=True)
class Landing:
    """What comparing the two tables has shown."""

    rows: Mapping[int, int] | None
    """Each row before with its place now, without deleted ones; None where all are where they were."""
    columns: Mapping[int, int] | None = None
    repairs: Sequence[Stray] = ()
    """What has to be written as a repair."""
    unsure: Sequence[Stray] = ()
    """What can't be repaired, as it is not certain how the formula would read now."""
    headless: bool = False
    """Whether the header row is gone, so that nothing can be found again."""

    def place(self, row: int, column: int) -> tuple[int, int] | None:
        """Where a cell is now; None where its row or its column is gone."""
        if self.rows is None or self.columns is None:
            return row, column
        if row not in self.rows or column not in self.columns:
            return None
        return self.rows[row], self.columns[column]


def landing(
    before: Table, header_row: int, written: TabEntries, after: Table, *, long_ago: bool = False, repairs: bool = False
) -> Landing:
    """What has to be repaired for the sheet to be as it was, with the new texts in their cells.

    - `before`, `after`: the table right before the write, and now; both with formulas as they were typed. Of `before`
      it is known which texts are formulas.
    - `header_row`: in `before`, from 1.
    - `written`: the entries of the write, by row and column of `before`.
    - `long_ago`: an earlier run was cut off, so the write may never have been made, and much may have happened since.
      Then only what went astray is repaired; what is missing is left to the next plan.
    - `repairs`: the write was itself a repair, perhaps in people's own columns. No plan would make it again, so it is
      made where the cell is still as wrong as it was.
    """
    texts = {row: {column: _text(cell) for column, cell in cells.items()} for row, cells in written.items()}
    if _just_as_meant(before, texts, after):
        return Landing(None)
    aligned = align(before, header_row, texts, after)
    if aligned is None:
        return Landing({}, {}, headless=True)
    return _Check(before, written, texts, after, aligned, long_ago=long_ago, repairs=repairs).found()


def _text(cell: Entry) -> str:
    return cell.text if isinstance(cell, Formula) else shown(cell)


def _just_as_meant(before: Table, texts: Texts, after: Table) -> bool:
    """Whether the sheet shows the write and nothing else has changed: the usual case, and quick to see."""
    for number in range(1, max(len(before.rows), len(after.rows), *texts, 0) + 1):
        was = before.rows[number - 1] if number <= len(before.rows) else ()
        now = after.rows[number - 1] if number <= len(after.rows) else ()
        cells = texts.get(number)
        if (cells or was != now) and _trimmed(_with(was, cells or {})) != _trimmed(now):
            return False
    return True


def _with(row: Sequence[Cell], texts: Mapping[int, str]) -> list[Cell]:
    meant = list(row)
    for column, text in texts.items():
        meant.extend([""] * (column + 1 - len(meant)))
        meant[column] = text
    return meant


def _trimmed(row: Sequence[Cell]) -> list[Cell]:
    cells = list(row)
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()
    return cells


class _Check:
    """Goes through every cell that may show a text of this write, or should."""

    def __init__(
        self,
        before: Table,
        written: TabEntries,
        texts: Texts,
        after: Table,
        aligned: Alignment,
        *,
        long_ago: bool,
        repairs: bool,
    ) -> None:
        """Prepare to compare the tables.

        - `before`, `after`: the table right before the write, and now.
        - `written`: the entries of the write, by row and column of `before`; `texts` are the same as texts.
        - `aligned`: where rows and columns are now.
        - `long_ago`, `repairs`: as `landing` says.
        """
        self._before = before
        self._written = written
        self._texts = texts
        self._after = after
        self._aligned = aligned
        self._long_ago = long_ago
        self._goes_on = repairs or not long_ago
        self._moves = Moves(aligned.rows, aligned.columns, before.title)
        self._hit = {column for columns in texts.values() for column in columns}
        there = [columns for row, columns in texts.items() if row in aligned.rows]
        self._most = max((sum(column in of for of in there) for column in self._hit), default=0)

    def found(self) -> Landing:
        """What has to be repaired, and what is not certain."""
        repairs, unsure = [], []
        for row, column, then, was in self._suspects():
            shows, belongs = shown(self._after.at(row, column)), self._belongs(then, was)
            by_now = self._by_now(belongs, then, was)
            if by_now is not None and shows != _text(by_now):
                repairs.append(Stray(row, column, shows, by_now))
            elif by_now is None and not shows.startswith("="):
                unsure.append(Stray(row, column, shows, belongs))
        return Landing(self._aligned.rows, self._aligned.columns, repairs, unsure)

    def _suspects(self) -> Iterator[tuple[int, int, int | None, int | None]]:
        """Cells that show a text of this write which no person typed, or lack their own.

        Each as its row and column now, and its row and column before, None where those are new.
        """
        rows = sorted({*range(1, len(self._after.rows) + 1), *self._aligned.rows_before})
        for column in sorted({*range(self._after.width), *self._aligned.columns_before}):
            was = self._aligned.columns_before.get(column)
            ours = self._ours(column, was)
            for row in rows if ours else ():
                then, shows = self._aligned.rows_before.get(row), shown(self._after.at(row, column))
                if self._long_ago and shows == (self._meant(then, was) or ""):
                    continue
                if (shows in ours and self._is_placed(shows, row, column, was)) or self._never_arrived(
                    shows, then, was
                ):
                    yield row, column, then, was

    def _ours(self, column: int, was: int | None) -> Set[str]:
        """The texts that this write has brought into a column, in whichever row.

        Rows and columns may have moved before the write came, and again after it: so each text may be anywhere. A text
        that is where it belongs, as often as it was written, is nowhere else, unless people have copied it.
        """
        if was in self._hit:
            return self._missing
        if self._long_ago:
            return self._elsewhere - {""} if column in self._hit else frozenset()
        if was is None:
            return self._elsewhere - {""}
        # As a stage somebody may type such a text: but not into most of the rows, and none that is new.
        before = {shown(self._before.at(row, was)) for row in range(1, len(self._before.rows) + 1)}
        new = self._elsewhere - before - {""}
        shows = sum(shown(self._after.at(row, column)) in new for row in range(1, len(self._after.rows) + 1))
        return new | (self._missing & {""}) if shows and 2 * shows >= self._most else frozenset()

    @cached_property
    def _missing(self) -> Set[str]:
        """The texts that are missing from at least one of their cells."""
        rows, columns = self._aligned.rows, self._aligned.columns
        return {
            text
            for row, texts in self._texts.items()
            for column, text in texts.items()
            if row not in rows
            or column not in columns
            or shown(self._after.at(rows[row], columns[column])) != self._meant(row, column)
        }

    @cached_property
    def _elsewhere(self) -> Set[str]:
        """The missing texts that must have landed outside the columns that were written to.

        One that has come into those columns as often as it was written has not; what stands in other columns is a copy
        that people have made.
        """
        written = Counter(text for texts in self._texts.values() for text in texts.values())
        columns = self._aligned.columns
        come = Counter(
            shown(cell) for column in self._hit if column in columns for cell in self._after.column(columns[column])
        )
        come.subtract(shown(cell) for column in self._hit for cell in self._before.column(column))
        return {text for text in self._missing if not text or come[text] < written[text]}

    def _is_placed(self, shows: str, row: int, column: int, was: int | None) -> bool:
        """Whether the place of a cell tells that this write, and no person, put the text there.

        Where the write was long ago, in a column of people's own only its very own place counts: the cell that was
        written to, or where that has moved with its row.
        """
        if not self._long_ago or was in self._hit:
            return True
        rows = (row, self._aligned.rows_before.get(row, row))
        return shows in [self._texts.get(then, {}).get(column) for then in rows]

    def _never_arrived(self, shows: str, then: int | None, was: int | None) -> bool:
        """Whether a cell is as it was before, since its text has landed elsewhere."""
        if not self._goes_on or then is None or was is None or self._meant(then, was) is None:
            return False
        return shows == shown(self._before.at(then, was))

    def _meant(self, then: int | None, was: int | None) -> str | None:
        """The text that was written for a cell, a formula brought up to date; None where none was."""
        if then is None or was is None or was not in self._written.get(then, {}):
            return None
        cell = self._written[then][was]
        by_now = self._moves.formula(cell.text, then) if isinstance(cell, Formula) else None
        return self._texts[then][was] if by_now is None else by_now

    def _belongs(self, then: int | None, was: int | None) -> Entry:
        """What should stand in a cell; blank where its row or its column is new."""
        if then is None or was is None:
            return ""
        if self._meant(then, was) is not None and self._goes_on:
            return self._written[then][was]
        cell = self._before.at(then, was)
        if was in self._before.formulas.get(then, ()) and shown(cell):
            return Formula(shown(cell))
        return "" if cell is None else cell

    def _by_now(self, belongs: Entry, then: int | None, was: int | None) -> Entry | None:
        """What should stand in a cell, as it is to be written there now; None where that is not certain."""
        if isinstance(belongs, Formula):
            assert then is not None
            text = self._moves.formula(belongs.text, then)
            return None if text is None else Formula(text)
        if then is None or was is None or not shown(belongs) or self._meant(then, was) is not None:
            return belongs
        return None if self._arrays.get(was, then) < then else belongs

    @cached_property
    def _arrays(self) -> Mapping[int, int]:
        """Columns with the row below which an array formula may show its values.

        Writing such a value as text would break the formula. Sheets that tell such cells from typed ones report them as
        calculated and empty, and need no such care.
        """
        found: dict[int, int] = {}
        told = set()
        for row, columns in sorted(self._before.formulas.items()):
            for column in columns:
                text = shown(self._before.at(row, column))
                if not text:
                    told.add(column)
                elif _SPILLS.search(text):
                    found.setdefault(column, row)
        return {column: row for column, row in found.items() if column not in told}
