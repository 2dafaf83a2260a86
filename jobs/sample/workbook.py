"""The sample's workbook, as a team would keep it: with a title, a dropdown and a tab of figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

STAGES = ("Prospecting", "Qualification", "Pitch", "Objections", "Closing", "Won", "Lost")
HEADER_ROW = 3

_DARK = PatternFill("solid", fgColor="1F3A4D")
_FORMATS = {dt.date: "yyyy-mm-dd", int: "#,##0"}


def write_book(path: Path, title: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[Any]]) -> None:
    """Write the workbook: `columns` are headers with their widths, `rows` the cells below them."""
    book = Workbook()
    del book["Sheet"]
    _deals(book.create_sheet("Deals"), title, columns, rows)
    _figures(book.create_sheet("Figures"), columns)
    book.save(path)


def _deals(tab: Worksheet, title: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[Any]]) -> None:
    tab["A1"] = title
    tab["A1"].font = Font(bold=True, size=16, color="1F3A4D")
    _headers(tab, columns)
    for number, row in enumerate(rows, start=HEADER_ROW + 1):
        for index, value in enumerate(row, start=1):
            tab.cell(number, index, value).number_format = _FORMATS.get(type(value), "General")
    tab.freeze_panes = f"B{HEADER_ROW + 1}"
    _stage_dropdown(tab, columns, len(rows))


def _headers(tab: Worksheet, columns: Sequence[tuple[str, int]]) -> None:
    for index, (header, width) in enumerate(columns, start=1):
        cell = tab.cell(HEADER_ROW, index, header)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _DARK
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        tab.column_dimensions[get_column_letter(index)].width = width
    tab.row_dimensions[HEADER_ROW].height = 30


def _stage_dropdown(tab: Worksheet, columns: Sequence[tuple[str, int]], count: int) -> None:
    letter = _letter(columns, "Stage")
    # It warns and does not forbid, as in most sheets: the sample has words of other teams, and a slip.
    words = DataValidation("list", formula1=f'"{",".join(STAGES)}"', allow_blank=True, errorStyle="warning")
    words.add(f"{letter}{HEADER_ROW + 1}:{letter}{HEADER_ROW + count + 50}")
    tab.add_data_validation(words)


def _figures(tab: Worksheet, columns: Sequence[tuple[str, int]]) -> None:
    stage = f"Deals!{_letter(columns, 'Stage')}:{_letter(columns, 'Stage')}"
    tab.append(["Stage", "Deals"])
    for name in STAGES:
        tab.append([name, f'=COUNTIF({stage},"{name}")'])
    for cell in tab[1]:
        cell.font = Font(bold=True)
    tab.column_dimensions["A"].width = 16


def _letter(columns: Sequence[tuple[str, int]], header: str) -> str:
    return str(get_column_letter(1 + [name for name, _ in columns].index(header)))
