"""spreadsheets.batchUpdate: its requests, one after another, and all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.google import sheets_dimensions, sheets_edits, sheets_marks, sheets_moves, sheets_render
from tests.fakes.google.answers import Caller, GoogleError
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_tab import Tab

MOST_CELLS = 10_000_000

Handler = Callable[[Spreadsheet, Mapping[str, Any], str], dict[str, Any]]


def batch_update(book: Spreadsheet, body: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    """The replies to all requests; if one fails, nothing of the batch has happened."""
    requests = body.get("requests") or []
    if not requests:
        raise GoogleError(400, message="Must specify at least one request.")
    go_back = book.snapshot()
    replies = []
    for index, request in enumerate(requests):
        try:
            replies.append(carried_out(book, request, caller.account))
        except GoogleError as error:
            go_back()
            name = next(iter(request), "")
            place = f"Invalid requests[{index}].{name}" if name else f"Invalid requests[{index}]"
            raise GoogleError(error.status, error.reason, f"{place}: {error.message}") from error
    book.touch()
    found: dict[str, Any] = {"spreadsheetId": book.id, "replies": replies}
    if body.get("includeSpreadsheetInResponse"):
        found["updatedSpreadsheet"] = sheets_render.spreadsheet(book, caller.account, {})
    return found


def carried_out(book: Spreadsheet, request: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to one request."""
    given = {name: value for name, value in request.items() if value is not None}
    if len(given) != 1:
        raise GoogleError(400, message="Must specify exactly one kind of request." if given else "No request set.")
    [(name, details)] = given.items()
    handler = HANDLERS.get(name)
    if handler is None:
        raise GoogleError(501, message="This kind of request is not implemented here.")
    reply = handler(book, details, account)
    if book.cells() > MOST_CELLS:
        said = f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells."
        raise GoogleError(400, message=said)
    return {name: reply} if reply or name == "deleteDimensionGroup" else {}


def tab_of(book: Spreadsheet, given: Mapping[str, Any]) -> Tab:
    """The tab that a request names by its id."""
    tab_id = int(given.get("sheetId") or 0)
    tab = book.by_id(tab_id)
    if tab is None:
        raise GoogleError(400, message=f"No sheet with id: {tab_id}")
    return tab


