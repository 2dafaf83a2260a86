"""A tab of a Google spreadsheet as a sheet that people are working in."""

from __future__ import annotations

import dataclasses
import hashlib
import marshal
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from gspread.exceptions import APIError
from gspread.http_client import HTTPClient
from gspread.utils import a1_range_to_grid_range, absolute_range_name

from fivestep.connectors.google.account import GoogleAccount
from fivestep.connectors.google.address import SpreadsheetName
from fivestep.connectors.google.errors import api_fault, sheet_fault
from fivestep.connectors.sheet import Journal, WriteRequest, Written, refusal_to_note
from fivestep.connectors.sheets.google.calculated import Calculated, CellRow, calculated, looks_calculated, name_errors
from fivestep.connectors.sheets.google.tab import TAB_FIELDS, GoogleTab, Spreadsheet, spreadsheet
from fivestep.connectors.sheets.live import write as shared_write
from fivestep.connectors.sheets.live.grid import CallRefusedError, Look
from fivestep.errors import LostAnswerError, SettingsError, UnreachableError
from fivestep.process.live_edits.a1 import Spot
from fivestep.process.live_edits.repair import Entry, Formula, TabEntries
from fivestep.process.model.table import Cell, CellError, Table, column_letters, is_number, shown

_LOOKS = 4
"""How often a tab is read again that was edited between the two halves of a look."""


