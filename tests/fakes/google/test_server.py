"""The test server answers as Google does: what it refuses, what it keeps, what it counts, and how it fails."""

from __future__ import annotations

import datetime as dt
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import gspread
import pytest
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request as GoogleAuthRequest
from google.oauth2.credentials import Credentials as UserCredentials
from google.oauth2.service_account import Credentials as ServiceCredentials

from tests import ROOT
from tests.fakes.google import client
from tests.fakes.google.a1 import Area, letters, parse_cells, quoted
from tests.fakes.google.answers import Raw
from tests.fakes.google.batch import MOST
from tests.fakes.google.masks import masked, parse_mask
from tests.fakes.google.people import ALL_EDITS, Log, Person
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import Cell

SHEETS = "https://www.googleapis.com/auth/spreadsheets"
READ_ONLY = "https://www.googleapis.com/auth/spreadsheets.readonly"
DRIVE = "https://www.googleapis.com/auth/drive"
COMPOSE = "https://www.googleapis.com/auth/gmail.compose"
ANA = "ana@northwind.example"
ROBOT = "robot@fivestep-test.iam.gserviceaccount.com"
API = "https://sheets.googleapis.com/v4/spreadsheets"

DEALS = [["Deal", "Stage"], ["Acme", "Pitch"], ["Bolt", "Lead"]]


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    """Google, with nothing in it."""
    with GoogleServer() as server:
        yield server


@pytest.fixture
def book(google: GoogleServer) -> Spreadsheet:
    """Ana's spreadsheet with a tab of deals, ten rows of five columns, in which the robot may write."""
    return google.sheets.add("Team", DEALS, tab="Deals", owner=ANA, writers=[ROBOT], row_count=10, column_count=5)


@pytest.fixture
def robot(google: GoogleServer) -> Iterator[requests.Session]:
    """A session of the robot's."""
    with client.session(google.root, google.tokens.access(ROBOT, [SHEETS, DRIVE, COMPOSE])) as session:
        yield session


def get(session: requests.Session, book: Spreadsheet, at: str, **options: Any) -> Any:
    """The values of a range."""
    answer = session.get(f"{API}/{book.id}/values/{at}", params=options).json()
    return answer.get("values", []) if "error" not in answer else answer["error"]["message"]


def put(session: requests.Session, book: Spreadsheet, at: str, rows: list[list[Any]], option: str = "RAW") -> Any:
    """What an update of a range answers."""
    url = f"{API}/{book.id}/values/{at}?valueInputOption={option}"
    answer = session.put(url, json={"values": rows}).json()
    return answer["error"]["message"] if "error" in answer else answer


def change(session: requests.Session, book: Spreadsheet, *requests_: dict[str, Any]) -> Any:
    """What a batchUpdate answers: the replies, or the message of its error."""
    answer = session.post(f"{API}/{book.id}:batchUpdate", json={"requests": list(requests_)}).json()
    return answer["error"]["message"] if "error" in answer else answer["replies"]


def rows(start: int, end: int, tab: int = 0) -> dict[str, Any]:
    """A stretch of rows."""
    return {"sheetId": tab, "dimension": "ROWS", "startIndex": start, "endIndex": end}


# What is refused before anything is done


def test_a_path_that_no_api_has_is_answered_with_a_page(robot: requests.Session) -> None:
    answer = robot.get("https://sheets.googleapis.com/v4/tables")
    assert answer.status_code == 404
    assert answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("?colour=red", 'Unknown name "colour": Cannot bind query parameter'),
        ("?includeGridData=perhaps", "Invalid value at 'include_grid_data' (TYPE_BOOL), \"perhaps\""),
        ("/values/A1?majorDimension=SIDES", "Invalid value at 'major_dimension'"),
        ("/values/A1?fields=a(b", "Invalid field selection a(b"),
    ],
)
def test_parameters_are_held_to_the_discovery_document(
    robot: requests.Session, book: Spreadsheet, url: str, message: str
) -> None:
    answer = robot.get(f"{API}/{book.id}{url}")
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"appendRows": {}}, "Unknown name \"appendRows\" at 'requests[0]': Cannot find field."),
        (
            {"appendDimension": {"length": "many"}},
            "Invalid value at 'requests[0].append_dimension.length' (TYPE_INT32)",
        ),
        ({"appendDimension": {"dimension": "ROW"}}, "Invalid value at 'requests[0].append_dimension.dimension'"),
        ({"updateCells": {"rows": {}}}, "Invalid value at 'requests[0].update_cells.rows'"),
        ({"updateCells": {"rows": [{"values": [{"note": 1}]}]}}, "rows[0].values[0].note' (TYPE_STRING), 1"),
    ],
)
def test_bodies_are_held_to_their_schema(
    robot: requests.Session, book: Spreadsheet, request_: dict[str, Any], message: str
) -> None:
    assert message in change(robot, book, request_)


def test_a_parameter_that_is_missing_is_named(robot: requests.Session) -> None:
    answer = robot.get("https://www.googleapis.com/drive/v3/changes")
    assert answer.json()["error"]["message"] == "Required parameter is missing: pageToken"


def test_a_request_that_breaks_off_is_not_carried_out(google: GoogleServer, book: Spreadsheet) -> None:
    token = google.tokens.access(ROBOT, [SHEETS])
    host, port = google.root.removeprefix("http://").split(":")
    path = f"/sheets.googleapis.com/v4/spreadsheets/{book.id}/values/A2:clear"
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: 9\r\n\r\n"
        connection.sendall(head.encode() + b"{}")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    assert google.calls == []
    assert book.tab("Deals").values() == DEALS


def test_a_body_that_is_no_json_is_refused(robot: requests.Session, book: Spreadsheet) -> None:
    answer = robot.post(f"{API}/{book.id}:batchUpdate", data=b"{requests: []}")
    assert (answer.status_code, answer.json()["error"]["message"][:31]) == (400, "Invalid JSON payload received. ")


def test_a_value_that_is_no_cell_is_refused(robot: requests.Session, book: Spreadsheet) -> None:
    assert "Invalid values[0][1]" in put(robot, book, "A1", [["a", {"b": 1}]])
    assert "Invalid value at 'values[1]'" in put(robot, book, "A1", [["a"], "b"])  # type: ignore[list-item]


