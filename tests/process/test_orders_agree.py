"""A finding, the status, the next step and the draft of a deal never speak against each other."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fivestep.process.model.history import History
from fivestep.process.model.plan import LATE, Plan
from fivestep.process.model.table import Cell, Table
from tests.fakes.board import MONDAY, TOOLS, plan_of
from tests.fakes.memory import remembered, written

DAYS = st.one_of(st.just(""), st.dates(dt.date(2026, 9, 1), dt.date(2026, 12, 31)))
YES_NO = st.sampled_from(["", "yes", "no"])
COLUMNS: dict[str, st.SearchStrategy[Cell]] = {
    "stage": st.sampled_from(
        ["Prospecting", "Qualification", "Pitch", "Objections", "Closing", "Won", "Lost", "Nowhere", ""]
    ),
    "outcome": st.sampled_from(["", "Open", "Won", "Verloren", "perhaps"]),
    "email": st.sampled_from(["", "kim@acme.example", "lou@bolt.example", "max@cask.example"]),
    "contact": st.sampled_from(["", "Kim"]),
    "fit": YES_NO,
    "override": st.sampled_from(["", "agreed"]),
    "stage_since": DAYS,
    "created": DAYS,
    "modified": DAYS,
    "last_contact": DAYS,
    "last_reply": DAYS,
    "next_contact": DAYS,
    "waiting_until": DAYS,
    "presented_on": DAYS,
    "won_on": DAYS,
    "lost_on": DAYS,
    "contract_signed": YES_NO,
    "objection": st.sampled_from(["", "price", "timing"]),
    "objection_answer": st.sampled_from(["", "it pays for itself"]),
    "satisfaction": st.sampled_from(["", "happy", "unhappy"]),
    "do_not_contact": YES_NO,
}
AN_END = re.compile(r"^(Close this|Move the deal|Put the|Correct|Empty|Find somebody else|Wait until|Answer )")
"""Next steps that leave no room for a mail to the customer."""

TO_CLOSE = re.compile(r"Close|Move")
WAITS = re.compile(r"Draft \d of \d waiting since")
NUDGE = re.compile(r"(?!care)\w")


@st.composite
def sheets(draw: st.DrawFn) -> Table:
    """A sheet of deals with some of the columns that decide."""
    more = draw(
        st.lists(st.sampled_from([name for name in COLUMNS if name not in {"stage", "email"}]), unique=True, min_size=4)
    )
    columns = ["stage", "email", *more]
    rows: list[list[Cell]] = draw(st.lists(st.tuples(*map(COLUMNS.get, columns)).map(list), min_size=1, max_size=4))
    named: list[list[Cell]] = [[f"Deal {number}", *row] for number, row in enumerate(rows)]
    return Table("test", [["deal", *columns], *named])


class Told(NamedTuple):
    """All that is said of one deal."""

    status: str
    reason: str
    step: str
    cell: str
    """What the follow-up cell says."""
    template: str
    """The text of the mail that is drafted; empty where none is."""
    rules: frozenset[str]


FORBIDDING = frozenset(
    {
        "prospecting.poor_fit",
        "qualification.poor_fit",
        "stage.outcome",
        "stage.closed",
        "closing.signed",
        "closing.answer",
    }
)
ENDS = frozenset({"stage.outcome", "stage.closed"})
CONTRADICTIONS: dict[str, Callable[[Told], object]] = {
    "a mail to somebody who is not due one": lambda told: (
        told.template and told.status not in {"Follow up", "Stalled", "Won"}
    ),
    "a nudge to a customer": lambda told: told.status == "Won" and NUDGE.match(told.template),
    "care for an open deal": lambda told: told.status in LATE and told.template.startswith("care"),
    "a mail where the next step is another": lambda told: told.template and AN_END.match(told.step),
    "a mail and a finding that forbids it": lambda told: told.template and told.rules & FORBIDDING,
    "a draft to review that is not there": lambda told: told.step.startswith("Review") and not WAITS.match(told.cell),
    "a draft that waits and is not to be sent": lambda told: (
        WAITS.match(told.cell) and not told.step.startswith("Review")
    ),
    "a closed deal that is to be closed": lambda told: told.status in {"Won", "Lost"} and TO_CLOSE.match(told.step),
    "nothing is wrong, and something is to be mended": lambda told: (
        told.status in {"On track", "Unknown age"} and re.match("Close this|Put|Correct|Empty|Answer", told.step)
    ),
    "a forbidding finding on a deal that is on track": lambda told: (
        told.status == "On track" and told.rules & FORBIDDING
    ),
    "a deal that has stalled, and may be over": lambda told: told.status in LATE and told.rules & ENDS,
    "a word of the settings in a cell": lambda told: "[" in f"{told.status} {told.reason} {told.step} {told.cell}",
}


def contradictions(plan: Plan, sheet: Table) -> list[str]:
    """What the plan says of one deal and takes back in the same breath."""
    header = [*map(str, sheet.rows[0])]
    place = header.index(TOOLS[3]) if TOOLS[3] in header else None
    cells = {
        row: str(cells[place]) if place is not None and place < len(cells) else ""
        for row, cells in enumerate(sheet.rows, 1)
    }
    cells |= {change.row: change.new for change in plan.changes if change.column == TOOLS[3]}
    templates = {draft.row: draft.template for draft in plan.drafts if not draft.skipped}
    found = []
    for verdict in plan.verdicts:
        rules = frozenset(problem.rule for problem in plan.problems if problem.row == verdict.row)
        told = Told(
            verdict.status,
            verdict.reason,
            verdict.next_step,
            cells[verdict.row],
            templates.get(verdict.row, ""),
            rules,
        )
        found += [f"{what}: {told}" for what, holds in CONTRADICTIONS.items() if holds(told)]
    return found


SEARCH = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@SEARCH
@given(sheet=sheets())
def test_a_first_plan_does_not_contradict_itself(sheet: Table) -> None:
    assert contradictions(plan_of(sheet).plan, sheet) == []


@pytest.mark.slow
@SEARCH
@given(sheet=sheets(), edited=sheets(), days=st.integers(0, 40))
def test_nor_does_one_that_finds_drafts_and_other_cells_than_before(sheet: Table, edited: Table, days: int) -> None:
    first = plan_of(sheet).plan
    history = remembered(History(), first)
    after = written(sheet, 1, first)
    header = [*map(str, after.rows[0])]
    rows = [list(row) for row in after.rows]
    for row, other in zip(rows[1:], edited.rows[1:], strict=False):
        for column, cell in zip(map(str, edited.rows[0]), other, strict=True):
            if column in header and column not in {"deal", "email"}:
                row[header.index(column)] = cell
    now = Table("test", rows)
    plan = plan_of(now, today=MONDAY + dt.timedelta(days=days), history=history).plan
    assert contradictions(plan, now) == []
