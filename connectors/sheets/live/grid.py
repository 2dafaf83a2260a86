"""A tab that people are working in, as a write needs it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from fivestep.process.live_edits.repair import TabEntries
from fivestep.process.model.table import Table


class CallRefusedError(Exception):
    """The call was refused as a whole, and nothing was written: the tab may have another shape than was thought.

    It never leaves the connector: who asks again and is refused again says so in words for a person.
    """


class Look(NamedTuple):
    """A tab in one moment. Both tables know which cells are calculated."""

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
        """What tells this tab from every other one, whatever it is called."""

    def look(self) -> Table:
        """The tab as it was typed. Any text that begins with `=` counts as a formula: one look can't tell."""

    def look_closely(self) -> Look:
        """The tab as it was typed, and as it shows."""

    def hindrance(self, row: int, column: int) -> str:
        """Why this cell can't be written; empty where it can."""

    def make_room(self, cells: TabEntries) -> bool:
        """Let the tab grow to where these cells are, and return whether it had to. Raises RefusedError."""

    def put(self, cells: TabEntries) -> None:
        """Write these cells. Texts stay texts, whatever they begin with; formulas go apart, after the texts.

        Raises RefusedError and UnreachableError with nothing written where all are texts, LostAnswerError where that
        is not known.
        """