def test_without_a_login_nothing_is_told(google: GoogleServer, book: Spreadsheet) -> None:
    for headers in ({}, {"Authorization": "Bearer made-up"}):
        with client.session(google.root) as session:
            answer = session.get(f"{API}/{book.id}", headers=headers)
        assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_a_scope_that_is_too_narrow_is_named(google: GoogleServer, book: Spreadsheet) -> None:
    with client.session(google.root, google.tokens.access(ROBOT, [READ_ONLY])) as session:
        assert get(session, book, "A1") == [["Deal"]]
        answer = session.post(f"{API}/{book.id}:batchUpdate", json={"requests": []})
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (403, "Request had insufficient authentication scopes.")
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_who_may_read_and_who_may_write(google: GoogleServer, book: Spreadsheet, robot: requests.Session) -> None:
    assert robot.get(f"{API}/nowhere").json()["error"]["message"] == "Requested entity was not found."
    book.share(ROBOT, "reader")
    assert get(robot, book, "A1") == [["Deal"]]
    assert put(robot, book, "A1", [["x"]]) == "The caller does not have permission"
    book.unshare(ROBOT)
    assert robot.get(f"https://www.googleapis.com/drive/v3/files/{book.id}").status_code == 404
    assert robot.get(f"{API}/{book.id}").json()["error"]["status"] == "PERMISSION_DENIED"


def test_drive_and_gmail_write_errors_the_older_way(robot: requests.Session) -> None:
    error = robot.get("https://www.googleapis.com/drive/v3/files/nowhere").json()["error"]
    assert error["errors"] == [{"message": "File not found: nowhere.", "domain": "global", "reason": "notFound"}]


def test_what_people_forget_to_set_up_is_said(google: GoogleServer, robot: requests.Session, book: Spreadsheet) -> None:
    book.office = True
    answer = robot.get(f"{API}/{book.id}").json()["error"]
    assert (answer["message"], answer["status"]) == (
        "This operation is not supported for this document",
        "FAILED_PRECONDITION",
    )
    google.disabled.add("sheets")
    answer = robot.get(f"{API}/{book.id}").json()["error"]
    assert answer["message"].startswith("Google Sheets API has not been used in project")
    assert answer["details"][0]["reason"] == "SERVICE_DISABLED"


# Field masks and A1 notation


@pytest.mark.parametrize(
    ("mask", "kept"),
    [
        ("a", {"a": 1}),
        ("b(c,d/e),a", {"a": 1, "b": [{"c": 2, "d": {"e": 3}}, {"c": 5}]}),
        ("b.d", {"b": [{"d": {"e": 3, "f": 4}}, {}]}),
        ("b/*/e", {"b": [{"d": {"e": 3}, "c": 2}, {"c": 5}]}),
        ("*", {"a": 1, "b": [{"c": 2, "d": {"e": 3, "f": 4}}, {"c": 5}]}),
    ],
)
def test_masks(mask: str, kept: Any) -> None:
    answer = {"a": 1, "b": [{"c": 2, "d": {"e": 3, "f": 4}}, {"c": 5}]}
    assert masked(answer, parse_mask(mask)) == kept


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("B7", Area(6, 1, 7, 2)),
        ("D4:A1", Area(0, 0, 4, 4)),
        ("A:C", Area(0, 0, None, 3)),
        ("A2:C", Area(1, 0, None, 3)),
        ("2:5", Area(1, 0, 5, None)),
        ("A2:5", Area(1, 0, 5, None)),
        ("$B$2:$C3", Area(1, 1, 3, 3)),
        ("A", None),
        ("Deals", None),
        ("A0", None),
    ],
)
def test_cells_in_a1_notation(text: str, area: Area | None) -> None:
    assert parse_cells(text) == area


def test_titles_are_quoted_where_google_quotes_them() -> None:
    titles = ["Sheet1", "My deals", "Q1", "Ana's", "Übersicht", "2026", "_x"]
    assert [quoted(title) for title in titles] == [
        "Sheet1", "'My deals'", "'Q1'", "'Ana''s'", "'Übersicht'", "'2026'", "_x"
    ]  # fmt: skip
    assert [letters(column) for column in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# Values


def test_reading_trims_ends_and_keeps_what_is_inside(robot: requests.Session, book: Spreadsheet) -> None:
    book.tab("Deals").write("A5", [["", "x", ""]])
    assert get(robot, book, "Deals") == [*DEALS, [], ["", "x"]]
    assert get(robot, book, "Deals!D1:E9") == []
    assert get(robot, book, "Deals!A1:B2", majorDimension="COLUMNS") == [["Deal", "Acme"], ["Stage", "Pitch"]]


def test_a_formula_that_gives_an_empty_text_is_no_empty_cell(robot: requests.Session, book: Spreadsheet) -> None:
    book.tab("Deals").write("B5", [[Cell(formula='=""'), Cell("", pattern="0%")]])
    assert get(robot, book, "Deals!A4:E9") == [[], ["", ""]]


def test_ranges_are_clipped_and_echoed(robot: requests.Session, book: Spreadsheet) -> None:
    def echoed(at: str) -> str:
        answer = robot.get(f"{API}/{book.id}/values/{at}").json()
        return str(answer.get("range") or answer["error"]["message"])

    assert echoed("Deals!A1:Z2000") == "Deals!A1:E10"
    assert echoed("A2:B") == "Deals!A2:B10"
    assert echoed("'Deals'!3:3") == "Deals!A3:E3"
    assert echoed("deals") == "Deals!A1:E10"
    assert echoed("Deals!A11") == "Range (Deals!A11) exceeds grid limits. Max rows: 10, max columns: 5"
    assert echoed("Leads!A1") == "Unable to parse range: Leads!A1"


def test_values_as_they_are_and_as_they_look(robot: requests.Session, book: Spreadsheet) -> None:
    cells = ["007", 7, 0.5, True, Cell(46000, pattern="yyyy-mm-dd"), Cell(formula="=1/0"), Cell(0.15, pattern="0%")]
    tab = book.add_tab("All", [cells])
    assert tab.values("UNFORMATTED_VALUE") == [["007", 7, 0.5, True, 46000, "#DIV/0!", 0.15]]
    assert tab.values("FORMATTED_VALUE") == [["007", "7", "0.5", "TRUE", "2025-12-09", "#DIV/0!", "15%"]]
    assert tab.values("FORMULA") == [["007", 7, 0.5, True, 46000, "=1/0", 0.15]]
    book.locale = "de_DE"
    assert tab.values("FORMATTED_VALUE") == [["007", "7", "0,5", "WAHR", "2025-12-09", "#DIV/0!", "15%"]]
    shown = get(robot, book, "All", valueRenderOption="UNFORMATTED_VALUE", dateTimeRenderOption="FORMATTED_STRING")
    assert shown[0][4] == "2025-12-09"


def test_raw_keeps_texts_whatever_they_begin_with(robot: requests.Session, book: Spreadsheet) -> None:
    texts = ["=1+1", "007", "'quoted", "TRUE", "2026-01-05"]
    put(robot, book, "A2", [texts])
    assert get(robot, book, "2:2", valueRenderOption="UNFORMATTED_VALUE") == [texts]
    assert get(robot, book, "2:2", valueRenderOption="FORMULA") == [texts]


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("007", 7, "7"),
        ("2,000,000.01", 2000000.01, "2,000,000.01"),
        ("$1,200", 1200, "$1,200"),
        ("12.5%", 0.125, "12.50%"),
        ("true", True, "TRUE"),
        ("'007", "007", "007"),
        ("1/5/2026", 46027, "1/5/2026"),
        ("2026-01-05", 46027, "2026-01-05"),
        ("Jan 5, 2026", 46027, "Jan 5, 2026"),
        ("5.1.2026", "5.1.2026", "5.1.2026"),
        ("2026-01-05 06:00", 46027.25, "2026-01-05 06:00"),
        ("=A2&1", "Acme1", "Acme1"),
        ("Acme 2,5", "Acme 2,5", "Acme 2,5"),
        ("", "", ""),
    ],
)
def test_what_is_typed_is_understood(book: Spreadsheet, typed: str, value: Any, shown: str) -> None:
    tab = book.tab("Deals")
    tab.enter("C1", [[typed]])
    assert tab.values("UNFORMATTED_VALUE", "C1") == ([[value]] if typed else [])
    assert tab.values("FORMATTED_VALUE", "C1") == ([[shown]] if typed else [])


