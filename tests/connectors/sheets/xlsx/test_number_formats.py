"""How a workbook shows a number: one line for each format."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from fivestep.connectors.sheets.xlsx.number_formats import displayed
from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234, "General", "1234"),
        (15551234567, "General", "15551234567"),
        (0.1 + 0.2, "General", "0.3"),
        (-34.5, "General", "-34.5"),
        (1234, "00000", "01234"),
        (5551234, "[<=9999999]###-####;(###) ###-####", "555-1234"),
        (5551234567, "[<=9999999]###-####;(###) ###-####", "(555) 123-4567"),
        (1250000, r"[>=10000000]##\,##\,##\,##0;[>=100000]##\,##\,##0;##,##0", "12,50,000"),
        (-5, "[<0]0;0.0", "-5"),
        (-0.4, "0", "0"),
        (15551234567, "0", "15551234567"),
        (1.1, "0.00", "1.10"),
        (1.005, "0.00", "1.01"),
        (1234567.5, "#,##0.00", "1,234,567.50"),
        (0.15, "0%", "15%"),
        (0.125, "0.0 %", "12.5 %"),
        (34.3, "$#,##0.00", "$34.30"),
        (1200, '#,##0.00 "€"', "1,200.00 €"),
        (1200, "#,##0 [$€-407]", "1,200 €"),
        (1200, "[$CHF-807] #,##0.00", "CHF 1,200.00"),
        (-34.3, "$#,##0.00", "-$34.30"),
        (-34.3, "$#,##0.00;($#,##0.00)", "($34.30)"),
        (-34.3, "#,##0.00;[Red]-#,##0.00", "-34.30"),
        (0, '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_)', "$-"),
        (34.3, '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)', "$34.30"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (15551234567, "(000) 000-0000", "(1555) 123-4567"),
        (123456789, "000-00-0000", "123-45-6789"),
        (42, '"No. "0000', "No. 0042"),
        (42, "\\#0", "#42"),
        (1500000, '0.0,,"M"', "1.5M"),
        (12500, '#,##0,"k"', "13k"),
        (1.5, "0.##", "1.5"),
        (1, "0.##", "1"),
        (0.5, "#.00", ".50"),
        (0, '0;-0;"none"', "none"),
        (3, "", "3"),
        (0.25, "# ?/?", "0.25"),
        (12345, "0.00E+00", "12345"),
        (5, "[>=10]0.0;0.00", "5.00"),
        (46359.5, "yyyy-mm-dd", "46359.5"),
    ],
)
def test_numbers_as_they_are_shown(value: float, code: str, text: str) -> None:
    assert displayed(value, code) == text


def test_the_numbers_of_the_wanted_columns_of_a_file(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    for row in (
        ["Deal", "Zip", "Fee", "When"],
        ["Pump", 1234, 34.3, True],
        ["Valve", "abc", None, 7],
        ["Tank", 7, 5, 5],
    ):
        tab.append(row)
    tab["B2"].number_format, tab["B4"].number_format, tab["C2"].number_format = "00000", "000", "$#,##0.00"
    book.save(tmp_path / "deals.xlsx")
    sheet = XlsxSheet(tmp_path / "deals.xlsx")
    table = sheet.read()
    assert sheet.displayed(table, {1}) == {2: {1: "01234"}, 4: {1: "007"}}
    assert sheet.displayed(table, {2, 3}) == {2: {2: "$34.30"}, 3: {3: "7"}, 4: {2: "5", 3: "5"}}
    tab["A1"] = "Other"
    book.save(tmp_path / "deals.xlsx")
    assert sheet.displayed(table, {1}) == {}