class GoogleSheet:
    """A tab of a Google spreadsheet.

    Implements `SharedSheet`, `NotingSheet` and `FormattingSheet` of `connectors.sheet`, and
    `connectors.sheets.live.grid.Grid`.

    A look at the tab is one call for the values and one for the formulas; the metadata is asked for once, and anew
    where it turns out to be out of date.
    """

    def __init__(
        self, named: str, spreadsheet_name: SpreadsheetName, tab: str | None, account: Callable[[], GoogleAccount]
    ) -> None:
        """`named` is what the settings call it; `account` logs in when the first call is made."""
        self._named = named
        self._id = spreadsheet_name.id
        self._tab_id = spreadsheet_name.tab_id
        self._tab_title = tab
        self._account = account
        self._known: Spreadsheet | None = None

    @property
    def name(self) -> str:
        """The spreadsheet's title."""
        return self.book.title

    @property
    def timezone(self) -> str:
        """The spreadsheet's own time zone."""
        return self.book.timezone

    @property
    def book(self) -> Spreadsheet:
        """The spreadsheet as its metadata describes it."""
        if self._known is None:
            parameters = {"includeGridData": "false", "fields": TAB_FIELDS}
            self._known = spreadsheet(
                self._asked(lambda api: api.fetch_sheet_metadata(self._id, params=parameters))  # type: ignore[arg-type]
            )
        return self._known

    def tabs(self) -> list[str]:
        """The titles of the tabs that are not hidden, in order."""
        return [tab.title for tab in self.book.tabs if not tab.hidden]

    def check_writable(self) -> None:
        """Raise UnreachableError, with what to do, where nothing in the tab may be edited."""
        if self._tab.is_closed:
            raise UnreachableError(
                f"the tab {self._tab.title!r} of {self.name} is protected, and this login may not edit it: open Data, "
                "Protect sheets and ranges, and give it leave"
            )

    def try_writing(self) -> None:
        """Raise CredentialsError where this login may not edit.

        See `connectors.sheet.SharedSheet.try_writing`.
        """
        self.check_writable()
        tab = self._tab
        row, column = tab.open_cell or (1, 0)
        # A cell for which null is sent is skipped, as the API's reference says.
        data = [{"range": absolute_range_name(tab.title, f"{column_letters(column)}{row}"), "values": [[None]]}]
        body = {"valueInputOption": "RAW", "data": data}
        self._asked(lambda api: api.values_batch_update(self._id, body=body))

    @property
    def place(self) -> str:
        """The address of the tab, see `connectors.sheets.live.grid.Grid.place`."""
        return f"{self._id}#gid={self._tab.id}"

    def read(self) -> Table:
        """The whole tab, hidden rows and columns included; a formula's cell holds what it shows."""
        return self.look_closely().shown

    def displayed(self, table: Table, columns: Collection[int]) -> Mapping[int, Mapping[int, str]]:
        """How the numbers of these columns look, see `connectors.sheet.FormattingSheet.displayed`: one call."""
        looks, _ = self._values("FORMATTED_VALUE")
        found = {}
        for number in table.rows_with_numbers(columns):
            row, look = table.rows[number - 1], looks[number - 1] if number <= len(looks) else []
            if _same_texts(row, look):
                found[number] = {c: shown(look[c]).strip() for c in columns if c < len(row) and is_number(row[c])}
        return found

    def write(self, request: WriteRequest) -> list[Written]:
        """Carry out the changes, see `connectors.sheet.Sheet.write`."""
        if not request.changes and not request.new_columns:
            return []
        return shared_write.write_live(self, request)

    def settle(self, content: bytes, journal: Journal) -> list[str]:
        """Put right what a write has left astray that was cut off, see `connectors.sheet.SharedSheet.settle`."""
        return shared_write.settle_write(self, content, journal)

    def note(self, spot: Spot, mine: Collection[str], text: str) -> Written:
        """Write one cell, see `connectors.sheet.NotingSheet.note`: one call that looks, and one that writes."""
        tab = self._tab if spot.tab is None else self._titled(spot.tab)
        where = absolute_range_name(tab.title, f"{column_letters(spot.column)}{spot.row}")
        how: dict[str, Any] = {"valueRenderOption": "FORMULA"}
        found = self._asked(lambda api: api.values_get(self._id, where, params=how)).get("values", [])
        now = shown(found[0][0]) if found and found[0] else ""
        reason = refusal_to_note(spot, now, formula=now.startswith("="), mine=mine) or tab.hindrance(
            spot.row, spot.column
        )
        if reason:
            return Written("skipped", spot.row, reason)
        body = {"valueInputOption": "RAW", "data": [{"range": where, "values": [[text]]}]}
        self._asked(lambda api: api.values_batch_update(self._id, body=body))
        return Written("written", spot.row)

    def look(self) -> Table:
        """The tab as it was typed, see `connectors.sheets.live.grid.Grid.look`."""
        rows, columns = self._values("FORMULA")
        return self._table(rows, looks_calculated(rows), columns)

    def look_closely(self) -> Look:
        """The tab as it was typed and as it shows, see `connectors.sheets.live.grid.Grid.look_closely`."""
        last = None
        for _ in range(_LOOKS):
            (values, _), (entered, columns) = self._values("UNFORMATTED_VALUE"), self._values("FORMULA")
            found = calculated(values, entered, still=(values, entered) == last)
            last = values, entered
            if found is not None:
                name_errors(values, found)
                typed = self._table(entered, found, columns)
                return Look(dataclasses.replace(typed, rows=values), typed)
        raise UnreachableError(f"{self.name} is being edited too fast to be read: try again later")

    def _table(self, entered: list[CellRow], found: Calculated, columns: int | None) -> Table:
        tab = self._tab
        return Table(tab.title, entered, found, _version(entered), columns, merged=tab.merged)

    def hindrance(self, row: int, column: int) -> str:
        """Why this cell can't be written; empty where it can."""
        return self._tab.hindrance(row, column)

    def make_room(self, cells: TabEntries) -> bool:
        """Add the missing columns at the right.

        See `connectors.sheets.live.grid.Grid.make_room`.
        """
        missing = max((column + 1 for of in cells.values() for column in of), default=0) - self._tab.columns
        if missing <= 0:
            return False
        growth = {"sheetId": self._tab.id, "dimension": "COLUMNS", "length": missing}
        try:
            self._asked(lambda api: api.batch_update(self._id, {"requests": [{"appendDimension": growth}]}))
        except LostAnswerError:
            pass  # the metadata tells
        except CallRefusedError as error:
            raise CallRefusedError(
                f"the tab has to become {missing} columns wider for the texts, and can't: {error}"
            ) from None
        finally:
            self._known = None
        return True

    def put(self, cells: TabEntries) -> None:
        """Write these cells, formulas after all texts.

        See `connectors.sheets.live.grid.Grid.put`.
        """
        texts = {row: {c: cell for c, cell in of.items() if not isinstance(cell, Formula)} for row, of in cells.items()}
        formulas = {row: {c: cell for c, cell in of.items() if isinstance(cell, Formula)} for row, of in cells.items()}
        self._write(texts, "RAW")
        self._write(formulas, "USER_ENTERED")

    @property
    def _tab(self) -> GoogleTab:
        """The tab of the settings: by its title, else by the address, else the first that is not hidden."""
        tabs = self.book.tabs
        if self._tab_title is not None:
            wanted = [tab for tab in tabs if tab.title == self._tab_title]
        elif self._tab_id is not None:
            wanted = [tab for tab in tabs if tab.id == self._tab_id]
        else:
            wanted = [tab for tab in tabs if not tab.hidden]
        if not wanted:
            there = ", ".join(repr(title) for title in self.tabs()) or "none"
            which = repr(self._tab_title) if self._tab_title is not None else f"with the number {self._tab_id}"
            raise SettingsError(f"{self.name} has no tab {which}; it has {there}. Name one as tab under [pipeline]")
        return wanted[0]

    def _titled(self, title: str) -> GoogleTab:
        for tab in self.book.tabs:
            if tab.title.casefold() == title.casefold():
                return tab
        raise SettingsError(f"{self.name} has no tab {title!r}; it has {', '.join(map(repr, self.tabs()))}")

    def _values(self, rendered: str) -> tuple[list[CellRow], int | None]:
        """Every row of the tab, and how many columns it has.

        Google leaves out what is empty at the ends of rows.
        """
        how: dict[str, Any] = {"valueRenderOption": rendered}

        def asked(api: HTTPClient) -> Any:
            return api.values_get(self._id, absolute_range_name(self._tab.title), params=how)

        try:
            found = self._asked(asked)
        except CallRefusedError:
            found = self._asked_again(asked)  # by the name that the tab has now
        rows: list[CellRow] = found.get("values", [])
        whole = a1_range_to_grid_range(str(found.get("range", "")).rpartition("!")[2])
        return rows, whole.get("endColumnIndex")

    def _write(self, cells: TabEntries, entered: str) -> None:
        data = [{"range": where, "values": values} for where, values in _blocks(self._tab.title, cells)]
        if data:
            body = {"valueInputOption": entered, "data": data}
            self._asked(lambda api: api.values_batch_update(self._id, body=body))

    def _asked_again(self, call: Callable[[HTTPClient], Any]) -> Any:
        """Google's answer, now that the metadata is new."""
        try:
            return self._asked(call)
        except CallRefusedError as error:
            raise UnreachableError(f"{self.name} can't be read: {error}") from None

    def _asked(self, call: Callable[[HTTPClient], Any]) -> Any:
        """Google's answer. Raises RefusedError where the tab may be another than its metadata said."""
        account = self._account()
        try:
            return call(HTTPClient(None, session=account.session))  # type: ignore[arg-type]
        except APIError as error:
            fault = api_fault(error.response.status_code, error.response.content)
            if fault.status == 400 and self._known is not None:
                self._known = None
                raise CallRefusedError(f"Google Sheets refused it: {fault.message or 'no reason given'}") from None
            raise sheet_fault(fault, self._named, account.who, account.again, account.share_with) from None


