"""A tab of an `.xlsx` or `.xlsm` file as a sheet.

Only the cells that are written to change. Every other part of the file, and every other byte of the tab's own, stays
as the program that made it left it: formats, formulas and their last values, charts, images, macros.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import cast
from xml.parsers.expat import ExpatError

from python_calamine import CalamineError, CalamineWorkbook

from fivestep.connectors.sheet import WriteRequest, Written, outcomes, refusal_to_note
from fivestep.connectors.sheets.xlsx.extent import DamagedPlaceError, Extent, TooSpreadError, within_bounds
from fivestep.connectors.sheets.xlsx.frames import frames_of, with_wider_frames
from fivestep.connectors.sheets.xlsx.markup import MAX_COLUMNS
from fivestep.connectors.sheets.xlsx.number_formats import GENERAL_FORMAT, displayed, number_formats
from fivestep.connectors.sheets.xlsx.package import Package, Worksheet
from fivestep.connectors.sheets.xlsx.patch import with_cells
from fivestep.connectors.sheets.xlsx.recalculation import calculated_on_load, holds_formulas
from fivestep.connectors.sheets.xlsx.rows import RowScan, RowSpan
from fivestep.connectors.sheets.xlsx.scan import scan
from fivestep.connectors.sheets.xlsx.widths import with_widths
from fivestep.connectors.system.files import check_writable, load, rewrite, version_of
from fivestep.errors import SettingsError
from fivestep.process.live_edits.a1 import Spot
from fivestep.process.live_edits.locate import Located, Place, locate
from fivestep.process.live_edits.widen import widened
from fivestep.process.model.frame import Frame
from fivestep.process.model.merged_cells import COVERED
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Cell, CellError, Table, is_number, shown
from fivestep.process.reading.headers import Headers

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
        return _written(package, {tab.part: xml}), Written("written", spot.row)

    def _patched(self, content: bytes, request: WriteRequest) -> tuple[bytes, list[Written]]:
        package = Package(content, self.name)
        tab = package.tab(self.tab)
        base = request.base
        now = base if base.version == version_of(content) else self._table(package, tab)
        located = locate(base, request.header_row, request.id_column, request.new_columns, request.changes, now)
        located = _without_headless(located, request.changes, now)
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
            content = _written(package, _with_frames(package, tab, xml, request, now, located))
        return content, outcomes(located)

    def _table(self, package: Package, tab: Worksheet) -> Table:
        xml = package.part(tab.part)
        extent = self._extent(package, tab, xml)
        content = package.content if extent.xml is xml else package.with_part(tab.part, extent.xml)
        try:
            with CalamineWorkbook.from_filelike(BytesIO(content)) as workbook:
                sheet = workbook.get_sheet_by_name(tab.title)
                rows = cast(list[list[Cell]], sheet.to_python(skip_empty_area=False))
            found = scan(extent.xml, len(rows), max(map(len, rows), default=0))
            for (row, column), code in found.errors.items():
                rows[row - 1][column] = CellError(code)
        except (CalamineError, ExpatError, ValueError, IndexError) as error:
            raise package.damaged(tab.part) from error
        frames = frames_of(package, tab, xml, rows, found.merged)
        notes = [extent.left_out] if extent.left_out else []
        return Table(
            tab.title,
            rows,
            found.formulas,
            version_of(package.content),
            notes=notes,
            merged=found.merged,
            frames=frames,
        )

    def _extent(self, package: Package, tab: Worksheet, xml: bytes) -> Extent:
        try:
            return within_bounds(xml)
        except DamagedPlaceError as error:
            raise package.damaged(f"{tab.title} holds {error}") from error
        except ExpatError as error:
            raise package.damaged(tab.part) from error
        except TooSpreadError as error:
            raise SettingsError(f"{self.name}, tab {tab.title!r}: {error}") from error


def _written(package: Package, parts: Mapping[str, bytes]) -> bytes:
    """The package with these parts, in which cells were written that formulas may depend on."""
    if holds_formulas(package):
        workbook = calculated_on_load(package.part(package.workbook))
        parts = {**parts, package.workbook: workbook}
    return package.with_parts(parts)


def _without_headless(located: Located, changes: Sequence[Change], now: Table) -> Located:
    """The places, but none whose table column would have no name: no program opens such a file."""
    named = [frame for frame in now.frames if frame.names]
    places = [
        Place("skip", place.row, place.column, f"it heads a column of {frame.name}; take the column out of that first")
        if place.action == "write" and not change.new and (frame := _headed(named, place)) is not None
        else place
        for place, change in zip(located.places, changes, strict=True)
    ]
    return replace(located, places=places)


def _headed(frames: Sequence[Frame], place: Place) -> Frame | None:
    return next((each for each in frames if each.top == place.row and each.holds(place.row, place.column)), None)


def _with_frames(
    package: Package, tab: Worksheet, xml: bytes, request: WriteRequest, now: Table, located: Located
) -> dict[str, bytes]:
    """The changed parts: the worksheet, and the tables and filters that also hold the tool's columns.

    - `package`, `tab`, `xml`: the workbook, the worksheet, and its markup with the new texts.
    - `request`, `now`, `located`: what is to be written, the table as it is now, and where it belongs.
    """
    row = located.header_row
    if row is None or not now.frames:
        return {tab.part: xml}
    headers = [shown(cell) for cell in now.rows[row - 1]]
    headers += [""] * (max(located.new_columns.values(), default=-1) + 1 - len(headers))
    for header, at in located.new_columns.items():
        headers[at] = header
    known = Headers(headers)
    anchor = known.first(request.anchor)
    own = [column for header in request.own_columns if (column := known.first(header)) is not None]
    if anchor is None:
        return {tab.part: xml}
    try:
        return with_wider_frames(package, tab, xml, widened(now.frames, row, headers, anchor, own), headers)
    except ValueError as error:
        raise package.damaged(f"a table in {tab.title}") from error


def _last_header(table: Table, row: int | None) -> tuple[int, int]:
    """The row and the column of the last header, after which new ones take their looks."""
    cells = table.rows[row - 1] if row else ()
    return row or 0, max((column for column, cell in enumerate(cells) if shown(cell)), default=0)
