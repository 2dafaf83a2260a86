"""Workbooks as sheets: what they read as, and which files are refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.formula import ArrayFormula

from fivestep.connectors.sheet import Sheet, WriteRequest
from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet
from fivestep.connectors.testing.sheet import TITLED, Rows, SheetFileContract, request, status, texts
from fivestep.errors import SettingsError
from fivestep.process.live_edits.a1 import Spot
from fivestep.process.model.merged_cells import MergedCells
from fivestep.process.model.plan import Change
from fivestep.process.model.table import CellError


class TestXlsxSheet(SheetFileContract):
    @pytest.fixture(autouse=True)
    def in_a_folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "deals.xlsx"

    def fill(self, rows: Rows) -> Sheet:
        return XlsxSheet(saved(self.path, rows))


def saved(path: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            if text:
                tab.cell(number, column, text)
    book.save(path)
    return path


def edited(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The file with some bytes of a part replaced."""
    with zipfile.ZipFile(path) as file:
        contents = {name: file.read(name) for name in file.namelist()}
    assert old in contents[part]
    contents[part] = contents[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"
MOMENT = dt.datetime.combine(dt.date(2025, 3, 4), dt.time(5, 6))


def test_cells_have_the_types_that_the_workbook_gives_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    for column, value in enumerate(
        (17, 0.25, dt.date(2025, 3, 4), MOMENT, True, "007", dt.time(3, 4), None, "#REF!"), 2
    ):
        tab.cell(3, column, value)
    tab["J3"].data_type = "e"
    tab["C3"].number_format = "0%"
    book.save(tmp_path / "deals.xlsx")
    table = XlsxSheet(tmp_path / "deals.xlsx").read()
    assert table.title == "Sheet"
    assert [len(row) for row in table.rows] == [10, 10, 10]
    expected = ["", 17, 0.25, dt.date(2025, 3, 4), MOMENT, True, "007", dt.time(3, 4), ""]
    assert table.rows[2] == [*expected, CellError("#REF!")]
    assert not table.formulas


def test_a_text_that_reads_like_an_error_is_a_text(tmp_path: Path) -> None:
    path = saved(tmp_path / "deals.xlsx", [["#N/A, says Ana", "#REF! too"]])
    assert XlsxSheet(path).read().rows == [["#N/A, says Ana", "#REF! too"]]


def test_dates_of_a_workbook_from_1904(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book["Sheet"]["A1"] = dt.date(2025, 3, 4)
    book.save(tmp_path / "deals.xlsx")
    assert XlsxSheet(tmp_path / "deals.xlsx").read().rows == [[dt.date(2025, 3, 4)]]


def test_every_cell_that_a_formula_fills_counts(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    tab["A1"] = "=B1+1"
    tab["D4"] = "end"
    tab["B2"] = ArrayFormula("B2:C3", "=D1:E2*2")
    path = tmp_path / "deals.xlsx"
    book.save(path)
    shared = b'<row r="4"><c r="A4"><f t="shared" si="0"/><v>1</v></c>'
    edited(path, SHEET, b'<row r="4">', shared)
    assert XlsxSheet(path).read().formulas == {1: {0}, 2: {1, 2}, 3: {1, 2}, 4: {0}}


def test_formulas_and_errors_in_cells_that_do_not_say_where_they_are(tmp_path: Path) -> None:
    path = saved(tmp_path / "deals.xlsx", [["x"]])
    with zipfile.ZipFile(path) as file:
        xml = file.read(SHEET)
    start, end = xml.index(b"<sheetData>"), xml.index(b"</sheetData>")
    rows = (
        b"<sheetData><row><c><v>1</v></c><c><f>A1</f><v>1</v></c></row>"
        b'<row><c r="B2"><v>1</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    edited(path, SHEET, xml[start:end], rows)
    table = XlsxSheet(path).read()
    assert table.formulas == {1: {1}, 2: {2}}
    assert table.rows[1][2] == CellError("#DIV/0!")


def tabs_of_all_kinds(path: Path) -> Path:
    book = openpyxl.Workbook()
    book["Sheet"].title = "Cover"
    book.create_sheet("Hidden").sheet_state = "hidden"
    book.create_sheet("Very hidden").sheet_state = "veryHidden"
    book["Hidden"]["A1"] = "found"
    book.create_chartsheet("Chart")
    book.create_sheet("Deals & more")["A1"] = "deals"
    book.save(path)
    return path


def test_tabs_are_the_worksheets_that_people_see(tmp_path: Path) -> None:
    path = tabs_of_all_kinds(tmp_path / "deals.xlsx")
    assert XlsxSheet(path).tabs() == ["Cover", "Deals & more"]
    assert XlsxSheet(path).read().title == "Cover"
    assert XlsxSheet(path, "deals & MORE").read().rows == [["deals"]]
    assert XlsxSheet(path, "Hidden").read().rows == [["found"]]


def test_a_tab_that_is_not_there_is_named_with_the_ones_that_are(tmp_path: Path) -> None:
    path = tabs_of_all_kinds(tmp_path / "deals.xlsx")
    with pytest.raises(SettingsError) as fault:
        XlsxSheet(path, "Deal & more").read()
    assert "did you mean 'Deals & more'?" in str(fault.value)
    assert "its tabs are 'Cover', 'Deals & more'" in str(fault.value)
    with pytest.raises(SettingsError, match="no tab 'Chart'"):
        XlsxSheet(path, "Chart").read()


def zipped(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (OLE + bytes(600), "old .xls file; open it in a spreadsheet program and save it as .xlsx"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "protected by a password; remove it"),
        (b"Deal;Stage\n", "is no .xlsx file"),
        (b"", "is no .xlsx file"),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "another kind of file"),
    ],
)
def test_other_files_are_refused_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "deals.xlsx"
    path.write_bytes(content)
    for asked in (XlsxSheet(path).read, XlsxSheet(path).tabs):
        with pytest.raises(SettingsError) as fault:
            asked()
        assert said in str(fault.value)
        assert "deals.xlsx" in str(fault.value)


def test_a_file_that_is_cut_off_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    path = saved(tmp_path / "deals.xlsx", TITLED)
    whole = path.read_bytes()
    for end in range(0, len(whole) - 1, 97):
        path.write_bytes(whole[:end])
        with pytest.raises(SettingsError):
            XlsxSheet(path).read()


def test_a_damaged_byte_is_a_clear_fault_or_harmless(tmp_path: Path) -> None:
    path = saved(tmp_path / "deals.xlsx", TITLED)
    whole = path.read_bytes()
    for position in range(0, len(whole), 53):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        try:
            table = XlsxSheet(path).read()
            XlsxSheet(path).write(request(table, status("D-1", "", "x")))
        except SettingsError as fault:
            assert "deals.xlsx" in str(fault)


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fivestep.connectors.sheets.xlsx.package.MAX_UNPACKED", 1 << 20)
    path = saved(tmp_path / "deals.xlsx", TITLED)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/media/image1.png", bytes(2 << 20))
    with pytest.raises(SettingsError, match="unpacks to more than 1 MB"):
        XlsxSheet(path).read()


def test_markup_in_utf_16_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "deals.xlsx", TITLED)
    with zipfile.ZipFile(path) as file:
        xml = file.read(SHEET)
    edited(path, SHEET, xml, xml.decode().encode("utf-16"))
    with pytest.raises(SettingsError, match="UTF-16"):
        XlsxSheet(path).read()


def test_new_columns_are_wide_enough_to_be_read(tmp_path: Path) -> None:
    sheet = XlsxSheet(saved(tmp_path / "deals.xlsx", [["Deal", "Stage"], ["Alpha", "Pitch"]]))
    table = sheet.read()
    sheet.write(WriteRequest(table, 1, "Deal ID", ["Status", "Deal ID", "Next"], ()))
    book = openpyxl.load_workbook(sheet.path)
    columns = book["Sheet"].column_dimensions
    assert {letter: column.width for letter, column in columns.items()} == {"C": 34, "D": 10, "E": 34}
    columns["D"].width = 20
    book.save(sheet.path)
    sheet.write(WriteRequest(table, 1, "Deal ID", ["Status", "Deal ID", "Follow-up"], ()))
    columns = openpyxl.load_workbook(sheet.path)["Sheet"].column_dimensions
    assert {letter: column.width for letter, column in columns.items()} == {"C": 34, "D": 20, "E": 34, "F": 34}


def test_an_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="remove encoding = 'cp1250' under"):
        XlsxSheet(tmp_path / "deals.xlsx", None, "cp1250")


