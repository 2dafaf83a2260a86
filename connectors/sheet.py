"""A sheet: the protocol that every kind of sheet implements, and what passes through it.

A connector imports from here alone. It has two ways to go:

- Its rows are **records** with IDs of their own that never change (Airtable, a CRM, a database): derive from
  `RecordSheet` and write four methods. It addresses every write by record, so nobody can move a row away under it.
- Its cells are known by their **place** (a file, a grid): implement `Sheet`. `locate` finds where each change belongs
  by now. Where people may be working between two calls it is a `SharedSheet`.

What more a kind of sheet can do is said by the protocol that it implements, and nowhere else: a `SharedSheet` can be
edited meanwhile, a `NotingSheet` can hold one cell beside the table, a `FormattingSheet` knows how its numbers look.
The contract suite in `connectors/testing/sheet.py` holds each implementation to this page.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from fivestep.errors import CredentialsError, FivestepError, LostAnswerError, SettingsError, UnreachableError
from fivestep.process.live_edits.a1 import Spot
from fivestep.process.live_edits.locate import Located, locate
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Cell, Table, shown

__all__ = [
    "RECORD_ID",
    "Cell",
    "Change",
    "CredentialsError",
    "FivestepError",
    "FormattingSheet",
    "Journal",
    "Located",
    "LostAnswerError",
    "NoJournal",
    "NotingSheet",
    "RecordSheet",
    "SettingsError",
    "SharedSheet",
    "Sheet",
    "Spot",
    "StoreRecord",
    "Table",
    "UnreachableError",
    "WriteRequest",
    "Written",
    "locate",
    "outcomes",
    "refusal_to_note",
    "shown",
]


class Journal(Protocol):
    """Keeps a write until it is known to stand where it belongs, even if the run is killed."""

    def open(self, content: bytes) -> None:
        """Keep this, in place of what was kept; it is safe when this returns."""

    def close(self) -> None:
        """Everything stands where it belongs: keep nothing."""


class NoJournal:
    """Keeps nothing."""

    def open(self, content: bytes) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class WriteRequest:
    """What to write, and what the plan saw when it decided so."""

    base: Table
    """The table that the plan was made from."""
    header_row: int
    """As the sheet numbers it."""
    id_column: str
    """The header of the column with the deals' IDs; it may be among `new_columns`."""
    new_columns: Sequence[str]
    """Headers to be added right of everything in use, in this order."""
    changes: Sequence[Change]
    journal: Journal = field(default_factory=NoJournal)
    """Where a sheet that people may be working in keeps what it is about to do."""
    own_columns: Collection[str] = ()
    """The headers of all of the tool's columns: a table or filter that ends beside them is made to hold them too."""
    anchor: str = ""
    """The header of a column of the deals' own, by which that table or filter is known."""


class Written(NamedTuple):
    """What became of one change."""

    outcome: Literal["written", "skipped", "failed"]
    """`skipped`: a person was faster, or the cell holds a formula. `failed`: it could not be written."""
    row: int
    """Where it was written, or would have been."""
    reason: str = ""
    """Why not; of one that was written, what it has left in another cell that a person has to mend."""


def outcomes(located: Located) -> list[Written]:
    """What becomes of changes that a sheet carries out as they were located."""
    return [
        Written("skipped" if place.action == "skip" else "written", place.row, place.reason) for place in located.places
    ]


@runtime_checkable
class Sheet(Protocol):
    """One tab of a spreadsheet."""

    @property
    def name(self) -> str:
        """What messages call it: the file's name, or the spreadsheet's title."""

    def tabs(self) -> list[str]:
        """The tabs' names in order, hidden ones left out; empty where the kind has none."""

    def check_writable(self) -> None:
        """Raise UnreachableError, with what to do, where a write would be refused by now."""

    def read(self) -> Table:
        """The whole tab.

        Raises SettingsError where there is no such file or tab, UnreachableError where it can't be read now.
        """

    def write(self, request: WriteRequest) -> list[Written]:
        """Carry out the changes, one result for each in the same order.

        A change goes to the row that holds its deal by now, and only where the cell still shows `Change.old`
        and no formula. Values are texts and stay texts, whatever they begin with. Nothing else is touched.
        Raises UnreachableError, with nothing written, where the sheet can't be written to now; LostAnswerError where
        what was written is not known.
        """


@runtime_checkable
class SharedSheet(Sheet, Protocol):
    """A sheet that people may be working in between two calls."""

    @property
    def timezone(self) -> str:
        """The time zone in which it counts days itself, such as `Europe/Berlin`; empty where it has none."""

    def try_writing(self) -> None:
        """Raise CredentialsError or UnreachableError where a write that changes nothing is refused."""

    def settle(self, content: bytes, journal: Journal) -> Sequence[str]:
        """Put right what a write has left astray that was cut off; `content` is what it put into its journal.

        The journal is closed once there is nothing more to put right. Returns what a person has to know, such as cells
        that can't be put right. Raises UnreachableError or LostAnswerError where that can't be done now.
        """