def test_german_is_typed_the_german_way(book: Spreadsheet) -> None:
    book.locale = "de_DE"
    tab = book.tab("Deals")
    tab.enter("A5", [["1.234,50", "5.1.2026", "WAHR", "1,5", "1/5/2026"]])
    assert tab.values("UNFORMATTED_VALUE", "A5:E5") == [[1234.5, 46027, True, 1.5, "1/5/2026"]]
    assert tab.values("FORMATTED_VALUE", "A5:E5") == [["1.234,50", "05.01.2026", "WAHR", "1,5", "1/5/2026"]]


def test_a_cell_keeps_its_format_when_it_is_written(robot: requests.Session, book: Spreadsheet) -> None:
    tab = book.tab("Deals")
    tab.write("C2", [[Cell(46000, pattern="m/d/yyyy", note="asked")]])
    put(robot, book, "C2", [[46001]])
    assert tab.content(1, 2) == Cell(46001, pattern="m/d/yyyy", note="asked")
    put(robot, book, "C2", [["2026-01-05"]], "USER_ENTERED")
    assert tab.values("FORMATTED_VALUE", "C2") == [["1/5/2026"]]
    put(robot, book, "C2", [[""]])
    assert tab.content(1, 2) == Cell("", pattern="m/d/yyyy", note="asked")
    assert get(robot, book, "C1:C9") == []


def test_null_skips_a_cell_and_an_empty_text_empties_it(robot: requests.Session, book: Spreadsheet) -> None:
    answer = put(robot, book, "A2:B3", [[None, ""], ["Cask", None]])
    assert get(robot, book, "Deals") == [["Deal", "Stage"], ["Acme"], ["Cask", "Lead"]]
    counts = {name: answer[name] for name in ("updatedRange", "updatedRows", "updatedColumns", "updatedCells")}
    assert counts == {"updatedRange": "Deals!A2:B3", "updatedRows": 2, "updatedColumns": 2, "updatedCells": 2}


@pytest.mark.parametrize(
    ("at", "rows_", "message"),
    [
        ("Deals!A1:Z2", [["x"]], "Range (Deals!A1:Z2) exceeds grid limits. Max rows: 10, max columns: 5"),
        ("Deals!A10", [["x"], ["y"]], "Range (Deals!A10:A11) exceeds grid limits. Max rows: 10, max columns: 5"),
        (
            "Deals!A1:B2",
            [["a", "b", "c"]],
            "Requested writing within range [Deals!A1:B2], but tried writing to column [C]",
        ),
        ("Deals!A1:B1", [["a"], ["b"]], "Requested writing within range [Deals!A1:B1], but tried writing to row [2]"),
        (
            "Deals!A1",
            [["x" * 50_001]],
            "Your input contains more than the maximum of 50000 characters in a single cell.",
        ),
    ],
)
def test_what_does_not_fit_is_not_written(
    robot: requests.Session, book: Spreadsheet, at: str, rows_: list[list[str]], message: str
) -> None:
    assert put(robot, book, at, rows_) == message
    assert get(robot, book, "Deals") == DEALS


def test_blocks_are_written_together_or_not_at_all(robot: requests.Session, book: Spreadsheet) -> None:
    url = f"{API}/{book.id}/values:batchUpdate"
    good, bad = {"range": "Deals!A2", "values": [["x"]]}, {"range": "Deals!A99", "values": [["x"]]}
    answer = robot.post(url, json={"valueInputOption": "RAW", "data": [good, bad]})
    assert answer.json()["error"]["message"].startswith("Invalid data[1]: Range (Deals!A99) exceeds grid limits")
    assert get(robot, book, "Deals") == DEALS
    assert robot.post(url, json={"valueInputOption": "RAW", "data": [good]}).json()["totalUpdatedCells"] == 1
    answer = robot.post(url, json={"data": [good]})
    assert answer.json()["error"]["message"] == "'valueInputOption' is required but not specified"


def test_an_answer_can_bring_what_was_written(robot: requests.Session, book: Spreadsheet) -> None:
    data = [{"range": "Deals!C2", "values": [["=1+1"]]}]
    options = {"includeValuesInResponse": True, "responseValueRenderOption": "UNFORMATTED_VALUE"}
    url = f"{API}/{book.id}/values:batchUpdate"
    answer = robot.post(url, json={"valueInputOption": "USER_ENTERED", "data": data, **options}).json()
    assert answer["responses"][0]["updatedData"]["values"] == [[2]]


