"""A tab of a Google spreadsheet: the contract, and what only such a sheet knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from fivestep.connectors.google.account import GoogleAccount
from fivestep.connectors.sheet import WriteRequest
from fivestep.connectors.sheets.google.sheet import GoogleSheet
from fivestep.connectors.testing.sheet import TITLED, GridContract, Rows, request, status, texts
from fivestep.errors import CredentialsError, LostAnswerError, SettingsError, UnreachableError
from fivestep.process.model.merged_cells import MergedCells
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Cell, CellError
from tests.fakes.google.a1 import Area
from tests.fakes.google.faults import KINDS
from tests.fakes.google.people import Person
from tests.fakes.google.server import GoogleServer
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import Cell as FakeCell
from tests.fakes.google_tab import Kept, edit, enter, once, protect, sheet_of
from tests.fakes.google_team import ANA, account_at


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


class TestContract(GridContract):
    @pytest.fixture(autouse=True)
    def _at_google(self, book: Spreadsheet, account: GoogleAccount) -> None:
        self.book = book
        self.sheet = sheet_of(book, account)

    def fill(self, rows: Rows) -> GoogleSheet:
        enter(self.book, rows)
        return self.sheet


def counted(server: GoogleServer, since: int) -> tuple[int, int]:
    """How many calls read and wrote since then."""
    calls = [call for call in server.calls[since:] if call.method_id.startswith("sheets.")]
    reads = sum(call.http == "GET" for call in calls)
    return reads, len(calls) - reads


class TestCalls:
    @pytest.mark.parametrize("rows", [1, 500])
    def test_a_read_and_a_write_cost_the_same_whatever_the_rows(
        self, server: GoogleServer, account: GoogleAccount, rows: int
    ) -> None:
        deals = [["Deal ID", "Deal", "Status"], *([f"D-{n}", f"Deal {n}", ""] for n in range(rows))]
        sheet = sheet_of(server.sheets.add("Many", deals, writers=[ANA]), account)
        begin = len(server.calls)
        sheet.check_writable()
        base = sheet.read()
        assert counted(server, begin) == (3, 0)
        changes = [Change(f"D-{n}", n + 2, "Status", "", f"status {n}") for n in range(rows)]
        sheet.write(WriteRequest(base, 1, "Deal ID", (), changes))
        assert counted(server, begin) == (5, 1)  # the look before the write and the one after it

    def test_growing_costs_one_more_write(self, server: GoogleServer, account: GoogleAccount) -> None:
        book = server.sheets.add("Narrow", TITLED, writers=[ANA], column_count=5, row_count=10)
        sheet, begin = sheet_of(book, account), len(server.calls)
        sheet.write(request(sheet.read(), Change("D-1", 4, "Next", "", "call"), new_columns=["Next", "Follow-up"]))
        assert counted(server, begin)[1] == 2
        assert book.tabs[0].column_count == 7
        assert texts(sheet.read())[2] == [*TITLED[2], "Next", "Follow-up"]

    def test_a_lost_answer_to_growing_grows_once(self, server: GoogleServer, account: GoogleAccount) -> None:
        book = server.sheets.add("Narrow", TITLED, writers=[ANA], column_count=5, row_count=10)
        sheet = sheet_of(book, account)
        base = sheet.read()
        server.faults.add("internal", method="sheets.spreadsheets.batchUpdate", after=True)
        (result,) = sheet.write(request(base, Change("D-1", 4, "Next", "", "call"), new_columns=["Next"]))
        assert (result.outcome, book.tabs[0].column_count) == ("written", 6)


class TestTabs:
    def test_tabs_are_listed_without_hidden_ones_and_charts(self, book: Spreadsheet, account: GoogleAccount) -> None:
        book.add_tab("Second")
        book.add_tab("Hidden").hidden = True
        book.add_tab("Chart").kind = "OBJECT"
        assert sheet_of(book, account).tabs() == ["Deals", "Second"]

    def test_the_tab_by_name_by_address_or_the_first(self, book: Spreadsheet, account: GoogleAccount) -> None:
        second = book.add_tab('It\'s "Q1"!', [["x"]])
        assert sheet_of(book, account, tab='It\'s "Q1"!').read().rows == [["x"]]
        assert sheet_of(book, account, tab_id=second.id).read().rows == [["x"]]
        book.tabs[0].hidden = True
        assert sheet_of(book, account).read().rows == [["x"]]

    def test_the_tab_number_0_is_no_other_than_that(self, book: Spreadsheet, account: GoogleAccount) -> None:
        book.add_tab("Archive", [["x"]])
        book.tabs.insert(0, book.tabs.pop())
        enter(book, [["old"]])
        deals = next(tab for tab in book.tabs if tab.id == 0)
        deals.write("A1", [["new"]])
        assert sheet_of(book, account, tab_id=0).read().rows == [["new"]]

    def test_a_tab_that_is_not_there_lists_those_that_are(self, book: Spreadsheet, account: GoogleAccount) -> None:
        for sheet in (sheet_of(book, account, tab="Dael"), sheet_of(book, account, tab_id=77)):
            with pytest.raises(SettingsError, match="it has 'Deals'"):
                sheet.read()

    def test_a_tab_renamed_meanwhile_is_found_again(self, book: Spreadsheet, account: GoogleAccount) -> None:
        enter(book, TITLED)
        sheet = sheet_of(book, account)
        base = sheet.read()
        book.tabs[0].title = "Deals 2026"
        assert [r.outcome for r in sheet.write(request(base, status("D-1", "", "x")))] == ["written"]


class TestCells:
    def test_values_are_typed_whatever_the_locale(self, server: GoogleServer, account: GoogleAccount) -> None:
        book = server.sheets.add("Deutsch", writers=[ANA], locale="de_DE")
        book.tabs[0].enter("A1", [["1.234,50", "01.02.2026", "WAHR", "007", "'007", "=1/0", "#N/A"]])
        table = sheet_of(book, account).read()
        assert table.rows == [[1234.5, 46054, True, 7, "007", CellError("#DIV/0!"), "#N/A"]]
        assert table.formulas == {1: {5}}

    def test_hidden_and_filtered_rows_are_rows(self, server: GoogleServer, account: GoogleAccount) -> None:
        book = server.sheets.add("Filtered", TITLED, writers=[ANA])
        book.tabs[0].row_properties[4] = {"hiddenByUser": True}
        sheet = sheet_of(book, account)
        assert [r.outcome for r in sheet.write(request(sheet.read(), status("D-2", "On track", "x")))] == ["written"]

    def test_the_version_stays_when_only_results_change(self, server: GoogleServer, account: GoogleAccount) -> None:
        book = server.sheets.add("Today", writers=[ANA])
        book.tabs[0].enter("A1", [["=TODAY()"]])
        sheet = sheet_of(book, account)
        before = sheet.read()
        book.known.clear()
        assert sheet.read().version == before.version

    def test_merged_cells_are_told_without_a_call_more(
        self, server: GoogleServer, book: Spreadsheet, account: GoogleAccount
    ) -> None:
        enter(book, TITLED)
        merged = {"sheetId": 0, "startRowIndex": 3, "endRowIndex": 6, "startColumnIndex": 1, "endColumnIndex": 2}
        edit(book, {"mergeCells": {"range": merged, "mergeType": "MERGE_ALL"}})
        begin = len(server.calls)
        table = sheet_of(book, account).read()
        assert counted(server, begin) == (3, 0)
        assert table.merged == [MergedCells(4, 1, 6, 1)]
        assert [table.seen(row)[1] for row in (3, 4, 5, 6)] == [TITLED[2][1], *[TITLED[3][1]] * 3]
        assert [row[1] for row in table.rows[4:6]] == ["", ""]

    def test_numbers_are_displayed_as_the_sheet_shows_them(
        self, server: GoogleServer, book: Spreadsheet, account: GoogleAccount
    ) -> None:
        tab = book.tabs[0]
        tab.write("A1", [["Deal", "Zip", "Fee", "Off", "Meeting"]])
        patterns = ("00000", "$#,##0.00", "0%", "yyyy-mm-dd hh:mm")
        for row, numbers in enumerate(((1234, 34.3, 0.15, 46359.6041666667), (99, 1200, 0.5, 46360)), 2):
            cells = [FakeCell(value, pattern=pattern) for value, pattern in zip(numbers, patterns, strict=True)]
            tab.write(f"A{row}", [[f"Deal {row}", *cells]])
        sheet = sheet_of(book, account)
        table = sheet.read()
        begin = len(server.calls)
        shown = sheet.displayed(table, {1, 2, 3, 4})
        assert counted(server, begin) == (1, 0)
        assert shown[2] == {1: "01234", 2: "$34.30", 3: "15%", 4: "2026-12-03 14:30"}
        assert shown[3][2] == "$1,200.00"
        tab.rows[1], tab.rows[2] = tab.rows[2], tab.rows[1]
        book.touch()
        assert sheet.displayed(table, {1, 2}) == {}


class TestWhatMayNotBeWritten:
    def write(self, book: Spreadsheet, account: GoogleAccount) -> list[tuple[str, str]]:
        enter(book, TITLED)
        sheet = sheet_of(book, account)
        changes = (status("D-1", "", "one"), status("D-2", "On track", "two"))
        return [(result.outcome, result.reason) for result in sheet.write(request(sheet.read(), *changes))]

    def test_a_protected_cell_is_named_and_the_others_are_written(
        self, book: Spreadsheet, account: GoogleAccount
    ) -> None:
        protect(book, {"startRowIndex": 3, "endRowIndex": 4})
        (first, reason), second = self.write(book, account)
        assert (first, second) == ("failed", ("written", ""))
        assert "protected" in reason

    def test_a_warning_or_an_open_part_is_no_hindrance(self, book: Spreadsheet, account: GoogleAccount) -> None:
        protect(book, {}, warningOnly=True)
        assert [outcome for outcome, _ in self.write(book, account)] == ["written", "written"]

    def test_a_tab_that_is_closed_is_refused_before_anything(self, book: Spreadsheet, account: GoogleAccount) -> None:
        protect(book, {})
        with pytest.raises(UnreachableError, match="is protected"):
            sheet_of(book, account).check_writable()

    @pytest.mark.parametrize("role", ["reader", "commenter", "writer"])
    def test_whether_the_login_may_edit_is_tried_and_changes_nothing(
        self, book: Spreadsheet, account: GoogleAccount, role: str
    ) -> None:
        enter(book, [["Deal ID", "=1+1"], ["D-1", ""]])
        protect(book, {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1})
        book.share(ANA, role)
        before = [list(row) for row in book.tabs[0].values()]
        sheet = sheet_of(book, account)
        if role == "writer":
            sheet.try_writing()
        else:
            with pytest.raises(CredentialsError, match="as an Editor"):
                sheet.try_writing()
        assert book.tabs[0].values() == before
        assert sheet.read().formulas == sheet_of(book, account).read().formulas != {}

    def test_a_protection_that_came_meanwhile(self, book: Spreadsheet, account: GoogleAccount) -> None:
        enter(book, TITLED)
        sheet = sheet_of(book, account)
        base = sheet.read()
        protect(book, {"startColumnIndex": 3, "endColumnIndex": 4})
        (result,) = sheet.write(request(base, status("D-1", "", "x")))
        assert result.outcome == "failed"
        assert "protected" in result.reason

    def test_a_typed_column_of_a_table_is_named(self, book: Spreadsheet, account: GoogleAccount) -> None:
        enter(book, TITLED)
        columns = [{"columnIndex": n, "columnName": name} for n, name in enumerate(TITLED[2])]
        columns[3]["columnType"] = "DROPDOWN"
        grid = {"sheetId": 0, "startRowIndex": 2, "endRowIndex": 6, "startColumnIndex": 0, "endColumnIndex": 5}
        edit(book, {"addTable": {"table": {"name": "Deals", "range": grid, "columnProperties": columns}}})
        (outcome, reason), _ = self.write(book, account)
        assert outcome == "failed"
        assert "type DROPDOWN in the table Deals" in reason

    def test_a_merged_cell_is_named(self, book: Spreadsheet, account: GoogleAccount) -> None:
        enter(book, TITLED)
        book.tabs[0].merges.append(Area(3, 3, 5, 4))
        first, (outcome, reason) = self.write(book, account)
        assert (first[0], outcome) == ("written", "skipped")
        assert "merged" in reason
        assert sheet_of(book, account).read().at(5, 3) == "On track"


class TestPeople:
    def test_a_row_sorted_away_between_look_and_write(
        self, server: GoogleServer, book: Spreadsheet, account: GoogleAccount
    ) -> None:
        enter(book, TITLED)
        sheet = sheet_of(book, account)
        base = sheet.read()
        person = Person(book.tabs[0], header_row=2)
        once(server, "sheets.spreadsheets.values.batchUpdate", person.reverse)
        results = sheet.write(request(base, status("D-1", "", "one"), status("D-3", "Won", "three")))
        assert [(r.outcome, r.row) for r in results] == [("written", 6), ("written", 4)]
        assert [row[3:4] for row in texts(sheet.read())[3:]] == [["three"], ["On track"], ["one"]]

    def test_a_column_inserted_between_look_and_write(
        self, server: GoogleServer, book: Spreadsheet, account: GoogleAccount
    ) -> None:
        enter(book, [TITLED[2], ["D-1", "Alpha", "=1+1", "", "n"], ["D-2", "Beta", "Won", "", "m"]])
        sheet = sheet_of(book, account)
        base = sheet.read()
        once(server, "sheets.spreadsheets.values.batchUpdate", lambda: Person(book.tabs[0]).insert_column(0, "Mine"))
        changes = (Change("D-1", 2, "Status", "", "one"), Change("D-2", 3, "Status", "", "two"))
        sheet.write(WriteRequest(base, 1, "Deal ID", (), changes))
        assert book.tabs[0].values("FORMULA") == [
            ["Mine", *TITLED[2]], ["", "D-1", "Alpha", "=1+1", "one", "n"], ["", "D-2", "Beta", "Won", "two", "m"]
        ]  # fmt: skip

    def test_a_cell_typed_after_the_write_stays(
        self, server: GoogleServer, book: Spreadsheet, account: GoogleAccount
    ) -> None:
        enter(book, TITLED)
        sheet = sheet_of(book, account)
        base = sheet.read()
        server.after = lambda call: call.http == "POST" and Person(book.tabs[0]).type("D4", "by hand")
        try:
            (result,) = sheet.write(request(base, status("D-1", "", "one")))
        finally:
            server.after = None
        assert (result.outcome, result.reason) == ("skipped", "the cell now shows 'by hand'")

    def test_what_is_about_to_be_written_is_in_the_journal_until_it_is_seen(
        self, server: GoogleServer, book: Spreadsheet, account: GoogleAccount
    ) -> None:
        enter(book, TITLED)
        sheet, journal = sheet_of(book, account), Kept()
        asked = dataclasses.replace(request(sheet.read(), status("D-1", "", "one")), journal=journal)
        server.faults.add("rate_limit", method="sheets.spreadsheets.values.get", at=2, times=None)
        with pytest.raises(LostAnswerError, match="the next run checks"):
            sheet.write(asked)
        server.faults.clear()
        assert journal.content is not None
        assert list(sheet.settle(journal.content, journal)) == []
        assert journal.content is None
        assert texts(sheet.read())[3][3] == "one"

    def test_a_kind_of_cell_that_shows_otherwise_than_it_was_typed_does_not_end_the_run(
        self, book: Spreadsheet, account: GoogleAccount, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        enter(book, TITLED)
        sheet = sheet_of(book, account)
        rendered = sheet._values

        def with_a_chip(how: str) -> tuple[list[list[Cell]], int | None]:
            rows, columns = rendered(how)
            if how == "FORMULA":
                rows[2][1] = "@somebody"
            return rows, columns

        monkeypatch.setattr(sheet, "_values", with_a_chip)
        assert 1 in sheet.read().formulas[3]

    def test_a_write_that_is_refused_leaves_no_journal(
        self, server: GoogleServer, book: Spreadsheet, account: GoogleAccount
    ) -> None:
        enter(book, TITLED)
        sheet, journal = sheet_of(book, account), Kept()
        asked = dataclasses.replace(request(sheet.read(), status("D-1", "", "one")), journal=journal)
        server.faults.add("quota", method="sheets.spreadsheets.values.batchUpdate", times=None)
        with pytest.raises(UnreachableError, match="too many calls"):
            sheet.write(asked)
        server.faults.clear()
        assert journal.content is None
        assert texts(sheet.read())[3][3:4] == [""]

    @pytest.mark.parametrize("fault", ["internal", "bad_gateway", "cut", "garbage"])
    def test_a_lost_answer_to_the_write_is_looked_up(
        self, server: GoogleServer, book: Spreadsheet, account: GoogleAccount, fault: str
    ) -> None:
        for after in (True, False):
            enter(book, TITLED)
            sheet = sheet_of(book, account)
            base = sheet.read()
            if fault in KINDS:
                server.faults.add(fault, method="sheets.spreadsheets.values.batchUpdate", after=after)
            (result,) = sheet.write(request(base, status("D-1", "", "one")))
            assert result.outcome == "written"
