"""One tab: its cells, its size, and what lies on them: merges, protections, filters, tables, hidden rows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.fakes.google import sheets_arrays, sheets_formulas, sheets_references
from tests.fakes.google.a1 import Area, cell_name, parse_cells
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.sheets_cells import Cell, Content, ErrorText, Plain, emptied, filled, is_empty
from tests.fakes.google.sheets_formats import entered, locale_of
from tests.fakes.google.sheets_shift import Shift

if TYPE_CHECKING:
    from tests.fakes.google.sheets_book import Spreadsheet

PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


@dataclass
class Protection:
    """A block that only its editors and the owner may edit; with `warning_only` everybody may."""

    id: int
    area: Area
    editors: list[str] = field(default_factory=list)
    warning_only: bool = False
    description: str = ""
    unprotected: list[Area] = field(default_factory=list)
    named_range_id: str = ""

    def allows(self, account: str | None, owner: str) -> bool:
        """Whether an account may edit it; None is somebody whom nothing is protected from."""
        return account is None or self.warning_only or account == owner or account in self.editors

    def covers(self, row: int, column: int) -> bool:
        """Whether a cell is in it and not among its exceptions."""
        return self.area.holds(row, column) and not any(area.holds(row, column) for area in self.unprotected)


@dataclass
class Table:
    """A block that a person made a table: a name, and what its columns may hold."""

    id: str
    name: str
    area: Area
    columns: list[dict[str, Any]] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)


@dataclass
class Filter:
    """The basic filter: its block and its criteria, as they were given."""

    area: Area
    rest: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Tab:
    """A grid of cells. `rows` holds what is used of it: lists of plain values, or Cells where there is more to them."""

    book: Spreadsheet
    id: int
    title: str
    row_count: int = 1000
    column_count: int = 26
    kind: str = "GRID"
    hidden: bool = False
    grid: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    rows: list[list[Content]] = field(default_factory=list)
    merges: list[Area] = field(default_factory=list)
    protections: list[Protection] = field(default_factory=list)
    filter: Filter | None = None
    tables: list[Table] = field(default_factory=list)
    row_properties: dict[int, dict[str, Any]] = field(default_factory=dict)
    column_properties: dict[int, dict[str, Any]] = field(default_factory=dict)
    row_groups: list[dict[str, Any]] = field(default_factory=list)
    column_groups: list[dict[str, Any]] = field(default_factory=list)

    @property
    def whole(self) -> Area:
        """All of the grid."""
        return Area(0, 0, self.row_count, self.column_count)

    def content(self, row: int, column: int) -> Content:
        """What a cell holds."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return ""

    def formula(self, row: int, column: int) -> str | None:
        """A cell's formula, if it has one."""
        content = self.content(row, column)
        return content.formula if isinstance(content, Cell) else None

    def value(self, row: int, column: int) -> Plain:
        """A cell's value; a formula's is computed."""
        content = self.content(row, column)
        if not isinstance(content, Cell):
            return content if content != "" else self.filled.get((row, column), "")
        if content.formula is None:
            return content.value
        return self.computed(content.formula, row, column)

    @property
    def filled(self) -> dict[tuple[int, int], Plain]:
        """What array formulas show, by row and column."""
        known = self.book.arrays
        if self.id not in known:
            known[self.id] = {}  # what an array formula sees of its own cells
            known[self.id] = sheets_arrays.arrays(self)
        return known[self.id]

    def computed(self, formula: str, row: int, column: int) -> Plain:
        """The value of a formula in a cell. What was given for its text comes before what is computed."""
        if (row, column) in self.filled:
            return self.filled[row, column]
        known = self.book.known.get(formula)
        if known is not None:
            return known
        cache = self.book.computed
        key = (self.id, row, column)
        if key not in cache:
            cache[key] = ErrorText("#REF!")  # what a formula sees that depends on itself
            try:
                cache[key] = sheets_formulas.computed(formula, self, row, column)
            except sheets_formulas.NotReadError:
                cache[key] = ErrorText("#NAME?")
        return cache[key]

    def row(self, index: int, width: int = 0) -> list[Content]:
        """A row to be changed, at least this wide."""
        while len(self.rows) <= index:
            self.rows.append([])
        row = self.rows[index]
        if len(row) < width:
            row.extend([""] * (width - len(row)))
        return row

    def put(self, row: int, column: int, content: Content) -> None:
        """Replace what a cell holds, its format and note too."""
        self.row(row, column + 1)[column] = content

    def fill(self, row: int, column: int, content: Content) -> None:
        """Give a cell new content; its format and note stay."""
        line = self.row(row, column + 1)
        line[column] = filled(line[column], content)

    def clear(self, area: Area) -> None:
        """Empty the cells of a block; formats and notes stay."""
        for row, column in self.used(area):
            self.rows[row][column] = emptied(self.rows[row][column])

    def used(self, area: Area) -> Iterator[tuple[int, int]]:
        """The cells of a block that may hold something."""
        area = area.within(self.row_count, self.column_count)
        for row in range(area.top, min(area.bottom or 0, len(self.rows))):
            for column in range(area.left, min(area.right or 0, len(self.rows[row]))):
                yield row, column

    def write(self, at: str, block: Sequence[Sequence[Content | None]]) -> None:
        """Put a block of cells as they are, growing the grid where it has to; None leaves a cell alone."""
        area = parse_cells(at)
        assert area is not None, at
        width = max(map(len, block), default=0)
        self.row_count = max(self.row_count, area.top + len(block))
        self.column_count = max(self.column_count, area.left + width)
        for down, line in enumerate(block):
            row = self.row(area.top + down, area.left + len(line))
            for right, content in enumerate(line, area.left):
                if content is not None:
                    row[right] = filled(row[right], content)
        self.book.touch()

    def enter(self, at: str, block: Sequence[Sequence[str]]) -> None:
        """Type a block of cells, as a person does: numbers, dates and formulas become such."""
        self.write(at, [[self.entered(text) for text in line] for line in block])

    def entered(self, text: str) -> Content:
        """What becomes of a text that is typed."""
        return entered(text, locale_of(self.book.locale), self.book.today())

    def values(self, render: str = "UNFORMATTED_VALUE", at: str | None = None) -> list[list[Any]]:
        """The values of the tab, or of a block, as the API gives them."""
        from tests.fakes.google.sheets_read import read

        return read(self, (parse_cells(at) if at else None) or self.whole, render)

    def column(self, header: str, top: int = 0) -> int:
        """The column under a header; ValueError if there is none."""
        return [self.value(top, column) for column in range(self.column_count)].index(header)

    def last_row(self) -> int:
        """How many rows lead to the last cell in which something shows."""
        for row in range(len(self.rows) - 1, -1, -1):
            if not all(map(is_empty, self.rows[row])):
                return row + 1
        return 0

    def last_column(self) -> int:
        """How many columns lead to the last cell in which something shows."""
        ends = (_used_width(row) for row in self.rows)
        return max(ends, default=0)

    def may_edit(self, area: Area, account: str | None) -> bool:
        """Whether an account may edit every cell of a block."""
        owner = self.book.owner
        for protection in self.protections:
            if protection.allows(account, owner) or not protection.area.meets(area):
                continue
            if not any(_inside(area, exception) for exception in protection.unprotected):
                return False
        return True

    def guard(self, area: Area, account: str | None) -> None:
        """Raise Google's error where an account may not edit a block."""
        if not self.may_edit(area, account):
            raise GoogleError(400, message=PROTECTED)

    def resize(self, rows: int, columns: int) -> None:
        """Change the size of the grid; what no longer fits is gone."""
        self.row_count, self.column_count = rows, columns
        del self.rows[rows:]
        for row in self.rows:
            del row[columns:]

    def insert(self, at: int, count: int, *, rows: bool) -> None:
        """Insert empty rows or columns before a place."""
        if rows:
            self.row_count += count
            if at < len(self.rows):
                self.rows[at:at] = [[] for _ in range(count)]
        else:
            self.column_count += count
            for row in self.rows:
                if at < len(row):
                    row[at:at] = [""] * count
        self._follow(Shift(self, rows, "insert", at, count))

    def delete(self, at: int, count: int, *, rows: bool) -> None:
        """Delete rows or columns."""
        if rows:
            self.row_count -= count
            del self.rows[at : at + count]
        else:
            self.column_count -= count
            for row in self.rows:
                del row[at : at + count]
        self._follow(Shift(self, rows, "delete", at, count))

    def move(self, at: int, count: int, to: int, *, rows: bool) -> None:
        """Move rows or columns before a place, which is counted before they are taken out."""
        if rows:
            self.row(max(at + count, to) - 1)
            _rearrange(self.rows, at, count, to)
        else:
            for row in self.rows:
                if len(row) > min(at, to):
                    row.extend([""] * (max(at + count, to) - len(row)))
                    _rearrange(row, at, count, to)
        self._follow(Shift(self, rows, "move", at, count, to))

    def rearrange(self, area: Area, order: Sequence[int]) -> None:
        """Put the rows of a block into a new order, given by their old indices; formulas follow their rows."""
        assert area.bottom is not None
        assert area.right is not None
        old = {row: list(self.row(row, area.right)[area.left : area.right]) for row in order}
        for row, source in zip(range(area.top, area.bottom), order, strict=True):
            moved = old[source]
            if Cell in set(map(type, moved)):
                moved = [self.carried(content, row - source, 0) for content in moved]
            self.rows[row][area.left : area.right] = moved
        self.book.touch()

    def carried(self, content: Content, down: int, right: int) -> Content:
        """A cell's content as it is in the place to which it is copied or sorted."""
        if not isinstance(content, Cell) or content.formula is None:
            return content
        return self._with_formula(content, sheets_references.moved_along(content.formula, down, right))

    def snapshot(self) -> dict[str, Any]:
        """Everything about the tab, to go back to if a batch fails."""
        kept = {name: copy.deepcopy(value) for name, value in vars(self).items() if name not in {"book", "rows"}}
        return kept | {"rows": [list(row) for row in self.rows]}

    def restore(self, kept: dict[str, Any]) -> None:
        """Go back to a snapshot."""
        vars(self).update(kept)

    def _with_formula(self, content: Cell, formula: str) -> Cell:
        if formula == content.formula:
            return content
        given = self.book.known.get(content.formula or "")
        if given is not None:
            self.book.known.setdefault(formula, given)
        return replace(content, formula=formula)

    def _follow(self, shift: Shift) -> None:
        """Let everything that points to cells point to where they are now."""
        self.book.follow(shift)
        self.merges = [area for area in map(shift.area, self.merges) if area and not area.single]
        for protection in list(self.protections):
            _shift_owner(self.protections, protection, shift)
            protection.unprotected = [area for area in map(shift.area, protection.unprotected) if area]
        for table in list(self.tables):
            _shift_owner(self.tables, table, shift)
        if self.filter:
            area = shift.area(self.filter.area)
            self.filter = replace(self.filter, area=area) if area else None
        name = "row_properties" if shift.rows else "column_properties"
        placed = {shift.place(index): value for index, value in getattr(self, name).items()}
        setattr(self, name, {index: value for index, value in placed.items() if index is not None})
        self.book.touch()

    def shift_formulas(self, shift: Shift) -> None:
        """Rewrite this tab's formulas after a shift in it or in another one."""
        self.rewrite(lambda formula: sheets_references.after_shift(formula, self, shift))

    def rewrite(self, changed: Callable[[str], str]) -> None:
        """Put what is made of it in place of each formula."""
        for line in self.rows:
            for column, content in enumerate(line):
                if isinstance(content, Cell) and content.formula is not None:
                    line[column] = self._with_formula(content, changed(content.formula))

    def __repr__(self) -> str:
        return f"<Tab {self.title!r} {cell_name(self.last_row() - 1, self.last_column() - 1)}>"


def _shift_owner(owners: list[Any], owner: Any, shift: Shift) -> None:
    area = shift.area(owner.area)
    if area is None:
        owners.remove(owner)
    else:
        owner.area = area


def _inside(area: Area, other: Area) -> bool:
    """Whether a block lies in another one."""
    return (
        area.top >= other.top
        and area.left >= other.left
        and (other.bottom is None or (area.bottom is not None and area.bottom <= other.bottom))
        and (other.right is None or (area.right is not None and area.right <= other.right))
    )


def _rearrange(items: list[Any], at: int, count: int, to: int) -> None:
    taken = items[at : at + count]
    del items[at : at + count]
    place = to if to <= at else to - count
    items[place:place] = taken


def _used_width(row: Iterable[Content]) -> int:
    width = 0
    for index, content in enumerate(row, 1):
        if not is_empty(content):
            width = index
    return width
