"""Cells that lie far from all others are left out, and places that no worksheet has are refused, in little memory."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from fivestep.connectors.sheets.xlsx.extent import DamagedPlaceError, TooSpreadError, within_bounds
from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet
from fivestep.errors import SettingsError
from tests.connectors.sheets.xlsx.test_sheet import SHEET, edited, saved

ROWS = [["Deal", "Stage"], ["Pump", "Pitch"]]


def markup(*cells: str, prefix: str = "") -> bytes:
    """A worksheet with a row for each cell, which is told by its place, or by all of its tag."""
    tags = (cell if "<" in cell else f'<c r="{cell}"><v>1</v></c>' for cell in cells)
    rows = "".join(f"<row>{tag}</row>" for tag in tags)
    xml = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
    return (re.sub("<(/?)", rf"<\1{prefix}", xml) if prefix else xml).encode()


@pytest.mark.parametrize("far", ["XFD200000", "ZZ20000", "A1048576", "XFD1048576"])
def test_a_cell_far_from_all_others_is_named_and_left_out(tmp_path: Path, far: str) -> None:
    path = saved(tmp_path / "deals.xlsx", [*ROWS, *[["Pump", "Pitch"]] * 3])
    book = openpyxl.load_workbook(path)
    book["Sheet"][far] = "astray"
    book["Sheet"]["C3"] = "=1+1"
    book.save(path)
    table = XlsxSheet(path).read()
    assert table.rows == [["Deal", "Stage"], *[["Pump", "Pitch"]] * 4]
    assert table.formulas == {3: {2}}
    assert table.notes == [f"Not read, as it lies far from all other cells: {far}"]


def test_many_far_cells_are_counted_and_blank_ones_are_no_matter() -> None:
    blank = '<c r="XFA1" s="3"/>'
    far = within_bounds(markup("A1", blank, *(f"XE{letter}300000" for letter in "ABCDE")))
    assert far.left_out.endswith(": XEA300000, XEB300000, XEC300000 and 2 more")
    assert blank.encode() not in far.xml
    assert not within_bounds(markup("A1", blank, '<c r="B300000" s="3"></c>')).left_out


def test_what_lies_near_stays_byte_for_byte() -> None:
    for near in (markup("A1", "CZ900"), markup("A1", "B1000", "B1990"), b"<x:worksheet xmlns:x='y'/>"):
        assert within_bounds(near).xml is near


@pytest.mark.parametrize(
    "place", ["XFE99999999", "XFE1", "AAAA1", "A1048577", "ZZZZZZZZZZZZZZ1", "A99999999999999999999", "xfe1"]
)
def test_a_place_that_no_worksheet_has_is_damage(tmp_path: Path, place: str) -> None:
    for prefix in ("", "x:"):
        with pytest.raises(DamagedPlaceError, match="beyond the last"):
            within_bounds(markup("A1", place, prefix=prefix).replace(b"x:worksheet>", b"x:worksheet xmlns:x='y'>", 1))
    path = edited(saved(tmp_path / "deals.xlsx", ROWS), SHEET, b'r="B2"', f'r="{place}"'.encode())
    with pytest.raises(SettingsError, match=r"deals\.xlsx is damaged"):
        XlsxSheet(path).read()


def test_a_row_that_no_worksheet_has_is_damage() -> None:
    with pytest.raises(DamagedPlaceError, match="beyond the last row"):
        within_bounds(b'<worksheet><sheetData><row r="4294967295"><c><v>1</v></c></row></sheetData></worksheet>')


def test_cells_that_do_not_say_where_they_are_count_on_from_the_last() -> None:
    row = b'<row r="1048576">' + b"<c><v>1</v></c>" * 500 + b"</row>"
    with pytest.raises(TooSpreadError, match="500 cells are spread over 1,048,576 rows and 500 columns"):
        within_bounds(b"<worksheet><sheetData>" + row + b"</sheetData></worksheet>")


def test_cells_spread_over_everything_are_too_many() -> None:
    steps = [f"A{row}" for row in range(1, 1_048_577, 900)] + [f"{letter}Z1" for letter in "ABCDEFGHIJKLMNOP"]
    with pytest.raises(TooSpreadError, match="remove what lies far from the deals"):
        within_bounds(markup(*steps))


def test_a_large_sheet_of_the_usual_kind_is_taken_as_it_is() -> None:
    row = "".join(f'<c r="{letter}1"/>' for letter in "ABCDEFGHIJ")
    large = f"<worksheet><sheetData>{row * 10_001}{{}}</sheetData></worksheet>"
    assert within_bounds(large.format("").encode()).xml == large.format("").encode()
    far = '<c r="XFD400000"><v>1</v></c>'
    assert far.encode() not in within_bounds(large.format(far).encode()).xml


READ = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]) << 20,) * 2)
from fivestep.connectors.sheets.csv.sheet import CsvSheet
from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet
from fivestep.errors import SettingsError
path = Path(sys.argv[1])
try:
    table = (XlsxSheet if path.suffix == ".xlsx" else CsvSheet)(path).read()
    print(len(table.rows), *table.notes)
except SettingsError as error:
    print(error)
"""


def read_with(path: Path, megabytes: int) -> str:
    """What a process with so much memory says about the file; it must end as it should."""
    command = [sys.executable, "-c", READ, str(path), str(megabytes)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory can be limited on Linux only")
def test_no_file_needs_much_more_memory_than_it_is_large(tmp_path: Path) -> None:
    far = edited(saved(tmp_path / "far.xlsx", ROWS), SHEET, b'r="B2"', b'r="ZZ20000"')
    assert "far from all other cells: ZZ20000" in read_with(far, 500)
    damaged = edited(saved(tmp_path / "damaged.xlsx", ROWS), SHEET, b'r="B2"', b'r="XFE99999999"')
    assert "damaged.xlsx is damaged" in read_with(damaged, 500)
    endless = tmp_path / "endless.csv"
    endless.write_bytes(b'Deal,Stage\nPump,"' + b"x\n" * 40_000_000 + b'"\n')
    assert "endless.csv: line 2 begins a row of more than 4,194,304 characters" in read_with(endless, 600)
