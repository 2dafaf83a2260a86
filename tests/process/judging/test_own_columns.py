"""Whose text a cell holds, and what is emptied again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivestep.process.model.history import History
from fivestep.process.model.plan import Plan
from fivestep.process.model.table import Cell, Table
from tests.fakes.board import plan_of
from tests.fakes.memory import remembered, written

SHEET = """
deal | stage         | contact
Pump | Qualification | Kim Lee
Tank | Closing       | Cy Dow
Fan  | Pitch         | Di Poe
"""


def carried_out(sheet: str | Table, history: History | None = None) -> tuple[Table, History, Plan]:
    """The sheet and the history after a run, and its plan."""
    board = plan_of(sheet, history=history or History())
    return written(board.book.table, 1, board.plan), remembered(history or History(), board.plan), board.plan


def with_cells(sheet: Table, cells: dict[tuple[int, int], Cell]) -> Table:
    """The sheet with other cells, by row (from 1) and column (from 0)."""
    return Table(
        "test",
        [[cells.get((n, at), cell) for at, cell in enumerate(row)] for n, row in enumerate(sheet.rows, 1)],
    )


def overwritten(plan: Plan) -> set[int]:
    return {problem.row for problem in plan.problems if problem.rule == "cell.overwritten"}


def test_beside_an_id_that_was_typed_over_the_texts_are_the_tools_own() -> None:
    sheet, history, _ = carried_out(SHEET)
    typed = with_cells(sheet, {(2, 3): "F-77", (2, 1): "Pitch"})
    plan = plan_of(typed, history=history).plan
    assert not overwritten(plan)
    assert {change.column for change in plan.changes if change.deal == "F-77"} == {"Suggested next step"}


def test_a_copied_row_with_an_id_of_somebodys_own_is_judged_alike_by_two_runs() -> None:
    sheet, history, _ = carried_out(SHEET)
    copied = Table("test", [*sheet.rows, ["Valve", "Pitch", "Bo Chan", "mine", *sheet.rows[1][4:]]])
    after, history, plan = carried_out(copied, history)
    assert not overwritten(plan)
    assert {change.column for change in plan.changes if change.deal == "mine"} == {"Suggested next step"}
    assert not plan_of(after, history=history).plan.changes


def test_a_persons_text_beside_an_id_of_their_own_stays() -> None:
    sheet, history, _ = carried_out(SHEET)
    plan = plan_of(with_cells(sheet, {(2, 3): "F-77", (2, 4): "hands off!"}), history=history).plan
    assert overwritten(plan) == {2}
    assert all(change.old != "hands off!" for change in plan.changes)


def deleted(sheet: Table, row: int, width: int = 3) -> Table:
    """The sheet when a row of its first columns only was deleted, as of a table that ends there."""
    rows = [list(cells) for cells in sheet.rows]
    for at in range(row - 1, len(rows)):
        rows[at][:width] = rows[at + 1][:width] if at + 1 < len(rows) else [""] * width
    return Table("test", rows)


def test_beside_a_row_that_is_empty_by_now_nothing_of_the_tool_is_left() -> None:
    sheet, history, _ = carried_out(SHEET)
    after, history, plan = carried_out(deleted(sheet, 2), history)
    assert [row[3] for row in after.rows] == ["Deal ID", "D-2", "D-3", ""]
    assert not any(after.rows[3])
    assert {(c.deal, c.new) for c in plan.changes if c.row == 4} == {("D-3", "")}
    again = plan_of(after, history=history).plan
    assert not again.changes
    assert not overwritten(again)


def test_an_emptied_row_keeps_what_the_tool_did_not_write() -> None:
    sheet, history, _ = carried_out(SHEET)
    blank: dict[tuple[int, int], Cell] = {(4, at): "" for at in range(3)}
    plan = plan_of(with_cells(sheet, {**blank, (4, 4): "ask Di"}), history=history).plan
    assert {change.column for change in plan.changes if change.row == 4} == {"Deal ID", "Suggested next step"}
    assert not [
        c for c in plan_of(with_cells(sheet, {**blank, (4, 3): "X-9"}), history=history).plan.changes if c.row == 4
    ]


def test_a_formula_beside_an_emptied_row_stays() -> None:
    sheet, history, _ = carried_out(SHEET)
    emptied = with_cells(sheet, {(4, at): "" for at in range(3)})
    plan = plan_of(Table("test", emptied.rows, {4: {4}}), history=history).plan
    assert "Status" not in {change.column for change in plan.changes if change.row == 4}


STAGES = st.sampled_from(["Prospecting", "Qualification", "Pitch", "Closing", "Won", "Lost", ""])
NAMES = st.sampled_from(["Acme", "Bolt", "Cask", ""])
AMOUNTS = st.sampled_from(["", "500", "9000"])
EMAILS = st.sampled_from(["", "kim@acme.example", "lou@bolt.example"])
ROWS = st.lists(st.tuples(NAMES, STAGES, AMOUNTS, EMAILS).map(list), min_size=1, max_size=6)
WIDTH = 4
IDS = st.sampled_from(["", "D-1", "D-2", "D-3", "F-77"])


@st.composite
def edits(draw: st.DrawFn, sheet: Table) -> Table:
    """The sheet after what people do to it: rows sorted, copied, deleted, IDs typed; whole or in part."""
    rows = [list(row) + [""] * (sheet.width - len(row)) for row in sheet.rows[1:]]
    for kind in draw(st.lists(st.sampled_from(["sort", "copy", "delete", "shift", "type", "edit"]), max_size=3)):
        at = draw(st.integers(0, len(rows) - 1))
        if kind == "sort":
            left = draw(st.permutations([row[:WIDTH] for row in rows]))
            rows = [[*cells, *row[WIDTH:]] for cells, row in zip(left, rows, strict=True)]
        elif kind == "copy":
            rows.append(list(rows[at]))
        elif kind == "delete" and len(rows) > 1:
            del rows[at]
        elif kind == "shift":
            rows = [list(row) for row in deleted(Table("test", [[], *rows]), at + 2, WIDTH).rows[1:]]
        elif kind == "type" and "Deal ID" in sheet.rows[0]:
            rows[at][sheet.rows[0].index("Deal ID")] = draw(IDS)
        elif kind == "edit":
            rows[at][1] = draw(STAGES)
    return Table("test", [sheet.rows[0], *rows])


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, data=st.data())
def test_a_second_run_on_one_day_writes_nothing_and_says_the_same(rows: list[list[Cell]], data: st.DataObject) -> None:
    sheet, history, _ = carried_out(Table("test", [["deal", "stage", "amount", "email"], *rows]))
    edited = data.draw(edits(sheet))
    sheet, history, first = carried_out(edited, history)
    second = plan_of(sheet, history=history).plan
    assert second.changes == []
    assert [verdict.status_text for verdict in second.verdicts] == [verdict.status_text for verdict in first.verdicts]
    told = (
        {(p.row, p.rule) for p in plan.problems if p.rule not in ("id.moved", "id.uncertain")}
        for plan in (first, second)
    )
    assert next(told) == next(told)
