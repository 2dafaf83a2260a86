"""The values of a block, as the API gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any

from tests.fakes.google.a1 import Area, area_name
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import Cell, is_empty
from tests.fakes.google.sheets_formats import general, is_date, locale_of, shown
from tests.fakes.google.sheets_ranges import located, on_grid
from tests.fakes.google.sheets_tab import Tab

Rows = list[list[Any]]


def read(tab: Tab, area: Area, render: str, dates: str = "SERIAL_NUMBER") -> Rows:
    """The values of a block: without the empty cells at the end of a row and the empty rows at the end.

    A formula that gives an empty text is no empty cell.
    """
    area = area.within(tab.row_count, tab.column_count)
    seen = _seer(tab, render, dates)
    formatted = render == "FORMATTED_VALUE"
    arrays = tab.filled if render != "FORMULA" or tab.book.arrays_as_typed else {}
    found: Rows = []
    for index, line in enumerate(tab.rows[area.top : area.bottom], area.top):
        row: list[Any] = line[area.left : area.right]
        if arrays:
            row = _with_arrays(row, arrays, index, area)
        while row and is_empty(row[-1]):
            row.pop()
        if formatted:
            row = [
                cell if cell.__class__ is str else seen(cell, index, column)
                for column, cell in enumerate(row, area.left)
            ]
        else:
            row = [
                seen(cell, index, column) if cell.__class__ is Cell else cell
                for column, cell in enumerate(row, area.left)
            ]
        found.append(row)
    while found and not found[-1]:
        found.pop()
    return found


def _with_arrays(row: list[Any], arrays: Mapping[tuple[int, int], Any], index: int, area: Area) -> list[Any]:
    """A row of a block, with what array formulas show in cells that hold nothing."""
    assert area.right is not None
    last = max((column for at, column in arrays if at == index), default=-1) + 1
    row = [*row, *[""] * (min(last, area.right) - area.left - len(row))]
    return [
        arrays.get((index, column), "") if is_empty(content) else content
        for column, content in enumerate(row, area.left)
    ]


def _seer(tab: Tab, render: str, dates: str) -> Callable[[Any, int, int], Any]:
    """How a cell's content is shown in an answer."""
    locale = locale_of(tab.book.locale)

    def formatted(content: Any, row: int, column: int) -> Any:
        if content.__class__ is int:
            return str(content) if abs(content) < 10**15 else general(content, locale)
        if not isinstance(content, Cell):
            return shown(content, "", locale)
        value = content.value if content.formula is None else tab.computed(content.formula, row, column)
        return shown(value, content.pattern, locale)

    def unformatted(content: Cell, row: int, column: int) -> Any:
        value = content.value if content.formula is None else tab.computed(content.formula, row, column)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and dates == "FORMATTED_STRING" and is_date(content.pattern):
            return shown(value, content.pattern, locale)
        return value

    def formula(content: Cell, row: int, column: int) -> Any:
        return content.formula or unformatted(content, row, column)

    return {"FORMATTED_VALUE": formatted, "UNFORMATTED_VALUE": unformatted, "FORMULA": formula}[render]


def turned(rows: Rows) -> Rows:
    """Rows as columns, without the empty cells at their ends."""
    columns = [list(column) for column in zip_longest(*rows, fillvalue="")]
    for column in columns:
        while column and column[-1] == "":
            column.pop()
    return columns


def value_range(book: Spreadsheet, text: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """A ValueRange: the range as Google echoes it, and its values if there are any."""
    tab, area = located(book, text)
    return shown_range(tab, on_grid(tab, area), options)


def shown_range(tab: Tab, area: Area, options: Mapping[str, Any]) -> dict[str, Any]:
    dimension = options.get("majorDimension") or "ROWS"
    dimension = "ROWS" if dimension == "DIMENSION_UNSPECIFIED" else dimension
    render = options.get("valueRenderOption") or "FORMATTED_VALUE"
    values = read(tab, area, render, options.get("dateTimeRenderOption") or "SERIAL_NUMBER")
    if dimension == "COLUMNS":
        values = turned(values)
    found = {"range": area_name(tab.title, area), "majorDimension": dimension}
    return found | ({"values": values} if values else {})
