"""Requests about what lies on cells: merges, protections, names, filters, tables, groups, validation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.google.a1 import Area
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.sheets_book import NamedRange, Spreadsheet
from tests.fakes.google.sheets_ranges import from_grid_range, to_grid_range
from tests.fakes.google.sheets_render import protected_range, table
from tests.fakes.google.sheets_tab import Filter, Protection, Tab, Table


def _block(book: Spreadsheet, given: Mapping[str, Any] | None) -> tuple[Tab, Area]:
    tab, area = from_grid_range(book, dict(given or {}))
    return tab, area.within(tab.row_count, tab.column_count)


def merge_cells(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to mergeCells."""
    tab, area = _block(book, given.get("range"))
    tab.guard(area, account)
    assert area.bottom is not None
    assert area.right is not None
    parts = [area]
    if given.get("mergeType") == "MERGE_ROWS":
        parts = [Area(row, area.left, row + 1, area.right) for row in range(area.top, area.bottom)]
    elif given.get("mergeType") == "MERGE_COLUMNS":
        parts = [Area(area.top, column, area.bottom, column + 1) for column in range(area.left, area.right)]
    for part in parts:
        tab.merges = [other for other in tab.merges if not other.meets(part)]
        if not part.single:
            tab.merges.append(part)
            _keep_first(tab, part)
    return {}


def _keep_first(tab: Tab, area: Area) -> None:
    """Of merged cells only the first keeps what it holds."""
    kept = tab.content(area.top, area.left)
    tab.clear(area)
    tab.put(area.top, area.left, kept)


