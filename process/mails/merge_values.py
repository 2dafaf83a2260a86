"""Where the values of merge fields come from: the sheet's own headers first, then the process's fields."""

from __future__ import annotations

import datetime as dt

from fivestep.process.mails.first_name import first_name
from fivestep.process.model.address import display_name
from fivestep.process.model.deal import KINDS, Deal
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.table import Cell, CellError, Table, column_letters, is_error, shown
from fivestep.process.reading.cells import clean
from fivestep.process.reading.layout import Layout
from fivestep.process.wording import show
from fivestep.process.wording.vocabulary import plain

DERIVED = {"first_name": "contact", "sender_name": "owner"}
"""Merge fields that are worked out, and the field that each is worked out from."""


class MergeSource:
    """Looks merge fields up for the deals of one table."""

    def __init__(self, table: Table, layout: Layout, policy: Policy) -> None:
        self._table = table
        self._sender = policy.sender
        self._names = policy.names
        self._layout = layout
        self._fields = {index: field for field, index in layout.columns.items() if field != "stage"}
        self._columns: dict[str, int] = {}
        for index, header in enumerate(layout.headers):
            if plain(header):
                self._columns.setdefault(plain(header), index)

    def knows(self, name: str) -> bool:
        """Whether a text may name this: a header of the sheet, a field, or what is worked out from one."""
        return plain(name) in self._columns or name in DERIVED or name in KINDS or name in self._layout.columns

    @property
    def names(self) -> list[str]:
        """What a text may name."""
        return [*filter(None, self._layout.headers), *KINDS, *DERIVED]

    def value(self, deal: Deal, name: str) -> str | None:
        """The text that stands for the name in a mail to this deal; None where there is none."""
        index = self._columns.get(plain(name))
        if index is None:
            return self._derived(deal, name) if name in DERIVED else show.field_text(deal, name)
        if index in self._fields:
            return show.field_text(deal, self._fields[index])
        row = self._table.rows[deal.row - 1]
        return _as_text(row[index]) if index < len(row) else None

    def where(self, deal: Deal, name: str) -> str:
        """Where a person fills in what is missing: `Company (cell C5)`."""
        index = self._columns.get(plain(name))
        if index is None:
            index = self._layout.columns.get(DERIVED.get(name, name))
        if index is None:
            return f"{name} (no column is mapped to it)"
        return f"{self._layout.headers[index]} (cell {column_letters(index)}{deal.row})"

    def _derived(self, deal: Deal, name: str) -> str | None:
        if name == "first_name":
            return first_name(deal.contact, self._names) if deal.contact else None
        # Whoever the mail comes from signs it.
        sender = display_name(self._sender or "")
        return (deal.owner if deal.owner_email else sender or deal.owner) or None


def _as_text(cell: Cell) -> str | None:
    """A cell of a column that is not mapped; None where it holds nothing that belongs into a mail."""
    if isinstance(cell, str):
        text = clean(cell)
        return None if is_error(text) else text or None
    if isinstance(cell, bool | int | float | dt.date):
        return show.value_text(cell.date() if isinstance(cell, dt.datetime) else cell)
    return None if isinstance(cell, CellError) else shown(cell) or None
