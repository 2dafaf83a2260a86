"""A tab of an `.xlsx` or `.xlsm` file as a sheet.

Only the cells that are written to change. Every other part of the file, and every other byte of the tab's own, stays
as the program that made it left it: formats, formulas and their last values, charts, images, macros.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from io import BytesIO
from pathlib import Path
from typing import cast
from xml.parsers.expat import ExpatError

from python_calamine import CalamineError, CalamineWorkbook

from fivestep.connectors.sheet import WriteRequest, Written, outcomes, refusal_to_note
from fivestep.connectors.sheets.xlsx.markup import MAX_COLUMNS
from fivestep.connectors.sheets.xlsx.number_formats import GENERAL_FORMAT, displayed, number_formats
from fivestep.connectors.sheets.xlsx.package import Package, Worksheet
from fivestep.connectors.sheets.xlsx.patch import with_cells
from fivestep.connectors.sheets.xlsx.rows import RowScan, RowSpan
from fivestep.connectors.sheets.xlsx.scan import scan
from fivestep.connectors.sheets.xlsx.widths import with_widths
from fivestep.connectors.system.files import check_writable, load, rewrite, version_of
from fivestep.errors import SettingsError
from fivestep.process.live_edits.a1 import Spot
from fivestep.process.live_edits.locate import locate
from fivestep.process.model.merged_cells import COVERED
from fivestep.process.model.table import Cell, CellError, Table, is_number, shown

_ID_WIDTH, _TEXT_WIDTH = 10, 34  # in characters; beside the IDs stand sentences


class XlsxSheet:
    """A tab of a workbook; implements `NotingSheet` and `FormattingSheet` of `connectors.sheet`."""

    def __init__(self, path: Path, tab: str | None = None, encoding: str | None = None) -> None:
        """`tab` may name a hidden one; None is the first that is not.

        Raises SettingsError where an encoding is named: a workbook says its own.
        """
        if encoding is not None:
            raise SettingsError(
                f"{path.name} says its encoding itself; remove encoding = {encoding!r} under [pipeline]"
            )
        self.path = path
        self.tab = tab

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def tabs(self) -> list[str]:
        """The titles of the tabs that are not hidden, in order."""
        return [tab.title for tab in Package(load(self.path), self.name).tabs if not tab.hidden]

    def check_writable(self) -> None:
        """Raise UnreachableError, with what to do, where a write would be refused by now."""
        check_writable(self.path)

    def read(self) -> Table:
        """The whole tab; a formula's cell holds the value that it had when the file was saved."""
        package = Package(load(self.path), self.name)
        return self._table(package, package.tab(self.tab))

    def displayed(self, table: Table, columns: Collection[int]) -> Mapping[int, Mapping[int, str]]:
        """How the numbers of these columns look, see `connectors.sheet.FormattingSheet.displayed`."""
        content = load(self.path)
        if version_of(content) != table.version:
            return {}
        package = Package(content, self.name)
        formats = number_formats(package)
        found: dict[int, dict[int, str]] = {}

        def visit(row: RowSpan) -> None:
            for column, cell in zip(row.columns(), row.cells, strict=True):
                value = table.at(row.number, column) if column in columns else None
                if is_number(value):
                    style = int(cell.style or 0)
                    code = formats[style] if style < len(formats) else GENERAL_FORMAT
                    found.setdefault(row.number, {})[column] = displayed(value, code)

        part = package.tab(self.tab).part
        try:
            RowScan(package.part(part), table.rows_with_numbers(columns), visit).walk()
        except (ExpatError, ValueError) as error:
            raise package.damaged(part) from error
        return found

    def write(self, request: WriteRequest) -> list[Written]:
        """Carry out the changes, see `connectors.sheet.Sheet.write`. What protects the tab stays in place."""
        if not request.changes and not request.new_columns:
            return []
        return rewrite(self.path, lambda content: self._patched(content, request))

    def note(self, spot: Spot, mine: Collection[str], text: str) -> Written:
        """Write one cell, see `connectors.sheet.NotingSheet.note`; the backup of the last run's write stays."""
        return rewrite(self.path, lambda content: self._noted(content, spot, mine, text), backup=False)

    def _noted(self, content: bytes, spot: Spot, mine: Collection[str], text: str) -> tuple[bytes, Written]:
        package = Package(content, self.name)
        tab = package.tab(self.tab if spot.tab is None else spot.tab)
        table = self._table(package, tab)
        formula = spot.column in table.formulas.get(spot.row, ())
        reason = refusal_to_note(spot, shown(table.at(spot.row, spot.column)), formula=formula, mine=mine)
        if table.is_covered(spot.row, spot.column):
            reason = COVERED
        if reason:
            return content, Written("skipped", spot.row, reason)
        try:
            xml = with_cells(package.part(tab.part), {spot.row: {spot.column: text}})
        except (ExpatError, ValueError) as error:
            raise package.damaged(tab.part) from error
        return package.with_part(tab.part, xml), Written("written", spot.row)

    def _patched(self, content: bytes, request: WriteRequest) -> tuple[bytes, list[Written]]:
        package = Package(content, self.name)
        tab = package.tab(self.tab)
        base = request.base
        now = base if base.version == version_of(content) else self._table(package, tab)
        located = locate(base, request.header_row, request.id_column, request.new_columns, request.changes, now)
        if max(located.new_columns.values(), default=0) >= MAX_COLUMNS:
            raise SettingsError(f"{self.name} has no column left at the right of {tab.title!r}; empty its last columns")
        cells = located.cells(request.changes)
        if cells:
            header = _last_header(now, located.header_row)
            widths = {
                column: _ID_WIDTH if name == request.id_column else _TEXT_WIDTH
                for name, column in located.new_columns.items()
            }
            try:
                xml = with_widths(with_cells(package.part(tab.part), cells, header), widths)
            except (ExpatError, ValueError) as error:
                raise package.damaged(tab.part) from error
            content = package.with_part(tab.part, xml)
        return content, outcomes(located)

    def _table(self, package: Package, tab: Worksheet) -> Table:
        try:
            with CalamineWorkbook.from_filelike(BytesIO(package.content)) as workbook:
                sheet = workbook.get_sheet_by_name(tab.title)
                rows = cast(list[list[Cell]], sheet.to_python(skip_empty_area=False))
            found = scan(package.part(tab.part), len(rows), max(map(len, rows), default=0))
            for (row, column), code in found.errors.items():
                rows[row - 1][column] = CellError(code)
        except (CalamineError, ExpatError, ValueError, IndexError) as error:
            raise package.damaged(tab.part) from error
        return Table(tab.title, rows, found.formulas, version_of(package.content), merged=found.merged)


def _last_header(table: Table, row: int | None) -> tuple[int, int]:
    """The row and the column of the last header, after which new ones take their looks."""
    cells = table.rows[row - 1] if row else ()
    return row or 0, max((column for column, cell in enumerate(cells) if shown(cell)), default=0)
