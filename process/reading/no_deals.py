"""Rows of a table that are no deals: totals, headers once more, legends, titles, placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import cached_property
from typing import NamedTuple

from fivestep.process.model.table import Cell, Table, shown
from fivestep.process.reading.cells import CHECKBOX, clean
from fivestep.process.reading.headers import heading
from fivestep.process.reading.layout import Layout
from fivestep.process.wording.vocabulary import Words, plain

_TELLING = ("stage", "deal", "company", "contact", "email", "phone", "id")
"""The fields that make a row a deal; an owner or a date alone may be filled in for rows to come."""

_QUARTER = re.compile(r"[qhkt][1-4]|fy\d*")
"""The name of a quarter, a half or a year."""

_NAMING = ("deal", "company", "contact", "email", "phone")
"""The fields of which one says whose deal it is."""

_PLACEHOLDER = re.compile(r"\[.*\]|<.*>|\{.*\}|«.*»|\+ .*|[\W_]*", re.DOTALL)
"""How templates show what is to be typed where, buttons for new rows, and lines of dashes."""

NARROW = 3
"""So many columns of people's own make a table in which a name alone may well be a deal."""

_FEW = 2
"""So many cells of a row below the table make no deal."""


class LeftOut(NamedTuple):
    """A row that says something and is taken for no deal all the same."""

    row: int
    """As the sheet numbers it."""
    says: str
    """Its first text."""


class Asides:
    """What stands between and below the deals: no row that has an ID, nor one that names a stage and more."""

    def __init__(self, table: Table, layout: Layout, words: Words, *, blank_is_a_stage: bool) -> None:
        self._table = table
        self._layout = layout
        self._words = words
        self._blank_is_a_stage = blank_is_a_stage
        self._stage = layout.columns.get("stage")
        self._naming = [layout.columns[field] for field in _NAMING if field in layout.columns]
        self._tools = frozenset(layout.tools.values())
        self._wide = sum(bool(text) and i not in self._tools for i, text in enumerate(layout.headers)) > NARROW

    def filled(self, row: Sequence[Cell]) -> list[Cell]:
        """The cells of a row that say something, outside of the tool's own columns."""
        tools = self._tools
        return [cell for index, cell in enumerate(row) if says_something(cell) and index not in tools]

    def left_out(
        self, rows: Sequence[Sequence[Cell]], columns: Mapping[int, Sequence[Cell]], first: int, dropped: Set[int]
    ) -> list[LeftOut]:
        """The rows that are no deals, without those `dropped`; the first row has the number `first`."""
        if self._stage is None:
            return []
        stages = columns[self._stage]
        stageless = {cell for cell in set(stages) if not says_something(cell) or is_placeholder(cell)}
        behind_gap = range(max(0, min(self._gap + 1 - first, len(stages))), len(stages))
        nameless = _silent([columns[index] for index in self._naming]) if self._naming else ()
        found = []
        for position in sorted({*_where(stages, stageless), *nameless, *behind_gap}):
            if position in dropped or self._has_id(columns, position):
                continue
            filled, row = self.filled(rows[position]), first + position
            if self._is_aside(filled, row, names_stage=stages[position] not in stageless):
                found.append(LeftOut(row, clean(shown(filled[0]))))
        return found

    def _is_aside(self, filled: Sequence[Cell], row: int, *, names_stage: bool) -> bool:
        """Whether a row without an ID is no deal.

        A lone text is a title or a note, but for an address; right below the last deal it is a new one, whose name
        somebody has typed first. A lone stage is a title, too, or was filled in for rows to come. Below the table,
        behind a gap, two cells without a stage are no deal either, nor is a stage that names nobody, as in a legend or
        a summary, or that is a header's; nor, anywhere, is what stands in brackets only.
        """
        if not filled:
            return False
        if names_stage:
            return len(filled) == 1 or (row > self._gap and not self._may_be_a_deal(row))
        if all(map(is_placeholder, filled)) or (len(filled) <= _FEW and row > self._gap):
            return True
        text = filled[0]
        if len(filled) > 1 or not isinstance(text, str) or "@" in text:
            return False
        if re.search(r"[:=]", text):
            return True
        return self._wide and not self._blank_is_a_stage and row < self._last_deal

    def _has_id(self, columns: Mapping[int, Sequence[Cell]], position: int) -> bool:
        index = self._layout.columns.get("id")
        return index is not None and says_something(columns[index][position])

    @cached_property
    def _gap(self) -> int:
        """The first blank row or total after the last certain deal, else the row after all."""
        rows = self._table.rows
        behind = range(self._last_deal + 1, len(rows) + 1)
        return next((number for number in behind if self._ends_table(rows[number - 1])), len(rows) + 1)

    @cached_property
    def _last_deal(self) -> int:
        """The last row that is a deal for sure; the last of all where none is."""
        below_header = range(len(self._table.rows), self._layout.header_row, -1)
        return next((number for number in below_header if self._is_surely_a_deal(number)), len(self._table.rows))

    def _is_surely_a_deal(self, number: int) -> bool:
        row, stage = self._table.rows[number - 1], self._table.at(number, self._stage or 0)
        if says_something(stage) and not is_placeholder(stage) and not is_total(stage, self._words):
            return len(self.filled(row)) > 1 and self._may_be_a_deal(number)
        return self._blank_is_a_stage and len(self.filled(row)) > _FEW and not self._ends_table(row)

    def _may_be_a_deal(self, number: int) -> bool:
        """Whether the row of a stage names somebody, and is not the header of another table."""
        stage = self._stage or 0
        if _is_heading(self._table.at(number, stage), self._layout.headers[stage]):
            return False
        named = (self._table.at(number, index) for index in self._naming)
        return not self._naming or any(isinstance(cell, str) and any(map(str.isalpha, cell)) for cell in named)

    def _ends_table(self, row: Sequence[Cell]) -> bool:
        return not self.filled(row) or is_total(_first_text(row), self._words)


