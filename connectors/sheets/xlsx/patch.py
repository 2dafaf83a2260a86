"""A worksheet's markup with some cells replaced; every byte outside of them stays as it is.

Nothing is written anew: `rows` tells where rows and cells stand, and the new cells are put in between.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from typing import NamedTuple

from fivestep.connectors.sheets.xlsx.markup import area, text_markup
from fivestep.connectors.sheets.xlsx.rows import CellSpan, RowScan, RowSpan, Span
from fivestep.process.model.table import column_letters

TextsByCell = Mapping[int, Mapping[int, str]]
"""Texts by row (from 1) and column (from 0)."""

_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_SPANS = re.compile(rb"""\sspans\s*=\s*["']\s*(\d+):(\d+)\s*["']""")
_REFERENCE = re.compile(rb"""\sref\s*=\s*["']([^"']*)["']""")


class _Edit(NamedTuple):
    start: int
    end: int
    content: bytes


def with_cells(xml: bytes, cells: TextsByCell, header: tuple[int, int] = (0, 0)) -> bytes:
    """The markup with these texts; an empty text empties its cell.

    A cell keeps its style. One that is not there yet has none, but in the row of `header`, which names a cell by its
    row and column, it takes that cell's. Raises xml.parsers.expat.ExpatError where it is no XML.
    """
    patch = _Patch(xml, cells, header)
    patch.edit()
    view, parts, position = memoryview(xml), list[bytes | memoryview](), 0
    for edit in sorted(patch.edits, key=lambda edit: edit.start):
        parts += (view[position : edit.start], edit.content)
        position = edit.end
    return b"".join([*parts, view[position:]])


class _Patch:
    def __init__(self, xml: bytes, cells: TextsByCell, header: tuple[int, int]) -> None:
        self.edits: list[_Edit] = []
        self._xml = xml
        self._cells = cells
        self._header = header
        self._rows = RowScan(xml, [row for row, texts in cells.items() if texts], self._edit_row)

    def edit(self) -> None:
        self._rows.walk()
        behind = b"".join(self._new_row(row) for row in reversed(self._rows.behind))
        if behind:
            self._append(self._rows.data, "sheetData", behind)
        self._grow_dimension()

    def _edit_row(self, row: RowSpan) -> None:
        if row.missing:
            self.edits.append(_Edit(row.span.start, row.span.start, self._new_row(row.number)))
            return
        columns = row.columns()
        at = dict(zip(columns, row.cells, strict=True))
        last = b""
        for column, text in sorted(self._cells[row.number].items()):
            if column in at:
                self._replace(at[column], self._cell(row.number, column, text, at[column].style))
                continue
            content = self._cell(row.number, column, text, self._style_of_new(row.number, at)) if text else b""
            following = bisect_right(columns, column)
            if following == len(columns):
                last += content
            else:
                start = row.cells[following].start
                self.edits.append(_Edit(start, start, content))
        if last:
            self._append(row.span, "row", last)
        self._grow_spans(row)

    def _replace(self, cell: CellSpan, content: bytes) -> None:
        span = self._rows.span(f"{self._rows.prefix}c", cell.start, cell.inner_end)
        self.edits.append(_Edit(span.start, span.end, content))

    def _style_of_new(self, row: int, at: Mapping[int, CellSpan]) -> str:
        header_row, column = self._header
        return at[column].style if row == header_row and column in at else ""

    def _new_row(self, row: int) -> bytes:
        cells = b"".join(self._cell(row, column, text) for column, text in sorted(self._cells[row].items()))
        tag = f"{self._rows.prefix}row".encode()
        return b'<%b r="%d">%b</%b>' % (tag, row, cells, tag)

    def _cell(self, row: int, column: int, text: str, style: str = "") -> bytes:
        prefix = self._rows.prefix
        start = f'<{prefix}c r="{column_letters(column)}{row}"' + (f' s="{style}"' if style else "")
        if not text:
            return f"{start}/>".encode()
        opened = f'{start} t="inlineStr"><{prefix}is><{prefix}t xml:space="preserve">'
        return opened.encode() + text_markup(text) + f"</{prefix}t></{prefix}is></{prefix}c>".encode()

    def _append(self, element: Span, tag: str, content: bytes) -> None:
        """Put something in at the element's end."""
        if element.closes_itself:
            end_tag = f"</{self._rows.prefix}{tag}>".encode()
            self.edits.append(_Edit(element.end - len(b"/>"), element.end, b">" + content + end_tag))
        else:
            self.edits.append(_Edit(element.inner_end, element.inner_end, content))

    def _grow_spans(self, row: RowSpan) -> None:
        """`spans` says which columns a row uses, from 1: readers may rely on it."""
        spans = self._find(_SPANS, row.span.start)
        if spans is not None:
            first, last = int(spans[1]), int(spans[2])
            columns = self._cells[row.number].keys()
            new = min(first, min(columns) + 1), max(last, max(columns) + 1)
            if new != (first, last):
                self.edits.append(_Edit(spans.start(1), spans.end(2), b"%d:%d" % new))

    def _grow_dimension(self) -> None:
        reference = self._find(_REFERENCE, self._rows.dimension) if self._rows.dimension >= 0 else None
        if reference is None:
            return
        old = new = area(reference[1].decode())
        for row, texts in self._cells.items():
            for column, text in texts.items():
                if text:
                    new = new.with_cell(row, column)
        if new != old:
            self.edits.append(_Edit(reference.start(1), reference.end(1), str(new).encode()))

    def _find(self, pattern: re.Pattern[bytes], start: int) -> re.Match[bytes] | None:
        """An attribute of the tag that starts here."""
        tag = _TAG.match(self._xml, start)
        return pattern.search(self._xml, start, tag.end()) if tag else None