def test_an_append_goes_below_the_table_it_finds(robot: requests.Session, book: Spreadsheet) -> None:
    def appended(at: str) -> Any:
        url = f"{API}/{book.id}/values/{at}:append?valueInputOption=RAW"
        return robot.post(url, json={"values": [["x"]]}).json()["updates"]["updatedRange"]

    book.add_tab("Aside", [[], ["", "", "Deal"], ["", "", "Acme"]], row_count=3)
    assert appended("Deals") == "Deals!A4"
    assert appended("Aside") == "Aside!C4"  # the trap: the data begins in column C
    assert book.tab("Aside").row_count == 4


def test_merged_cells_show_in_the_first(robot: requests.Session, book: Spreadsheet) -> None:
    area = {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
    assert change(robot, book, {"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}}) == [{}]
    assert get(robot, book, "Deals") == [["Deal", "Stage"], ["Acme"]]
    put(robot, book, "A2", [["x", "y"], ["z"]])
    assert get(robot, book, "Deals") == [["Deal", "Stage"], ["x"]]


def test_protected_cells_are_kept_from_all_but_their_editors(robot: requests.Session, book: Spreadsheet) -> None:
    from tests.fakes.google.sheets_tab import PROTECTED, Protection

    tab = book.tab("Deals")
    tab.protections.append(Protection(1, Area(0, 1, 10, 2)))
    shown = robot.get(f"{API}/{book.id}?fields=sheets.protectedRanges").json()["sheets"][0]["protectedRanges"]
    assert "requestingUserCanEdit" not in shown[0]
    assert put(robot, book, "A2", [["x", "y"]]) == PROTECTED
    data = [{"range": "A2", "values": [["x"]]}, {"range": "A3", "values": [["x", "y"]]}]
    answer = robot.post(f"{API}/{book.id}/values:batchUpdate", json={"valueInputOption": "RAW", "data": data})
    assert answer.json()["error"]["message"] == f"Invalid data[1]: {PROTECTED}"
    assert change(robot, book, {"deleteDimension": {"range": rows(1, 2)}}).endswith(PROTECTED)
    assert get(robot, book, "Deals") == DEALS
    assert put(robot, book, "A2:B2", [["x", None]])["updatedCells"] == 1
    tab.protections[0].editors.append(ROBOT)
    assert put(robot, book, "A2", [["x", "y"]])["updatedCells"] == 2


# Formulas


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=1+2*3-4/2", 5),
        ("=-(2+3)", -5),
        ('="a"&B1&1', "a11"),
        ("=SUM(B1:B3)", 6),
        ("=SUM(B:B)*2", 12),
        ("=ROW()+COLUMN()", 5),
        ('=IF(B1>1,"more","less")', "less"),
        ("=IF(A9=0;1;2)", 1),
        ("=TODAY()-1", 46026),
        ("=A9", ""),
        ("=1/0", "#DIV/0!"),
        ("=NA()", "#N/A"),
        ("=B1+A1", "#VALUE!"),
        ("=C2", "#REF!"),
        ("=ZZ99", "#REF!"),
        ("=VLOOKUP(1,A:B,2)", "#NAME?"),
        ("=IFERROR(1/0,0)", 0),
        ("='Other tab'!A1*2", 8),
        ("=Missing!A1", "#REF!"),
    ],
)
def test_formulas(google: GoogleServer, formula: str, value: Any) -> None:
    google.sheets.today = lambda: dt.date(2026, 1, 5)
    book = google.sheets.add(rows=[["x", 1], ["", 2, Cell(formula=formula)], ["", 3]])
    book.add_tab("Other tab", [[4]])
    assert book.tabs[0].value(1, 2) == value


def test_a_formula_beyond_the_server_keeps_the_value_that_it_was_given(
    robot: requests.Session, book: Spreadsheet
) -> None:
    book.known["=VLOOKUP(A2,Z:Z,1)"] = "found"
    put(robot, book, "C2", [["=VLOOKUP(A2,Z:Z,1)"]], "USER_ENTERED")
    assert get(robot, book, "C2") == [["found"]]
    change(robot, book, {"insertDimension": {"range": rows(1, 2)}})
    assert get(robot, book, "C3", valueRenderOption="FORMULA") == [["=VLOOKUP(A3,Z:Z,1)"]]
    assert get(robot, book, "C3") == [["found"]]


@pytest.mark.parametrize(
    ("request_", "formulas"),
    [
        ({"insertDimension": {"range": rows(0, 1)}}, ["=A2", "=SUM(A2:A4)", "=$A$3"]),
        ({"insertDimension": {"range": rows(2, 3)}}, ["=A1", "=SUM(A1:A4)", "=$A$2"]),
        ({"insertDimension": {"range": rows(3, 4)}}, ["=A1", "=SUM(A1:A3)", "=$A$2"]),
        ({"deleteDimension": {"range": rows(1, 2)}}, ["=A1", "=SUM(A1:A2)", "=#REF!"]),
        ({"moveDimension": {"source": rows(0, 1), "destinationIndex": 3}}, ["=A3", "=SUM(A1:A3)", "=$A$1"]),
    ],
)
def test_formulas_follow_rows(
    robot: requests.Session, google: GoogleServer, request_: dict[str, Any], formulas: list[str]
) -> None:
    book = google.sheets.add(rows=[[1], [2], [3]], owner=ROBOT)
    pointing = book.add_tab("Sums", [[Cell(formula=f"=Sheet1!{text[1:]}") for text in ("=A1", "=$A$2")]])
    own = [Cell(formula=text) for text in ("=A1", "=SUM(A1:A3)", "=$A$2")]
    book.tabs[0].write("A20", [own])
    assert change(robot, book, request_) == [{}]
    line = next(row for row in book.tabs[0].values("FORMULA")[3:] + book.tabs[0].values("FORMULA") if len(row) == 3)
    assert line == formulas
    assert pointing.formula(0, 0) == f"=Sheet1!{formulas[0][1:]}"


# batchUpdate


def test_a_batch_that_fails_has_changed_nothing(robot: requests.Session, book: Spreadsheet) -> None:
    before = book.tab("Deals").snapshot()
    message = change(
        robot,
        book,
        {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 5}},
        {"deleteDimension": {"range": rows(0, 1)}},
        {"addSheet": {"properties": {"title": "New"}}},
        {"updateSheetProperties": {"properties": {"sheetId": 7, "title": "x"}, "fields": "title"}},
    )
    assert message == "Invalid requests[3].updateSheetProperties: No sheet with id: 7"
    assert [tab.title for tab in book.tabs] == ["Deals"]
    assert book.tab("Deals").snapshot() == before


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"deleteDimension": {"range": rows(8, 11)}}, "Tried to delete row index 10 but there are only 10 rows."),
        ({"deleteDimension": {"range": rows(0, 10)}}, "You can't delete all the rows on the sheet."),
        ({"moveDimension": {"source": rows(0, 2), "destinationIndex": 1}}, "must lie on the grid and outside"),
        ({"insertDimension": {"range": rows(3, 3)}}, "must be greater than range.startIndex (3)"),
        ({"deleteSheet": {"sheetId": 0}}, "You can't remove all the visible sheets in a document."),
        (
            {"sortRange": {"range": {"startRowIndex": 1, "endRowIndex": 11}}},
            "Range (Deals!A2:E11) exceeds grid limits. Max rows: 10, max columns: 5",
        ),
        (
            {"updateCells": {"start": {"rowIndex": 9}, "rows": [{}, {}], "fields": "note"}},
            "Attempting to write row: 10, beyond the last requested row of: 9",
        ),
        (
            {"updateCells": {"start": {"rowIndex": 10}, "rows": [], "fields": "note"}},
            "GridCoordinate.rowIndex[10] is after last row in grid[9]",
        ),
        (
            {"appendCells": {"rows": [{"values": [{}] * 6}], "fields": "note"}},
            "Attempting to write column: 5, beyond the last requested column of: 4",
        ),
        ({"updateCells": {"range": {"endRowIndex": 1}}}, "At least one field must be listed in 'fields'."),
        ({"addChart": {}}, "This kind of request is not implemented here."),
    ],
)
def test_requests_that_cannot_be_carried_out(
    robot: requests.Session, book: Spreadsheet, request_: dict[str, Any], message: str
) -> None:
    said = change(robot, book, request_)
    assert said.startswith(f"Invalid requests[0].{next(iter(request_))}: ")
    assert message in said
    assert get(robot, book, "Deals") == DEALS


