"""People at the same sheet: their edits, carried out as the browser does, and a log of what they typed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.fakes.google.a1 import Area, cell_name, parse_cells
from tests.fakes.google.sheets_cells import Cell
from tests.fakes.google.sheets_moves import cut, sort
from tests.fakes.google.sheets_tab import Tab

CELL_EDITS = ("type", "type", "type", "paste", "clear_row_cells", "cut_and_paste")
ROW_EDITS = ("sort_by", "reverse", "insert_row", "insert_row", "delete_row", "move_row", "copy_row", "hide_row")
COLUMN_EDITS = ("insert_column", "move_column", "rename_header", "delete_column")
TAB_EDITS = ("rename_tab",)
ALL_EDITS = CELL_EDITS + ROW_EDITS + COLUMN_EDITS + TAB_EDITS


@dataclass(frozen=True)
class Edit:
    """One edit: which, where, and the texts that it brought in, each with the header under which it was typed."""

    kind: str
    where: str
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Log:
    """What people did, and the texts of theirs that should still be there; people at one tab share one log."""

    edits: list[Edit] = field(default_factory=list)
    standing: dict[str, str] = field(default_factory=dict)
    """Every text that somebody typed and nobody removed since, with the header under which it was typed."""

    def lost(self, tab: Tab, besides: Collection[str] = ()) -> dict[str, str]:
        """The texts that are no longer in the tab although no person removed them; some headers do not count."""
        there = set(texts(tab))
        return {text: header for text, header in self.standing.items() if text not in there and header not in besides}


class Person:
    """Somebody who edits a tab at random, the same for the same seed.

    `own` are the headers under which a person types, all of them if it is None; a test that names the tool's own
    headers there has people type into the tool's columns. `choices` are the values that a column is given, such as
    stages; a cell under another header is given a text that nobody has typed before. Columns under the headers in
    `keep` are not deleted and not renamed.
    """

    def __init__(
        self,
        tab: Tab,
        seed: int = 0,
        *,
        log: Log | None = None,
        kinds: Sequence[str] = ALL_EDITS,
        own: Collection[str] | None = None,
        choices: Mapping[str, Sequence[str]] | None = None,
        keep: Collection[str] = (),
        header_row: int = 0,
    ) -> None:
        self.tab = tab
        self.seed = seed
        self.log = log if log is not None else Log()
        self.kinds = tuple(kinds)
        self.own = own
        self.choices = choices or {}
        self.keep = keep
        self.header_row = header_row
        self._dice = Random(seed)
        self._typed = 0

    # Edits. Rows and columns are counted from 0, the header's row too.

    def sort_by(self, column: int, falling: bool = False) -> Edit:
        """Sort the rows below the header, those of the filter's block if there is one."""
        return self._do(
            "sort_by", cell_name(self.header_row, column), lambda: sort(self.tab, self._data(), [(column, falling)])
        )

    def reverse(self) -> Edit:
        """Turn the order of the rows around."""
        area = self._data()
        order = list(range(area.top, area.bottom or 0))[::-1]
        return self._do("reverse", "", lambda: self.tab.rearrange(area, order))

    def insert_row(self, at: int, values: Sequence[str] | Mapping[str, str]) -> Edit:
        """Insert a row and type its cells."""

        def work() -> None:
            self.tab.insert(at, 1, rows=True)
            for column, value in self._by_column(values):
                self._enter(at, column, value)

        return self._do("insert_row", f"row {at + 1}", work, self._by_text(values))

    def delete_row(self, at: int) -> Edit:
        """Delete a row."""
        return self._do("delete_row", f"row {at + 1}", lambda: self.tab.delete(at, 1, rows=True))

    def move_row(self, at: int, to: int) -> Edit:
        """Drag a row before another one."""
        return self._do("move_row", f"row {at + 1} to {to + 1}", lambda: self.tab.move(at, 1, to, rows=True))

    def copy_row(self, at: int, to: int) -> Edit:
        """Insert a copy of a row, its ID and all, before another one."""

        def work() -> None:
            copied = list(self.tab.row(at))
            self.tab.insert(to, 1, rows=True)
            self.tab.rows[to : to + 1] = [[self.tab.carried(content, to - at, 0) for content in copied]]
            self.tab.book.touch()

        return self._do("copy_row", f"row {at + 1} to {to + 1}", work)

    def paste(self, at: tuple[int, int], block: Sequence[Sequence[str]]) -> Edit:
        """Paste a block of texts over what is there."""

        def work() -> None:
            for down, line in enumerate(block):
                for right, value in enumerate(line):
                    self._enter(at[0] + down, at[1] + right, value)

        typed = {text: self.header(at[1] + right) for line in block for right, text in enumerate(line)}
        return self._do("paste", cell_name(*at), work, typed)

    def insert_column(self, at: int, header: str) -> Edit:
        """Insert a column and name it."""

        def work() -> None:
            self.tab.insert(at, 1, rows=False)
            self._enter(self.header_row, at, header)

        return self._do("insert_column", cell_name(self.header_row, at), work, {header: header})

    def rename_header(self, column: int, header: str) -> Edit:
        """Give a column another name."""
        where = cell_name(self.header_row, column)
        return self._do("rename_header", where, lambda: self._enter(self.header_row, column, header), {header: header})

    def move_column(self, at: int, to: int) -> Edit:
        """Drag a column before another one."""
        where = cell_name(self.header_row, at)
        return self._do("move_column", where, lambda: self.tab.move(at, 1, to, rows=False))

    def delete_column(self, at: int) -> Edit:
        """Delete a column."""
        return self._do("delete_column", cell_name(self.header_row, at), lambda: self.tab.delete(at, 1, rows=False))

    def type(self, cell: str | tuple[int, int], value: str) -> Edit:
        """Type into a cell: a number, a date or a formula becomes one."""
        row, column = self._cell(cell)
        return self._do(
            "type", cell_name(row, column), lambda: self._enter(row, column, value), {value: self.header(column)}
        )

    def clear_row_cells(self, row: int) -> Edit:
        """Empty the cells of a row; the row stays."""
        area = Area(row, 0, row + 1, self.tab.column_count)
        return self._do("clear_row_cells", f"row {row + 1}", lambda: self.tab.clear(area))

    def cut_and_paste(self, source: str, to: str | tuple[int, int]) -> Edit:
        """Cut a block and paste it somewhere else."""
        area = parse_cells(source)
        assert area is not None
        area = area.within(self.tab.row_count, self.tab.column_count)
        row, column = self._cell(to)

        def work() -> None:
            self._make_room(row + (area.bottom or 0) - area.top, column + (area.right or 0) - area.left)
            cut(self.tab, area, self.tab, row, column, None)

        return self._do("cut_and_paste", f"{source} to {cell_name(row, column)}", work)

    def hide_row(self, row: int) -> Edit:
        """Hide a row."""
        hidden = {"hiddenByUser": True}
        return self._do(
            "hide_row", f"row {row + 1}", lambda: self.tab.row_properties.setdefault(row, {}).update(hidden)
        )

    def rename_tab(self, title: str) -> Edit:
        """Give the tab another name."""
        return self._do("rename_tab", title, lambda: setattr(self.tab, "title", title))

    def random_edit(self) -> Edit:
        """Any edit of the kinds that this person makes."""
        kind = self._dice.choice(self.kinds)
        if self.tab.last_row() <= self.header_row + 1:
            kind = "insert_row" if "insert_row" in self.kinds else "type"  # there is no row for anything else
        return RANDOM[kind](self)

    # What the edits need.

    def header(self, column: int) -> str:
        """The header of a column as it is now."""
        return str(self.tab.value(self.header_row, column))

    def headers(self) -> dict[int, str]:
        """The columns that have a header."""
        named = {column: self.header(column) for column in range(self.tab.last_column())}
        return {column: header for column, header in named.items() if header}

    def any_row(self) -> int:
        """Some row below the header; the first free one if there is none."""
        first, last = self.header_row + 1, self.tab.last_row()
        return self._dice.randrange(first, last) if last > first else first

    def any_place(self) -> int:
        """A place between, before or after the rows below the header."""
        first = self.header_row + 1
        return self._dice.randint(first, max(self.tab.last_row(), first))

    def any_column(self, *, free: bool = False) -> int | None:
        """Some column that this person types into; with `free`, one that may be renamed or deleted."""
        columns = [
            column
            for column, header in self.headers().items()
            if (header not in self.keep if free else self.own is None or header in self.own)
        ]
        return self._dice.choice(columns) if columns else None

    def new_text(self, column: int) -> str:
        """Something to type under a header: one of its choices, or a text that there was never before."""
        header = self.header(column)
        if header in self.choices:
            return self._dice.choice(self.choices[header])
        self._typed += 1
        return f"typed {self.seed}/{self._typed}"

    def _do(self, kind: str, where: str, work: Callable[[], object], typed: Mapping[str, str] | None = None) -> Edit:
        """Carry out an edit; what it removed is gone by a person's own will."""
        edit = Edit(kind, where, typed or {})
        with self.tab.book.lock:
            before = self.log.standing.keys() & set(texts(self.tab))
            work()
            self.tab.book.touch()
            there = set(texts(self.tab))
        for text in before - there:
            del self.log.standing[text]
        for text, header in edit.typed.items():
            if text in there and not self._is_choice(header, text):
                self.log.standing[text] = header
        self.log.edits.append(edit)
        return edit

    def _is_choice(self, header: str, text: str) -> bool:
        return text in self.choices.get(header, ())

    def _data(self) -> Area:
        if self.tab.filter:
            area = self.tab.filter.area.within(self.tab.last_row(), self.tab.column_count)
            return Area(area.top + 1, area.left, max(area.bottom or 0, area.top + 1), area.right)
        first = self.header_row + 1
        return Area(first, 0, max(self.tab.last_row(), first), self.tab.column_count)

    def _enter(self, row: int, column: int, value: str) -> None:
        self._make_room(row + 1, column + 1)
        self.tab.fill(row, column, self.tab.entered(value))

    def _make_room(self, rows: int, columns: int) -> None:
        self.tab.row_count = max(self.tab.row_count, rows)
        self.tab.column_count = max(self.tab.column_count, columns)

    def _cell(self, cell: str | tuple[int, int]) -> tuple[int, int]:
        if isinstance(cell, tuple):
            return cell
        area = parse_cells(cell)
        assert area is not None, cell
        return area.top, area.left

    def _by_column(self, values: Sequence[str] | Mapping[str, str]) -> Iterator[tuple[int, str]]:
        if isinstance(values, Mapping):
            places = {header: column for column, header in self.headers().items()}
            yield from ((places[header], value) for header, value in values.items())
        else:
            yield from enumerate(values)

    def _by_text(self, values: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
        return {value: self.header(column) for column, value in self._by_column(values)}


def texts(tab: Tab) -> Iterator[str]:
    """Every text in a tab; a formula counts as none, as it changes when its row moves."""
    for line in tab.rows:
        for content in line:
            if isinstance(content, str) and content:
                yield content
            elif isinstance(content, Cell) and isinstance(content.value, str) and not content.formula:
                yield content.value


def _random_type(person: Person) -> Edit:
    column = person.any_column()
    if column is None:
        return person.hide_row(person.any_row())
    return person.type((person.any_row(), column), person.new_text(column))


def _random_row(person: Person) -> Edit:
    columns = [column for column, header in person.headers().items() if person.own is None or header in person.own]
    values = {person.header(column): person.new_text(column) for column in columns}
    return person.insert_row(person.any_place(), values)


def _random_paste(person: Person) -> Edit:
    """A block of two rows, in one or two columns that this person types into."""
    column = person.any_column()
    if column is None:
        return person.hide_row(person.any_row())
    width = 2 if person.own is None and column + 1 in person.headers() else 1
    block = [[person.new_text(column + right) for right in range(width)] for _ in range(2)]
    return person.paste((person.any_row(), column), block)


def _random_cut(person: Person) -> Edit:
    """A row's cells, cut and pasted into the first row that is free."""
    row = person.any_row()
    return person.cut_and_paste(f"{row + 1}:{row + 1}", (max(person.tab.last_row(), row + 1), 0))


def _random_move(person: Person) -> Edit:
    return person.move_row(person.any_row(), person.any_place())


def _random_column(person: Person) -> int:
    return person._dice.choice(list(person.headers()) or [0])


def _random_header(person: Person) -> Edit:
    column = person.any_column(free=True)
    if column is None:
        return _random_type(person)
    return person.rename_header(column, f"{person.header(column)} {person.seed}/{len(person.log.edits)}")


def _random_column_deletion(person: Person) -> Edit:
    column = person.any_column(free=True)
    return _random_type(person) if column is None else person.delete_column(column)


def _random_sort(person: Person) -> Edit:
    return person.sort_by(_random_column(person), person._dice.random() < 0.5)


RANDOM: dict[str, Callable[[Person], Edit]] = {
    "type": _random_type,
    "paste": _random_paste,
    "clear_row_cells": lambda person: person.clear_row_cells(person.any_row()),
    "cut_and_paste": _random_cut,
    "sort_by": _random_sort,
    "reverse": lambda person: person.reverse(),
    "insert_row": _random_row,
    "delete_row": lambda person: person.delete_row(person.any_row()),
    "move_row": _random_move,
    "copy_row": lambda person: person.copy_row(person.any_row(), person.any_place()),
    "hide_row": lambda person: person.hide_row(person.any_row()),
    "insert_column": lambda person: person.insert_column(
        _random_column(person), f"Column {person.seed}/{len(person.log.edits)}"
    ),
    "move_column": lambda person: person.move_column(_random_column(person), _random_column(person)),
    "rename_header": _random_header,
    "delete_column": _random_column_deletion,
    "rename_tab": lambda person: person.rename_tab(f"Tab {person.seed}/{len(person.log.edits)}"),
}