def unmerge_cells(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to unmergeCells."""
    tab, area = _block(book, given.get("range"))
    tab.guard(area, account)
    tab.merges = [merge for merge in tab.merges if not merge.meets(area)]
    return {}


def add_protected_range(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to addProtectedRange: whoever adds it is among its editors."""
    described = given.get("protectedRange") or {}
    tab, area = from_grid_range(book, described.get("range") or {})
    editors = (described.get("editors") or {}).get("users") or []
    if described.get("warningOnly") and editors:
        raise GoogleError(400, message="ProtectedRange is warningOnly. Editors cannot be set on it.")
    protection = Protection(
        int(described.get("protectedRangeId") or book.new_id()),
        area,
        list(dict.fromkeys([account, *editors])),
        bool(described.get("warningOnly")),
        described.get("description") or "",
        [from_grid_range(book, part)[1] for part in described.get("unprotectedRanges") or []],
    )
    tab.protections.append(protection)
    reply = protected_range(tab, protection, account)
    return {"protectedRange": reply | {"editors": {}}}


def delete_protected_range(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to deleteProtectedRange."""
    number = int(given.get("protectedRangeId") or 0)
    for tab in book.tabs:
        for protection in tab.protections:
            if protection.id == number:
                tab.guard(protection.area, account)
                tab.protections.remove(protection)
                return {}
    raise GoogleError(400, message=f"No protected range with id: {number}")


def set_basic_filter(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to setBasicFilter."""
    described = given.get("filter") or {}
    tab, area = _block(book, described.get("range"))
    rest = {name: described[name] for name in ("criteria", "filterSpecs", "sortSpecs") if described.get(name)}
    tab.filter = Filter(area, rest)
    return {}


def clear_basic_filter(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to clearBasicFilter."""
    from_grid_range(book, {"sheetId": given.get("sheetId")})[0].filter = None
    return {}


def add_table(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to addTable."""
    described = given.get("table") or {}
    tab, area = _block(book, described.get("range"))
    tab.guard(area, account)
    if any(other.area.meets(area) for other in tab.tables):
        raise GoogleError(400, message="You can't create a table that overlaps another table.")
    made = Table(
        described.get("tableId") or f"{book.new_id()}",
        described.get("name") or f"Table{len(tab.tables) + 1}",
        area,
        [{} for _ in range((area.right or 0) - area.left)],
        {name: described[name] for name in ("rowsProperties",) if described.get(name)},
    )
    _set_columns(tab, made, described.get("columnProperties") or [])
    tab.tables.append(made)
    return {"table": table(tab, made)}


def _set_columns(tab: Tab, made: Table, columns: list[Mapping[str, Any]]) -> None:
    for place, column in enumerate(columns):
        index = int(column.get("columnIndex", place) or 0)
        if index >= len(made.columns):
            raise GoogleError(400, message=f"columnIndex[{index}] is outside of the table.")
        kept = ("columnType", "dataValidationRule")
        made.columns[index] = {name: column[name] for name in kept if column.get(name)}
        if column.get("columnName"):
            tab.fill(made.area.top, made.area.left + index, str(column["columnName"]))


def _find_table(book: Spreadsheet, table_id: str) -> tuple[Tab, Table]:
    for tab in book.tabs:
        for made in tab.tables:
            if made.id == table_id:
                return tab, made
    raise GoogleError(400, message=f"No table with id: {table_id}")


def update_table(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to updateTable."""
    described = given.get("table") or {}
    tab, made = _find_table(book, described.get("tableId") or "")
    fields = {name.split(".")[0].strip() for name in (given.get("fields") or "").split(",")}
    if "name" in fields:
        made.name = described.get("name") or made.name
    if "range" in fields:
        made.area = _block(book, described.get("range"))[1]
        width = (made.area.right or 0) - made.area.left
        made.columns = (made.columns + [{} for _ in range(width)])[:width]
    if "columnProperties" in fields:
        _set_columns(tab, made, described.get("columnProperties") or [])
    return {}


def delete_table(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to deleteTable: its cells are emptied too."""
    tab, made = _find_table(book, given.get("tableId") or "")
    tab.guard(made.area, account)
    tab.clear(made.area)
    tab.tables.remove(made)
    return {}


def add_named_range(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to addNamedRange."""
    described = given.get("namedRange") or {}
    tab, area = from_grid_range(book, described.get("range") or {})
    name = described.get("name") or ""
    if any(named.name.casefold() == name.casefold() for named in book.named):
        raise GoogleError(400, message=f"A named range with the name '{name}' already exists.")
    named = NamedRange(described.get("namedRangeId") or str(book.new_id()), name, tab.id, area)
    book.named.append(named)
    return {"namedRange": {"namedRangeId": named.id, "name": name, "range": to_grid_range(tab.id, area)}}


def _find_named(book: Spreadsheet, named_id: str) -> NamedRange:
    for named in book.named:
        if named.id == named_id:
            return named
    raise GoogleError(400, message=f"No named range with ID: {named_id}")


def update_named_range(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to updateNamedRange."""
    described = given.get("namedRange") or {}
    named = _find_named(book, described.get("namedRangeId") or "")
    fields = set((given.get("fields") or "").split(","))
    if "name" in fields:
        named.name = described.get("name") or named.name
    if "range" in fields:
        tab, named.area = from_grid_range(book, described.get("range") or {})
        named.tab_id = tab.id
    return {}


def delete_named_range(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to deleteNamedRange."""
    book.named.remove(_find_named(book, given.get("namedRangeId") or ""))
    return {}


def _groups(tab: Tab, given: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    rows = given.get("dimension") == "ROWS"
    kept = tab.row_groups if rows else tab.column_groups
    stretch = {"dimension": given.get("dimension"), "startIndex": int(given.get("startIndex") or 0)}
    own = {"sheetId": tab.id} if tab.id else {}
    return kept, own | stretch | {"endIndex": int(given.get("endIndex") or 0)}


def add_dimension_group(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to addDimensionGroup."""
    tab, _ = from_grid_range(book, {"sheetId": (given.get("range") or {}).get("sheetId")})
    kept, stretch = _groups(tab, given.get("range") or {})
    kept.append({"range": stretch, "depth": 1})
    tab.grid["rowGroupControlAfter" if stretch["dimension"] == "ROWS" else "columnGroupControlAfter"] = True
    return {"dimensionGroups": list(kept)}


def delete_dimension_group(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to deleteDimensionGroup."""
    tab, _ = from_grid_range(book, {"sheetId": (given.get("range") or {}).get("sheetId")})
    kept, stretch = _groups(tab, given.get("range") or {})
    kept[:] = [group for group in kept if group["range"] != stretch]
    return {"dimensionGroups": list(kept)} if kept else {}


def set_data_validation(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to setDataValidation: taken, and forgotten."""
    tab, area = _block(book, given.get("range"))
    tab.guard(area, account)
    return {}


HANDLERS: dict[str, Callable[[Spreadsheet, Mapping[str, Any], str], dict[str, Any]]] = {
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
    "addProtectedRange": add_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "setBasicFilter": set_basic_filter,
    "clearBasicFilter": clear_basic_filter,
    "addTable": add_table,
    "updateTable": update_table,
    "deleteTable": delete_table,
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "setDataValidation": set_data_validation,
}
