"""Merged cells: one cell to whoever looks at the sheet, several to whoever reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

COVERED = "the cell is merged with others, of which only the first holds a text: unmerge it"
"""Why nothing is written to a covered cell."""


class MergedCells(NamedTuple):
    """A block of merged cells; rows count from 1, columns from 0, and both ends are in it."""

    top: int
    left: int
    bottom: int
    right: int

    def covers(self, row: int, column: int) -> bool:
        """Whether the cell lies under the first one, and so never shows what it holds."""
        inside = self.top <= row <= self.bottom and self.left <= column <= self.right
        return inside and (row, column) != (self.top, self.left)


def by_row(merged: Iterable[MergedCells], rows: int) -> Mapping[int, Sequence[MergedCells]]:
    """Row number to the blocks in it, for as many rows as the table has."""
    found: dict[int, list[MergedCells]] = {}
    for block in merged:
        for row in range(block.top, min(block.bottom, rows) + 1):
            found.setdefault(row, []).append(block)
    return found