def add_sheet(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to addSheet."""
    properties = dict(given.get("properties") or {})
    title = properties.pop("title", None) or _free_title(book)
    _check_title(book, title)
    tab_id = properties.pop("sheetId", None)
    if tab_id is not None and book.by_id(int(tab_id)):
        raise GoogleError(400, message=f"Sheet with ID {tab_id} already exists. Please specify a different ID.")
    grid = properties.pop("gridProperties", None) or {}
    tab = book.add_tab(
        title,
        row_count=int(grid.get("rowCount", 1000)),
        column_count=int(grid.get("columnCount", 26)),
        tab_id=None if tab_id is None else int(tab_id),
    )
    _set_properties(book, tab, {"gridProperties": grid} | properties, None)
    return {"properties": sheets_render.tab_properties(tab)}


def delete_sheet(book: Spreadsheet, given: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The reply to deleteSheet."""
    tab = tab_of(book, given)
    if not any(other is not tab and not other.hidden for other in book.tabs):
        raise GoogleError(400, message="You can't remove all the visible sheets in a document.")
    tab.guard(tab.whole, account)
    book.tabs.remove(tab)
    book.named = [named for named in book.named if named.tab_id != tab.id]
    return {}


def duplicate_sheet(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to duplicateSheet."""
    source = tab_of(book, {"sheetId": given.get("sourceSheetId")})
    title = given.get("newSheetName") or f"Copy of {source.title}"
    _check_title(book, title)
    new_id = given.get("newSheetId")
    tab = book.add_tab(title, tab_id=None if new_id is None else int(new_id))
    own = {name: getattr(tab, name) for name in ("id", "title")}
    tab.restore(source.snapshot() | own)
    tab.protections, tab.tables = [], []
    book.tabs.remove(tab)
    place = given.get("insertSheetIndex")
    book.tabs.insert(book.tabs.index(source) + 1 if place is None else int(place), tab)
    return {"properties": sheets_render.tab_properties(tab)}


def update_sheet_properties(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to updateSheetProperties."""
    properties = given.get("properties") or {}
    tab = tab_of(book, properties)
    fields = mask_of(given)
    if "title" in fields:
        _check_title(book, properties.get("title") or "", tab)
    _set_properties(book, tab, properties, fields)
    if all(other.hidden for other in book.tabs):
        raise GoogleError(400, message="You can't hide all the sheets in a document.")
    return {}


def update_spreadsheet_properties(book: Spreadsheet, given: Mapping[str, Any], _account: str) -> dict[str, Any]:
    """The reply to updateSpreadsheetProperties."""
    properties = given.get("properties") or {}
    for api_name, name in (("title", "title"), ("locale", "locale"), ("timeZone", "time_zone")):
        if api_name in mask_of(given) or "*" in mask_of(given):
            setattr(book, name, properties.get(api_name) or getattr(book, name))
    return {}


def mask_of(given: Mapping[str, Any]) -> set[str]:
    """The fields that an update names, with dots; 400 where it names none."""
    text = given.get("fields") or ""
    if not text:
        raise GoogleError(
            400, message="At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)"
        )
    return {name.strip().replace("/", ".") for name in text.split(",")}


def _set_properties(book: Spreadsheet, tab: Tab, properties: Mapping[str, Any], fields: set[str] | None) -> None:
    """Set those of a tab's properties that are named; with no names, those that are given."""
    grid = properties.get("gridProperties") or {}

    def named(name: str) -> bool:
        if fields is None:
            return name in properties or name.removeprefix("gridProperties.") in grid
        return name in fields or "*" in fields or name.partition(".")[0] in fields

    tab.title = (named("title") and properties.get("title")) or tab.title
    if named("hidden"):
        tab.hidden = bool(properties.get("hidden"))
    for name in ("tabColor", "tabColorStyle", "rightToLeft"):
        if named(name):
            _set_or_drop(tab.properties, name, _as_stored(properties.get(name)))
    _resize(tab, {name: grid.get(name) for name in ("rowCount", "columnCount") if named(f"gridProperties.{name}")})
    for name in ("frozenRowCount", "frozenColumnCount", "hideGridlines", "rowGroupControlAfter"):
        if named(f"gridProperties.{name}"):
            _set_or_drop(tab.grid, name, grid.get(name))
    if named("index") and properties.get("index") is not None:
        _place(book, tab, int(properties["index"]))


def _resize(tab: Tab, sizes: Mapping[str, Any]) -> None:
    rows, columns = (
        int(sizes.get(name, old) or 0) for name, old in (("rowCount", tab.row_count), ("columnCount", tab.column_count))
    )
    for count, kind in ((rows, "row"), (columns, "column")):
        if count < 1:
            raise GoogleError(400, message=f"Sheet must have at least one {kind}.")
    if (rows, columns) != (tab.row_count, tab.column_count):
        tab.resize(rows, columns)


def _place(book: Spreadsheet, tab: Tab, index: int) -> None:
    """Move a tab to an index that is counted while it is still in its old place."""
    old = book.tabs.index(tab)
    book.tabs.remove(tab)
    book.tabs.insert(index - 1 if index > old + 1 else index, tab)


def _set_or_drop(kept: dict[str, Any], name: str, value: Any) -> None:
    kept.pop(name, None)
    if value:
        kept[name] = value


def _as_stored(value: Any) -> Any:
    """A color as Google gives it back: in 255 steps, without its zeros; nothing is left of an empty one."""
    if not isinstance(value, Mapping):
        return value
    colored = {"red", "green", "blue"} & set(value)
    if colored:
        steps = {
            name: float(f"{int(value[name] * 255) / 255:.8g}") for name in ("red", "green", "blue") if value.get(name)
        }
        return {name: int(step) if step == 1 else step for name, step in steps.items()}
    return {name: stored for name, stored in ((name, _as_stored(inner)) for name, inner in value.items()) if stored}


def _check_title(book: Spreadsheet, title: str, own: Tab | None = None) -> None:
    same = book.find(title)
    if same is not None and same is not own:
        said = f'A sheet with the name "{title}" already exists. Please enter another name.'
        raise GoogleError(400, message=said)
    if not title:
        raise GoogleError(400, message="Sheet name cannot be empty.")


def _free_title(book: Spreadsheet) -> str:
    number = len(book.tabs) + 1
    while book.find(f"Sheet{number}"):
        number += 1
    return f"Sheet{number}"


HANDLERS: dict[str, Handler] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
    **sheets_dimensions.HANDLERS,
    **sheets_edits.HANDLERS,
    **sheets_moves.HANDLERS,
    **sheets_marks.HANDLERS,
}
