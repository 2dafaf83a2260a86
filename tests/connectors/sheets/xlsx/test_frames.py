"""Tables and filters are made to hold the tool's columns, where that is safe; all else about them stays."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.protection import SheetProtection
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableStyleInfo

from fivestep.connectors.sheet import WriteRequest
from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet
from fivestep.process.live_edits.widen import Widened, widened
from fivestep.process.model.frame import Frame
from fivestep.process.model.plan import Change

TOOLS = ("Deal ID", "Status")
TABLE = "xl/tables/table1.xml"
ROWS = [["Deal", "Stage"], ["Pump", "Pitch"], ["Tank", "Won"]]


def book_with(tmp_path: Path, *, ref: str = "A1:B3", rows: Any = ROWS, framed: str = "table") -> Path:
    """A workbook whose deals are in a table, or have a filter."""
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    for row in rows:
        tab.append(row)
    if framed == "filter":
        tab.auto_filter.ref = ref
    else:
        table = ExcelTable(displayName="Deals", ref=ref)
        table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
        tab.add_table(table)
    book.save(tmp_path / "deals.xlsx")
    return tmp_path / "deals.xlsx"


def run(path: Path, *, new: tuple[str, ...] = TOOLS, status: str = 'Won & "done"') -> None:
    """Write as a run does."""
    sheet = XlsxSheet(path)
    base = sheet.read()
    columns = [str(cell) for cell in base.rows[0]]
    old = str(base.rows[1][columns.index("Status")]) if "Status" in columns else ""
    changes = [Change("D-1", 2, "Status", old, status)]
    if "Deal ID" in new:
        changes.insert(0, Change("D-1", 2, "Deal ID", "", "D-1"))
    written = sheet.write(WriteRequest(base, 1, "Deal ID", new, changes, own_columns=TOOLS, anchor="Stage"))
    assert {each.outcome for each in written} == {"written"}


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def table_of(path: Path) -> ExcelTable:
    return openpyxl.load_workbook(path)["Sheet"].tables["Deals"]


def frames(path: Path) -> list[Frame]:
    return list(XlsxSheet(path).read().frames)


def test_a_table_holds_the_columns_that_are_added_beside_it(tmp_path: Path) -> None:
    path = book_with(tmp_path)
    before = members(path)
    run(path)
    table = table_of(path)
    assert (table.ref, table.autoFilter.ref) == ("A1:D3", "A1:D3")
    assert [(column.id, column.name) for column in table.tableColumns] == [
        (1, "Deal"), (2, "Stage"), (3, "Deal ID"), (4, "Status"),
    ]  # fmt: skip
    assert table.tableStyleInfo.name == "TableStyleMedium2"
    after = members(path)
    assert {name for name in before if before[name] != after[name]} == {TABLE, "xl/worksheets/sheet1.xml"}
    assert b'count="4"' in after[TABLE]


def test_a_table_of_an_earlier_version_is_widened_by_the_next_run(tmp_path: Path) -> None:
    path = book_with(tmp_path, rows=[["Deal", "Stage", *TOOLS], ["Pump", "Pitch", "D-1", "old"], ["Tank", "Won"]])
    run(path, new=())
    assert table_of(path).ref == "A1:D3"
    before = members(path)
    run(path, new=(), status="another")
    assert members(path)[TABLE] == before[TABLE]


def test_a_filter_and_its_hidden_name_are_widened_together(tmp_path: Path) -> None:
    path = book_with(tmp_path, framed="filter")
    run(path)
    tab = openpyxl.load_workbook(path)["Sheet"]
    assert tab.auto_filter.ref == "A1:D3"
    assert b"'Sheet'!$A$1:$D$3</definedName>" in members(path)["xl/workbook.xml"]


def test_names_are_told_as_their_cells_are(tmp_path: Path) -> None:
    path = book_with(tmp_path)
    sheet = XlsxSheet(path)
    header = 'A "status" & <more> _x0041_'
    change = Change("", 2, header, "", "fine")
    sheet.write(
        WriteRequest(
            sheet.read(), 1, "Deal", [header], [change._replace(deal="Pump")], own_columns=[header], anchor="Stage"
        )
    )
    assert [column.name for column in table_of(path).tableColumns][-1] == header


def refused(path: Path) -> str:
    """Why the table or filter is left as it is: nothing of it may change."""
    before = members(path)
    run(path)
    after = members(path)
    assert before.get(TABLE) == after.get(TABLE)
    table = XlsxSheet(path).read()
    headers = [str(cell) for cell in table.rows[0]]
    found = list(widened(table.frames, 1, headers, 1, [headers.index(name) for name in TOOLS]))
    assert len(found) == 1
    return found[0].refusal


def edited(path: Path, part: str, old: bytes, new: bytes) -> Path:
    contents = members(path)
    assert old in contents[part]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(name, content.replace(old, new) if name == part else content)
    return path


def test_what_is_not_safe_is_left_alone_and_named(tmp_path: Path) -> None:
    path = book_with(tmp_path, rows=[[*ROWS[0], "Notes"], *ROWS[1:]])
    assert refused(path) == "other columns stand in between"
    path = edited(book_with(tmp_path), TABLE, b"headerRowCount", b'tableType="queryTable" headerRowCount')
    assert refused(path) == "it is filled from elsewhere"
    path = edited(book_with(tmp_path), TABLE, b'name="Deal"/', b'name="STATUS"/')
    assert refused(path) == "it has a column 'Status' of its own"
    book = openpyxl.load_workbook(book_with(tmp_path))
    book["Sheet"].protection = SheetProtection(sheet=True)
    book.save(tmp_path / "deals.xlsx")
    assert refused(tmp_path / "deals.xlsx") == "its sheet is protected"
    book = openpyxl.load_workbook(book_with(tmp_path))
    book["Sheet"].merge_cells("C3:D3")
    book.save(tmp_path / "deals.xlsx")
    assert refused(tmp_path / "deals.xlsx") == "merged cells stand in the way"
    path = book_with(tmp_path, rows=[["Deal", "Stage"], ["Pump", "Pitch"], ["Total", 1]])
    path = edited(path, TABLE, b"headerRowCount", b'totalsRowCount="1" headerRowCount')
    run(path)
    assert table_of(path).ref == "A1:D3"  # nothing stands beside its totals


def test_a_frame_of_something_else_is_no_matter() -> None:
    deals, prices = Frame("the table Deals", 1, 0, 9, 1, ["a", "b"]), Frame("the table Prices", 1, 3, 9, 4, ["x", "y"])
    headers = ["a", "b", "", "x", "y", "Deal ID"]
    assert list(widened([prices], 1, headers, 1, [5])) == []
    assert list(widened([deals._replace(top=2)], 1, headers, 1, [5])) == []
    assert list(widened([deals], 1, ["Deal ID", "b"], 1, [0])) == []
    way = deals._replace(blocked={3: "the table Prices stands in the way"})
    assert [each.refusal for each in widened([way], 1, headers, 1, [2, 3])] == ["the table Prices stands in the way"]
    assert str(Widened(deals, 5, "other columns stand in between")).startswith(
        "The table Deals ends before this tool's columns (C and on), and other columns stand in between"
    )


def test_the_name_of_a_tables_column_is_never_taken_away(tmp_path: Path) -> None:
    path = book_with(tmp_path)
    run(path)
    sheet = XlsxSheet(path)
    undo = [Change("D-1", 2, "Status", str(sheet.read().rows[1][3]), ""), Change("", 1, "Status", "Status", "")]
    written = sheet.write(WriteRequest(sheet.read(), 1, "Deal ID", (), undo))
    assert [each.outcome for each in written] == ["written", "skipped"]
    assert sheet.read().rows[0][3] == "Status"
    assert table_of(path).ref == "A1:D3"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libre_office_opens_it_and_sees_the_wider_table(tmp_path: Path) -> None:
    path = book_with(tmp_path)
    run(path)
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path / "out"), str(path)], check=True, capture_output=True, timeout=240
    )
    table = table_of(tmp_path / "out" / "deals.xlsx")
    assert table.ref == "A1:D3"
    assert [column.name for column in table.tableColumns] == ["Deal", "Stage", *TOOLS]
