"""A workbook is a person's file: what is not written to is afterwards as it was, part by part and byte by byte."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table as ExcelTable

from fivestep.connectors.sheet import WriteRequest
from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet
from fivestep.connectors.sheets.xlsx.zip_members import with_member
from fivestep.process.model.plan import Change
from fivestep.process.model.table import shown
from tests.fakes.shared_data import DATA

TRACKERS = DATA / "trackers"

SHEET = "xl/worksheets/sheet1.xml"
HEADER_ROW = 3
ROWS: tuple[tuple[str | int | None, ...], ...] = (
    ("Deal ID", "Deal", "Stage", "Amount", "Share", "Status"),
    ("D-1", "Alpha", "Pitch", 1000, "=D4/D$8", None),
    ("D-2", "Beta", "Closing", 2500, "=D5/D$8", "On track"),
    (None, "Gamma", "Won", 700, "=D6/D$8", None),
)
SPARKLINE = (
    b'<extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" '
    b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:sparklineGroups '
    b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:sparklineGroup><x14:sparklines>'
    b"<x14:sparkline><xm:f>Deals!D4:D6</xm:f><xm:sqref>H4</xm:sqref></x14:sparkline></x14:sparklines>"
    b"</x14:sparklineGroup></x14:sparklineGroups></ext></extLst></worksheet>"
)
CHANGES = (
    Change("D-1", 4, "Status", "", "Stalled: 9 working days in Pitch (limit 7)"),
    Change("D-2", 5, "Status", "On track", "Waiting: until 3 Dec"),
    Change("D-3", 6, "Deal ID", "", "D-3"),
    Change("D-3", 6, "Status", "", "Won"),
    Change("D-1", 4, "Next", "", "=call & <ask>"),
)


def full_workbook(path: Path) -> Path:
    """A workbook with as much as openpyxl can make, and parts that it can't."""
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    tab.title = "Deals"
    tab["A1"] = "Pipeline 2026"
    tab.merge_cells("A1:F1")
    for number, row in enumerate(ROWS, HEADER_ROW):
        for column, value in enumerate(row, 1):
            tab.cell(number, column).value = value
    for cell in tab[HEADER_ROW]:
        cell.font = Font(bold=True, color="FFFFFF")
    tab["D8"] = "=SUM(D4:D6)"
    tab["F4"].font = Font(italic=True)
    tab["B4"].comment = Comment("call first", "Ana")
    tab.add_table(ExcelTable(displayName="Deals", ref="A3:F6"))
    choices = DataValidation(type="list", formula1='"Pitch,Closing,Won"')
    choices.add("C4:C100")
    tab.add_data_validation(choices)
    tab.conditional_formatting.add("D4:D6", Rule(type="duplicateValues"))
    chart = BarChart()
    chart.add_data(Reference(tab, min_col=4, min_row=3, max_row=6), titles_from_data=True)
    tab.add_chart(chart, "H10")  # type: ignore[call-arg]
    tab.freeze_panes = "A4"
    tab.row_dimensions[5].hidden = True
    tab.protection.sheet = True
    summary = book.create_sheet("Summary")
    summary["A1"] = '=COUNTIF(Deals!F:F,"Stalled*")'
    book.defined_names["Amounts"] = DefinedName("Amounts", attr_text="Deals!$D$4:$D$6")
    book.save(path)
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts[SHEET] = parts[SHEET].replace(b"</worksheet>", SPARKLINE)
    parts["xl/vbaProject.bin"] = bytes(range(256)) * 40
    parts["customXml/item1.xml"] = "<mine>schön</mine>".encode()
    parts["xl/media/image7.emf"] = b"\x01\0\0\0" * 50
    with zipfile.ZipFile(path, "w") as file:
        for position, (name, content) in enumerate(parts.items()):
            info = zipfile.ZipInfo(name, (2026, 3, 1 + position % 28, 9, 30, 12))
            info.compress_type = zipfile.ZIP_STORED if name.endswith(".emf") else zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            file.writestr(info, content)
        file.comment = b"kept too"
    return path


def write(path: Path) -> None:
    sheet = XlsxSheet(path)
    results = sheet.write(WriteRequest(sheet.read(), HEADER_ROW, "Deal ID", ["Next"], CHANGES))
    assert [result.outcome for result in results] == ["written"] * len(CHANGES)


def members(content: bytes) -> dict[str, tuple[object, ...]]:
    """Everything that a zip says about its members, in order, with the members' compressed bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        found: dict[str, tuple[object, ...]] = {}
        for info in file.infolist():
            start = info.header_offset + 30
            lengths = content[start - 4 : start]
            start += int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
            raw = content[start : start + info.compress_size]
            kept = (info.date_time, info.compress_type, info.external_attr, info.flag_bits, info.CRC, info.comment)
            found[info.filename] = (*kept, raw, file.read(info))
        return found


WIDTHS = b'<cols><col min="7" max="7" width="34" customWidth="1"/></cols>'


def rows_and_rest(xml: bytes) -> tuple[list[bytes], bytes]:
    """A worksheet's rows, and its markup without them and its dimension."""
    rows = re.compile(rb"<row .*?</row>", re.DOTALL)
    return rows.findall(xml), re.sub(rb"<dimension[^>]*>", b"", rows.sub(b"", xml))


