"""Where changes belong in a sheet that people may have edited since it was read.

Rows are found by the deal's ID, columns by their header. A row without an ID is found by what people typed into it.
What can't be found for sure is skipped: the next run reads the sheet anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from fivestep.process.model.merged_cells import COVERED
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Cell, Table, shown
from fivestep.process.reading.headers import Headers, find_header
from fivestep.process.wording.show import in_quotes

_ZERO_WIDTH = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff")


class Place(NamedTuple):
    """Where one change belongs, and whether it may be made."""

    action: Literal["write", "keep", "skip"]
    """`keep`: the cell holds the new text already."""
    row: int
    """As the sheet numbers it; the base's where the deal was not found."""
    column: int = -1
    """From 0; -1 where it was not found."""
    reason: str = ""
    """Why it is skipped."""


@dataclass(frozen=True)
class Located:
    """Where all changes belong in the sheet as it is now."""

    places: Sequence[Place]
    """One for each change, in the same order."""
    header_row: int | None
    """As the sheet numbers it; None where it is gone, and nothing can be written."""
    new_columns: Mapping[str, int]
    """Header to column index (from 0), for the columns that the sheet still lacks."""

    def cells(self, changes: Sequence[Change]) -> dict[int, dict[int, str]]:
        """The texts to be written, by row and column, with the headers of new columns."""
        cells: dict[int, dict[int, str]] = {}
        if self.header_row is not None and self.new_columns:
            cells[self.header_row] = {column: header for header, column in self.new_columns.items()}
        for place, change in zip(self.places, changes, strict=True):
            if place.action == "write":
                cells.setdefault(place.row, {})[place.column] = change.new
        return cells


def locate(
    base: Table, header_row: int, id_column: str, new_columns: Sequence[str], changes: Sequence[Change], now: Table
) -> Located:
    """The places of the changes in the table as it is now.

    - `base`: the table as it was when the changes were decided.
    - `header_row`: in `base`, from 1.
    - `id_column`: the header of the column with the deals' IDs.
    - `new_columns`: headers of columns to be added, where the sheet does not have them yet.
    - `changes`: their rows count in `base`.
    - `now`: the table as it is now.
    """
    unchanged = base.version != "" and base.version == now.version
    header_now = header_row if unchanged else find_header(base, header_row, now)
    if header_now is None:
        lost = [Place("skip", change.row, reason="the header row is no longer there") for change in changes]
        return Located(lost, None, {})
    before, after = _Grid(base, header_row), _Grid(now, header_now)
    tools = dict.fromkeys([id_column, *new_columns, *(change.column for change in changes)])
    added = {header: after.width + n for n, header in enumerate(h for h in new_columns if not after.headers.all(h))}
    columns = {header: added.get(header, after.headers.one(header, before.headers)) for header in tools}
    rows = _Rows(before, after, id_column, tools, unchanged=unchanged)
    gives_id = {(change.deal, change.row): change for change in changes if change.column == id_column}
    found = {key: rows.find(*key, gives_id.get(key)) for key in dict.fromkeys((c.deal, c.row) for c in changes)}
    places = [
        _place(
            change,
            found[change.deal, change.row],
            columns[change.column],
            now,
            _id if change.column == id_column else shown,
        )
        for change in changes
    ]
    return Located(places, header_now, added)


class _Found(NamedTuple):
    row: int | None
    reason: str = ""


def _place(change: Change, found: _Found, column: int | None, now: Table, read: Callable[[Cell], str]) -> Place:
    """Whether one change can be written, and into which cell.

    - `change`: what is to be written.
    - `found`: the row that its deal is in now, or why that is not known.
    - `column`: the column now, from 0; None where not exactly one has the header.
    - `now`: the table as it is now.
    - `read`: how texts of this column are compared: as shown, or as IDs.
    """
    if found.row is None:
        return Place("skip", change.row, reason=found.reason)
    row = found.row
    if column is None:
        return Place("skip", row, reason=f"there is no longer exactly one column headed {in_quotes(change.column)}")
    if column in now.formulas.get(row, ()):
        return Place("skip", row, column, "the cell holds a formula")
    if now.is_covered(row, column):
        return Place("skip", row, column, COVERED)
    text = read(now.at(row, column))
    if text == read(change.new):
        return Place("keep", row, column)
    if text != read(change.old):
        return Place("skip", row, column, f"the cell now shows {in_quotes(text)}")
    return Place("write", row, column)


