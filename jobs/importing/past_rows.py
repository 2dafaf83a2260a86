"""The rows of a file with a past: its columns read as the settings say, and what of them can't be."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from fivestep.jobs.importing.past_columns import PastColumns, Told
from fivestep.process.model.sales_process import Process, StageKind
from fivestep.process.model.table import Cell, Table, shown
from fivestep.process.reading.cells import clean, quote
from fivestep.process.reading.column_reader import Dialect, ReadColumn, column_reader

_DAYS: Sequence[Told] = ("on", "modified", "created", "since")
"""What the day of a change may stand under, the likeliest first."""


class RowEntry(NamedTuple):
    """A row says that a deal came into a stage. In the order of a `StageLine`."""

    deal: str
    stage: str
    on: dt.date
    amount: float | None


class PastRows:
    """The rows below the header. A position counts them from 0."""

    def __init__(self, table: Table, columns: PastColumns, dialect: Dialect, today: dt.date) -> None:
        """Prepare to read these rows.

        - `table`, `columns`: the file, and where everything stands in it.
        - `dialect`: how its cells are read.
        - `today`: nothing can have happened after it.
        """
        self.unknown: Counter[str] = Counter()
        """Words that are no known stage, and in how many cells."""
        self.bad: list[str] = []
        """What can't be read, each with its row."""
        self.left_out = 0
        """Deals of which no day tells when they came into the stage that they are in."""
        self.columns = columns
        self._rows = table.rows[columns.header_row :]
        self._dialect = dialect
        self._today = today
        self._undated: set[int] = set()
        self.deals = self._texts(columns.deal)
        self.names = self._texts(columns.told.get("name"))
        self._amounts = self.read("amount", "amount").values

    @property
    def process(self) -> Process:
        """The team's process."""
        return self._dialect.process

    def end(self, kind: StageKind) -> str:
        """The first stage of this kind; empty where the process has none."""
        return next((stage.name for stage in self.process.stages.values() if stage.kind == kind), "")

    @property
    def day_of_change(self) -> Told | None:
        """The column with the day of a change; None where there is none."""
        return next((told for told in _DAYS if told in self.columns.told), None)

    @property
    def is_of_changes(self) -> bool:
        """Whether a deal has several rows, so that they are its changes."""
        deals = [deal for deal in self.deals if deal]
        return len(set(deals)) < len(deals)

    def cells(self, told: Told) -> list[Cell]:
        """The cells of a column; None throughout where the file has none."""
        return self._column(self.columns.told.get(told))

    def read(self, told: Told, field: str) -> ReadColumn:
        """A column, read as that of a field."""
        return self.read_cells(field, self.cells(told))

    def read_cells(self, field: str, cells: Sequence[Cell]) -> ReadColumn:
        """These cells, read as those of a field."""
        reader = column_reader(field, self._dialect)
        reader.take(list(cells))
        return reader.column()

    def days(self, told: Told, *, needed: bool = True) -> Sequence[dt.date | None]:
        """The days of a column. What can't be read is noted where it is needed."""
        return self.days_in(self.columns.told.get(told), needed=needed)

    def days_in(self, column: int | None, *, needed: bool = True) -> Sequence[dt.date | None]:
        """The same, of the column with this index."""
        read = self.read_cells("created", self._column(column))
        if needed:
            for at, cell, fault in read.faults:
                self._undated.add(at)
                self.note(at, f"{quote(cell)} {fault.what}")
        return read.values

    def entry(self, at: int, stage: str | None, word: str | None, day: dt.date | None) -> RowEntry | None:
        """The entry of the row at this position; None, with the reason noted, where something is missing.

        `stage` and its `word` in the file, and the `day`, are those of the row.
        """
        if not self.deals[at]:
            self.note(at, "names no deal")
        elif stage is None and word:
            self.unknown[word] += 1
        elif stage is None:
            self.note(at, "names no stage")
        elif day is None:
            if at not in self._undated:
                self.note(at, "has no date")
        elif day > self._today:
            self.note(at, f"is of {day}, which is still to come")
        else:
            return RowEntry(self.deals[at], stage, day, self._amounts[at])
        return None

    def note(self, at: int, what: str) -> None:
        """Note what is wrong with the row at this position."""
        self.bad.append(f"row {self.columns.header_row + 1 + at} {what}")

    def in_order(self, days: Sequence[dt.date | None]) -> Sequence[int]:
        """The positions from the earliest on: many an export begins with the latest."""
        last: dict[str, dt.date] = {}
        rising = 0
        for deal, day in zip(self.deals, days, strict=True):
            if day is not None:
                before = last.get(deal, day)
                rising += (day > before) - (day < before)
                last[deal] = day
        return range(len(days)) if rising >= 0 else range(len(days) - 1, -1, -1)

    def _texts(self, column: int | None) -> list[str]:
        return [clean(shown(cell)) for cell in self._column(column)]

    def _column(self, column: int | None) -> list[Cell]:
        if column is None:
            return [None] * len(self._rows)
        return [row[column] if column < len(row) else None for row in self._rows]