def test_the_grid_grows_up_to_ten_million_cells(robot: requests.Session, book: Spreadsheet) -> None:
    grow = {"appendDimension": {"sheetId": 0, "dimension": "ROWS", "length": 2_000_000}}
    assert "above the limit of 10000000 cells" in change(robot, book, grow)
    assert change(robot, book, {"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 1}}) == [{}]
    assert (book.tabs[0].row_count, book.tabs[0].column_count) == (10, 6)


def test_sorting_puts_numbers_first_and_empty_cells_last(robot: requests.Session, google: GoogleServer) -> None:
    cells = ["b", 10, True, "", "A", 9, Cell(formula="=B1+1")]
    book = google.sheets.add(rows=[[cell, index] for index, cell in enumerate(cells)], owner=ROBOT)

    def order(falling: bool) -> list[Any]:
        spec = {"dimensionIndex": 0, "sortOrder": "DESCENDING" if falling else "ASCENDING"}
        assert change(robot, book, {"sortRange": {"range": {"sheetId": 0}, "sortSpecs": [spec]}}) == [{}]
        return [row[1] for row in book.tabs[0].values()]

    assert order(False) == [6, 5, 1, 4, 0, 2, 3]
    assert book.tabs[0].formula(0, 0) == "=#REF!+1"  # it pointed six rows up
    assert order(True)[-2:] == [5, 3]


def test_rows_and_columns_take_with_them_what_lies_on_them(robot: requests.Session, book: Spreadsheet) -> None:
    tab = book.tab("Deals")
    tab.row_properties[1] = {"hiddenByUser": True}
    change(
        robot,
        book,
        {"setBasicFilter": {"filter": {"range": {"endRowIndex": 3, "endColumnIndex": 2}}}},
        {"addNamedRange": {"namedRange": {"name": "stages", "range": {"startColumnIndex": 1, "endColumnIndex": 2}}}},
        {"insertDimension": {"range": rows(1, 2)}},
        {"insertDimension": {"range": {"dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}},
    )
    assert tab.row_properties == {2: {"hiddenByUser": True}}
    assert tab.filter is not None
    assert tab.filter.area == Area(0, 1, 4, 3)
    assert get(robot, book, "stages") == [["Stage"], [], ["Pitch"], ["Lead"]]
    fields = "sheets.data.rowMetadata.hiddenByUser"
    hidden = robot.get(f"{API}/{book.id}?ranges=Deals!A2:A4&fields={fields}").json()
    assert hidden["sheets"][0]["data"][0]["rowMetadata"] == [{}, {"hiddenByUser": True}, {}]


def test_tabs_are_added_named_hidden_copied_and_moved(robot: requests.Session, book: Spreadsheet) -> None:
    [reply] = change(robot, book, {"addSheet": {"properties": {"title": "Log", "index": 0}}})
    log = reply["addSheet"]["properties"]["sheetId"]
    assert [tab.title for tab in book.tabs] == ["Log", "Deals"]
    assert 'A sheet with the name "deals" already exists' in change(
        robot, book, {"updateSheetProperties": {"properties": {"sheetId": log, "title": "deals"}, "fields": "title"}}
    )
    change(robot, book, {"duplicateSheet": {"sourceSheetId": 0, "newSheetName": "Copy"}})
    assert book.tab("Copy").values() == DEALS
    hide = {"properties": {"sheetId": log, "hidden": True}, "fields": "hidden"}
    assert change(robot, book, {"updateSheetProperties": hide}) == [{}]
    assert get(robot, book, "A1") == [["Deal"]]  # a range without a tab is one of the first tab that shows


def test_a_table_names_its_columns_and_keeps_their_rules(robot: requests.Session, book: Spreadsheet) -> None:
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "Lead"}]}}
    columns = [{"columnIndex": 1, "columnType": "DROPDOWN", "dataValidationRule": rule}]
    block = {"startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
    table = {"name": "Pipeline", "range": block, "columnProperties": columns}
    [reply] = change(robot, book, {"addTable": {"table": table}})
    assert reply["addTable"]["table"]["columnProperties"] == [
        {"columnName": "Deal"},
        {"columnName": "Stage", "columnIndex": 1, "columnType": "DROPDOWN", "dataValidationRule": rule},
    ]
    change(robot, book, {"insertDimension": {"range": rows(1, 3)}})
    [shown] = robot.get(f"{API}/{book.id}?fields=sheets.tables").json()["sheets"][0]["tables"]
    assert (shown["name"], shown["range"]["endRowIndex"]) == ("Pipeline", 5)


def test_cells_are_written_with_formats_and_notes_and_read_with_them(
    robot: requests.Session, book: Spreadsheet
) -> None:
    data = {
        "userEnteredValue": {"numberValue": 46027},
        "userEnteredFormat": {"numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"}},
        "note": "since",
    }
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 2}
    fields = "userEnteredValue,userEnteredFormat.numberFormat,note"
    change(robot, book, {"updateCells": {"start": start, "rows": [{"values": [data]}], "fields": fields}})
    answer = robot.get(f"{API}/{book.id}?ranges=Deals!C2&includeGridData=true").json()
    [cell] = answer["sheets"][0]["data"][0]["rowData"][0]["values"]
    assert (cell["formattedValue"], cell["effectiveValue"], cell["note"]) == (
        "05.01.2026",
        {"numberValue": 46027},
        "since",
    )


