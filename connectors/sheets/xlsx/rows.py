"""Where in a worksheet's markup rows and cells stand, byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from xml.parsers import expat

from fivestep.connectors.sheets.xlsx.markup import attribute, column_index, row_number


class Span(NamedTuple):
    """An element's place: its first byte, its end tag (or, where it closes itself, its end), its end."""

    start: int
    inner_end: int
    end: int

    @property
    def closes_itself(self) -> bool:
        """Whether it is written like `<row/>`."""
        return self.inner_end == self.end


class CellSpan(NamedTuple):
    """A cell's attributes, names and values in turns, and its place in the markup; see `Rows.span`."""

    attributes: Sequence[str]
    start: int
    inner_end: int

    @property
    def style(self) -> str:
        """As the markup numbers it; empty for the default."""
        return attribute(self.attributes, "s")


class RowSpan(NamedTuple):
    """A row's place; one that is missing would begin and end there."""

    number: int
    span: Span
    cells: Sequence[CellSpan]
    missing: bool = False

    def columns(self) -> list[int]:
        """The column of each cell."""
        columns: list[int] = []
        last = -1
        for cell in self.cells:
            last = column_index(cell.attributes, last)
            columns.append(last)
        return columns


class RowScan:
    """One pass over the markup, which shows the wanted rows one after the other."""

    def __init__(self, xml: bytes, wanted: Sequence[int], visit: Callable[[RowSpan], None]) -> None:
        self.prefix = ""
        """The namespace prefix of every tag, with its colon."""
        self.data = Span(0, 0, 0)
        """The place of `sheetData`."""
        self.dimension = -1
        """The first byte of `dimension`; -1 where there is none."""
        self.behind = sorted(wanted, reverse=True)
        """The wanted rows behind the last one, from the last to the first."""
        self._xml = xml
        self._visit = visit
        self._row = self._data_start = self._row_start = self._cell_start = 0
        self._attributes: Sequence[str] = ()
        self._cells: list[CellSpan] | None = None  # of a wanted row, while in it
        self._row_tag = self._cell_tag = self._data_tag = ""
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def walk(self) -> None:
        """Go through it all. Raises xml.parsers.expat.ExpatError where it is no XML."""
        self._parser.Parse(self._xml, True)

    def _start(self, name: str, attributes: list[str]) -> None:
        if name == self._cell_tag:
            if self._cells is not None:
                self._cell_start = self._parser.CurrentByteIndex
                self._attributes = attributes
        elif name == self._row_tag:
            self._start_row(attributes)
        elif name.endswith("sheetData"):
            self._data_start = self._parser.CurrentByteIndex
            self.prefix = name.removesuffix("sheetData")
            self._data_tag, self._row_tag, self._cell_tag = name, f"{self.prefix}row", f"{self.prefix}c"
        elif name.endswith("dimension") and not self._data_tag:
            self.dimension = self._parser.CurrentByteIndex

    def _start_row(self, attributes: list[str]) -> None:
        self._row = row_number(attributes, self._row)
        self._row_start = self._parser.CurrentByteIndex
        nowhere = Span(self._row_start, self._row_start, self._row_start)
        while self.behind and self.behind[-1] < self._row:
            self._visit(RowSpan(self.behind.pop(), nowhere, (), missing=True))
        if self.behind and self.behind[-1] == self._row:
            self.behind.pop()
            self._cells = []

    def _end(self, name: str) -> None:
        if name == self._cell_tag:
            if self._cells is not None:
                self._cells.append(CellSpan(self._attributes, self._cell_start, self._parser.CurrentByteIndex))
        elif name == self._row_tag:
            if self._cells is not None:
                self._visit(RowSpan(self._row, self._span_to_here(name, self._row_start), self._cells))
                self._cells = None
        elif name == self._data_tag:
            self.data = self._span_to_here(name, self._data_start)
            self._row_tag = self._cell_tag = ""  # extensions behind it may use the names for something else

    def _span_to_here(self, name: str, start: int) -> Span:
        return self.span(name, start, self._parser.CurrentByteIndex)

    def span(self, name: str, start: int, inner_end: int) -> Span:
        """The place of an element that expat saw end: at its end tag, or behind it where it closes itself."""
        if self._xml.startswith(f"</{name}".encode(), inner_end):
            return Span(start, inner_end, self._xml.index(b">", inner_end) + 1)
        return Span(start, inner_end, inner_end)
