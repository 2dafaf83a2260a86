"""A table or a filter inside a tab: a block of cells whose columns are sorted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Frame(NamedTuple):
    """One block; rows from 1, columns from 0, both ends in it."""

    name: str
    """What messages call it: `the table Deals`, `the filter`."""
    top: int
    left: int
    bottom: int
    right: int
    names: Sequence[str] = ()
    """Of its columns, where they have names of their own, which must differ from each other."""
    fixed: str = ""
    """Why it can't be made wider; empty where it can."""
    blocked: Mapping[int, str] = {}
    """What stands in the way, by the column where it begins."""

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell lies in it."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right
