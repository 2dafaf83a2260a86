"""How far a worksheet's cells reach, known before calamine unpacks it with all cells in between.

One text far away from all others would cost gigabytes, and what can't be had ends the whole process there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from string import ascii_letters
from typing import NamedTuple
from xml.parsers import expat

from fivestep.connectors.sheets.xlsx.markup import MAX_COLUMNS, MAX_ROWS, CellRange, attribute
from fivestep.process.model.table import column_letters, index_of_letters

MAX_CELLS = 10_000_000
"""Cells between the first and the last one in use, empty ones among them: as many as a Google Sheet can have."""

_UNUSUAL = re.compile(rb"""<c(?! r="A?[A-Z](?:\d{1,5}|1\d{5})")[\s/>]""")
"""Found in nothing that has 52 columns and 199,999 rows at most and tells each cell's place first: most worksheets."""
_UNPLACED = re.compile(rb"""<c(?! r="[A-Z]{1,9}\d{1,9}")[\s/>]""")
_PLACED = re.compile(rb'<c r="([A-Z]+)(\d+)"')
_CELL = re.compile(
    rb"""<((?:[\w.-]+:)?c)\s(?:[^<>]*?\s)?r\s*=\s*["']([A-Za-z]+)(\d+)["'][^<>]*?(?:/>|>(.*?)</\1\s*>)""", re.DOTALL
)
_LONGEST = 12
"""Letters or digits of a place that are looked at: more than any worksheet needs."""
_AT_ONCE = 1 << 20
_MANY = 100_000
"""Cells from which on it takes a while to look at each."""
_FEW = 2_000_000
_SPARSE = 4
"""Cells for each one in use from which on some of them lie apart."""
_EMPTY_ROWS, _EMPTY_COLUMNS = 1_000, 100
_NAMED = 3


class Extent(NamedTuple):
    """A worksheet's markup without the cells that lie far from all others, and what those were."""

    xml: bytes
    left_out: str = ""
    """For a person; empty where no cell with a content was left out."""


class DamagedPlaceError(ValueError):
    """A cell or a row says to be where no worksheet reaches; the text names it."""


class TooSpreadError(ValueError):
    """The cells need more room than there is; the text says what to do."""


def within_bounds(xml: bytes) -> Extent:
    """The markup with cells in an area that can be unpacked.

    Raises DamagedPlaceError or TooSpreadError where there is none, xml.parsers.expat.ExpatError where it is no XML.
    """
    if xml.count(b"<c ") > _MANY and not _UNUSUAL.search(xml):
        return Extent(xml)
    used = _in_use(xml)
    if used.fits:
        return Extent(xml)
    kept, names = _without_cells_beyond(xml, _last(used.rows, _EMPTY_ROWS), _last(used.columns, _EMPTY_COLUMNS))
    used = _in_use(kept)
    if not used.fits:
        raise TooSpreadError(
            f"{used.cells:,} cells are spread over {max(used.rows):,} rows and {max(used.columns) + 1:,} columns, "
            f"and {MAX_CELLS:,} are read at most; remove what lies far from the deals, or is not about them"
        )
    return Extent(kept, _told(names))


class _Used:
    """The rows (from 1) and the columns (from 0) that cells are in, and how many cells there are."""

    def __init__(self) -> None:
        self.rows: set[int] = set()
        self.columns: set[int] = set()
        self.cells = 0

    @property
    def fits(self) -> bool:
        """Whether the area from the first cell to the last is one to unpack."""
        area = max(self.rows, default=0) * (max(self.columns, default=-1) + 1)
        return area <= max(_FEW, min(_SPARSE * self.cells, MAX_CELLS))

    def checked(self) -> _Used:
        """This. Raises DamagedPlaceError where it is more than a worksheet has."""
        if max(self.rows, default=0) > MAX_ROWS:
            raise DamagedPlaceError(f"a cell beyond the last row, {MAX_ROWS:,}")
        if max(self.columns, default=0) >= MAX_COLUMNS:
            raise DamagedPlaceError(f"a cell beyond the last column, {column_letters(MAX_COLUMNS - 1)}")
        return self


def _in_use(xml: bytes) -> _Used:
    if b"<sheetData" not in xml or _UNPLACED.search(xml):
        return _walked(xml).checked()
    used = _Used()
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    start = 0
    while start < len(xml):  # some at once: millions of references would need much room themselves
        end = xml.find(b"<", start + _AT_ONCE)
        end = len(xml) if end < 0 else end
        if found := _PLACED.findall(xml, start, end):
            letters, digits = zip(*found, strict=True)
            columns.update(letters)
            rows.update(digits)
            used.cells += len(found)
        start = end
    used.rows.update(map(int, rows))
    used.columns.update(index_of_letters(letters.decode()) for letters in columns)
    return used.checked()


def _walked(xml: bytes) -> _Used:
    """The same where not every cell says its place, or says it in another way than most programs."""
    used = _Used()
    row, column = 0, -1

    def start(name: str, attributes: list[str]) -> None:
        nonlocal row, column
        kind = name.rpartition(":")[2]
        if kind == "row":
            row, column = _number(attribute(attributes, "r")) or row + 1, -1
        elif kind == "c":
            place = attribute(attributes, "r")
            digits = place.lstrip(ascii_letters)
            column = index_of_letters(place.removesuffix(digits)[:_LONGEST]) if place else column + 1
            used.columns.add(column)
            used.rows.add(_number(digits) or row)
            used.cells += 1

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = start
    parser.Parse(xml, True)
    return used


def _number(digits: str) -> int:
    """0 where it is none."""
    return int(digits[:_LONGEST]) if digits.isascii() and digits.isdecimal() else 0


def _last(numbers: Iterable[int], gap: int) -> int:
    """The last number before the first gap that is too wide."""
    last = 0
    for number in sorted(numbers):
        if number - last > gap:
            break
        last = number
    return last


def _without_cells_beyond(xml: bytes, bottom: int, right: int) -> tuple[bytes, list[str]]:
    """The markup without the cells beyond this row or column, and the places of those that held something."""
    names: list[str] = []

    def kept(cell: re.Match[bytes]) -> bytes:
        row, column = int(cell[3]), index_of_letters(cell[2].decode())
        if row <= bottom and column <= right:
            return cell[0]
        if cell[4]:
            names.append(str(CellRange(row, column, row, column)))
        return b""

    return _CELL.sub(kept, xml), names


def _told(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"Not read, as it lies far from all other cells: {', '.join(names[:_NAMED])}{more}"
