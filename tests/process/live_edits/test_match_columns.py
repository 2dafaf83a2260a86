"""Which column is which after a write that may have landed in any: the inputs are what a person would see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from fivestep.process.live_edits.match_columns import align_columns
from fivestep.process.model.table import Table

BEFORE = [["Deal", "Size", "Called"], ["Alpha", "1", "=A2"], ["Beta", "2", "=A3"]]
NEW = {1: {3: "Deal ID", 4: "Status"}, 2: {3: "D-1", 4: "won"}, 3: {3: "D-2", 4: "lost"}}


def aligned(
    before: Sequence[Sequence[str]],
    written: Mapping[int, Mapping[int, str]],
    after: Sequence[Sequence[str]],
    columns: tuple[int, int] | tuple[None, None] = (None, None),
) -> str:
    """Each column of before by its number, and where it is by now."""
    tables = [Table("Deals", rows, columns=many) for rows, many in zip((before, after), columns, strict=True)]
    found = align_columns(tables[0], 1, written, tables[1], 1)
    return " ".join(f"{column}:{found[column]}" for column in sorted(found) if column < 5)


@pytest.mark.parametrize("columns", [(26, 28), (5, 7), (None, None)])
def test_one_that_was_written_over_wholly_is_no_stranger_that_was_inserted_beside_it(
    columns: tuple[int, int] | tuple[None, None],
) -> None:
    after = [
        ["Mine", "Deal", "Size", "Yours", "Deal ID", "Status"],
        ["", "Alpha", "1", "", "D-1", "won"],
        ["", "Beta", "2", "", "D-2", "lost"],
    ]
    pairs = aligned(BEFORE, NEW, after, columns)
    assert pairs.startswith("0:1 1:2 2:4 ")
    assert pairs.endswith("4:5")


@pytest.mark.parametrize("columns", [(10, 11), (None, None)])
def test_a_header_that_was_written_says_less_than_what_was_not(columns: tuple[int, int] | tuple[None, None]) -> None:
    before = [["Deal", "ID", "Status"], ["Alpha", "D-1", "won"], ["Beta", "D-2", "lost"], ["Gamma", "=A4", ""]]
    repair = {1: {1: "Called", 3: "ID"}, 2: {1: "=A2", 3: "D-1"}, 3: {1: "=A3", 3: "D-2"}}
    after = [
        ["Deal", "Called", "ID", "ID"],
        ["Alpha", "=A2", "D-1", "D-1"],
        ["Beta", "=A3", "D-2", "D-2"],
        ["Gamma", "", "=A4", ""],
    ]
    assert aligned(before, repair, after, columns) == "0:0 1:2 2:3 3:4"


def test_one_that_was_dragged_away_leaves_the_others_in_their_order() -> None:
    before = [["Deal", "Size", "ID", "Status", "Next"], ["Alpha", "1", "D-1", "won", "call"]]
    before += [["Beta", "2", "D-2", "lost", "write"], ["Gamma", "3", "", "old", "wait"]]
    repair = {1: {2: "Called", 5: "ID"}, 2: {2: "=A2", 5: "D-1"}, 3: {2: "=A3", 5: "D-2"}}
    after = [
        ["Deal", "ID", "Called", "Size", "Next", "ID"],
        ["Alpha", "D-1", "=A2", "1", "call", "D-1"],
        ["Beta", "D-2", "=A3", "2", "write", "D-2"],
        ["Gamma", "", "old", "3", "wait", ""],
    ]
    assert aligned(before, repair, after, (10, 10)) == "0:0 1:3 2:1 3:2 4:4"


@pytest.mark.parametrize(
    ("header", "cells", "columns", "pairs"),
    [
        ("Small", ["1", "2"], (10, 10), "0:0 1:1 2:2"),  # renamed
        ("Small", ["8", "9"], (10, 10), "0:0 2:2"),  # deleted, and another one inserted
        ("Small", ["1", "9"], (10, 10), "0:0 1:1 2:2"),  # renamed, and a cell typed anew
        ("", ["1", "2"], (10, 10), "0:0 1:1 2:2"),  # its header cleared
    ],
)
def test_another_header_is_a_new_name_as_long_as_anything_is_left(
    header: str, cells: list[str], columns: tuple[int, int], pairs: str
) -> None:
    after = [["Deal", header, "Called"], *([row[0], cell, row[2]] for row, cell in zip(BEFORE[1:], cells, strict=True))]
    assert aligned(BEFORE, {}, after, columns) == pairs


def test_those_that_share_a_header_are_told_by_what_they_hold_whatever_the_order_of_the_rows() -> None:
    before = [["Deal", "Notes", "Notes"], ["Alpha", "a", "x"], ["Beta", "b", "y"], ["Gamma", "c", "z"]]
    after = [["Deal", "Notes", "Notes", "Notes"], ["Gamma", "", "c", "z"], ["Beta", "", "b", "y"]]
    assert aligned(before, {}, after, (10, 11)) == "0:0 1:2 2:3"


def test_very_many_of_them_take_no_time() -> None:
    rows = [[f"{row}/{column}" for column in range(200)] for row in range(500)]
    before, after = [["Deal", *[""] * 199], *rows], [["Mine", "Deal", *[""] * 199], *(["", *row] for row in rows)]
    assert aligned(before, {}, after, (200, 201)) == "0:1 1:2 2:3 3:4 4:5"