class _Grid:
    """A table with its header row, and what is asked about it."""

    def __init__(self, table: Table, header_row: int) -> None:
        self.table = table
        self.header_row = header_row
        self.headers = Headers(table.rows[header_row - 1] if header_row <= len(table.rows) else ())

    @cached_property
    def width(self) -> int:
        """How many columns are in use.

        A column is in use where a cell shows something or holds a formula.
        """
        width = max((max(columns) + 1 for columns in self.table.formulas.values()), default=0)
        for row in self.table.rows:
            end = len(row)
            while end > width and (row[end - 1] is None or row[end - 1] == ""):
                end -= 1
            width = max(width, end)
        return width

    def ids(self, column: int | None) -> dict[str, list[int]]:
        """Each ID with the rows that hold it."""
        rows: dict[str, list[int]] = {}
        for row in self.body if column is not None else ():
            text = self.id(row, column)
            if text:
                rows.setdefault(text, []).append(row)
        return rows

    def id(self, row: int, column: int | None) -> str:
        """The ID in a row; empty where there is none."""
        return "" if column is None else _id(self.table.at(row, column))

    def content(self, row: int, columns: Sequence[int]) -> tuple[str, ...]:
        """What these columns show in a row."""
        return tuple(shown(self.table.at(row, column)) for column in columns)

    def contents(self, columns: Sequence[int]) -> dict[tuple[str, ...], list[int]]:
        """Each content of these columns with the rows that show it."""
        rows: dict[tuple[str, ...], list[int]] = {}
        for row in self.body:
            rows.setdefault(self.content(row, columns), []).append(row)
        return rows

    @property
    def body(self) -> range:
        """The rows below the header."""
        return range(self.header_row + 1, len(self.table.rows) + 1)

    @cached_property
    def calculated(self) -> frozenset[int]:
        """The columns that hold a formula below the header."""
        return frozenset(i for row, indexes in self.table.formulas.items() if row > self.header_row for i in indexes)


class _Rows:
    """Finds the row that a deal is in now."""

    def __init__(self, before: _Grid, after: _Grid, id_column: str, tools: Collection[str], *, unchanged: bool) -> None:
        """Prepare to look for rows of `before` in `after`.

        - `before`, `after`: the table when the changes were decided, and now.
        - `id_column`: the header of the column with the deals' IDs.
        - `tools`: the headers of the tool's own columns, which don't tell rows apart.
        - `unchanged`: whether nobody has edited the sheet in between, so that every row is where it was.
        """
        self._before = before
        self._after = after
        self._tools = tools
        self._unchanged = unchanged
        self._id_before = before.headers.one(id_column, before.headers)
        self._id_after = after.headers.one(id_column, before.headers)

    @property
    def _calculated_ids(self) -> bool:
        """Whether formulas calculate the IDs: `=ROW()`, for one, does not move when rows are sorted."""
        return self._id_before in self._before.calculated or self._id_after in self._after.calculated

    @cached_property
    def _ids_before(self) -> dict[str, list[int]]:
        return self._before.ids(self._id_before)

    @cached_property
    def _ids_after(self) -> dict[str, list[int]]:
        return self._after.ids(self._id_after)

    def find(self, deal: str, row: int, gives_id: Change | None) -> _Found:
        """The row now of a deal that stood in `row` of the base table.

        `gives_id` is the change that writes the deal's ID, if there is one. A change without a deal is one of the
        header row.
        """
        if not deal and row == self._before.header_row:
            return _Found(self._after.header_row)
        own = {_id(deal)} if gives_id is None else {_id(gives_id.old), _id(gives_id.new)}
        if self._unchanged and row > self._before.header_row and self._before.id(row, self._id_before) in own:
            return _Found(row)
        text = _id(deal if gives_id is None else gives_id.old)
        if self._calculated_ids or (gives_id is not None and len(self._ids_before.get(text, ())) != 1):
            return self._find_by_content(row, own, _id(gives_id.new if gives_id else deal))
        return self._find_by_id(text)

    def _find_by_id(self, text: str) -> _Found:
        rows = self._ids_after.get(text, [])
        if not rows:
            return _Found(None, f"no row holds the ID {in_quotes(text)} any more")
        if len(rows) > 1 or len(self._ids_before.get(text, ())) > 1:
            return _Found(None, f"several rows hold, or held, the ID {in_quotes(text)}")
        return _Found(rows[0])

    def _find_by_content(self, row: int, own: Collection[str], new: str) -> _Found:
        content = self._before.content(row, self._compared[0])
        if not any(content) or len(self._contents_before[content]) > 1:
            return _Found(None, "the sheet was changed, and other rows look like this one")
        rows = [
            other for other in self._contents_after.get(content, ()) if self._after.id(other, self._id_after) in own
        ]
        if len(rows) != 1:
            return _Found(None, "the sheet was changed, and this row is no longer there as it was")
        if set(self._ids_after.get(new, ())) - set(rows):
            return _Found(None, f"another row now holds the ID {in_quotes(new)}")
        return _Found(rows[0])

    @cached_property
    def _compared(self) -> tuple[list[int], list[int]]:
        """The columns by which rows are compared, before and now: what people type, nothing calculated."""
        before, after = self._before, self._after
        if before.headers.same_as(after.headers):
            pairs = [(index, index) for index in range(max(before.width, after.width))]
        else:
            pairs = list(before.headers.paired(after.headers).items())
        out = after.calculated.union(*(after.headers.all(header) for header in self._tools))
        kept = [(old, new) for old, new in pairs if old not in before.calculated and new not in out]
        return [old for old, _ in kept], [new for _, new in kept]

    @cached_property
    def _contents_before(self) -> dict[tuple[str, ...], list[int]]:
        return self._before.contents(self._compared[0])

    @cached_property
    def _contents_after(self) -> dict[tuple[str, ...], list[int]]:
        return self._after.contents(self._compared[1])


def _id(cell: Cell) -> str:
    return " ".join(shown(cell).translate(_ZERO_WIDTH).split())
