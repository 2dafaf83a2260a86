"""A tab at Google for a test: opened, filled, edited by somebody right before a call, protected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fivestep.connectors.google.account import GoogleAccount
from fivestep.connectors.google.address import SpreadsheetName
from fivestep.connectors.sheets.google.sheet import GoogleSheet
from fivestep.connectors.testing.sheet import Rows
from tests.fakes.google import sheets_requests
from tests.fakes.google.answers import Caller
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google.sheets_book import Spreadsheet


def sheet_of(
    book: Spreadsheet, account: GoogleAccount, tab: str | None = None, tab_id: int | None = None
) -> GoogleSheet:
    return GoogleSheet("the address", SpreadsheetName(book.id, tab_id), tab, lambda: account)


def enter(book: Spreadsheet, rows: Rows) -> None:
    """Make the first tab hold these rows, as a person types them: a leading `=` begins a formula."""
    tab = book.tabs[0]
    tab.clear(tab.whole)
    for number, row in enumerate(rows, 1):
        tab.write(f"A{number}", [[tab.entered(cell) if cell.startswith("=") else cell for cell in row]])


class Kept:
    """A journal that says what it keeps."""

    content: bytes | None = None

    def open(self, content: bytes) -> None:
        self.content = content

    def close(self) -> None:
        self.content = None


def once(server: GoogleServer, method: str, edit: Callable[[], object]) -> None:
    """Let somebody edit right before the next call of this method."""

    def before(call: Call) -> None:
        if call.method_id == method:
            server.before = None
            edit()

    server.before = before


def edit(book: Spreadsheet, request: dict[str, Any]) -> None:
    """What the owner does in the browser."""
    sheets_requests.batch_update(book, {"requests": [request]}, Caller(book.owner, frozenset()))


def protect(book: Spreadsheet, grid: dict[str, int], **how: Any) -> None:
    edit(book, {"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0, **grid}, **how}}})
