"""Where a range lies: its text looked up in a spreadsheet, and held to the grid."""

from __future__ import annotations

from typing import Any

from tests.fakes.google.a1 import Area, area_name, letters, parse_cells, split_title
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_tab import Tab


def located(book: Spreadsheet, text: str) -> tuple[Tab, Area]:
    """The tab and the block that a range names; its open ends stay open. 400 where it names none."""
    title, cells = split_title(text)
    if title is not None:
        tab = book.find(title)
        area = Area() if cells is None else parse_cells(cells)
        if tab is None or area is None or tab.kind != "GRID":
            raise not_parsed(text)
        return tab, area
    return _unnamed(book, cells or "")


def _unnamed(book: Spreadsheet, text: str) -> tuple[Tab, Area]:
    """A range without an exclamation mark: a named range, a tab's title, or cells of the first tab that shows."""
    for named in book.named:
        if named.name.casefold() == text.casefold():
            tab = book.by_id(named.tab_id)
            assert tab is not None
            return tab, named.area
    tab = book.find(text)
    if tab is not None and tab.kind == "GRID":
        return tab, Area()
    area = parse_cells(text)
    if area is None:
        raise not_parsed(text)
    return next(tab for tab in book.tabs if not tab.hidden and tab.kind == "GRID"), area


def on_grid(tab: Tab, area: Area) -> Area:
    """The part of a block that lies on the grid; 400 where it begins beyond it."""
    if area.top >= tab.row_count or area.left >= tab.column_count:
        raise exceeds(tab, area)
    return area.within(tab.row_count, tab.column_count)


def exceeds(tab: Tab, area: Area) -> GoogleError:
    """The error for a block that leaves the grid."""
    bottom = tab.row_count if area.bottom is None else area.bottom
    right = tab.column_count if area.right is None else area.right
    name = area_name(tab.title, Area(area.top, area.left, max(bottom, area.top + 1), max(right, area.left + 1)))
    limits = f"Max rows: {tab.row_count}, max columns: {tab.column_count}"
    return GoogleError(400, message=f"Range ({name}) exceeds grid limits. {limits}")


def too_small(tab: Tab, area: Area, *, row: int | None = None, column: int | None = None) -> GoogleError:
    """The error for values that do not fit into the range that was given for them."""
    beyond = f"row [{row + 1}]" if row is not None else f"column [{letters(column or 0)}]"
    name = area_name(tab.title, area)
    return GoogleError(400, message=f"Requested writing within range [{name}], but tried writing to {beyond}")


def not_parsed(text: str) -> GoogleError:
    """The error for a range that names nothing."""
    return GoogleError(400, message=f"Unable to parse range: {text}")


def from_grid_range(book: Spreadsheet, given: dict[str, Any]) -> tuple[Tab, Area]:
    """The tab and the block of a GridRange; its open ends stay open."""
    tab_id = int(given.get("sheetId") or 0)
    tab = book.by_id(tab_id)
    if tab is None:
        raise GoogleError(400, message=f"No grid with id: {tab_id}")
    ends = {name: given.get(name) for name in ("endRowIndex", "endColumnIndex")}
    area = Area(
        int(given.get("startRowIndex") or 0),
        int(given.get("startColumnIndex") or 0),
        None if ends["endRowIndex"] is None else int(ends["endRowIndex"]),
        None if ends["endColumnIndex"] is None else int(ends["endColumnIndex"]),
    )
    for start, end, name in ((area.top, area.bottom, "Row"), (area.left, area.right, "Column")):
        if end is not None and end <= start:
            raise GoogleError(
                400, message=f"GridRange's end{name}Index({end}) must be after start{name}Index({start})."
            )
    if (area.bottom or area.top + 1) > tab.row_count or (area.right or area.left + 1) > tab.column_count:
        raise exceeds(tab, area)
    return tab, area


def to_grid_range(tab_id: int, area: Area) -> dict[str, Any]:
    """A GridRange as Google writes it: what is open is left out, and so is the tab whose id is 0."""
    found: dict[str, Any] = {"sheetId": tab_id} if tab_id else {}
    if area.bottom is not None:
        found |= {"startRowIndex": area.top, "endRowIndex": area.bottom}
    elif area.top:
        found["startRowIndex"] = area.top
    if area.right is not None:
        found |= {"startColumnIndex": area.left, "endColumnIndex": area.right}
    elif area.left:
        found["startColumnIndex"] = area.left
    return found