def test_no_column_left(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    for number, row in enumerate(TITLED, 1):
        for column, text in enumerate(row, 1):
            tab.cell(number, column, text)
    tab["XFD1"] = "far out"
    path = tmp_path / "deals.xlsx"
    book.save(path)
    sheet = XlsxSheet(path)
    before = path.read_bytes()
    table = sheet.read()
    with pytest.raises(SettingsError, match="no column left"):
        sheet.write(request(table, new_columns=["Next"]))
    assert path.read_bytes() == before
    assert texts(sheet.read()) == texts(table)


def test_merged_cells_are_told_and_a_covered_one_is_never_written(tmp_path: Path) -> None:
    path = saved(tmp_path / "deals.xlsx", [["Deal ID", "Deal", "Status"], ["D-1", "Pump", ""], ["D-2", "", ""]])
    book = openpyxl.load_workbook(path)
    for area in ("B2:B3", "C2:C3"):
        book["Sheet"].merge_cells(area)
    book.save(path)
    sheet = XlsxSheet(path)
    table = sheet.read()
    assert sorted(table.merged) == [MergedCells(2, 1, 3, 1), MergedCells(2, 2, 3, 2)]
    assert [table.seen(row)[1] for row in (1, 2, 3)] == ["Deal", "Pump", "Pump"]
    changes = [Change("D-1", 2, "Status", "", "one"), Change("D-2", 3, "Status", "", "two")]
    written, skipped = sheet.write(WriteRequest(table, 1, "Deal ID", (), changes))
    assert (written.outcome, skipped.outcome) == ("written", "skipped")
    assert "merged" in skipped.reason
    assert [row[2] for row in sheet.read().rows] == ["Status", "one", ""]
    assert "merged" in sheet.note(Spot(None, 3, 2), (), "beat").reason


def test_a_text_that_reads_like_a_merge_is_none(tmp_path: Path) -> None:
    path = saved(tmp_path / "deals.xlsx", [['<mergeCell ref="A1:A2"/>'], ["x"]])
    assert XlsxSheet(path).read().merged == []
