"""Where the fields stand in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """The header row, and what stands in which column."""

    header_row: int
    """As the sheet numbers it."""
    headers: Sequence[str]
    """The header row's texts, with single spaces; empty where a column has none."""
    columns: Mapping[str, int]
    """Field to column index (from 0), for every mapped field that was found."""
    tools: Mapping[str, int]
    """Header to column index, for every tool column that the sheet has already."""
    gone: Mapping[str, str]
    """Field to header, for every mapped field whose header the sheet lacks."""

    def header(self, field: str) -> str:
        """The header of a field's column; empty where it is not mapped or not there."""
        index = self.columns.get(field)
        return "" if index is None else self.headers[index]
