"""What holds for every plan, whatever stands in the sheet."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivestep.process.model.history import History
from fivestep.process.model.plan import STATUSES
from fivestep.process.model.table import Cell, CellError, Table
from tests.fakes.board import MONDAY, TOOLS, plan_of
from tests.fakes.memory import remembered, written

DAYS = st.one_of(
    st.just(""),
    st.dates(dt.date(2026, 8, 1), dt.date(2026, 12, 31)),
    st.sampled_from(["2026-10-05", "soon", "05.10.2026", 46300.0]),
)
PEOPLE = st.sampled_from(["", "kim@acme.example", "lou@bolt.example", "KIM@ACME.EXAMPLE", "nobody", "max@cask.example"])
STAGES = st.sampled_from(
    ["Prospecting", "2 - Qualified", "Pitch", "Objections", "Closing", "Won", "Closed lost", "Nowhere", ""]
)
TICKS = st.sampled_from(["", "x", True, False, "yes", "2026-11-02", CellError("#REF!")])
TEXTS = st.one_of(st.sampled_from(["", "price", "=1+1", "Lou Roth, Max Orr", "{{email}}"]), st.text(max_size=8))

COLUMNS: dict[str, st.SearchStrategy[Cell]] = {
    "Deal ID": st.sampled_from(["", "", "D-1", "D-2", "D-2", "mine"]),
    "Status": st.sampled_from(["", "", "hands off!", "Stalled: 9 working days"]),
    "deal": st.sampled_from(["Acme", "Bolt", "Cask", ""]),
    "stage": STAGES,
    "stage_since": DAYS,
    "last_contact": DAYS,
    "last_reply": DAYS,
    "email": PEOPLE,
    "contact": TEXTS,
    "won_on": DAYS,
    "contract_signed": TICKS,
    "do_not_contact": TICKS,
    "waiting_until": DAYS,
    "objection": TEXTS,
    "satisfaction": TEXTS,
    "referrals": TEXTS,
    "amount": st.one_of(TEXTS, st.floats(), st.sampled_from(["$12,500", "12.500,00 €"])),
}


@st.composite
def sheets(draw: st.DrawFn) -> Table:
    """A sheet of some of the columns, with all kinds of cells."""
    columns = ["deal", "stage", *draw(st.lists(st.sampled_from([*COLUMNS][4:]), unique=True))]
    columns += draw(st.lists(st.sampled_from(["Deal ID", "Status", "Their own column"]), unique=True))
    columns = draw(st.permutations(columns))
    cells = [COLUMNS.get(column, st.text(max_size=5)) for column in columns]
    rows: list[list[Cell]] = draw(st.lists(st.tuples(*cells).map(list), max_size=6))
    return Table("test", [list(columns), *rows])


THOROUGH = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@THOROUGH
@given(sheet=sheets())
def test_the_same_sheet_gives_the_same_plan(sheet: Table) -> None:
    assert plan_of(sheet).plan == plan_of(sheet).plan


@pytest.mark.slow
@THOROUGH
@given(sheet=sheets())
def test_carrying_it_out_twice_is_carrying_it_out_once(sheet: Table) -> None:
    first = plan_of(sheet)
    history = remembered(History(), first.plan)
    again = plan_of(written(sheet, 1, first.plan), history=history)
    assert again.plan.changes == []
    assert again.plan.new_columns == [] or not first.plan.changes
    assert again.drafts() == {}
    assert [v.status_text for v in again.plan.verdicts] == [v.status_text for v in first.plan.verdicts]


@pytest.mark.slow
@THOROUGH
@given(sheet=sheets())
def test_only_the_tools_own_columns_change_and_nobodys_text_is_lost(sheet: Table) -> None:
    plan = plan_of(sheet).plan
    assert {change.column for change in plan.changes} <= set(TOOLS)
    shown = {(row, str(header)): cell for row, cells in enumerate(sheet.rows, 1)
             for header, cell in zip(sheet.rows[0], cells, strict=False)}  # fmt: skip
    for change in plan.changes:
        assert shown.get((change.row, change.column), "") == change.old
        assert change.old != "hands off!"
        assert not change.new.startswith(("=", "+", "-", "@"))


@pytest.mark.slow
@THOROUGH
@given(sheet=sheets())
def test_every_deal_has_one_status_and_an_id_of_its_own(sheet: Table) -> None:
    plan = plan_of(sheet).plan
    assert {verdict.status for verdict in plan.verdicts} <= set(STATUSES)
    ids = [verdict.deal for verdict in plan.verdicts]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    assert plan.summary["deals"] == len(ids)


@pytest.mark.slow
@THOROUGH
@given(sheet=sheets(), days=st.lists(st.integers(0, 20), min_size=1, max_size=4))
def test_nobody_ever_has_two_open_drafts_or_one_that_is_forbidden(sheet: Table, days: list[int]) -> None:
    history, today = History(), MONDAY
    for ahead in days:
        today += dt.timedelta(days=ahead)
        board = plan_of(sheet, today=today, history=history)
        for draft in (draft for draft in board.plan.drafts if not draft.skipped):
            deal = next(deal for deal in board.book.parsed.deals if deal.row == draft.row)
            assert not deal.do_not_contact
            assert "{{" not in draft.subject
            assert draft.plain.strip()
        sheet = written(sheet, 1, board.plan)
        history = remembered(history, board.plan)
        records = [record for past in history.deals.values() for record in past.drafts]
        assert all(count == 1 for count in Counter(record.person for record in records).values())
        assert all(count == 1 for count in Counter(record.key for record in records).values())


PLAIN = ["deal", "stage", "contact", "contract_signed", "objection", "satisfaction"]
ROW = st.tuples(*(COLUMNS[column] for column in PLAIN)).map(list)


@pytest.mark.slow
@THOROUGH
@given(rows=st.lists(ROW, min_size=1, max_size=6), data=st.data())
def test_no_tool_column_of_an_untouched_row_changes(rows: list[list[Cell]], data: st.DataObject) -> None:
    sheet = Table("test", [list(PLAIN), *rows])
    first = plan_of(sheet)
    after = written(sheet, 1, first.plan)
    edited = data.draw(st.integers(1, len(rows)))
    now = [list(row) for row in after.rows]
    now[edited][: len(PLAIN)] = data.draw(ROW)
    plan = plan_of(Table("test", now), history=remembered(History(), first.plan)).plan
    assert {change.row for change in plan.changes} <= {edited + 1}
