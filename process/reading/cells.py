"""How cells are read: what all kinds of fields have in common."""

from __future__ import annotations

import datetime as dt
import functools
import unicodedata
from collections.abc import Set
from dataclasses import dataclass
from typing import Literal

from fivestep.process.model.problem import Severity
from fivestep.process.model.table import Cell, CellError, is_error, shown
from fivestep.process.wording.show import QUOTED, cut
from fivestep.process.wording.vocabulary import Words

DateOrder = Literal["day-month", "month-day", "year-month-day"]
DecimalMark = Literal[".", ","]


@dataclass(frozen=True)
class Reading:
    """How cells are to be read; what the settings leave open is decided column by column."""

    words: Words
    date_order: DateOrder | None = None
    decimal: DecimalMark | None = None
    zone: dt.tzinfo | None = None
    """Where the team works: stamps that name their clock become its day there. None leaves them as they are written."""
    today: dt.date | None = None
    """Tells which of two years is meant, where two digits can be a year or a day; None tells nothing."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """Why a cell can't be read."""

    rule: str
    what: str
    """The rest of a sentence that begins with the cell's text: `is not a date`."""
    fix: str
    severity: Severity = "error"
    or_settings: str = ""
    """See `Problem`."""


Filled = str | int | float | dt.date | dt.time | dt.timedelta
"""A cell that holds something: a text without spaces around it, `TRUE` or `FALSE` for a checkbox, or a value."""

Read = str | float | bool | dt.date | tuple[str, ...] | None
"""What a field of any kind can hold; a list of people is a tuple."""

CHECKBOX = {"TRUE": True, "FALSE": False}
"""How a checkbox arrives: as a truth value, or where the sheet knows texts only, as one of these."""

UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Marks of no width: nothing of a text, where they stand around it."""

_EDGES = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + UNSEEN
_NARROW = dict.fromkeys(UNSEEN, "") | dict.fromkeys("‐‑‒–—―−", "-") | {"٫": ".", "٬": "'"}
_LONGEST_BLANK = 24


def clean(text: str) -> str:
    """The text without spaces and marks of no width around it; what is inside stays as typed."""
    return text.strip() if text.isascii() else text.strip(_EDGES)


def narrow(text: str) -> str:
    """The text with plain digits, spaces, dashes and decimal marks, in whatever script they were typed."""
    return text if text.isascii() else "".join(map(_narrow_character, text))


@functools.lru_cache(maxsize=4096)
def _narrow_character(c: str) -> str:
    if c in _NARROW:
        return _NARROW[c]
    if c.isdecimal():
        return str(unicodedata.decimal(c))
    if c.isspace():
        return " "
    wide = unicodedata.normalize("NFKC", c)
    # A raised 2 is a footnote or a square, but never a digit of the number before it.
    return c if any(map(str.isdecimal, wide)) else wide


def fill(cell: Cell, blanks: Set[str] = frozenset()) -> Filled | CellFault | None:
    """What the cell holds; None where it is empty or one of `blanks`; a fault where it shows an error.

    A checkbox is expected as its text.
    """
    if isinstance(cell, str):
        text = cell.strip() if cell.isascii() else cell.strip(_EDGES)
        if not text or (len(text) <= _LONGEST_BLANK and text.casefold() in blanks):
            return None
        return _error(text) if is_error(text) else text
    return _error(cell.code) if isinstance(cell, CellError) else cell


def _error(code: str) -> CellFault:
    fix = (
        "Make the column wider, and save again"
        if code.startswith("###")
        else f"Mend the formula that shows {quote(code)}"
    )
    return CellFault("cell.error", "is an error of the spreadsheet", fix)


def as_text(cell: Filled) -> str:
    """The cell as a person would read it: 17.0 is `17`, a day without a time is `2025-03-04`."""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return shown(cell)


def quote(cell: Cell) -> str:
    """The cell's text in quotation marks for a message: in one line, and cut where it is long."""
    line = " ".join(shown(cell)[: 10 * QUOTED].split())
    return f"'{cut(line, QUOTED)}'"
