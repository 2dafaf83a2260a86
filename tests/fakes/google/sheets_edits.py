"""Requests that write cells: values, formats, notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tests.fakes.google.a1 import Area
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import Cell, Content, as_cell, filled, slim, tidy
from tests.fakes.google.sheets_ranges import from_grid_range
from tests.fakes.google.sheets_tab import Tab


def update_cells(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to updateCells."""
    rows = given.get("rows") or []
    if given.get("start") is not None:
        tab, area = _from_coordinate(book, given["start"], rows)
    else:
        tab, area = from_grid_range(book, given.get("range") or {})
        area = area.within(tab.row_count, tab.column_count)
    _check_size(area, rows)
    tab.guard(area, account)
    _write_rows(tab, area, rows, given.get("fields") or "")
    return {}


def _from_coordinate(book: Spreadsheet, start: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> tuple[Tab, Area]:
    """The block that rows take from a cell on; 400 for a cell beside the grid."""
    tab, _ = from_grid_range(book, {"sheetId": start.get("sheetId")})
    top, left = int(start.get("rowIndex") or 0), int(start.get("columnIndex") or 0)
    for index, count, name in ((top, tab.row_count, "row"), (left, tab.column_count, "column")):
        if index >= count:
            said = f"GridCoordinate.{name}Index[{index}] is after last {name} in grid[{count - 1}]"
            raise GoogleError(400, message=said)
    area = Area(top, left, top + len(rows), left + _width(rows))
    return tab, area.within(tab.row_count, tab.column_count)


def _width(rows: list[Mapping[str, Any]]) -> int:
    return max((len(row.get("values") or []) for row in rows), default=0)


def _check_size(area: Area, rows: list[Mapping[str, Any]]) -> None:
    """Raise Google's error for rows that are more or wider than the block into which they are to go."""
    assert area.bottom is not None
    assert area.right is not None
    for start, end, size, name in (
        (area.top, area.bottom, len(rows), "row"),
        (area.left, area.right, _width(rows), "column"),
    ):
        if start + size > end:
            said = f"Attempting to write {name}: {end}, beyond the last requested {name} of: {end - 1}"
            raise GoogleError(400, message=said)


def _write_rows(tab: Tab, area: Area, rows: list[Mapping[str, Any]], fields: str) -> None:
    """Set the fields that are named, in every cell of a block; a cell that is not given loses them."""
    names = _cell_fields(fields)
    for row in range(area.top, area.bottom or 0):
        cells = (rows[row - area.top].get("values") or []) if row - area.top < len(rows) else []
        for column in range(area.left, area.right or 0):
            data = cells[column - area.left] if column - area.left < len(cells) else {}
            old = tab.content(row, column)
            new = _with_fields(tab, old, data or {}, names)
            if new is not old:
                tab.put(row, column, new)


def _cell_fields(fields: str) -> set[str]:
    names = {name.strip().replace("/", ".") for name in fields.split(",")}
    if not fields:
        raise GoogleError(
            400, message="At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    return {"userEnteredValue", "userEnteredFormat", "note"} if "*" in names else names


def _with_fields(tab: Tab, old: Content, data: Mapping[str, Any], names: set[str]) -> Content:
    """A cell after the fields that are named were taken from a CellData."""
    cell = as_cell(old)
    for name in names:
        if name.startswith("userEnteredValue"):
            value = _entered_value(tab, data.get("userEnteredValue") or {})
            cell = as_cell(filled(replace(cell, formula=None), value))
        elif name == "note":
            cell = replace(cell, note=data.get("note") or "")
        elif name.startswith("userEnteredFormat"):
            cell = _with_format(cell, data.get("userEnteredFormat") or {}, name)
    return slim(cell)


def _with_format(cell: Cell, given: Mapping[str, Any], name: str) -> Cell:
    part = name.partition(".")[2].partition(".")[0]
    if part in {"", "numberFormat"}:
        number = given.get("numberFormat") or {}
        cell = replace(
            cell, pattern=number.get("pattern") or {"TEXT": "@", "DATE": "m/d/yyyy"}.get(str(number.get("type")), "")
        )
    style = dict(cell.style or {}) if part else {}
    for key, value in given.items():
        if key != "numberFormat" and (not part or key == part):
            style[key] = value
    return replace(cell, style=style or None)


def _entered_value(tab: Tab, given: Mapping[str, Any]) -> Content:
    if given.get("formulaValue") is not None:
        return Cell(formula=given["formulaValue"])
    if given.get("stringValue") is not None:
        return str(given["stringValue"])
    if given.get("boolValue") is not None:
        return bool(given["boolValue"])
    return tidy(float(given["numberValue"])) if given.get("numberValue") is not None else ""


def repeat_cell(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to repeatCell."""
    tab, area = from_grid_range(book, given.get("range") or {})
    area = area.within(tab.row_count, tab.column_count)
    tab.guard(area, account)
    names = _cell_fields(given.get("fields") or "")
    data = given.get("cell") or {}
    for row in range(area.top, area.bottom or 0):
        for column in range(area.left, area.right or 0):
            new = _with_fields(tab, tab.content(row, column), data, names)
            if not (new == "" and column >= len(tab.rows[row] if row < len(tab.rows) else [])):
                tab.put(row, column, tab.carried(new, row - area.top, column - area.left))
    return {}


def append_cells(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to appendCells: below the last row that shows something; the grid grows, but by rows only."""
    tab, _ = from_grid_range(book, {"sheetId": given.get("sheetId")})
    rows = given.get("rows") or []
    top = tab.last_row()
    area = Area(top, 0, top + len(rows), tab.column_count)
    _check_size(area, rows)
    tab.row_count = max(tab.row_count, top + len(rows))
    area = Area(top, 0, top + len(rows), _width(rows))
    tab.guard(area, account)
    _write_rows(tab, area, rows, given.get("fields") or "")
    return {}


HANDLERS: dict[str, Callable[[Spreadsheet, Mapping[str, Any], str], dict[str, Any]]] = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
}
