"""Formulas that are put back after rows and columns have moved, with their references updated.

Where somebody inserts, deletes or drags, a reference follows its cell, with or without `$`. Where somebody sorts, a
reference without `$` moves along with its formula's row, and one with `$` stays as it is. Where the two differ, the new
reference is not certain, and none is given.
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
    """It is not certain where a reference points now."""


def without_references(text: str) -> str:
    """A formula with `#` for each reference, for comparing formulas that moved; other texts unchanged."""
    return _PART.sub(lambda part: part[0] if part["area"] is None else "#", text) if text.startswith("=") else text


@dataclass(frozen=True)
class Moves:
    """Where the rows (from 1) and columns (from 0) of a tab are now, as far as is known."""

    rows: Mapping[int, int]
    columns: Mapping[int, int]
    title: str = ""
    """The tab's, for references that name it."""

    @cached_property
    def _axes(self) -> tuple[_Axis, _Axis]:
        return _Axis(self.rows, sorts=True), _Axis(self.columns, sorts=False)

    def formula(self, text: str, row: int) -> str | None:
        """The formula with its references brought up to date; None where they are not certain.

        `row` is the row that the formula stood in before.
        """
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
        """Whether a reference points into this tab; other tabs have not moved."""
        return tab is None or tab[:-1].strip("'").replace("''", "'").casefold() == self.title.casefold()


@dataclass(frozen=True)
class _Axis:
    """The rows or the columns of a tab, and where each is now."""

    moved: Mapping[int, int]
    sorts: bool
    """Whether people can sort along it."""

    @cached_property
    def _still(self) -> bool:
        return all(then == now for then, now in self.moved.items())

    @cached_property
    def _in_order(self) -> bool:
        """Whether all are in their old order, so that some were inserted or deleted at most."""
        return all(one < other for one, other in pairwise(now for _, now in sorted(self.moved.items())))

    def span(
        self, first: int | None, last: int | None, first_fixed: bool, last_fixed: bool, formula: int
    ) -> tuple[int | None, int | None]:
        """Where the first and the last row (or column) of a reference are now. Raises _Unknown.

        - `first`, `last`: where they were; None for an open side, as in `A2:A`, which stays open.
        - `first_fixed`, `last_fixed`: whether a `$` stands before them.
        - `formula`: the row that the formula stood in; 0 for columns, which nobody sorts.
        """
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