@runtime_checkable
class NotingSheet(Sheet, Protocol):
    """A sheet that can write one cell outside the table, such as the heartbeat's."""

    def note(self, spot: Spot, mine: Collection[str], text: str) -> Written:
        """Write the text into the cell, which may be in another tab, if that is empty or shows one of `mine`.

        A formula, and whatever else it holds, is left alone (`skipped`, with the reason). Raises SettingsError where
        there is no such tab, UnreachableError where the file can't be written now.
        """


@runtime_checkable
class FormattingSheet(Sheet, Protocol):
    """A sheet whose cells have formats in which they show their numbers."""

    def displayed(self, table: Table, columns: Collection[int]) -> Mapping[int, Mapping[int, str]]:
        """How the numbers in these columns look, by row number and column index: `01234`, `$34.30`, `15%`.

        Asked for only where a text needs it. Rows that are another by now than in `table` are left out.
        """


def refusal_to_note(spot: Spot, shown: str, *, formula: bool, mine: Collection[str]) -> str:
    """Why this cell is left alone; empty where it may be written."""
    if formula:
        return f"{spot} holds a formula"
    if shown and shown not in mine:
        return f"{spot} says {shown[:40]!r}, which fivestep did not write there"
    return ""


RECORD_ID = "Record ID"
"""The header over the records' own IDs. `id = "Record ID"` under `[columns]` makes them the deals' IDs."""


class StoreRecord(NamedTuple):
    """One row of a store that gives each row an ID of its own."""

    id: str
    """What the store calls it, for as long as it is there."""
    cells: Mapping[str, Cell]
    """A field's name to what it holds; a field that holds nothing may be left out."""


class RecordSheet(ABC):
    """A sheet over records: implements `Sheet` by four methods that know the store.

    The fields are the columns, and the records' own IDs are one more, headed `RECORD_ID`. A deal is found by its ID as
    in any sheet, right before the write; the write itself names the record, wherever that is shown by then.
    """

    at_once = 1
    """How many records one call of `update` may take."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What messages call it."""

    @abstractmethod
    def fields(self) -> Sequence[str]:
        """The names of the fields, in the order in which people see them."""

    @abstractmethod
    def records(self) -> Sequence[StoreRecord]:
        """All records. Raises as `Sheet.read` says."""

    @abstractmethod
    def add_field(self, name: str) -> None:
        """Make a field for texts, of any length and with line breaks. Raises as `update`."""

    @abstractmethod
    def update(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        """Set fields of records, each given by its ID, at most `at_once`: all of them, or nothing.

        Raises UnreachableError where nothing was set, LostAnswerError where that is not known.
        """

    def tabs(self) -> list[str]:
        """The other tables that the settings could name as `tab`; none unless a store says so."""
        return []

    def check_writable(self) -> None:
        """Look whether the store answers at all; one that can tell more about its rights overrides this."""
        self.fields()

    def read(self) -> Table:
        """The records below a row with the fields' names."""
        table, _ = self._read()
        return table

    def write(self, request: WriteRequest) -> list[Written]:
        """What became of each change; see `Sheet.write`.

        New fields come first, then as many records at once as may be.

        Where the store goes away in the middle, what was not set by then has `failed`.
        """
        now, ids = self._read()
        found = locate(request.base, request.header_row, request.id_column, request.new_columns, request.changes, now)
        for header in found.new_columns:
            self.add_field(header)
        headers = [*map(shown, now.rows[0]), *found.new_columns]
        texts = {
            row: {headers[column]: text for column, text in cells.items()}
            for row, cells in found.cells(request.changes).items()
            if row != found.header_row
        }
        missed, why = self._update_all(texts, ids)
        return [
            Written("failed", place.row, why) if place.action == "write" and place.row in missed else result
            for place, result in zip(found.places, outcomes(found), strict=True)
        ]

    def _update_all(
        self, texts: Mapping[int, Mapping[str, str]], ids: Mapping[int, str]
    ) -> tuple[Collection[int], str]:
        """The rows that could not be set, and why.

        Raises where not even the first ones could.
        """
        rows = list(texts)
        for begin in range(0, len(rows), self.at_once):
            try:
                self.update({ids[row]: texts[row] for row in rows[begin : begin + self.at_once]})
            except UnreachableError as fault:
                if not begin:
                    raise
                return rows[begin:], str(fault)
        return (), ""

    def _read(self) -> tuple[Table, dict[int, str]]:
        """The table, and for each of its row numbers the record that it shows."""
        records = self.records()
        fields = list(self.fields())
        own = [] if RECORD_ID in fields else [RECORD_ID]
        rows: list[list[Cell]] = [[*fields, *own]]
        rows += ([*(record.cells.get(name) for name in fields), *(record.id for _ in own)] for record in records)
        return Table(self.name, rows), {number: record.id for number, record in enumerate(records, 2)}
