"""One cell, as a person names it: `Z1`, `Pipeline!Z1`, `'Other things'!$B$2`."""

from __future__ import annotations

import re
from typing import NamedTuple

from fivestep.process.model.table import column_letters, index_of_letters

_A1 = re.compile(r"(?:(?:'((?:[^']|'')+)'|([^'!]+))!)?\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


class Spot(NamedTuple):
    """A cell of a spreadsheet."""

    tab: str | None
    """The tab's title; None is the one that holds the deals."""
    row: int
    """From 1."""
    column: int
    """From 0."""

    def __str__(self) -> str:
        cell = f"{column_letters(self.column)}{self.row}"
        return f"{self.tab}!{cell}" if self.tab else cell


def read_spot(text: str) -> Spot | None:
    """The cell that is named; None where none is."""
    found = _A1.fullmatch(text.strip())
    if found is None:
        return None
    quoted, plain, letters, row = found.groups()
    return Spot(quoted.replace("''", "'") if quoted else plain, int(row), index_of_letters(letters))


def in_the_way(spot: Spot, tab: str, header_row: int) -> bool:
    """Whether the cell lies in the tab's header row or below.

    There columns are added and rows are sorted, so a cell with another purpose is not safe.
    """
    return (spot.tab is None or spot.tab.casefold() == tab.casefold()) and spot.row >= header_row
