"""Sheets: all spreadsheets, and the calls of the API on them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from tests.fakes.google import sheets_render, sheets_requests, sheets_values
from tests.fakes.google.answers import Caller, GoogleError
from tests.fakes.google.masks import parse_mask
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import Content

BEGINNING = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
OWNER = "owner@northwind.example"


class Spreadsheets:
    """Every spreadsheet there is. `today` is what =TODAY() gives; `lock` is held while something is changed."""

    def __init__(self, lock: threading.RLock | None = None) -> None:
        self.lock = lock or threading.RLock()
        self.books: dict[str, Spreadsheet] = {}
        self.today: Callable[[], dt.date] = dt.date.today
        self._numbers = count(1)
        self._moments = count()

    def add(
        self,
        title: str = "Pipeline",
        rows: Sequence[Sequence[Content | None]] = (),
        *,
        tab: str = "Sheet1",
        owner: str = OWNER,
        writers: Sequence[str] = (),
        locale: str = "en_US",
        time_zone: str = "Etc/GMT",
        row_count: int = 1000,
        column_count: int = 26,
    ) -> Spreadsheet:
        """A new spreadsheet with one tab; its cells are taken as they are, Cells for formulas and formats."""
        number = next(self._numbers)
        book = Spreadsheet(
            f"1{number:06d}AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_",
            title,
            owner,
            self._numbers,
            self.lock,
            self._moment,
            self._today,
            locale,
            time_zone,
        )
        book.add_tab(tab, rows, row_count, column_count, tab_id=0)
        for account in writers:
            book.share(account)
        self.books[book.id] = book
        return book

    def copy(self, source: Spreadsheet, title: str, owner: str) -> Spreadsheet:
        """A copy of a spreadsheet that belongs to another account; it is not shared."""
        book = self.add(title, owner=owner, locale=source.locale, time_zone=source.time_zone)
        book.tabs.clear()
        for tab in source.tabs:
            made = book.add_tab(tab.title, tab_id=tab.id)
            made.restore(tab.snapshot())
        book.named = [*source.named]
        book.known = dict(source.known)
        return book

    def of(self, book_id: str, account: str, role: str) -> Spreadsheet:
        """The spreadsheet of this id, for an account that needs this role; GoogleError if it has none."""
        book = self.books.get(book_id)
        if book is None:
            raise GoogleError(404, message="Requested entity was not found.")
        book.require(account, role)
        if book.office:
            said = "This operation is not supported for this document"
            raise GoogleError(400, "failedPrecondition", said, "FAILED_PRECONDITION")
        return book

    def call(self, method: str, params: Mapping[str, Any], body: Any, caller: Caller) -> Any:
        """The answer of a method, such as sheets.spreadsheets.values.get."""
        name = method.removeprefix("sheets.spreadsheets.")
        with self.lock:
            if name == "create":
                return self._create(body, caller)
            if name == "get":
                book = self.of(params["spreadsheetId"], caller.account, "reader")
                return self._get(book, params, caller)
            if name == "batchUpdate":
                book = self.of(params["spreadsheetId"], caller.account, "writer")
                return sheets_requests.batch_update(book, body, caller)
            role, carry_out = sheets_values.CALLS.get(name.removeprefix("values."), ("reader", None))
            if name.startswith("values.") and carry_out:
                book = self.of(params["spreadsheetId"], caller.account, role)
                return carry_out(book, params, body, caller)
        raise GoogleError(501, message=f"{method} is not implemented here.")

    def _get(self, book: Spreadsheet, params: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        mask = parse_mask(params["fields"]) if params.get("fields") else {}
        with_data = bool(params.get("includeGridData"))
        return sheets_render.spreadsheet(book, caller.account, mask, params.get("ranges", ()), with_data=with_data)

    def _create(self, body: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        properties = body.get("properties") or {}
        book = self.add(
            properties.get("title") or "Untitled spreadsheet",
            owner=caller.account,
            locale=properties.get("locale") or "en_US",
            time_zone=properties.get("timeZone") or "Etc/GMT",
        )
        sheets = body.get("sheets") or []
        if sheets:
            book.tabs.clear()
        for index, described in enumerate(sheets):
            given = dict(described.get("properties") or {})
            given.setdefault("title", f"Sheet{index + 1}")
            sheets_requests.add_sheet(book, {"properties": given}, caller.account)
        return sheets_render.spreadsheet(book, caller.account, {})

    def _today(self) -> dt.date:
        return self.today()

    def _moment(self) -> dt.datetime:
        """The next moment: every change is a second after the last one, whatever the clock of the machine says."""
        return BEGINNING + dt.timedelta(seconds=next(self._moments))
