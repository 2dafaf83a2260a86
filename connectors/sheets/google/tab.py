"""A spreadsheet's tabs as its metadata describes them: shape, and what can't be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fivestep.process.model.merged_cells import COVERED, MergedCells
from fivestep.process.model.table import column_letters

TAB_FIELDS = (
    "properties(title,locale,timeZone),sheets(properties(sheetId,title,index,sheetType,hidden,"
    "gridProperties(rowCount,columnCount)),merges,protectedRanges(range,unprotectedRanges,warningOnly,"
    "requestingUserCanEdit,description),tables(name,range,columnProperties))"
)
"""What is asked for."""

_TEXT_TYPES = frozenset({"", "COLUMN_TYPE_UNSPECIFIED", "TEXT"})


class TabRange(NamedTuple):
    """Some rows (from 1) and columns (from 0) of a tab; the ends are not in it."""

    top: int
    bottom: int
    left: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell is in it."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def __str__(self) -> str:
        return f"{column_letters(self.left)}{self.top}:{column_letters(self.right - 1)}{self.bottom - 1}"


class TypedColumn(NamedTuple):
    """A column of a table of the spreadsheet's own that takes no plain text."""

    area: TabRange
    table: str
    kind: str


class Protection(NamedTuple):
    """A part that this login may not edit."""

    area: TabRange
    open: Sequence[TabRange]
    """What may be edited within it all the same."""


@dataclass(frozen=True)
class GoogleTab:
    """One tab."""

    id: int
    title: str
    hidden: bool
    rows: int
    columns: int
    protections: Sequence[Protection]
    typed: Sequence[TypedColumn]
    merged: Sequence[MergedCells]

    def hindrance(self, row: int, column: int) -> str:
        """Why a text can't be written to this cell; empty where it can."""
        if any(p.area.holds(row, column) and not any(o.holds(row, column) for o in p.open) for p in self.protections):
            return "the cell is protected, and this login may not edit it: open Data, Protect sheets and ranges"
        for typed in self.typed:
            if typed.area.holds(row, column):
                return f"the column is of the type {typed.kind} in the table {typed.table}: set its type to Text"
        return COVERED if any(block.covers(row, column) for block in self.merged) else ""

    @property
    def is_closed(self) -> bool:
        """Whether this login may edit nothing at all."""
        whole = (p for p in self.protections if p.area.holds(1, 0) and p.area.holds(self.rows, self.columns - 1))
        return any(not p.open for p in whole)

    @property
    def open_cell(self) -> tuple[int, int] | None:
        """The row and column of a cell to which a text can be written; None where there is none."""
        cells = ((row, column) for row in range(1, self.rows + 1) for column in range(self.columns))
        return next((cell for cell in cells if not self.hindrance(*cell)), None)


@dataclass(frozen=True)
class Spreadsheet:
    """A spreadsheet."""

    title: str
    locale: str
    timezone: str
    tabs: Sequence[GoogleTab]
    """Those with cells, in order."""


def spreadsheet(metadata: Mapping[str, Any]) -> Spreadsheet:
    """What the metadata says."""
    properties = metadata.get("properties", {})
    sheets = sorted(metadata.get("sheets", ()), key=lambda sheet: sheet["properties"].get("index", 0))
    tabs = [_tab(sheet) for sheet in sheets if sheet["properties"].get("sheetType", "GRID") == "GRID"]
    return Spreadsheet(properties.get("title", ""), properties.get("locale", ""), properties.get("timeZone", ""), tabs)


def _tab(sheet: Mapping[str, Any]) -> GoogleTab:
    properties = sheet["properties"]
    grid = properties.get("gridProperties", {})
    rows, columns = grid.get("rowCount", 0), grid.get("columnCount", 0)

    def area(found: Mapping[str, int]) -> TabRange:
        return TabRange(
            found.get("startRowIndex", 0) + 1,
            found.get("endRowIndex", rows) + 1,
            found.get("startColumnIndex", 0),
            found.get("endColumnIndex", columns),
        )

    protections = [
        Protection(area(one.get("range", {})), [area(o) for o in one.get("unprotectedRanges", ())])
        for one in sheet.get("protectedRanges", ())
        if not one.get("warningOnly") and not one.get("requestingUserCanEdit")
    ]
    return GoogleTab(
        properties.get("sheetId", 0),
        properties.get("title", ""),
        bool(properties.get("hidden")),
        rows,
        columns,
        protections,
        [typed for table in sheet.get("tables", ()) for typed in _typed(table, area(table.get("range", {})))],
        [MergedCells(at.top, at.left, at.bottom - 1, at.right - 1) for at in map(area, sheet.get("merges", ()))],
    )


def _typed(table: Mapping[str, Any], area: TabRange) -> Iterator[TypedColumn]:
    """The columns below the table's header that take no text."""
    for column in table.get("columnProperties", ()):
        kind = column.get("columnType", "")
        at = area.left + column.get("columnIndex", 0)
        if kind not in _TEXT_TYPES:
            yield TypedColumn(TabRange(area.top + 1, area.bottom, at, at + 1), table.get("name", ""), kind)
