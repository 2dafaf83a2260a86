"""Tells which cells of a Google spreadsheet are calculated, from what was typed and what shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from fivestep.process.model.table import Cell, CellError, is_error

CellRow = list[Cell]
Calculated = dict[int, set[int]]
"""Rows (from 1) to the columns (from 0) that are calculated."""


def looks_calculated(entered: Sequence[CellRow]) -> Calculated:
    """The cells that hold a formula, or a text that begins like one: without what shows nobody can tell."""
    found: Calculated = {}
    for number, row in enumerate(entered, 1):
        columns = {column for column, cell in enumerate(row) if _begins_like_one(cell)}
        if columns:
            found[number] = columns
    return found


def calculated(values: Sequence[CellRow], entered: Sequence[CellRow], *, still: bool = False) -> Calculated | None:
    """The cells with a formula or a value of an array formula; None where the two readings do not fit.

    A cell that is not calculated is the same in both. One that an array formula fills was typed by nobody, and there is
    a formula above it or to its left. `still`: they are known to be of one moment, so that whatever differs counts as
    calculated, be it a kind of cell that nobody has thought of.
    """
    found: Calculated = {}
    leftmost: int | None = None
    for number, (row, other) in enumerate(zip_longest(values, entered, fillvalue=CellRow()), 1):
        if row == other:
            columns = set[int]()
        else:
            pairs = enumerate(zip_longest(row, other, fillvalue=""))
            columns = {column for column, (value, typed) in pairs if value != typed}
            formulas = [column for column in columns if column < len(other) and _begins_like_one(other[column])]
            leftmost = min([*formulas, *([] if leftmost is None else [leftmost])], default=None)
            filled = columns.difference(formulas)
            if not still and any(
                leftmost is None or column < leftmost or not _is_blank(other, column) for column in filled
            ):
                return None
        if columns:
            found[number] = columns
    return found


def name_errors(values: Sequence[CellRow], found: Mapping[int, set[int]]) -> None:
    """Make errors of the texts that calculated cells show in their stead."""
    for number, columns in found.items():
        row = values[number - 1] if number <= len(values) else []
        for column in columns:
            cell = row[column] if column < len(row) else None
            if isinstance(cell, str) and is_error(cell):
                row[column] = CellError(cell)


def _begins_like_one(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.startswith("=")


def _is_blank(row: CellRow, column: int) -> bool:
    return column >= len(row) or row[column] == ""
