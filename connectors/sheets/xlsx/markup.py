"""How a worksheet's markup counts rows and columns, and how it says texts (ECMA-376, part 1, 18.3.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from fivestep.process.model.table import column_letters, index_of_letters

MAX_COLUMNS = 16_384
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
"""In UTF-16 code units, as Excel counts."""

_DIGITS = "0123456789"
_ILLEGAL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def row_number(attributes: Sequence[str], last: int) -> int:
    """The number of a `row`: its own, or the one after the last. Attributes are names and values in turns."""
    own = attribute(attributes, "r")
    return int(own) if own else last + 1


def column_index(attributes: Sequence[str], last: int) -> int:
    """The column (from 0) of a `c`: its own, or the one after the last."""
    own = attribute(attributes, "r")
    return index_of_letters(own.rstrip(_DIGITS)) if own else last + 1


def attribute(attributes: Sequence[str], name: str) -> str:
    """An attribute's value; empty where there is none."""
    for position in range(0, len(attributes), 2):
        if attributes[position] == name:
            return attributes[position + 1]
    return ""


class CellRange(NamedTuple):
    """A range such as `B2:D5`; rows from 1, columns from 0, both ends in it."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first, last = f"{column_letters(self.left)}{self.top}", f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"

    def with_cell(self, row: int, column: int) -> CellRange:
        """The smallest area with this and the cell in it."""
        return CellRange(min(self.top, row), min(self.left, column), max(self.bottom, row), max(self.right, column))


def area(reference: str) -> CellRange:
    """The area that a reference names."""
    first, _, last = reference.replace("$", "").partition(":")
    (left, top), (right, bottom) = map(_cell, (first, last or first))
    return CellRange(top, left, bottom, right)


def text_markup(text: str) -> bytes:
    """A text as it stands between tags, in ASCII, which every encoding of a part has.

    What XML can't hold is dropped, and so is what exceeds a cell.
    """
    legal = _LOOKS_ESCAPED.sub("_x005F_", _cut(_ILLEGAL.sub("", text)))
    return escape(legal, {"\r": "_x000D_"}).encode("ascii", "xmlcharrefreplace")


def _cell(reference: str) -> tuple[int, int]:
    letters = reference.rstrip(_DIGITS)
    return index_of_letters(letters), int(reference[len(letters) :])


def _cut(text: str) -> str:
    # Not `show.cut`: a cell's limit is in UTF-16 code units, of which an emoji has two.
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_TEXT:
        return text
    return units[: 2 * (MAX_TEXT - 1)].decode("utf-16-le", "ignore") + "…"
