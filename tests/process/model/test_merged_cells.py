"""A table as people see it: merged cells."""

from __future__ import annotations

from fivestep.process.model.merged_cells import MergedCells
from fivestep.process.model.table import Table

ROWS = [["Deal", "Owner"], ["Pump", "Ana"], ["Valve"], ["Tank", "Ben"]]


def test_a_row_as_seen_has_what_is_merged_from_above() -> None:
    table = Table("t", ROWS, merged=[MergedCells(2, 1, 3, 2), MergedCells(3, 3, 4, 3)])
    assert [list(table.seen(row)) for row in (2, 3, 4)] == [["Pump", "Ana"], ["Valve", "Ana"], ["Tank", "Ben"]]
    assert [table.origin(row, 1) for row in (2, 3, 4)] == [2, 2, 4]
    assert table.rows[2] == ["Valve"]


def test_all_but_the_first_of_merged_cells_are_covered() -> None:
    table = Table("t", ROWS, merged=[MergedCells(2, 1, 3, 2)])
    covered = {(row, column) for row in range(1, 5) for column in range(4) if table.is_covered(row, column)}
    assert covered == {(2, 2), (3, 1), (3, 2)}


def test_blocks_that_reach_to_the_end_of_the_sheet_cost_no_more_than_the_table() -> None:
    table = Table("t", ROWS, merged=[MergedCells(1, 0, 1_048_576, 16_383)] * 100)
    assert table.rows_with_merged == {1, 2, 3, 4}
    assert table.is_covered(4, 16_000)


def test_numbers_are_found_by_column_and_ticks_are_none() -> None:
    table = Table("t", [["a", "b"], [1, "x"], [True, 2.5], ["y"]])
    assert [table.rows_with_numbers(columns) for columns in ({0}, {1}, {0, 1}, {5})] == [[2], [3], [2, 3], []]