def test_replacing_copying_and_clearing(robot: requests.Session, book: Spreadsheet) -> None:
    [reply] = change(robot, book, {"findReplace": {"find": "pitch", "replacement": "Offer", "allSheets": True}})
    assert reply["findReplace"]["occurrencesChanged"] == 1
    put(robot, book, "C2", [["=A2&$B$2"]], "USER_ENTERED")
    source = {"startRowIndex": 1, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 3}
    target = {"startRowIndex": 4, "endRowIndex": 5, "startColumnIndex": 1, "endColumnIndex": 4}
    change(robot, book, {"copyPaste": {"source": source, "destination": target}})
    assert get(robot, book, "5:5", valueRenderOption="FORMULA") == [["", "Acme", "Offer", "=B5&$B$2"]]
    assert get(robot, book, "5:5") == [["", "Acme", "Offer", "AcmeOffer"]]
    cleared = robot.post(f"{API}/{book.id}/values/5:5:clear").json()["clearedRange"]
    assert (cleared, get(robot, book, "5:5")) == ("Deals!A5:E5", [])


# Libraries


def test_gspread_works(google: GoogleServer, robot: requests.Session) -> None:
    made = gspread.Client(None, session=robot).create("Made")
    tab = made.sheet1
    tab.update([["Deal", "Value"], ["Acme", "=1+1"]], "A1", raw=False)
    tab.append_row(["Bolt", "=1+1"])
    assert tab.get_all_records() == [{"Deal": "Acme", "Value": 2}, {"Deal": "Bolt", "Value": "=1+1"}]
    assert tab.find("Bolt").address == "A3"
    with pytest.raises(gspread.exceptions.SpreadsheetNotFound):
        gspread.Client(None, session=robot).open_by_key("nowhere")
    assert {call.status for call in google.calls} == {200, 404}


