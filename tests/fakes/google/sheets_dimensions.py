"""Requests that add, delete and move rows and columns, hide them, and fit their width."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.google.a1 import Area
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import as_cell
from tests.fakes.google.sheets_formats import locale_of, shown
from tests.fakes.google.sheets_tab import Tab

AUTO_WIDTH = 7


def _stretch(book: Spreadsheet, given: Mapping[str, Any]) -> tuple[Tab, bool, int, int]:
    """The tab of a DimensionRange, whether it is of rows, and its start and end."""
    tab_id = int(given.get("sheetId") or 0)
    tab = book.by_id(tab_id)
    if tab is None:
        raise GoogleError(400, message=f"No grid with id: {tab_id}")
    dimension = given.get("dimension")
    if dimension not in {"ROWS", "COLUMNS"}:
        raise GoogleError(400, message="No dimension specified.")
    rows = dimension == "ROWS"
    size = tab.row_count if rows else tab.column_count
    start, end = given.get("startIndex"), given.get("endIndex")
    return tab, rows, 0 if start is None else int(start), size if end is None else int(end)


def _strip(tab: Tab, rows: bool, start: int, end: int) -> Area:
    return Area(start, 0, end, tab.column_count) if rows else Area(0, start, tab.row_count, end)


def _check_stretch(tab: Tab, rows: bool, start: int, end: int, size: int) -> None:
    name = "row" if rows else "column"
    if start >= end or start < 0:
        raise GoogleError(400, message=f"range.endIndex ({end}) must be greater than range.startIndex ({start})")
    if start >= size:
        raise GoogleError(400, message=f"range.startIndex[{start}] is after last {name} in grid[{size - 1}]")


def append_dimension(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to appendDimension."""
    tab, rows, _, _ = _stretch(book, given)
    length = int(given.get("length") or 0)
    if length < 1:
        raise GoogleError(400, message=f"Must append at least one {'row' if rows else 'column'}.")
    if rows:
        tab.row_count += length
    else:
        tab.column_count += length
    return {}


def insert_dimension(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to insertDimension."""
    tab, rows, start, end = _stretch(book, given.get("range") or {})
    size = tab.row_count if rows else tab.column_count
    _check_stretch(tab, rows, start, end, size + 1)
    before = given.get("inheritFromBefore")
    if before and start == 0:
        raise GoogleError(400, message="inheritFromBefore cannot be true if inserting at the first row or column.")
    inside = _strip(tab, rows, max(start - 1, 0), min(start + 1, size))
    if any(
        (block.area.top < start < (block.area.bottom or size))
        if rows
        else (block.area.left < start < (block.area.right or size))
        for block in tab.protections
    ):
        tab.guard(inside, account)
    tab.insert(start, end - start, rows=rows)
    return {}


def delete_dimension(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to deleteDimension."""
    tab, rows, start, end = _stretch(book, given.get("range") or {})
    size = tab.row_count if rows else tab.column_count
    _check_stretch(tab, rows, start, end, size)
    name = "row" if rows else "column"
    if end > size:
        said = f"Tried to delete {name} index {end - 1} but there are only {size} {name}s."
        raise GoogleError(400, message=f"Cannot delete a {name} that doesn't exist. {said}")
    if end - start >= size:
        raise GoogleError(400, message=f"You can't delete all the {name}s on the sheet.")
    tab.guard(_strip(tab, rows, start, end), account)
    tab.delete(start, end - start, rows=rows)
    return {}


def move_dimension(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to moveDimension."""
    tab, rows, start, end = _stretch(book, given.get("source") or {})
    size = tab.row_count if rows else tab.column_count
    _check_stretch(tab, rows, start, end, size)
    to = int(given.get("destinationIndex") or 0)
    if start < to < end or to > size or end > size:
        raise GoogleError(400, message=f"destinationIndex ({to}) must lie on the grid and outside of the source.")
    tab.guard(_strip(tab, rows, min(start, to), max(end, to)), account)
    if not start <= to <= end:
        tab.move(start, end - start, to, rows=rows)
    return {}


def update_dimension_properties(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to updateDimensionProperties."""
    tab, rows, start, end = _stretch(book, given.get("range") or {})
    kept = tab.row_properties if rows else tab.column_properties
    for index in range(start, end):
        properties = kept.setdefault(index, {})
        for name in (given.get("fields") or "").split(","):
            properties.pop(name, None)
            value = (given.get("properties") or {}).get(name)
            if value:
                properties[name] = value
    return {}


def auto_resize(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to autoResizeDimensions: the widths are not Google's, which depend on its fonts."""
    tab, rows, start, end = _stretch(book, given.get("dimensions") or {})
    locale = locale_of(book.locale)
    if rows:
        return {}
    for column in range(start, end):
        texts = [
            shown(tab.value(row, column), as_cell(tab.content(row, column)).pattern, locale)
            for row in range(len(tab.rows))
        ]
        longest = max(map(len, texts), default=0)
        tab.column_properties.setdefault(column, {})["pixelSize"] = longest * AUTO_WIDTH or 21
    return {}


HANDLERS: dict[str, Callable[[Spreadsheet, Mapping[str, Any], str], dict[str, Any]]] = {
    "appendDimension": append_dimension,
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "moveDimension": move_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize,
}
