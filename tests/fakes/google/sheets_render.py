"""What spreadsheets.get says about a spreadsheet, made no further than the field mask asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes.google.a1 import Area
from tests.fakes.google.masks import Mask, wanted
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import Cell, Content, ErrorText, Plain, as_cell, is_empty
from tests.fakes.google.sheets_formats import locale_of, pattern_kind, shown
from tests.fakes.google.sheets_ranges import located, on_grid, to_grid_range
from tests.fakes.google.sheets_tab import Protection, Tab, Table
from tests.fakes.google.sheets_theme import COLUMN_WIDTH, DEFAULT_FORMAT, ROW_HEIGHT, THEME

ERROR_TYPES = {
    "#NULL!": "NULL_VALUE",
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#VALUE!": "VALUE",
    "#REF!": "REF",
    "#NAME?": "NAME",
    "#NUM!": "NUM",
    "#N/A": "N_A",
    "#ERROR!": "ERROR",
}


def spreadsheet(
    book: Spreadsheet, account: str, mask: Mask, ranges: Sequence[str] = (), *, with_data: bool = False
) -> dict[str, Any]:
    """A Spreadsheet; with ranges, only the tabs in which they lie."""
    found: dict[str, Any] = {"spreadsheetId": book.id, "properties": book_properties(book)}
    sheets_mask = wanted(mask, "sheets")
    if sheets_mask is not None:
        places = [located(book, text) for text in ranges]
        data_mask = wanted(sheets_mask, "data") if mask else ({} if with_data else None)
        found["sheets"] = [
            sheet(tab, account, [area for near, area in places if near is tab] or [Area()], data_mask)
            for tab in book.tabs
            if not places or any(near is tab for near, _ in places)
        ]
    if book.named:
        found["namedRanges"] = [
            {"namedRangeId": named.id, "name": named.name, "range": to_grid_range(named.tab_id, named.area)}
            for named in book.named
        ]
    return found | {"spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit"}


def book_properties(book: Spreadsheet) -> dict[str, Any]:
    """A SpreadsheetProperties."""
    return {
        "title": book.title,
        "locale": book.locale,
        "autoRecalc": "ON_CHANGE",
        "timeZone": book.time_zone,
        "defaultFormat": DEFAULT_FORMAT,
        "spreadsheetTheme": THEME,
    }


def tab_properties(tab: Tab) -> dict[str, Any]:
    """A SheetProperties."""
    found: dict[str, Any] = {
        "sheetId": tab.id,
        "title": tab.title,
        "index": tab.book.tabs.index(tab),
        "sheetType": tab.kind,
    }
    if tab.kind == "GRID":
        counts = {"rowCount": tab.row_count, "columnCount": tab.column_count}
        found["gridProperties"] = counts | {name: value for name, value in tab.grid.items() if value}
    if tab.hidden:
        found["hidden"] = True
    return found | tab.properties


def sheet(tab: Tab, account: str, areas: Sequence[Area], data_mask: Mask | None) -> dict[str, Any]:
    """A Sheet."""
    found: dict[str, Any] = {"properties": tab_properties(tab)}
    if data_mask is not None and tab.kind == "GRID":
        found["data"] = [grid_data(tab, on_grid(tab, area), data_mask) for area in areas]
    if tab.merges:
        found["merges"] = [to_grid_range(tab.id, area) for area in tab.merges]
    if tab.filter:
        found["basicFilter"] = {"range": to_grid_range(tab.id, tab.filter.area), **tab.filter.rest}
    if tab.protections:
        found["protectedRanges"] = [protected_range(tab, protection, account) for protection in tab.protections]
    if tab.tables:
        found["tables"] = [table(tab, made) for made in tab.tables]
    groups = {"rowGroups": tab.row_groups, "columnGroups": tab.column_groups}
    return found | {name: stretches for name, stretches in groups.items() if stretches}


def protected_range(tab: Tab, protection: Protection, account: str) -> dict[str, Any]:
    """A ProtectedRange as the account sees it: who its editors are shows only to those who may edit it."""
    found: dict[str, Any] = {"protectedRangeId": protection.id, "range": to_grid_range(tab.id, protection.area)}
    if protection.named_range_id:
        found["namedRangeId"] = protection.named_range_id
    if protection.description:
        found["description"] = protection.description
    if protection.warning_only:
        found["warningOnly"] = True
    if protection.allows(account, tab.book.owner):
        found["requestingUserCanEdit"] = True
        found["editors"] = {"users": list(dict.fromkeys([tab.book.owner, *protection.editors]))}
    if protection.unprotected:
        found["unprotectedRanges"] = [to_grid_range(tab.id, area) for area in protection.unprotected]
    return found


def table(tab: Tab, made: Table) -> dict[str, Any]:
    """A Table."""
    found = {"tableId": made.id, "name": made.name, "range": to_grid_range(tab.id, made.area), **made.rest}
    columns = []
    for index, column in enumerate(made.columns):
        name = str(tab.value(made.area.top, made.area.left + index))
        columns.append(({"columnIndex": index} if index else {}) | {"columnName": name} | column)
    return found | {"columnProperties": columns}


def grid_data(tab: Tab, area: Area, mask: Mask) -> dict[str, Any]:
    """A GridData: of a block, the cells and the sizes of its rows and columns."""
    assert area.bottom is not None
    assert area.right is not None
    found: dict[str, Any] = {}
    if area.top:
        found["startRow"] = area.top
    if area.left:
        found["startColumn"] = area.left
    row_mask = wanted(mask, "rowData")
    if row_mask is not None:
        rows = _row_data(tab, area, wanted(row_mask, "values"))
        if rows:
            found["rowData"] = rows
    if wanted(mask, "rowMetadata") is not None:
        found["rowMetadata"] = [
            {"pixelSize": ROW_HEIGHT} | tab.row_properties.get(row, {}) | _filtered_out(tab, row)
            for row in range(area.top, area.bottom)
        ]
    if wanted(mask, "columnMetadata") is not None:
        found["columnMetadata"] = [
            {"pixelSize": COLUMN_WIDTH} | tab.column_properties.get(column, {})
            for column in range(area.left, area.right)
        ]
    return found


def _filtered_out(tab: Tab, row: int) -> dict[str, Any]:
    """Whether the filter hides a row: by the values that were unticked in it."""
    if not tab.filter or not tab.filter.area.top < row < (tab.filter.area.bottom or tab.row_count):
        return {}
    criteria = {int(column): rule for column, rule in tab.filter.rest.get("criteria", {}).items()}
    for spec in tab.filter.rest.get("filterSpecs", []):
        criteria[int(spec.get("columnIndex", 0))] = spec.get("filterCriteria", {})
    locale = locale_of(tab.book.locale)
    for column, rule in criteria.items():
        content = tab.content(row, column)
        if shown(tab.value(row, column), as_cell(content).pattern, locale) in rule.get("hiddenValues", []):
            return {"hiddenByFilter": True}
    return {}


def _row_data(tab: Tab, area: Area, mask: Mask | None) -> list[dict[str, Any]]:
    rows = []
    for index, line in enumerate(tab.rows[area.top : area.bottom], area.top):
        cells = [
            cell_data(tab, index, column, content, mask) if mask is not None else {}
            for column, content in enumerate(line[area.left : area.right], area.left)
        ]
        while cells and not cells[-1]:
            cells.pop()
        rows.append({"values": cells} if cells else {})
    while rows and not rows[-1]:
        rows.pop()
    return rows


def cell_data(tab: Tab, row: int, column: int, content: Content, mask: Mask) -> dict[str, Any]:
    """A CellData, with no more in it than the mask asks for."""
    if content.__class__ is str and content == "":
        return {}
    cell = as_cell(content)
    found: dict[str, Any] = {}
    if not is_empty(cell):
        value = tab.value(row, column)
        if wanted(mask, "userEnteredValue") is not None:
            found["userEnteredValue"] = {"formulaValue": cell.formula} if cell.formula else _extended(value)
        if wanted(mask, "effectiveValue") is not None:
            found["effectiveValue"] = _extended(value)
        if wanted(mask, "formattedValue") is not None:
            found["formattedValue"] = shown(value, cell.pattern, locale_of(tab.book.locale))
    own = user_format(cell)
    if own and wanted(mask, "userEnteredFormat") is not None:
        found["userEnteredFormat"] = own
    if wanted(mask, "effectiveFormat") is not None:
        found["effectiveFormat"] = DEFAULT_FORMAT | own
    if cell.note and wanted(mask, "note") is not None:
        found["note"] = cell.note
    return found


def user_format(cell: Cell) -> dict[str, Any]:
    """The CellFormat that was given to a cell."""
    found = dict(cell.style or {})
    if cell.pattern:
        found["numberFormat"] = {"type": pattern_kind(cell.pattern), "pattern": cell.pattern}
    return found


def _extended(value: Plain) -> dict[str, Any]:
    if isinstance(value, ErrorText):
        return {"errorValue": {"type": ERROR_TYPES.get(value, "ERROR")}}
    if isinstance(value, bool):
        return {"boolValue": value}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}