def _same_texts(row: Sequence[Cell], look: CellRow) -> bool:
    """Whether a row still shows the texts that were read, so that nobody has moved rows."""
    return len(look) >= len(row) and all(look[at] == cell for at, cell in enumerate(row) if isinstance(cell, str))


def _version(formulas: Sequence[CellRow]) -> str:
    """Another text for every other content, whatever its formulas show just now."""
    # Of the formats that are quick to write, version 2 is the last that depends on nothing but the values.
    rows: Any = formulas
    return hashlib.blake2b(marshal.dumps(rows, 2), digest_size=16).hexdigest()


def _blocks(title: str, cells: TabEntries) -> Iterator[tuple[str, list[list[Any]]]]:
    """The cells as ranges: those that stand side by side, in rows that follow each other, go together."""
    open_: dict[tuple[int, int], tuple[int, list[list[Any]]]] = {}
    for row in sorted(cells):
        runs = {(left, len(values)): values for left, values in _runs(cells[row])}
        for shape in [shape for shape in open_ if shape not in runs or open_[shape][0] + len(open_[shape][1]) != row]:
            yield _range(title, shape, *open_.pop(shape))
        for shape, values in runs.items():
            open_.setdefault(shape, (row, []))[1].append(values)
    for shape, (top, block) in open_.items():
        yield _range(title, shape, top, block)


def _runs(cells: Mapping[int, Entry]) -> Iterator[tuple[int, list[Any]]]:
    """The cells of a row that stand side by side: the first one's column, and what they hold."""
    left, values = -1, list[Any]()
    for column in sorted(cells):
        if values and column != left + len(values):
            yield left, values
            values = []
        if not values:
            left = column
        values.append(_sent(cells[column]))
    if values:
        yield left, values


def _sent(cell: Entry) -> Any:
    if isinstance(cell, Formula):
        return cell.text
    if isinstance(cell, CellError):
        return cell.code
    return "" if cell is None else cell


def _range(title: str, shape: tuple[int, int], top: int, block: list[list[Any]]) -> tuple[str, list[list[Any]]]:
    left, width = shape
    corners = f"{column_letters(left)}{top}:{column_letters(left + width - 1)}{top + len(block) - 1}"
    return absolute_range_name(title, corners), block
