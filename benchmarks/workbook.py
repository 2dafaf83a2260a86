"""Three columns put into a workbook: by the connector, which patches it, and by openpyxl, which loads and saves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook, load_workbook

from benchmarks.pipeline import COLUMNS
from fivestep.connectors.sheet import WriteRequest
from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet
from fivestep.process.model.plan import Change

Values = Sequence[Sequence[str | int | float | bool]]

_NEW = ("Status", "Suggested next step", "Follow-up")
_TEXT = "Stalled: 9 working days in Qualification (limit 7)"


def writers(values: Values, folder: Path) -> Mapping[str, Callable[[], None]]:
    """The two ways; each reads a workbook of its own with these values and saves it with the new columns."""
    ours, theirs = folder / "ours.xlsx", folder / "theirs.xlsx"
    for file in (ours, theirs):
        _make(values, file)
    return {"connector": lambda: _by_connector(ours), "openpyxl": lambda: _by_openpyxl(theirs)}


def _make(values: Values, file: Path) -> None:
    workbook = Workbook(write_only=True)
    tab = workbook.create_sheet("Deals")
    for row in values:
        tab.append(row)
    workbook.save(file)


def _by_connector(file: Path) -> None:
    sheet = XlsxSheet(file)
    table = sheet.read()
    ids = list(COLUMNS).index("id")
    changes = [
        Change(str(row[ids]), number, header, "", _TEXT)
        for number, row in enumerate(table.rows[1:], 2)
        for header in _NEW
    ]
    sheet.write(WriteRequest(table, 1, COLUMNS["id"], _NEW, changes))


def _by_openpyxl(file: Path) -> None:
    workbook = load_workbook(file)
    tab = workbook["Deals"]
    width = tab.max_column
    for column, header in enumerate(_NEW, width + 1):
        tab.cell(1, column, header)
    for number in range(2, tab.max_row + 1):
        for column in range(width + 1, width + 1 + len(_NEW)):
            tab.cell(number, column, _TEXT)
    workbook.save(file)