def test_only_the_tabs_own_part_changes(tmp_path: Path) -> None:
    path = full_workbook(tmp_path / "deals.xlsm")
    before = members(path.read_bytes())
    write(path)
    after = members(path.read_bytes())
    assert list(after) == list(before)
    assert {name for name in before if before[name] != after[name]} == {SHEET}
    assert after[SHEET][:4] == before[SHEET][:4]
    assert zipfile.ZipFile(path).comment == b"kept too"
    assert zipfile.ZipFile(path).testzip() is None


def test_within_the_tab_only_the_cells_change(tmp_path: Path) -> None:
    path = full_workbook(tmp_path / "deals.xlsx")
    before = zipfile.ZipFile(path).read(SHEET)
    write(path)
    after = zipfile.ZipFile(path).read(SHEET)
    (old_rows, old_rest), (new_rows, new_rest) = rows_and_rest(before), rows_and_rest(after)
    assert new_rest == old_rest.replace(b"<sheetData>", WIDTHS + b"<sheetData>")
    assert [old == new for old, new in zip(old_rows, new_rows, strict=True)] == [True, False, False, False, False, True]
    for old, new in zip(old_rows, new_rows, strict=True):
        kept = set(re.findall(rb'<c r="[B-E]\d".*?(?:</c>|/>)', old))
        assert kept <= set(re.findall(rb'<c r="[B-E]\d".*?(?:</c>|/>)', new))


@pytest.mark.filterwarnings("ignore:Sparkline Group extension")
def test_looks_are_kept_and_a_new_header_looks_like_the_last(tmp_path: Path) -> None:
    path = full_workbook(tmp_path / "deals.xlsx")
    write(path)
    tab = openpyxl.load_workbook(path)["Deals"]
    assert (tab["F4"].value, tab["F4"].font.italic) == ("Stalled: 9 working days in Pitch (limit 7)", True)
    assert (tab["G3"].value, tab["G3"].font.bold, tab["G3"].font.color.rgb) == ("Next", True, "00FFFFFF")
    assert (tab["G4"].value, tab["G4"].data_type) == ("=call & <ask>", "s")
    assert tab["E4"].value == "=D4/D$8"
    assert (tab.column_dimensions["G"].width, "F" in tab.column_dimensions) == (34, False)


def test_a_tab_whose_tags_have_a_prefix(tmp_path: Path) -> None:
    path = full_workbook(tmp_path / "deals.xlsx")
    xml = zipfile.ZipFile(path).read(SHEET)
    head, start, rest = xml.partition(b"<sheetData>")
    body, end, tail = rest.partition(b"</sheetData>")
    prefixed = re.sub(rb"<(/?)([a-z])", rb"<\1x:\2", start + body + end)
    head = head.replace(
        b"<worksheet ", b'<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    )
    path.write_bytes(with_member(path.read_bytes(), SHEET, head + prefixed + tail))
    before = XlsxSheet(path).read()
    write(path)
    after = XlsxSheet(path).read()
    assert shown(after.rows[3][5]) == CHANGES[0].new
    assert WIDTHS in zipfile.ZipFile(path).read(SHEET)
    assert after.formulas == before.formulas == {4: {4}, 5: {4}, 6: {4}, 8: {3}}


@pytest.mark.skipif(not TRACKERS.is_dir(), reason="shared/data is not beside the repository")
def test_a_teams_real_tracker(tmp_path: Path) -> None:
    path = tmp_path / "tracker.xlsx"
    path.write_bytes(next(TRACKERS.glob("06_*.xlsx")).read_bytes())
    sheet = XlsxSheet(path)
    table = sheet.read()
    before = members(path.read_bytes())
    changes = [Change(f"D-{row}", row, "Deal ID", "", f"D-{row}") for row in range(8, 40)]
    written = sheet.write(WriteRequest(table, 7, "Deal ID", ["Deal ID"], changes))
    assert {result.outcome for result in written} == {"written"}
    after = members(path.read_bytes())
    assert [name for name in before if before[name] != after[name]] == ["xl/workbook.xml", SHEET]  # it has formulas
    again = sheet.read()
    assert again.formulas == table.formulas
    assert [row[:16] for row in again.rows] == [row[:16] for row in table.rows]
    assert again.rows[8][16:] == ["D-9"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_result(tmp_path: Path) -> None:
    path = full_workbook(tmp_path / "deals.xlsx")
    write(path)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1"]
    subprocess.run([*command, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=120)
    with (tmp_path / "deals.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[2][:7] == ["Deal ID", "Deal", "Stage", "Amount", "Share", "Status", "Next"]
    assert rows[3][:4] + rows[3][5:7] == ["D-1", "Alpha", "Pitch", "1000", CHANGES[0].new, "=call & <ask>"]
    assert rows[3][4].startswith("0.238")
    assert rows[5][:4] + rows[5][5:6] == ["D-3", "Gamma", "Won", "700", "Won"]
