"""Requests that put cells elsewhere or change them where they are: sorted, copied, cut, replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.fakes.google.a1 import Area
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import Cell, Content, ErrorText, as_cell, emptied, filled, is_empty, slim
from tests.fakes.google.sheets_formats import locale_of, shown
from tests.fakes.google.sheets_ranges import exceeds, from_grid_range
from tests.fakes.google.sheets_references import after_cut
from tests.fakes.google.sheets_tab import Tab


def sort_range(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to sortRange."""
    tab, area = from_grid_range(book, given.get("range") or {})
    area = area.within(tab.row_count, tab.column_count)
    tab.guard(area, account)
    if any(merge.meets(area) for merge in tab.merges):
        raise GoogleError(400, message="You can't sort a range that contains merged cells.")
    specs = [
        (int(spec.get("dimensionIndex") or 0), spec.get("sortOrder") == "DESCENDING")
        for spec in given.get("sortSpecs") or []
    ]
    sort(tab, area, specs)
    return {}


def sort(tab: Tab, area: Area, specs: list[tuple[int, bool]]) -> None:
    """Sort the rows of a block by columns: numbers, texts, booleans, errors; empty cells always last."""
    assert area.bottom is not None
    order = list(range(area.top, min(area.bottom, len(tab.rows))))
    for column, falling in reversed(specs):
        values = {row: sort_key(tab.value(row, column)) for row in order}
        full = [row for row in order if values[row] is not None]
        empty = [row for row in order if values[row] is None]
        full.sort(key=values.__getitem__, reverse=falling)  # type: ignore[arg-type]
        order = full + empty
    tab.rearrange(Area(area.top, area.left, area.top + len(order), area.right), order)


def sort_key(value: Any) -> tuple[int, Any] | None:
    """Where a value stands in a sorted column; None for an empty cell."""
    if isinstance(value, ErrorText):
        return 3, value
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, str):
        return (1, value.casefold()) if value else None
    return 0, value


def copy_paste(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to copyPaste."""
    tab, source = from_grid_range(book, given.get("source") or {})
    target_tab, target = from_grid_range(book, given.get("destination") or {})
    source = source.within(tab.row_count, tab.column_count)
    target = target.within(target_tab.row_count, target_tab.column_count)
    assert None not in {source.bottom, source.right, target.bottom, target.right}
    height, width = (source.bottom or 0) - source.top, (source.right or 0) - source.left
    bottom = max(target.bottom or 0, target.top + height)
    right = max(target.right or 0, target.left + width)
    target = Area(target.top, target.left, bottom, right)
    if bottom > target_tab.row_count or right > target_tab.column_count:
        raise exceeds(target_tab, target)
    target_tab.guard(target, account)
    taken = [[tab.content(source.top + y, source.left + x) for x in range(width)] for y in range(height)]
    for row in range(target.top, bottom):
        for column in range(target.left, right):
            y, x = (row - target.top) % height, (column - target.left) % width
            moved = tab.carried(taken[y][x], row - source.top - y, column - source.left - x)
            old = target_tab.content(row, column)
            target_tab.put(
                row, column, _pasted(tab, moved, old, given.get("pasteType"), (source.top + y, source.left + x))
            )
    return {}


def _pasted(tab: Tab, new: Content, old: Content, kind: str | None, source: tuple[int, int]) -> Content:
    if kind == "PASTE_VALUES":
        return filled(emptied(old), tab.value(*source))
    if kind == "PASTE_FORMULA":
        cell = as_cell(new)
        return filled(emptied(old), slim(Cell(cell.value, cell.formula)))
    if kind == "PASTE_FORMAT":
        cell, kept = as_cell(new), as_cell(old)
        return slim(replace(kept, pattern=cell.pattern, style=cell.style))
    return new


def cut_paste(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to cutPaste."""
    tab, source = from_grid_range(book, given.get("source") or {})
    start = given.get("destination") or {}
    target_tab, _ = from_grid_range(book, {"sheetId": start.get("sheetId")})
    source = source.within(tab.row_count, tab.column_count)
    top, left = int(start.get("rowIndex") or 0), int(start.get("columnIndex") or 0)
    tab.guard(source, account)
    cut(tab, source, target_tab, top, left, account)
    return {}


def cut(tab: Tab, source: Area, target_tab: Tab, top: int, left: int, account: str | None) -> None:
    """Move cells: nothing is left in their old place, and formulas that refer to them follow them."""
    height, width = (source.bottom or 0) - source.top, (source.right or 0) - source.left
    target = Area(top, left, top + height, left + width)
    if (target.bottom or 0) > target_tab.row_count or (target.right or 0) > target_tab.column_count:
        raise exceeds(target_tab, target)
    target_tab.guard(target, account)
    taken = [[tab.content(source.top + y, source.left + x) for x in range(width)] for y in range(height)]
    for row, column in list(tab.used(source)):
        tab.put(row, column, "")
    for y, line in enumerate(taken):
        for x, content in enumerate(line):
            target_tab.put(top + y, left + x, content)
    if tab is target_tab:
        for other in tab.book.tabs:
            other.rewrite(
                lambda text, own=other: after_cut(text, own, tab, source, top - source.top, left - source.left)
            )
    tab.book.touch()


def find_replace(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to findReplace."""
    counts = {"valuesChanged": 0, "formulasChanged": 0, "rowsChanged": 0, "sheetsChanged": 0, "occurrencesChanged": 0}
    pattern = _finder(given)
    for tab, area in _searched(book, given):
        rows = set()
        for row, column in list(tab.used(area)):
            content = tab.content(row, column)
            if is_empty(content) or (
                isinstance(content, Cell) and content.formula and not given.get("includeFormulas")
            ):
                continue
            cell = as_cell(content)
            text = cell.formula or shown(cell.value, cell.pattern, locale_of(book.locale))
            changed, times = pattern.subn(lambda _: given.get("replacement") or "", text)
            if times and changed != text:
                tab.guard(Area(row, column, row + 1, column + 1), account)
                tab.fill(row, column, tab.entered(changed))
                counts["formulasChanged" if cell.formula else "valuesChanged"] += 1
                counts["occurrencesChanged"] += times
                rows.add(row)
        counts["rowsChanged"] += len(rows)
        counts["sheetsChanged"] += bool(rows)
    return {name: count for name, count in counts.items() if count}


def _finder(given: Mapping[str, Any]) -> re.Pattern[str]:
    find = given.get("find") or ""
    text = find if given.get("searchByRegex") else re.escape(find)
    if given.get("matchEntireCell"):
        text = rf"\A(?:{text})\Z"
    return re.compile(text, 0 if given.get("matchCase") else re.IGNORECASE)


def _searched(book: Spreadsheet, given: Mapping[str, Any]) -> Iterator[tuple[Tab, Area]]:
    if given.get("allSheets"):
        yield from ((tab, tab.whole) for tab in book.tabs)
    elif given.get("range") is not None:
        yield from_grid_range(book, given["range"])
    else:
        yield from_grid_range(book, {"sheetId": given.get("sheetId")})


HANDLERS: dict[str, Callable[[Spreadsheet, Mapping[str, Any], str], dict[str, Any]]] = {
    "sortRange": sort_range,
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
    "findReplace": find_replace,
}
