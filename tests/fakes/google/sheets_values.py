"""The values of a spreadsheet: read, written, appended and cleared, as the API's `values` do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any

from tests.fakes.google.a1 import Area, area_name
from tests.fakes.google.answers import Caller, GoogleError
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import emptied, is_empty
from tests.fakes.google.sheets_ranges import located, on_grid
from tests.fakes.google.sheets_read import value_range
from tests.fakes.google.sheets_tab import Tab
from tests.fakes.google.sheets_write import Write, rows_of


@contextmanager
def _within_data(index: int) -> Any:
    """Errors about one of several blocks say which one."""
    try:
        yield
    except GoogleError as error:
        raise GoogleError(error.status, error.reason, f"Invalid data[{index}]: {error.message}") from error


def get(book: Spreadsheet, params: Mapping[str, Any], _body: Any, _caller: Caller) -> dict[str, Any]:
    """The answer of values.get."""
    return value_range(book, params["range"], params)


def batch_get(book: Spreadsheet, params: Mapping[str, Any], _body: Any, _caller: Caller) -> dict[str, Any]:
    """The answer of values.batchGet."""
    found = [value_range(book, text, params) for text in params.get("ranges", [])]
    return {"spreadsheetId": book.id, "valueRanges": found}


def update(book: Spreadsheet, params: Mapping[str, Any], body: Any, caller: Caller) -> dict[str, Any]:
    """The answer of values.update."""
    text = params["range"]
    if body.get("range") and located(book, body["range"]) != located(book, text):
        said = f"Requested range must match: {text} value range: {body['range']}"
        raise GoogleError(400, message=said)
    write = Write(book, text, body, _option(params))
    write.check(caller.account)
    return write.answer(params)


def batch_update(book: Spreadsheet, params: Mapping[str, Any], body: Any, caller: Caller) -> dict[str, Any]:
    """The answer of values.batchUpdate: all blocks are checked before the first one is written."""
    option = _option(body)
    writes = []
    for index, block in enumerate(body.get("data") or []):
        with _within_data(index):
            write = Write(book, block.get("range") or "", block, option)
            write.check(caller.account)
            writes.append(write)
    if not writes:
        return {"spreadsheetId": book.id}
    responses = [write.answer(body) for write in writes]
    totals = {
        "totalUpdatedRows": len({(write.tab.id, row) for write in writes for row in write.written_rows}),
        "totalUpdatedColumns": len({(write.tab.id, column) for write in writes for column in write.written_columns}),
        "totalUpdatedCells": sum(response.get("updatedCells", 0) for response in responses),
        "totalUpdatedSheets": len({write.tab.id for write in writes}),
    }
    counted = {name: count for name, count in totals.items() if count}
    return {"spreadsheetId": book.id, **counted, "responses": responses}


def append(book: Spreadsheet, params: Mapping[str, Any], body: Any, caller: Caller) -> dict[str, Any]:
    """The answer of values.append: below the table that the range meets, in whatever column that begins."""
    tab, area = located(book, params["range"])
    option = _option(params)
    table = _table(tab, on_grid(tab, area))
    top, left = (table.bottom or 0, table.left) if table else (area.top, area.left)
    rows = rows_of(body)
    width = max(map(len, rows), default=1)
    place = Area(top, left, top + len(rows), left + width)
    tab.guard(place, caller.account)
    if params.get("insertDataOption") == "INSERT_ROWS" and rows:
        tab.insert(top, len(rows), rows=True)
    assert place.bottom is not None
    assert place.right is not None
    tab.row_count = max(tab.row_count, place.bottom)
    tab.column_count = max(tab.column_count, place.right)
    write = Write(book, area_name(tab.title, Area(top, left, top + 1, left + 1)), {"values": rows}, option)
    found: dict[str, Any] = {"spreadsheetId": book.id}
    if table:
        found["tableRange"] = area_name(tab.title, table)
    return found | {"updates": write.answer(params)}


def _table(tab: Tab, area: Area) -> Area | None:
    """The last table that a block meets: cells that touch one another, up to the next empty row and column."""
    filled_cells = [(row, column) for row, column in tab.used(area) if not is_empty(tab.rows[row][column])]
    if not filled_cells:
        return None
    row, column = max(filled_cells)
    block = Area(row, column, row + 1, column + 1)
    while True:
        grown = _grown(tab, block)
        if grown == block:
            return block
        block = grown


def _grown(tab: Tab, block: Area) -> Area:
    """A block, with the cells beside it in which something shows."""
    assert block.bottom is not None
    assert block.right is not None
    around = Area(max(block.top - 1, 0), max(block.left - 1, 0), block.bottom + 1, block.right + 1)
    near = [(row, column) for row, column in tab.used(around) if not is_empty(tab.rows[row][column])]
    rows, columns = [row for row, _ in near], [column for _, column in near]
    return Area(
        min(block.top, *rows),
        min(block.left, *columns),
        max(block.bottom, max(rows) + 1),
        max(block.right, max(columns) + 1),
    )


def clear(book: Spreadsheet, params: Mapping[str, Any], _body: Any, caller: Caller) -> dict[str, Any]:
    """The answer of values.clear."""
    tab, area = located(book, params["range"])
    area = on_grid(tab, area)
    tab.guard(area, caller.account)
    _empty(tab, area)
    return {"spreadsheetId": book.id, "clearedRange": area_name(tab.title, area)}


def batch_clear(book: Spreadsheet, params: Mapping[str, Any], body: Any, caller: Caller) -> dict[str, Any]:
    """The answer of values.batchClear."""
    places = [located(book, text) for text in body.get("ranges") or []]
    for tab, area in places:
        tab.guard(on_grid(tab, area), caller.account)
    names = []
    for tab, area in places:
        _empty(tab, on_grid(tab, area))
        names.append(area_name(tab.title, on_grid(tab, area)))
    return {"spreadsheetId": book.id, "clearedRanges": names}


def _empty(tab: Tab, area: Area) -> None:
    for row, column in tab.used(area):
        tab.rows[row][column] = emptied(tab.rows[row][column])
    tab.book.touch()


def _option(options: Mapping[str, Any]) -> str:
    option = options.get("valueInputOption")
    if option not in {"RAW", "USER_ENTERED"}:
        raise GoogleError(400, message="'valueInputOption' is required but not specified")
    return str(option)


CALLS: dict[str, tuple[str, Callable[[Spreadsheet, Mapping[str, Any], Any, Caller], dict[str, Any]]]] = {
    "get": ("reader", get),
    "batchGet": ("reader", batch_get),
    "update": ("writer", update),
    "batchUpdate": ("writer", batch_update),
    "append": ("writer", append),
    "clear": ("writer", clear),
    "batchClear": ("writer", batch_clear),
}
