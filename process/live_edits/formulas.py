"""A formula that is put back into a sheet in which rows and columns have moved: what it refers to has moved too.

Inserting, deleting and dragging lets a reference follow its cell, `$` or not. Sorting carries a reference without `$`
along with its formula's row, and leaves one with `$` as it is. Where the two would differ, nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from fivestep.process.model.table import column_letters, index_of_letters

_COLUMN, _ROW = r"\$?[A-Za-z]{1,3}", r"\$?[1-9][0-9]*"
_CELL = rf"{_COLUMN}{_ROW}"
_AREA = rf"{_CELL}(?::(?:{_CELL}|{_COLUMN}|{_ROW}))?|{_COLUMN}:(?:{_CELL}|{_COLUMN})|{_ROW}:(?:{_CELL}|{_ROW})"
_PART = re.compile(
    r'"(?:[^"]|"")*"|\[[^\]]*\]'  # texts, and columns of tables by their names
    rf"|(?<![\w.$:!'])(?P<tab>'(?:[^']|'')*'!|[^\W\d][\w.]*!)?(?P<area>{_AREA})(?![\w.(!:])"
)
_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")


class _Unknown(Exception):  # noqa: N818  (nobody sees it)
    """Where a reference points by now can't be told for certain."""


def without_references(text: str) -> str:
    """A formula without what it refers to, which moving changes; any other text as it is."""
    return _PART.sub(lambda part: part[0] if part["area"] is None else "#", text) if text.startswith("=") else text


@dataclass(frozen=True)
class Moves:
    """Where rows (from 1) and columns (from 0) of a tab have come to be, as far as that is known."""

    rows: Mapping[int, int]
    columns: Mapping[int, int]
    title: str = ""
    """The tab's, for references that name it."""

    @cached_property
    def _axes(self) -> tuple[_Axis, _Axis]:
        return _Axis(self.rows, sorts=True), _Axis(self.columns, sorts=False)

    def formula(self, text: str, row: int) -> str | None:
        """A formula as the row that it was in has it by now; None where that can't be told for certain."""
        rows, columns = self._axes

        def moved(part: re.Match[str]) -> str:
            if part["area"] is None or not self._is_here(part["tab"]):
                return part[0]
            first, *rest = (_CORNER.fullmatch(corner) for corner in part["area"].split(":"))
            last = rest[0] if rest else first
            assert first is not None and last is not None
            across = columns.span(_index(first[2]), _index(last[2]), bool(first[1]), bool(last[1]), 0)
            down = rows.span(_number(first[4]), _number(last[4]), bool(first[3]), bool(last[3]), row)
            corners = [
                f"{corner[1]}{'' if column is None else column_letters(column)}{corner[3]}{number or ''}"
                for corner, column, number in zip((first, last), across, down, strict=True)
            ]
            return (part["tab"] or "") + ":".join(corners[: 1 + len(rest)])

        try:
            return _PART.sub(moved, text)
        except _Unknown:
            return None

    def _is_here(self, tab: str | None) -> bool:
        """Whether a reference is to this tab; another one has not moved."""
        return tab is None or tab[:-1].strip("'").replace("''", "'").casefold() == self.title.casefold()


@dataclass(frozen=True)
class _Axis:
    moved: Mapping[int, int]
    sorts: bool
    """Whether people can sort along it."""

    @cached_property
    def _still(self) -> bool:
        return all(then == now for then, now in self.moved.items())

    @cached_property
    def _in_order(self) -> bool:
        """Whether nothing but inserting and deleting can have made it so."""
        return all(one < other for one, other in pairwise(now for _, now in sorted(self.moved.items())))

    def span(
        self, first: int | None, last: int | None, first_fixed: bool, last_fixed: bool, formula: int
    ) -> tuple[int | None, int | None]:
        """Where a stretch is by now that a formula refers to; a side that is open stays open. Raises _Unknown."""
        one, other = self._place(first, first_fixed, formula), self._place(last, last_fixed, formula)
        if None in (first, last, one, other) or self._in_order:
            return one, other
        assert first is not None and last is not None and one is not None
        if any(self._now(place) - place != one - first for place in range(first, last + 1)):
            raise _Unknown
        return one, other

    def _place(self, place: int | None, fixed: bool, formula: int) -> int | None:
        if place is None:
            return None
        now = self._now(place)
        if self._in_order or not self.sorts:
            return now
        if now != (place if fixed else place + self._now(formula) - formula):
            raise _Unknown
        return now

    def _now(self, place: int) -> int:
        if place in self.moved:
            return self.moved[place]
        if self._still:
            return place
        raise _Unknown


def _number(digits: str) -> int | None:
    return int(digits) if digits else None


def _index(letters: str) -> int | None:
    return index_of_letters(letters) if letters else None
