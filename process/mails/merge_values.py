"""The values of merge fields: by the sheet's own headers first, then by the process's fields."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Set

from fivestep.process.mails.first_name import first_name
from fivestep.process.model.address import display_name
from fivestep.process.model.deal import KINDS, Deal, FieldKind
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.table import Cell, CellError, Table, column_letters, is_error, is_number
from fivestep.process.reading.cells import clean
from fivestep.process.reading.layout import Layout
from fivestep.process.reading.no_deals import is_placeholder
from fivestep.process.wording import show
from fivestep.process.wording.vocabulary import plain

DERIVED = {"first_name": "contact", "sender_name": "owner"}
"""Merge fields that are worked out, and the field that each is worked out from."""

_DISPLAYED: frozenset[FieldKind] = frozenset({"amount", "percent", "text", "answer"})
"""Kinds of fields whose numbers a mail shows as the sheet does."""

_BARE = re.compile(r"[\d\s.,'’()+−-]*")


class MergeSource:
    """Looks merge fields up for the deals of one table."""

    def __init__(self, table: Table, layout: Layout, policy: Policy) -> None:
        self._table = table
        self._sender = policy.sender
        self._names = policy.names
        self._blanks = policy.blanks
        self._layout = layout
        self._fields = {index: field for field, index in layout.columns.items() if field != "stage"}
        self._columns = _by_header(layout)

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
        row = self._table.origin(deal.row, index)
        displayed = self._table.displayed.get(row, {}).get(index)
        if index in self._fields:
            text = show.field_text(deal, self._fields[index])
            return displayed if text and displayed and self._is_whole(displayed, self._fields[index]) else text
        return displayed or _as_text(self._table.at(row, index), self._blanks)

    def where(self, deal: Deal, name: str) -> str:
        """Where a person fills in what is missing: `Company (cell C5)`."""
        index = self._columns.get(plain(name))
        if index is None:
            index = self._layout.columns.get(DERIVED.get(name, name))
        if index is None:
            return f"{name} (no column is mapped to it)"
        return f"{self._layout.headers[index]} (cell {column_letters(index)}{deal.row})"

    @staticmethod
    def _is_whole(displayed: str, field: str) -> bool:
        """Whether this says all of the field's value: an amount without its currency does not."""
        return field not in {"amount", "probability"} or not _BARE.fullmatch(displayed)

    def _derived(self, deal: Deal, name: str) -> str | None:
        if name == "first_name":
            return first_name(deal.contact, self._names) if deal.contact else None
        # Whoever the mail comes from signs it.
        sender = display_name(self._sender or "")
        return (deal.owner if deal.owner_email else sender or deal.owner) or None


def _by_header(layout: Layout) -> dict[str, int]:
    """A header in the form of `plain` to its column, of several the leftmost."""
    columns: dict[str, int] = {}
    for index, header in enumerate(layout.headers):
        if plain(header):
            columns.setdefault(plain(header), index)
    return columns


def columns_displayed(texts: Iterable[Text], table: Table, layout: Layout, kinds: Mapping[str, FieldKind]) -> set[int]:
    """The columns whose numbers a mail shows as the sheet does: those that a text names and that hold any.

    Dates are no numbers to a reader, whatever the sheet keeps: a mail names the month.
    """
    headers = _by_header(layout)
    named = {headers.get(plain(field.name)) for text in texts for field in text.fields}
    fields = {index: field for field, index in layout.columns.items()}
    return {
        index
        for index in named
        if index is not None
        and (index not in fields or kinds.get(fields[index], "text") in _DISPLAYED)
        and any(map(is_number, table.column(index)))
    }


def _as_text(cell: Cell, blanks: Set[str]) -> str | None:
    """A cell of a column that is not mapped; None where it holds nothing that belongs into a mail.

    Nothing are an error, a placeholder, one of `blanks`, and a formula that a program has written as a text.
    """
    if isinstance(cell, str):
        text = clean(cell)
        nothing = is_error(text) or is_placeholder(text) or text.casefold() in blanks or text.startswith("=")
        return None if nothing else text
    if isinstance(cell, dt.datetime):
        clock = show.clock_text(cell.time())
        return f"{show.value_text(cell.date())}{'' if clock == '0:00' else f', {clock}'}"
    if isinstance(cell, dt.time | dt.timedelta):
        return show.clock_text(cell)
    return None if cell is None or isinstance(cell, CellError) else show.value_text(cell)