class Http:
    """What google-api-python-client wants of an HTTP client, over a session."""

    def __init__(self, session: requests.Session) -> None:
        self.session = session

    def request(self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> Any:
        import httplib2

        answer = self.session.request(method, uri, data=body, headers=headers)
        content = {name.lower(): value for name, value in answer.headers.items() if name != "Content-Encoding"}
        return httplib2.Response({**content, "status": str(answer.status_code)}), answer.content


def test_googles_own_client_works_in_batches_too(
    google: GoogleServer, robot: requests.Session, book: Spreadsheet
) -> None:
    from googleapiclient.discovery import build

    service = build("sheets", "v4", http=Http(robot), static_discovery=True)
    values = service.spreadsheets().values()
    assert values.get(spreadsheetId=book.id, range="Deals!A2").execute()["values"] == [["Acme"]]
    answers: dict[str, Any] = {}
    batch = service.new_batch_http_request(callback=lambda name, answer, error: answers.update({name: error or answer}))
    batch.add(values.get(spreadsheetId=book.id, range="Deals!A3"), request_id="good")
    batch.add(values.get(spreadsheetId="nowhere", range="A1"), request_id="bad")
    batch.add(
        values.update(spreadsheetId=book.id, range="C1", valueInputOption="RAW", body={"values": [["Ähm"]]}),
        request_id="write",
    )
    batch.execute()
    assert answers["good"]["values"] == [["Bolt"]]
    assert answers["bad"].status_code == 404
    assert book.tab("Deals").value(0, 2) == "Ähm"
    assert [call.method_id.rpartition(".")[2] for call in google.calls] == ["get", "batch", "get", "get", "update"]


def batch_of(session: requests.Session, count: int, book: Spreadsheet) -> requests.Response:
    """A batch of so many reads."""
    head = "--b\r\nContent-Type: application/http\r\nContent-ID: <p>\r\n\r\n"
    part = f"{head}GET /v4/spreadsheets/{book.id} HTTP/1.1\r\n\r\n\r\n"
    return session.post(
        "https://sheets.googleapis.com/batch",
        data=part * count + "--b--",
        headers={"Content-Type": "multipart/mixed; boundary=b"},
    )


def test_a_batch_holds_a_hundred_calls(robot: requests.Session, book: Spreadsheet) -> None:
    assert batch_of(robot, MOST, book).text.count("HTTP/1.1 200 OK") == MOST
    assert batch_of(robot, MOST + 1, book).status_code == 400
    assert robot.post("https://sheets.googleapis.com/batch", data="x").status_code == 400


def test_a_part_of_a_batch_can_fail_alone(google: GoogleServer, robot: requests.Session, book: Spreadsheet) -> None:
    google.faults.add("cut", at=2, method="sheets.spreadsheets.get")
    google.faults.add("rate_limit", at=3, method="sheets.spreadsheets.get")
    answer = batch_of(robot, 4, book)
    assert answer.status_code == 200
    assert [line.split()[1] for line in answer.text.splitlines() if line.startswith("HTTP/")] == [
        "200", "500", "429", "200"
    ]  # fmt: skip


# Logins


def refreshed(google: GoogleServer, credentials: Any) -> Any:
    """The credentials, after they have fetched an access token."""
    with client.session(google.root) as session:
        credentials.refresh(GoogleAuthRequest(session))
    return credentials


def user(google: GoogleServer, *scopes: str) -> Any:
    """The credentials in Ana's token file."""
    return UserCredentials.from_authorized_user_info(google.tokens.authorized_user(ANA, scopes))


def test_a_token_file_gives_access(google: GoogleServer, book: Spreadsheet) -> None:
    token = refreshed(google, user(google, SHEETS)).token
    with client.session(google.root, token) as session:
        assert get(session, book, "A1") == [["Deal"]]
        google.tokens.expire_all()
        assert session.get(f"{API}/{book.id}").status_code == 401


def test_a_service_account_is_itself_or_with_delegation_somebody_else(google: GoogleServer) -> None:
    def account(delegation: bool, subject: str | None) -> str:
        info = google.tokens.service_account(ROBOT, delegation, [COMPOSE])
        credentials = ServiceCredentials.from_service_account_info(info, scopes=[COMPOSE], subject=subject)
        return google.tokens.caller("Bearer " + refreshed(google, credentials).token).account

    assert account(False, None) == ROBOT
    assert account(True, ANA) == ANA
    with pytest.raises(Exception, match="unauthorized_client"):
        account(False, ANA)


def test_a_service_account_with_another_key_is_refused(google: GoogleServer) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    info = google.tokens.service_account(ROBOT)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    info["private_key"] = other.private_bytes(*form).decode()
    with pytest.raises(Exception, match="Invalid JWT Signature"):
        refreshed(google, ServiceCredentials.from_service_account_info(info, scopes=[SHEETS]))


def test_faults_of_logins(google: GoogleServer) -> None:
    def error(credentials: Any) -> tuple[str, bool]:
        with pytest.raises(RefreshError) as caught:
            refreshed(google, credentials)
        return str(caught.value.args[0]).partition(":")[0], caught.value.retryable

    mine, revoked = user(google, SHEETS), user(google, SHEETS)
    google.tokens.revoke(ANA)
    assert error(revoked) == ("invalid_grant", False)
    google.tokens.restore(ANA)
    google.faults.add("invalid_grant", method="oauth2.token")
    assert error(mine) == ("invalid_grant", False)
    mine._client_secret = "wrong"
    assert error(mine) == ("invalid_client", False)
    wider = google.tokens.authorized_user(ANA, [READ_ONLY])
    asked = UserCredentials.from_authorized_user_info(wider, scopes=[SHEETS])
    assert error(asked) == ("invalid_scope", False)


def test_a_token_endpoint_that_is_down_may_be_tried_again(
    google: GoogleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from google.auth import _exponential_backoff

    monkeypatch.setattr(_exponential_backoff.time, "sleep", lambda _: None)
    google.tokens.down = True
    with pytest.raises(RefreshError) as caught:
        refreshed(google, user(google, SHEETS))
    assert caught.value.retryable
    assert {call.status for call in google.of("oauth2.token")} == {503}


def test_an_installed_app_logs_in_with_a_proof_of_its_own(google: GoogleServer) -> None:
    from google_auth_oauthlib.flow import Flow

    def flow() -> tuple[Any, Any]:
        made = Flow.from_client_config(google.tokens.client_secret(), [SHEETS], redirect_uri="http://localhost:1/")
        made.oauth2session.trust_env = False
        made.oauth2session.mount("https://", client.ToTheServer(google.root))
        url, state = made.authorization_url()
        with client.session(google.root) as browser:
            page = browser.get(url, allow_redirects=False)
        assert f"state={state}" in page.headers["Location"]
        return made, page.headers["Location"].replace("http://", "https://")

    google.tokens.next_login = ANA
    good, url = flow()
    good.fetch_token(authorization_response=url)
    assert google.tokens.caller(f"Bearer {good.credentials.token}").account == ANA
    assert refreshed(google, good.credentials).valid
    bad, url = flow()
    bad.code_verifier = "x" * 43
    with pytest.raises(Exception, match="Invalid code verifier"):
        bad.fetch_token(authorization_response=url)
    google.tokens.next_error = "access_denied"
    assert "error=access_denied" in flow()[1]


# Faults


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("rate_limit", 429, "Quota exceeded for quota metric 'Read requests' and limit"),
        ("quota", 403, "Quota exceeded"),
        ("internal", 500, "Internal error encountered."),
        ("unavailable", 503, "The service is currently unavailable."),
        ("unauthorized", 401, "Request had invalid authentication credentials."),
        ("bad_gateway", 502, None),
    ],
)
def test_errors_on_demand(
    google: GoogleServer, robot: requests.Session, book: Spreadsheet, kind: str, status: int, message: str | None
) -> None:
    google.faults.add(kind)
    answer = robot.get(f"{API}/{book.id}")
    assert answer.status_code == status
    if message:
        assert answer.json()["error"]["message"].startswith(message)
    else:
        assert "502" in answer.text
    assert robot.get(f"{API}/{book.id}").status_code == 200


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", ["internal", "unavailable", "bad_gateway", "cut", "cut_body", "garbage"])
def test_a_fault_comes_before_the_deed_or_after_it(
    google: GoogleServer, robot: requests.Session, book: Spreadsheet, kind: str, after: bool
) -> None:
    google.faults.add(kind, method="sheets.spreadsheets.values.update", after=after)
    with pytest.raises(
        (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, AssertionError, ValueError)
    ):
        assert "updatedRange" in put(robot, book, "A2", [["written"]])
    assert (book.tab("Deals").value(1, 0) == "written") is after
    assert google.faults.happened == [(1, "sheets.spreadsheets.values.update", kind + "+" * after)]


def test_faults_say_when_to_come_again(google: GoogleServer, robot: requests.Session, book: Spreadsheet) -> None:
    google.faults.add("rate_limit", retry_after=7)
    google.faults.add("unavailable", at=2, retry_after="date", seconds=5)
    assert robot.get(f"{API}/{book.id}").headers["Retry-After"] == "7"
    when = parsedate_to_datetime(robot.get(f"{API}/{book.id}").headers["Retry-After"])
    assert dt.timedelta(0) < when - dt.datetime.now(dt.UTC) < dt.timedelta(seconds=10)


def test_faults_choose_their_calls(google: GoogleServer, robot: requests.Session, book: Spreadsheet) -> None:
    google.faults.add("internal", at=2, times=2, where=lambda call: call.http == "GET")
    statuses = [robot.get(f"{API}/{book.id}").status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]
    google.faults.add("slow", seconds=0.2)
    with pytest.raises(requests.ReadTimeout):
        robot.get(f"{API}/{book.id}", timeout=0.05)
    with pytest.raises(ValueError, match="no such fault"):
        google.faults.add("earthquake")