def says_something(cell: Cell) -> bool:
    """Whether a person filled this in: an empty box and the 0 of a reference to a blank cell don't count."""
    if isinstance(cell, str):
        text = clean(cell)
        return bool(text) and CHECKBOX.get(text.upper()) is not False
    return cell is not None and cell is not False and cell != 0


def nothing_said(columns: Mapping[int, Sequence[Cell]], layout: Layout) -> set[int]:
    """The positions of rows without content."""
    own = set(layout.tools.values())
    mapped = {field: index for field, index in layout.columns.items() if index not in own}
    telling = [mapped[field] for field in _TELLING if field in mapped] or list(mapped.values())
    return set(_silent([columns[index] for index in telling] or [()]))


def _silent(columns: Sequence[Sequence[Cell]]) -> Sequence[int]:
    """The positions at which none of the columns says something."""
    silent: Sequence[int] = range(len(columns[0]))
    for cells in columns:
        nothing = {cell for cell in {cells[position] for position in silent} if not says_something(cell)}
        silent = [position for position in silent if cells[position] in nothing] if nothing else ()
    return silent


def repeated_headers(columns: Mapping[int, Sequence[Cell]], layout: Layout) -> set[int]:
    """The positions of rows that say in most mapped columns what the header says."""
    if not layout.columns:
        return set()
    first = layout.columns.get("stage", min(layout.columns.values()))
    same = {cell for cell in set(columns[first]) if _is_heading(cell, layout.headers[first])}
    return {
        position
        for position in _where(columns[first], same)
        if 2 * sum(_is_heading(cells[position], layout.headers[index]) for index, cells in columns.items())
        > len(columns)
    }


def _is_heading(cell: Cell, header: str) -> bool:
    return isinstance(cell, str) and heading(cell).casefold() == header.casefold()


def totals(
    body: Sequence[Sequence[Cell]], columns: Mapping[int, Sequence[Cell]], layout: Layout, words: Words
) -> set[int]:
    """Positions of rows without a stage that begin with a word for a total, or are a month's banner."""
    candidates: Iterable[int] = range(len(body))
    if "stage" in layout.columns:
        cells = columns[layout.columns["stage"]]
        candidates = _where(cells, {c for c in set(cells) if not says_something(c) or is_total(c, words)})
    return {
        position
        for position in candidates
        if is_total(_first_text(body[position]), words) or _is_banner(body[position], words)
    }


def _where(cells: Sequence[Cell], wanted: Set[Cell]) -> Iterable[int]:
    return [position for position, cell in enumerate(cells) if cell in wanted] if wanted else ()


def _first_text(row: Sequence[Cell]) -> Cell:
    return next((cell for cell in row if isinstance(cell, str) and clean(cell)), None)


def is_total(cell: Cell, words: Words) -> bool:
    """Whether this says `Total`, alone or with what was added up, such as a month or `open deals`.

    A deal of the company Total Energies is none.
    """
    if not isinstance(cell, str):
        return False
    said = plain(cell).split()
    bare = [word for word in said if not _is_period(word, words)]
    left = [word for word in bare if word not in words.counted and word not in words.outcomes]
    return " ".join(bare) in words.totals or (len(left) < len(bare) and " ".join(left) in words.totals)


def _is_banner(row: Sequence[Cell], words: Words) -> bool:
    """Whether the row holds nothing but the name of a month, a quarter or a year."""
    filled = [cell for cell in row if says_something(cell)]
    return (
        len(filled) == 1
        and isinstance(filled[0], str)
        and bool(plain(filled[0]))
        and all(_is_period(word, words) for word in plain(filled[0]).split())
    )


def _is_period(word: str, words: Words) -> bool:
    return word.isdecimal() or word in words.months or _QUARTER.fullmatch(word) is not None


def is_placeholder(cell: Cell) -> bool:
    """Whether this shows what to type there, as `[Name]` and `{{name}}` do, or has no letters."""
    return isinstance(cell, str) and _PLACEHOLDER.fullmatch(clean(cell)) is not None
