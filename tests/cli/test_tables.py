"""What people see: on a terminal, and in a pipe."""

from __future__ import annotations

import io
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from fivestep.cli import listing, tables
from fivestep.cli.listing import Row, Section
from fivestep.connectors.sheet import Written
from fivestep.jobs.running.reports import Drafted, RunReport
from tests.fakes.plans import BUDGET, CHANGE, FUNNEL, STALLED, make_plan


def test_many_deals_past_every_win_are_one_line() -> None:
    past = [STALLED._replace(deal=f"D-{n}", row=n, past_wins=True) for n in range(1, 7)]
    rows = listing.deal_section(make_plan(verdicts=past)).rows
    assert [row.cells[1:4] for row in rows] == [("6 deals", "", "Stalled: longer in their stage than any that you won")]
    assert len(listing.deal_section(make_plan(verdicts=past), everything=True).rows) == 6
    assert len(listing.deal_section(make_plan(verdicts=past[:5])).rows) == 5


def _piped(*sections: Section) -> str:
    out = io.StringIO()
    tables.show(sections, out)
    return out.getvalue()


def _on_terminal(section: Section, width: int = 100) -> str:
    out = io.StringIO()
    tables.print_section(section, Console(file=out, width=width, force_terminal=True, color_system="standard"))
    return out.getvalue()


def test_what_needs_a_person_is_on_top() -> None:
    rows = listing.deal_section(make_plan()).rows
    assert [row.cells[1] for row in rows] == ["Robot arm", "Press hall", "Bottling line"]


def test_among_the_stalled_the_longest_wait_comes_first() -> None:
    longer = STALLED._replace(deal="D-20", row=20, name="Longer", days_since_contact=30)
    rows = listing.deal_section(make_plan(verdicts=[STALLED, longer])).rows
    assert [row.cells[1] for row in rows] == ["Longer", "Press hall"]


def test_a_pipe_gets_one_whole_line_a_deal() -> None:
    reason = "x" * 300
    lines = _piped(listing.deal_section(make_plan(verdicts=[STALLED._replace(reason=reason)]))).splitlines()
    assert lines[0] == "Northwind sales, 2026-11-23"
    assert lines[1].split() == ["ID", "Deal", "Stage", "Status", "Next", "step"]
    assert lines[2] == f"D-17  Press hall  Qualification  Stalled: {reason}  Ask about the budget"


def test_a_pipe_gets_every_row_and_a_terminal_the_first() -> None:
    section = listing.deal_section(make_plan(verdicts=[STALLED._replace(deal=f"D-{n}", row=n) for n in range(1, 1001)]))
    assert sum(line.startswith("D-") for line in _piped(section).splitlines()) == 1000
    shown = _on_terminal(section)
    assert f"… and {1000 - tables.FIRST} more" in shown


def test_a_terminal_gets_colours_and_its_own_width() -> None:
    shown = _on_terminal(listing.deal_section(make_plan()), width=80)
    assert "\x1b[" in shown
    plain = Console(width=80).render_str(shown).plain
    assert "Press hall" in plain


@given(st.text(max_size=80))
def test_no_cell_commands_a_terminal(cell: str) -> None:
    section = Section(cell, ("", "Deal"), [Row((cell, f"[red]{cell}[/red]\x1b[2J\r\n"), "Stalled")], cell)
    shown = _on_terminal(section) + _piped(section)
    assert "\x1b[2J" not in shown
    assert "\r" not in shown
    assert "[red]" in shown


def test_alike_findings_are_one_line_and_notes_are_counted() -> None:
    found = [BUDGET._replace(row=row) for row in range(9, 0, -1)] + [BUDGET._replace(severity="info")] * 3
    section = listing.problems(found, everything=False)
    assert [row.cells[:2] for row in section.rows] == [("error", "Budget, rows 1, 2, 3, 4, 5, 6 and 3 more")]
    assert section.after.startswith("3 notes")
    assert len(listing.problems(found, everything=True).rows) == 2


def test_a_draft_shows_what_became_of_it_and_why() -> None:
    report = RunReport(make_plan(), 4, [], [Drafted("skipped", "do not contact"), Drafted("created")])
    rows = listing.draft_section(report).rows
    assert [(row.cells[0], row.cells[1], row.cells[-1]) for row in rows] == [
        ("created", "D-17", ""),
        ("skipped", "D-18", "do not contact"),
    ]


def test_cells_are_counted_and_what_was_not_written_is_named() -> None:
    section = listing.cells([CHANGE, CHANGE], [Written("written", 5), Written("skipped", 9, "a person was faster")],
                            everything=False)  # fmt: skip
    assert [row.cells for row in section.rows] == [
        ("written", "Status", "1 cell", ""),
        ("skipped", "Status", "1 cell", ""),
        ("skipped", "Status, row 9", "D-17", "a person was faster"),
    ]


def test_a_plan_says_that_nothing_was_done_and_what_would_stop_a_run() -> None:
    closing = listing.closing(RunReport(make_plan()))
    assert closing.title == "3 deals · 1 Your turn · 1 Stalled · 1 On track"
    assert closing.after.splitlines() == [
        "3 new leads in the last seven days (target 10 a week)",
        "A run would stop here: the sheet holds no deals",
        "Nothing has been written or drafted; `fivestep run` does it.",
    ]


def test_what_a_person_should_know_stands_among_the_last_lines() -> None:
    closing = listing.closing(RunReport(make_plan(), 4, notices=["an earlier run was cut off"]))
    assert "an earlier run was cut off" in closing.after.splitlines()


def test_new_leads_that_nobody_dates_are_unknown() -> None:
    plan = make_plan(funnel=replace(FUNNEL, new_leads=None))
    assert listing.top_of_pipeline(plan) == "How many leads are new is unknown: map a column to `created`"


def test_a_plan_with_nothing_in_it_asks_for_no_run() -> None:
    closing = listing.closing(RunReport(make_plan(changes=[], drafts=[], brakes=[])))
    assert closing.after.splitlines()[-1] == "Nothing is left to write or to draft."
