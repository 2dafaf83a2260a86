"""Where the values of merge fields come from: the sheet's own headers first, then the process's fields."""

from __future__ import annotations

from fivestep.process import show
from fivestep.process.deal import KINDS, Deal
from fivestep.process.layout import Layout
from fivestep.process.policy import Policy
from fivestep.process.table import Table, column_letters, shown
from fivestep.process.words import plain

DERIVED = {"first_name": "contact", "sender_name": "owner"}
"""Merge fields that are worked out, and the field that each is worked out from."""

_TITLES = frozenset(
    {
        "dr",
        "prof",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "herr",
        "frau",
        "madame",
        "monsieur",
        "m",
        "mme",
        "mlle",
        "senor",
        "senora",
        "sr",
        "sra",
        "dott",
        "ing",
        "dipl",
    }
)


def first_name(contact: str) -> str:
    """The name to greet a person by: without titles, and the right half of `Sommer, Ana`."""
    given = contact.split(",", 1)[1] if contact.count(",") == 1 else contact
    names = [word for word in given.split() if not word.endswith(".") and plain(word) not in _TITLES]
    return names[0] if names else given.strip()


class MergeSource:
    """Looks merge fields up for the deals of one table."""

    def __init__(self, table: Table, layout: Layout, policy: Policy) -> None:
        self._table = table
        self._sender = policy.sender
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
        return shown(row[index]).strip() or None if index < len(row) else None

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
            return first_name(deal.contact) if deal.contact else None
        return deal.owner or display_name(self._sender or "") or None


def display_name(sender: str) -> str:
    """`Ana Sommer` of `Ana Sommer <ana@northwind.example>`; empty where there is only an address."""
    return sender.rsplit("<", 1)[0].strip().strip('"') if "<" in sender else ""


def bare_address(sender: str) -> str:
    """`ana@northwind.example` of `Ana Sommer <ana@northwind.example>`, in lower case."""
    return sender.rsplit("<", 1)[-1].rstrip("> ").strip().casefold()
