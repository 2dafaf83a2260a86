"""A sheet: the protocol that every kind of sheet implements, and what passes through it.

The contract suite in `connectors/testing/sheet.py` holds each implementation to this page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from fivestep.process.live_edits.a1 import Spot
from fivestep.process.live_edits.locate import Located
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Table


class SheetCapabilities(NamedTuple):
    """What a kind of sheet can do; each has a fallback where it cannot."""

    formulas: bool
    """Cells can hold formulas, and `Table.formulas` says which do."""
    shared: bool
    """People may edit between two calls; without it a write is one step on a file."""
    notes: bool = False
    """It can write one cell outside the table: it is a `NotingSheet`."""


class Journal(Protocol):
    """Keeps what is about to be written until it is known to stand where it belongs, whatever happens meanwhile."""

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

    capabilities: SheetCapabilities

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
    """A sheet that people may be working in between two calls (`capabilities.shared`)."""

    @property
    def timezone(self) -> str:
        """The time zone in which it counts days itself, such as `Europe/Berlin`; empty where it has none."""

    def try_writing(self) -> None:
        """Raise CredentialsError or UnreachableError where a write is refused, by a write that changes nothing."""

    def settle(self, content: bytes, journal: Journal) -> Sequence[str]:
        """Put right what a write has left astray that was cut off; `content` is what it put into its journal.

        The journal is closed once there is nothing more to put right. Returns what a person has to know, such as cells
        that can't be put right. Raises UnreachableError or LostAnswerError where that can't be done now.
        """


@runtime_checkable
class NotingSheet(Sheet, Protocol):
    """A sheet that can write one cell outside the table (`capabilities.notes`)."""

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
