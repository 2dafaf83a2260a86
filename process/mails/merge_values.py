"""Where the values of merge fields come from: the sheet's own headers first, then the process's fields."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from fivestep.process.model.deal import KINDS, Deal, FieldKind
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.table import Cell, CellError, Table, column_letters, is_number
from fivestep.process.reading.layout import Layout
from fivestep.process.wording import show
from fivestep.process.wording.vocabulary import plain

DERIVED = {"first_name": "contact", "sender_name": "owner"}
"""Merge fields that are worked out, and the field that each is worked out from."""

_TITLES = frozenset(
    {"dr", "prof", "mr", "mrs", "ms", "miss", "mx", "sir", "herr", "herrn", "frau", "madame", "monsieur", "m", "mme"}
    | {"mlle", "senor", "senora", "sr", "sra", "dott", "ing", "dipl", "mgr", "pan", "pani", "signor", "signora", "sig"}
    | {"mevrouw", "mevr", "mw", "meneer", "dhr", "dona", "don"}
)
_AFTER_A_NAME = frozenset(
    {"mba", "msc", "bsc", "ma", "ba", "phd", "md", "jd", "cpa", "cfa", "pmp", "jr", "sr", "ii", "iii", "iv", "esq"}
)
_NO_PERSON = frozenset(
    {"and", "und", "et", "y", "en", "the", "team", "family", "familie", "famille", "company", "group", "consulting"}
    | {
        "gmbh",
        "ag",
        "kg",
        "inc",
        "ltd",
        "llc",
        "llp",
        "plc",
        "corp",
        "co",
        "sa",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "oy",
    }
    | {"ab", "as", "sales", "purchasing", "procurement", "office", "reception", "support", "info", "contact", "einkauf"}
    | {"empfang", "vertrieb", "buero", "buro", "lead", "manager", "director", "head", "admin", "accounting", "service"}
)
_PARTICLES = frozenset(
    {
        "van",
        "von",
        "vom",
        "zu",
        "zur",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ter",
    }
    | {"den", "der", "ten", "af", "av"}
)
_DISPLAYED: frozenset[FieldKind] = frozenset({"amount", "percent", "text", "answer"})
"""Kinds of fields whose numbers a mail shows as the sheet does."""

_ERROR = re.compile(r"#(REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|ERROR!|CALC!)|Err:\d{3}")
_BARE = re.compile(r"[\d\s.,'’()+−-]*")
_NO_NAME = re.compile(r"[\d@/&+]")


def first_name(contact: str) -> str | None:
    """The name to greet a person by; None where it can't be told for sure, as a wrong name is worse than none.

    Titles and degrees are no names, `Sommer, Ana` is Ana, and a title with one name (`Frau Sommer`) leaves the
    first name open, as do two words in capitals (`SOMMER ANA`).
    """
    names, *behind = (part.split() for part in contact.split(","))
    suffixed = bool(behind) and _degrees(behind[0])
    if behind and not suffixed:
        names = behind[0] if len(behind) == 1 else []
    bare = [word for word in names if not word.endswith(".") and plain(word) not in _TITLES]
    alone = len(bare) == 1 and (suffixed or len(names) > 1)
    if not bare or alone or _NO_NAME.search(contact) or _NO_PERSON & {plain(word) for word in contact.split()}:
        return None
    # A surname comes first where it is in capitals, or begins with a particle.
    shouted = bare[0].isupper() and bare[0] != bare[0].lower()
    return None if shouted or plain(bare[0]) in _PARTICLES else bare[0]


def _degrees(words: list[str]) -> bool:
    """Whether this is what stands behind a name, such as `MBA`, `CEO` or `Head of Sales`."""
    return (
        len(words) > 2
        or " ".join(words).isupper()
        or all(plain(word).replace(" ", "") in _AFTER_A_NAME for word in words)
    )


class MergeSource:
    """Looks merge fields up for the deals of one table."""

    def __init__(self, table: Table, layout: Layout, policy: Policy) -> None:
        self._table = table
        self._sender = policy.sender
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
        return displayed or _as_text(self._table.at(row, index))

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
            return first_name(deal.contact) if deal.contact else None
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


def _as_text(cell: Cell) -> str | None:
    """A cell of a column that is not mapped; None where it holds nothing that belongs into a mail."""
    if isinstance(cell, str):
        return None if _ERROR.match(cell.strip()) else cell.strip() or None
    if isinstance(cell, dt.datetime):
        clock = show.clock_text(cell.time())
        return f"{show.value_text(cell.date())}{'' if clock == '0:00' else f', {clock}'}"
    if isinstance(cell, dt.time | dt.timedelta):
        return show.clock_text(cell)
    return None if cell is None or isinstance(cell, CellError) else show.value_text(cell)


def display_name(sender: str) -> str:
    """`Ana Sommer` of `Ana Sommer <ana@northwind.example>`; empty where there is only an address."""
    return sender.rsplit("<", 1)[0].strip().strip('"') if "<" in sender else ""


def bare_address(sender: str) -> str:
    """`ana@northwind.example` of `Ana Sommer <ana@northwind.example>`, in lower case."""
    return sender.rsplit("<", 1)[-1].rstrip("> ").strip().casefold()
