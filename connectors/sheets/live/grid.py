"""A tab that people are working in, as a write needs it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from fivestep.process.live_edits.repair import TabEntries
from fivestep.process.model.table import Table


class CallRefusedError(Exception):
    """The whole call was refused and nothing was written: the tab may have another shape than was thought.

    It never leaves the connector: if a second try is refused as well, a person is told so in words.
    """


class Look(NamedTuple):
    """A tab at one moment; both tables know which cells are calculated."""

    shown: Table
    """As people see it."""
    entered: Table
    """As it was typed: a formula's cell holds the formula."""


class Grid(Protocol):
    """A tab that people are working in, as a write needs it."""

    @property
    def name(self) -> str:
        """What messages call the spreadsheet."""

    @property
    def place(self) -> str:
        """An identifier of this tab that stays the same when the tab is renamed."""

    def look(self) -> Table:
        """The tab as it was typed.

        Any text that begins with `=` counts as a formula: one look can't tell.
        """

    def look_closely(self) -> Look:
        """The tab both as it was typed and as it shows."""

    def hindrance(self, row: int, column: int) -> str:
        """Why this cell can't be written; empty where it can."""

    def make_room(self, cells: TabEntries) -> bool:
        """Add rows and columns until these cells exist; return whether any were added.

        Raises RefusedError.
        """

    def put(self, cells: TabEntries) -> None:
        """Write these cells: texts first, which stay texts whatever they begin with, then formulas.

        Raises RefusedError and UnreachableError where nothing was written, if all of them are texts, and
        LostAnswerError where it is not known whether something was.
        """
