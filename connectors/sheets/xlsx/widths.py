"""A worksheet's markup with widths for columns without one.

See ECMA-376, part 1, 18.3.1.13 and 18.3.1.17.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from xml.parsers import expat

from fivestep.connectors.sheets.xlsx.markup import attribute

_CHUNK = 1 << 16


def with_widths(xml: bytes, widths: Mapping[int, int]) -> bytes:
    """The markup with these widths, in characters, by column (from 0).

    A column that the markup describes already, alone or among others, stays as it is. Raises
    xml.parsers.expat.ExpatError where it is no XML, ValueError where a description names no columns.
    """
    if not widths:
        return xml
    head = _Head(xml)
    added: dict[_Gap, str] = {}
    for column, width in sorted(widths.items()):
        gap = head.gap(column + 1)
        if gap is not None:
            placed = f'min="{column + 1}" max="{column + 1}" width="{width}" customWidth="1"'
            added[gap] = added.get(gap, "") + f"<{head.prefix}col {placed}/>"
    parts, position = list[bytes](), 0
    for gap, columns in sorted(added.items()):
        parts += (xml[position : gap.start], f"{gap.before}{columns}{gap.after}".encode())
        position = gap.end
    return b"".join([*parts, xml[position:]])


class _Gap(NamedTuple):
    """Bytes in whose place columns can stand, and what must then stand around them."""

    start: int
    end: int
    before: str = ""
    after: str = ""


class _Described(NamedTuple):
    """A `col`: the columns (from 1, both in it) that it is about, and its first byte."""

    first: int
    last: int
    start: int


class _Head:
    """What stands before the rows."""

    def __init__(self, xml: bytes) -> None:
        self.prefix = ""
        """The namespace prefix of tags that stand in `cols`, with its colon."""
        self._xml = xml
        self._described: list[_Described] = []
        self._behind: _Gap | None = None  # the last of them
        self._root_tag = self._cols_tag = self._col_tag = ""
        self._complete = False
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        # In chunks, since all that follows need not be read. The last is told to be it: expat may hold bytes back.
        for start in range(0, len(xml), _CHUNK):
            self._parser.Parse(xml[start : start + _CHUNK], start + _CHUNK >= len(xml))
            if self._complete:
                break

    def gap(self, column: int) -> _Gap | None:
        """Where this column's `col` belongs; None where the column is described already."""
        if any(first <= column <= last for first, last, _ in self._described):
            return None
        following = [start for first, _, start in self._described if first > column]
        return _Gap(following[0], following[0]) if following else self._behind

    def _start(self, name: str, attributes: list[str]) -> None:
        kind = name.rpartition(":")[2]
        if not self._root_tag:
            self._root_tag, self.prefix = name, name.removesuffix(kind)
        elif name == self._col_tag:
            first, last = int(attribute(attributes, "min")), int(attribute(attributes, "max"))
            self._described.append(_Described(first, last, self._parser.CurrentByteIndex))
        elif kind == "cols":
            self.prefix = name.removesuffix(kind)
            self._cols_tag, self._col_tag = name, f"{self.prefix}col"
        elif kind == "sheetData":
            self._rows_begin(self._parser.CurrentByteIndex)

    def _end(self, name: str) -> None:
        if name == self._cols_tag:
            end = self._parser.CurrentByteIndex
            closes_itself = not self._xml.startswith(b"</", end)
            self._behind = _Gap(end - len(b"/>"), end, ">", f"</{name}>") if closes_itself else _Gap(end, end)

    def _rows_begin(self, start: int) -> None:
        self._complete = True
        self._parser.StartElementHandler = self._parser.EndElementHandler = None
        if self._behind is None:
            self._behind = _Gap(start, start, f"<{self.prefix}cols>", f"</{self.prefix}cols>")
