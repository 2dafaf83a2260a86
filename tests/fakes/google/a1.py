"""Ranges in A1 notation: read as people and programs write them, written as Google echoes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

CORNER = re.compile(r"\$?([A-Za-z]{0,3})\$?([1-9][0-9]{0,7})?")
PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]+|[Rr][0-9]*[Cc][0-9]*")


@dataclass(frozen=True)
class Area:
    """A block of cells, from 0, its ends not included; an end that is None is the end of the grid."""

    top: int = 0
    left: int = 0
    bottom: int | None = None
    right: int | None = None

    @property
    def single(self) -> bool:
        """Whether it is one cell."""
        return self.bottom == self.top + 1 and self.right == self.left + 1

    def within(self, rows: int, columns: int) -> Area:
        """The part of it that lies on a grid of this size; empty where it lies beside it."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Area(self.top, self.left, bottom, right)

    def meets(self, other: Area) -> bool:
        """Whether the two share a cell."""
        return (
            (other.bottom is None or self.top < other.bottom)
            and (self.bottom is None or other.top < self.bottom)
            and (other.right is None or self.left < other.right)
            and (self.right is None or other.left < self.right)
        )

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies in it."""
        return self.meets(Area(row, column, row + 1, column + 1))


@lru_cache(maxsize=4096)
def letters(column: int) -> str:
    """A column's letters, counted from 0."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_index(text: str) -> int:
    """The column that has these letters, counted from 0."""
    index = 0
    for letter in text.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def quoted(title: str) -> str:
    """A tab's title as it stands before the exclamation mark."""
    if PLAIN_TITLE.fullmatch(title) and not LIKE_A_CELL.fullmatch(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def cell_name(row: int, column: int) -> str:
    """One cell, such as B7."""
    return f"{letters(column)}{row + 1}"


def area_name(title: str, area: Area) -> str:
    """A block whose ends are known, such as Deals!A1:C9."""
    assert area.bottom is not None
    assert area.right is not None
    first = cell_name(area.top, area.left)
    last = cell_name(area.bottom - 1, area.right - 1)
    return f"{quoted(title)}!{first}" if first == last else f"{quoted(title)}!{first}:{last}"


def split_title(text: str) -> tuple[str | None, str | None]:
    """The tab's title and the cells of a range; either is None where it is not given."""
    if text.startswith("'"):
        end = re.match(r"'((?:[^']|'')*)'(?:!(.*))?$", text, re.S)
        if not end:
            return None, text
        return end[1].replace("''", "'"), end[2]
    if "!" in text:
        title, cells = text.rsplit("!", 1)
        return title, cells
    return None, text


def parse_cells(text: str) -> Area | None:
    """The block that A1:C9, A:C, 2:5, B7, or A2:C names; None where the text names none."""
    first, colon, last = text.partition(":")
    start = _corner(first)
    end = _corner(last) if colon else start
    if start is None or end is None or (not colon and None in start):
        return None
    top, bottom = _ends(start[0], end[0])
    left, right = _ends(start[1], end[1])
    return Area(top, left, bottom, right)


def _corner(text: str) -> tuple[int | None, int | None] | None:
    match = CORNER.fullmatch(text.strip())
    if not match or not match[0]:
        return None
    row = int(match[2]) - 1 if match[2] else None
    column = column_index(match[1]) if match[1] else None
    return row, column


def _ends(one: int | None, other: int | None) -> tuple[int, int | None]:
    """The first and the end of one dimension, whichever of the corners came first."""
    if one is None and other is None:
        return 0, None
    if one is None or other is None:
        return one if one is not None else other or 0, None
    return min(one, other), max(one, other) + 1
