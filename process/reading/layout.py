"""Where the fields stand in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fivestep.process.model.table import Table
from fivestep.process.reading.headers import Headers

_SEARCHED = 50
"""How many rows may stand above the header and it is still found."""


@dataclass(frozen=True)
class Layout:
    """The header row, and what stands in which column."""

    header_row: int
    """As the sheet numbers it."""
    headers: Sequence[str]
    """The header row's texts, with single spaces; empty where a column has none."""
    columns: Mapping[str, int]
    """Field to column index (from 0), for every mapped field that was found."""
    tools: Mapping[str, int]
    """Header to column index, for every tool column that the sheet has already."""
    gone: Mapping[str, str]
    """Field to header, for every mapped field whose header the sheet lacks."""

    def header(self, field: str) -> str:
        """The header of a field's column; empty where it is not mapped or not there."""
        index = self.columns.get(field)
        return "" if index is None else self.headers[index]


class NoHeader(ValueError):  # noqa: N818  (it reads as what happened)
    """No row holds the stage's header, nor at least half of the mapped ones."""

    def __init__(self, row: int | None, found: Sequence[str], missing: Sequence[str]) -> None:
        """`row` is the one that comes closest; None where no row holds any of the headers."""
        self.row = row
        self.found = found
        self.missing = missing
        closest = f"; row {row} comes closest, with {', '.join(found)}" if row else ""
        super().__init__(f"no row holds the headers {', '.join(missing)}{closest}")


def find_layout(
    table: Table, columns: Mapping[str, str], tools: Sequence[str], header_row: int | None = None
) -> Layout:
    """Where the fields (`columns`: field to header) and the tool's own headers stand.

    The header row is the one that is given, else the one among the first fifty with the most of the mapped headers.
    A header that is merged with the cells below it counts for each of its rows: others stand in parts, as of a person.
    Where several columns have the same header the leftmost counts; `parse` reports it. Raises NoHeader.
    """
    if header_row is None:
        numbers = range(1, min(_SEARCHED, len(table.rows)) + 1)
    else:
        numbers = range(header_row, header_row + 1) if header_row <= len(table.rows) else range(0)
    candidates = [_layout(number, Headers(table.seen(number)), columns, tools) for number in numbers]
    fitting = [layout for layout in candidates if _is_header(layout, columns)]
    if fitting:
        return max(fitting, key=_found)
    closest = max(candidates, key=_found, default=None)
    if closest is None or not closest.columns:
        raise NoHeader(None, (), list(columns.values()))
    raise NoHeader(closest.header_row, list(map(closest.header, closest.columns)), list(closest.gone.values()))


def _layout(row: int, headers: Headers, columns: Mapping[str, str], tools: Sequence[str]) -> Layout:
    found = {field: index for field, header in columns.items() if (index := headers.first(header)) is not None}
    own = {header: index for header in tools if (index := headers.first(header)) is not None}
    gone = {field: header for field, header in columns.items() if field not in found}
    return Layout(row, headers.texts, found, own, gone)


def _is_header(layout: Layout, columns: Mapping[str, str]) -> bool:
    return "stage" in layout.columns or (bool(layout.columns) and 2 * len(layout.columns) >= len(columns))


def _found(layout: Layout) -> int:
    return len(layout.columns)