def test_the_same_seed_brings_the_same_faults(book: Spreadsheet) -> None:
    def happened(seed: int) -> list[tuple[int, str, str]]:
        with GoogleServer() as server, client.session(server.root, server.tokens.access(ANA, [SHEETS])) as session:
            own = server.sheets.add(owner=ANA)
            server.faults.random(seed, 0.3)
            for _ in range(40):
                try:
                    session.get(f"{API}/{own.id}", timeout=5)
                except requests.RequestException:
                    continue
            return server.faults.happened

    first = happened(1)
    assert first == happened(1) != happened(2)
    assert 5 < len(first) < 20


# Quotas, and what a test hangs in between


def test_reads_and_writes_are_counted_by_the_minute(
    google: GoogleServer, robot: requests.Session, book: Spreadsheet
) -> None:
    google.quotas.on = True
    google.quotas.sheets_per_user = 2
    assert [robot.get(f"{API}/{book.id}").status_code for _ in range(3)] == [200, 200, 429]
    error = robot.get(f"{API}/{book.id}").json()["error"]
    assert error["message"].startswith(
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' "
        "of service 'sheets.googleapis.com' for consumer 'project_number:"
    )
    assert "updatedRange" in put(robot, book, "A2", [["writes are counted apart"]])
    google.quotas.now += 60
    google.quotas.retry_after = 30
    assert [robot.get(f"{API}/{book.id}").status_code for _ in range(2)] == [200, 200]
    assert robot.get(f"{API}/{book.id}").headers["Retry-After"] == "30"


def test_gmail_counts_units(google: GoogleServer) -> None:
    from tests.fakes.google.answers import GoogleError

    google.quotas.on = True
    for _ in range(150):
        google.quotas.charge("gmail.users.threads.get", ANA)
    reasons = set()
    for _ in range(3):
        with pytest.raises(GoogleError) as caught:
            google.quotas.charge("gmail.users.getProfile", ANA)
        reasons.add((caught.value.status, caught.value.reason))
    assert reasons == {(403, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (429, "rateLimitExceeded")}
    google.quotas.charge("gmail.users.getProfile", "ben@northwind.example")


def test_a_person_comes_between_two_calls(google: GoogleServer, robot: requests.Session, book: Spreadsheet) -> None:
    ana = Person(book.tab("Deals"))

    def sort(call: Call) -> None:
        if call.method_id.endswith("values.update"):
            ana.sort_by(0, falling=True)

    google.before = sort
    put(robot, book, "A2", [["over Bolt"]])
    assert book.tab("Deals").values() == [["Deal", "Stage"], ["over Bolt", "Lead"], ["Acme", "Pitch"]]
    seen = []
    google.after = lambda call: seen.append((call.method_id, call.account, call.status))
    get(robot, book, "A1")
    assert seen == [("sheets.spreadsheets.values.get", ROBOT, 200)]


def test_a_model_that_crashes_makes_the_test_fail(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError), GoogleServer() as server:
        server.before = lambda call: {}[call.method_id]
        with client.session(server.root) as session:
            assert session.get(f"{API}/x").status_code == 500
    assert "KeyError" in capsys.readouterr().err


# People


def test_edits_of_people(google: GoogleServer) -> None:
    book = google.sheets.add(rows=[["Deal", "Twice"], *([[name, Cell(formula=f"=A{row}&A{row}")] for row, name in
        enumerate("bca", 2)])])  # fmt: skip
    tab = book.tabs[0]
    ana = Person(tab)
    ana.sort_by(0)
    ana.insert_row(1, ["new", "=A2&1"])
    ana.move_row(1, 5)
    ana.copy_row(1, 2)
    ana.reverse()
    assert tab.values() == [
        ["Deal", "Twice"], ["new", "new1"], ["c", "cc"], ["b", "bb"], ["a", "aa"], ["a", "aa"]
    ]  # fmt: skip
    ana.delete_row(1)
    ana.cut_and_paste("A2:B2", "A9")
    ana.insert_column(0, "No.")
    ana.move_column(1, 3)
    ana.rename_header(1, "Double")
    ana.rename_tab("Mine")
    assert tab.values()[0] == ["No.", "Double", "Deal"]
    assert tab.formula(2, 1) == "=C3&C3"
    assert tab.title == "Mine"


def test_what_people_typed_and_nobody_removed_is_known(book: Spreadsheet) -> None:
    tab, log = book.tab("Deals"), Log()
    ana, ben = Person(tab, 1, log=log), Person(tab, 2, log=log)
    ana.type("A2", "typed by ana")
    ben.type("A3", "typed by ben")
    ben.type("A2", "over it")
    assert log.lost(tab) == {}
    tab.write("A3", [["overwritten by a tool"]])
    assert log.lost(tab) == {"typed by ben": "Deal"}
    assert log.lost(tab, besides=["Deal"]) == {}


def test_random_edits_are_the_same_for_the_same_seed(google: GoogleServer) -> None:
    def edited(seed: int) -> tuple[list[Any], set[str]]:
        tab = google.sheets.add(rows=DEALS).tabs[0]
        person = Person(tab, seed, choices={"Stage": ["Lead", "Pitch"]}, keep=["Deal"])
        kinds = {person.random_edit().kind for _ in range(120)}
        assert person.log.lost(tab) == {}
        return tab.values(), kinds

    values, kinds = edited(1)
    assert values == edited(1)[0] != edited(2)[0]
    assert set(ALL_EDITS) - kinds <= {"rename_tab", "delete_column"}
    assert "Deal" in values[0]


# As a process of its own


def test_the_server_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, "-m", "tests.fakes.google", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        root = json.loads(process.stdout.readline())["root"]
        code = "book = server.sheets.add(rows=[['a']], owner='x'); result = [book.id, server.tokens.access('x', {!r})]"
        book_id, token = client.evaluate(root, code.format([SHEETS]))
        with client.session(root, token) as session:
            assert session.get(f"{API}/{book_id}/values/A1").json()["values"] == [["a"]]
        calls = client.evaluate(root, "result = [[call.method_id, call.status] for call in server.calls]")
        process.terminate()
    assert calls == [["sheets.spreadsheets.values.get", 200]]
    assert Raw(b"").content_type == "application/octet-stream"
