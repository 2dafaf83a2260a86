"""A workbook whose formulas may depend on written cells is calculated when it is opened; others stay as they are."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from fivestep.connectors.sheets.xlsx.recalculation import calculated_on_load
from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet
from fivestep.connectors.testing.sheet import TITLED, request, status
from fivestep.process.live_edits.a1 import Spot
from tests.connectors.sheets.xlsx.test_sheet import saved

WORKBOOK = "xl/workbook.xml"


def workbook(path: Path) -> str:
    with zipfile.ZipFile(path) as file:
        return file.read(WORKBOOK).decode()


def with_summary(path: Path) -> Path:
    """The deals, and a second tab that counts over the tool's column."""
    saved(path, TITLED)
    book = openpyxl.load_workbook(path)
    book.create_sheet("Summary")["A1"] = '=COUNTIF(Sheet!D:D,"Stalled*")'
    book.calculation.fullCalcOnLoad = None
    book.save(path)
    assert "fullCalcOnLoad" not in workbook(path)
    return path


def test_a_formula_of_any_tab_is_calculated_anew(tmp_path: Path) -> None:
    sheet = XlsxSheet(with_summary(tmp_path / "deals.xlsx"))
    before = workbook(sheet.path)
    sheet.write(request(sheet.read(), status("D-1", "", "Stalled: 9 days")))
    assert workbook(sheet.path).replace(' fullCalcOnLoad="1"', "") == before
    assert openpyxl.load_workbook(sheet.path).calculation.fullCalcOnLoad


def test_a_note_counts_as_well(tmp_path: Path) -> None:
    sheet = XlsxSheet(with_summary(tmp_path / "deals.xlsx"))
    sheet.note(Spot("Summary", 9, 1), (), "fine")
    assert 'fullCalcOnLoad="1"' in workbook(sheet.path)


def test_nothing_is_asked_of_a_workbook_without_formulas(tmp_path: Path) -> None:
    sheet = XlsxSheet(saved(tmp_path / "deals.xlsx", TITLED))
    book = openpyxl.load_workbook(sheet.path)
    book.calculation.fullCalcOnLoad = None
    book.save(sheet.path)
    before = workbook(sheet.path)
    sheet.write(request(sheet.read(), status("D-1", "", "Stalled: 9 days")))
    assert workbook(sheet.path) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<calcPr calcId="1"/>', '<calcPr calcId="1" fullCalcOnLoad="1"/>'),
        ('<x:calcPr calcId="1" />', '<x:calcPr calcId="1" fullCalcOnLoad="1" />'),
        ('<calcPr fullCalcOnLoad="0" calcId="1"/>', '<calcPr fullCalcOnLoad="1" calcId="1"/>'),
        ("<calcPr></calcPr>", '<calcPr fullCalcOnLoad="1"></calcPr>'),
        (
            "<sheets><sheet/></sheets><definedNames></definedNames><oleSize/>",
            '<sheets><sheet/></sheets><definedNames></definedNames><calcPr fullCalcOnLoad="1"/><oleSize/>',
        ),
        ("<x:sheets></x:sheets><x:extLst/>", '<x:sheets></x:sheets><x:calcPr fullCalcOnLoad="1"/><x:extLst/>'),
        ("<sheets></sheets><definedNames/>", '<sheets></sheets><definedNames/><calcPr fullCalcOnLoad="1"/>'),
    ],
)
def test_only_the_wish_to_calculate_is_put_in(before: str, after: str) -> None:
    markup, wished = f"<workbook>{before}</workbook>".encode(), f"<workbook>{after}</workbook>".encode()
    assert calculated_on_load(markup) == wished
    assert calculated_on_load(wished) == wished
