"""A tab of a Google spreadsheet: the contract, and what only such a sheet knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fivestep.connectors.google_account import GoogleAccount
from fivestep.connectors.google_names import SpreadsheetName, spreadsheet_name
from fivestep.connectors.google_sheet import GoogleSheet
from fivestep.connectors.sheet import SharedSheet
from fivestep.errors import CredentialsError, SettingsError, UnreachableError
from fivestep.process.plan import Change
from fivestep.process.table import CellError
from tests.contracts.sheet import DEALS, Rows, SheetContract, request, status, texts
from tests.google.server import GoogleServer
from tests.google.sheets_book import Spreadsheet
from tests.google_team import ANA, account_at


@pytest.fixture(scope="module")
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


@pytest.fixture
def book(server: GoogleServer) -> Spreadsheet:
    return server.sheets.add("Pipeline", tab="Deals", writers=[ANA], row_count=40, column_count=8)


@pytest.fixture
def account(server: GoogleServer) -> GoogleAccount:
    return account_at(server)


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


class TestContract(SheetContract):
    @pytest.fixture(autouse=True)
    def _at_google(self, book: Spreadsheet, account: GoogleAccount) -> None:
        self.book = book
        self.sheet = sheet_of(book, account)

    def fill(self, rows: Rows) -> GoogleSheet:
        enter(self.book, rows)
        return self.sheet
