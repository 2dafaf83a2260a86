"""Tables and filters of a worksheet, and how they come to hold more columns.

See ECMA-376, part 1, 18.5 and 18.3.1.2.

Excel sorts only the columns that they hold; what stands beside stays where it is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from fivestep.connectors.sheets.xlsx.markup import CellRange, area, text_markup
from fivestep.connectors.sheets.xlsx.package import Package, Worksheet
from fivestep.process.live_edits.widen import Widened
from fivestep.process.model.frame import Frame
from fivestep.process.model.merged_cells import MergedCells
from fivestep.process.model.table import Cell, column_letters, shown

_ATTRIBUTE = rb"""(<(?:[\w.-]+:)?%b\s(?:[^<>]*?\s)?%b\s*=\s*["'])([^"']*)(?=["'])"""
_FILTER = re.compile(_ATTRIBUTE % (b"autoFilter", b"ref"))
_TABLE = re.compile(_ATTRIBUTE % (b"table", b"ref"))
_COUNT = re.compile(_ATTRIBUTE % (b"tableColumns", b"count"))
_COLUMN_ID = re.compile(_ATTRIBUTE % (b"tableColumn", b"id"))
_COLUMNS_END = re.compile(rb"</((?:[\w.-]+:)?)tableColumns\s*>")
_PROTECTED = re.compile(rb"""<(?:[\w.-]+:)?sheetProtection\s(?:[^<>]*?\s)?sheet\s*=\s*["'](?:1|true)["']""")
_FILTERED = re.compile(
    rb"""(<(?:[\w.-]+:)?definedName\s[^<>]*?name\s*=\s*["']_xlnm\._FilterDatabase["'][^<>]*>)([^<]*)!([^<!]*)(?=<)"""
)


class _Found(NamedTuple):
    frame: Frame
    part: str
    """Of the package, in which it is described."""
    totals: bool = False
    """Whether its last row holds totals."""


def frames_of(
    package: Package, tab: Worksheet, xml: bytes, rows: Sequence[Sequence[Cell]], merged: Sequence[MergedCells]
) -> list[Frame]:
    """The worksheet's tables, and its filter, with what keeps them from being made wider.

    - `package`, `tab`, `xml`: the workbook, the worksheet, and its markup.
    - `rows`, `merged`: its cells, and which of them are merged.
    """
    found = list(_frames(package, tab, xml))
    return [each.frame._replace(blocked=dict(reversed(list(_obstacles(each, found, rows, merged))))) for each in found]


def with_wider_frames(
    package: Package, tab: Worksheet, xml: bytes, wanted: Iterable[Widened], headers: Sequence[str]
) -> dict[str, bytes]:
    """The changed parts, by name, in which these tables and filters reach further.

    - `package`, `tab`, `xml`: the workbook, the worksheet, and its markup. Its part is always among those returned.
    - `wanted`: which table or filter is to reach how far.
    - `headers`: the texts of the header row.
    """
    parts = {tab.part: xml}
    places = {(each.frame.name, each.frame.left): each for each in _frames(package, tab, xml)}
    for frame, right, refusal in wanted:
        place = places.get((frame.name, frame.left))
        if place is None or refusal:
            continue
        if place.part == tab.part:
            parts[tab.part] = _with_wider_filter(xml, frame, right)
            workbook = package.part(package.workbook)
            parts[package.workbook] = _with_wider_name(workbook, tab.title, frame, right)
        else:
            parts[place.part] = _with_columns(
                package.part(place.part), headers[frame.right + 1 : right + 1], frame, right
            )
    return parts


def _frames(package: Package, tab: Worksheet, xml: bytes) -> Iterator[_Found]:
    fixed = "its sheet is protected" if _PROTECTED.search(xml, _behind_rows(xml)) else ""
    for part in package.related_to(tab.part, "table"):
        table = package.root(part)
        if table.get("headerRowCount", "1") == "0":
            continue
        columns = [each.get("name", "") for each in table.iter() if each.tag.rpartition("}")[2] == "tableColumn"]
        kind = table.get("tableType", "worksheet")
        why = fixed if kind == "worksheet" else "it is filled from elsewhere"
        name = f"the table {table.get('displayName', '')}"
        if (place := _area(table.get("ref", ""))) is not None:
            totals = table.get("totalsRowCount", "0") != "0"
            yield _Found(Frame(name, *place, names=columns, fixed=why), part, totals)
    own = _own_filter(xml)
    if own is not None and (place := _area(own[2].decode())) is not None:
        yield _Found(Frame("the filter", *place, fixed=fixed), tab.part)


def _obstacles(
    one: _Found, others: Sequence[_Found], rows: Sequence[Sequence[Cell]], merged: Sequence[MergedCells]
) -> Iterator[tuple[int, str]]:
    """What stands in the way on the right, by the column where it begins."""
    frame = one.frame
    for other in (each.frame for each in others if each is not one):
        if other.left > frame.right and other.top <= frame.bottom and other.bottom >= frame.top:
            yield other.left, f"{other.name} stands in the way"
    for block in merged:
        if block.right > frame.right and block.top <= frame.bottom and block.bottom >= frame.top:
            yield max(block.left, frame.right + 1), "merged cells stand in the way"
    if one.totals and frame.bottom <= len(rows):
        for column, cell in enumerate(rows[frame.bottom - 1]):
            if column > frame.right and shown(cell):
                yield column, "there is something beside its totals"


def _area(reference: str) -> CellRange | None:
    try:
        return area(reference)
    except ValueError:  # whole columns, or nothing that a program wrote
        return None


def _behind_rows(xml: bytes) -> int:
    return max(xml.rfind(b"sheetData"), 0)


def _own_filter(xml: bytes) -> re.Match[bytes] | None:
    """The worksheet's own filter; those of views that somebody kept stand behind it."""
    start = _behind_rows(xml)
    views = xml.find(b"customSheetViews", start)
    return _FILTER.search(xml, start, views if views >= 0 else len(xml))


def _with_wider_filter(xml: bytes, frame: Frame, right: int) -> bytes:
    own = _own_filter(xml)
    return xml if own is None else b"".join((xml[: own.start(2)], _reference(frame, right), xml[own.end(2) :]))


def _with_wider_name(workbook: bytes, title: str, frame: Frame, right: int) -> bytes:
    """The hidden name by which Excel knows a filter's cells; see 18.2.5."""

    def widened(name: re.Match[bytes]) -> bytes:
        tab = html.unescape(name[2].decode()).removeprefix("'").removesuffix("'").replace("''", "'")
        if tab != title or _area(name[3].decode()) != CellRange(frame.top, frame.left, frame.bottom, frame.right):
            return name[0]
        ends = ((frame.left, frame.top), (right, frame.bottom))
        return name[1] + name[2] + b"!" + ":".join(f"${column_letters(at)}${row}" for at, row in ends).encode()

    return _FILTERED.sub(widened, workbook)


def _with_columns(table: bytes, headers: Sequence[str], frame: Frame, right: int) -> bytes:
    """The table's markup with further columns, of these names; the style stays."""
    last = max(int(column[2]) for column in _COLUMN_ID.finditer(table))
    end = _COLUMNS_END.search(table)
    if end is None:
        raise ValueError("a table without an end of its columns")
    columns = b"".join(
        b'<%btableColumn id="%d" name="%b"/>' % (end[1], last + n, _name(header)) for n, header in enumerate(headers, 1)
    )
    table = table[: end.start()] + columns + table[end.start() :]
    count, reference = len(frame.names) + len(headers), _reference(frame, right)
    table = _COUNT.sub(lambda found: found[1] + b"%d" % count, table, count=1)
    table = _TABLE.sub(lambda found: found[1] + reference, table, count=1)
    return _FILTER.sub(lambda found: found[1] + _to_column(found[2], right), table, count=1)


def _to_column(reference: bytes, right: int) -> bytes:
    """The range up to another column: a table's filter leaves out its totals."""
    return str(area(reference.decode())._replace(right=right)).encode()


def _name(header: str) -> bytes:
    """As the header's cell says it, in an attribute."""
    return text_markup(header).replace(b'"', b"&quot;").replace(b"\n", b"_x000a_")


def _reference(frame: Frame, right: int) -> bytes:
    return str(CellRange(frame.top, frame.left, frame.bottom, right)).encode()
