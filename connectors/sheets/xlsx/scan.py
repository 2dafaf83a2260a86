"""What a worksheet's markup says beyond values: which cells hold formulas, show errors, or are merged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.parsers import expat

from fivestep.connectors.sheets.xlsx.markup import area, attribute, column_index, row_number
from fivestep.process.model.merged_cells import MergedCells

_WORTH_A_LOOK = re.compile(rb"""<(?:[\w.-]+:)?f[\s/>]|\st\s*=\s*["']e["']""")
_MERGED = re.compile(rb"""<(?:[\w.-]+:)?mergeCell\s[^>]*?\bref\s*=\s*["']([^"']+)["']""")
_FILLS_AREA = ("array", "dataTable")


class Scan(NamedTuple):
    """What was found; rows count from 1, columns from 0."""

    formulas: dict[int, set[int]]
    """Row to columns. All cells that an array formula or a data table fills are among them."""
    errors: dict[tuple[int, int], str]
    """Row and column to the error's code."""
    merged: list[MergedCells]


def scan(xml: bytes, height: int, width: int) -> Scan:
    """Look through a worksheet whose cells in use reach this many rows and columns.

    Raises xml.parsers.expat.ExpatError where it is no XML, ValueError where merged cells are no cells.
    """
    behind = xml.rfind(b"sheetData")  # merged cells are told behind the rows (ECMA-376, part 1, 18.3.1.99)
    found = Scan({}, {}, [MergedCells(*area(match[1].decode())) for match in _MERGED.finditer(xml, behind)])
    if _WORTH_A_LOOK.search(xml):
        _Scanner(found, height, width).parse(xml)
    return found


class _Scanner:
    """Sees millions of cells: what need not be asked of each is not asked."""

    def __init__(self, found: Scan, height: int, width: int) -> None:
        self._found = found
        self._height, self._width = height, width
        self._row = 0
        self._cell: Sequence[str] = ()
        self._placed: Sequence[str] = ()  # the last cell that says where it is, and how many follow up to this one
        self._behind = -1
        self._row_tag = self._cell_tag = self._formula_tag = self._value_tag = ""
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start

    def parse(self, xml: bytes) -> None:
        self._parser.Parse(xml, True)

    def _start(self, name: str, attributes: list[str]) -> None:
        if name == self._cell_tag:
            self._cell = attributes
            if "r" in attributes:
                self._placed, self._behind = attributes, 0
            else:
                self._behind += 1
        elif name == self._row_tag:
            self._row = row_number(attributes, self._row)
            self._placed, self._behind = (), -1
        elif name == self._formula_tag:
            self._add_formula(attributes)
        elif name == self._value_tag:
            if "e" in self._cell and attribute(self._cell, "t") == "e":
                self._parser.CharacterDataHandler = self._error
                self._parser.EndElementHandler = self._value_ends
        elif name.endswith("sheetData"):
            prefix = name.removesuffix("sheetData")
            self._row_tag, self._cell_tag = f"{prefix}row", f"{prefix}c"
            self._formula_tag, self._value_tag = f"{prefix}f", f"{prefix}v"

    @property
    def _column(self) -> int:
        return column_index(self._placed, -1) + self._behind

    def _add_formula(self, attributes: list[str]) -> None:
        self._found.formulas.setdefault(self._row, set()).add(self._column)
        reference = attribute(attributes, "ref")
        if reference and attribute(attributes, "t") in _FILLS_AREA:
            filled = area(reference)
            columns = range(filled.left, min(filled.right + 1, self._width))
            for row in range(filled.top, min(filled.bottom, self._height) + 1):
                self._found.formulas.setdefault(row, set()).update(columns)

    def _error(self, text: str) -> None:
        self._found.errors[self._row, self._column] = text

    def _value_ends(self, _name: str) -> None:
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = None
