"""Ages that nobody can tell, and what a person has planned."""

from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.digest.figures import ages
from fivestep.process.model.history import DealHistory, History, StageEntry
from tests.fakes.board import MONDAY, plan_of

SAID = "Unknown age: no date says how long it has been in this stage"
UNKNOWN = f"{SAID}, and the sheet has no column for the last contact"


def seen(*entries: tuple[str, dt.date]) -> DealHistory:
    return DealHistory(entries=[StageEntry(stage, on, None) for stage, on in entries])


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


@pytest.mark.parametrize(
    ("header", "cell", "status"),
    [
        ("company", "Acme", UNKNOWN),
        ("stage_since", "", f"{SAID}; fill in stage_since"),
        ("stage_since", "2026-11-16", "On track: next look after 30 Nov"),
        ("last_contact", "", f"{SAID}; fill in last_contact"),
        ("last_contact", "2026-11-20", "On track: next look after 27 Nov"),
        ("created", "2016-10-20", UNKNOWN),
        ("created", "2026-11-16", "On track: next look after 30 Nov"),
        ("modified", "2026-11-20", "On track: next look after 27 Nov"),
        ("next_contact", "2026-12-20", "On track: next contact planned for 20 Dec"),
    ],
)
def test_a_deal_is_on_track_where_something_tells_so(header: str, cell: str, status: str) -> None:
    board = plan_of(f"deal | stage | {header}\nAcme | Pitch | {cell}")
    assert board.status("Acme") == status
    assert not [problem for problem in board.plan.problems if problem.severity == "error"]


def test_what_is_promised_of_a_young_deal_holds_until_that_day() -> None:
    sheet, past = "Deal ID | deal | stage | created\nD-1 | Acme | Pitch | 2026-11-16", {"D-1": seen(("Pitch", MONDAY))}
    said = [plan_of(sheet, today=MONDAY + dt.timedelta(n), past=past).status("Acme") for n in (0, 7, 8, 14, 15)]
    assert said[:2] == ["On track: next look after 30 Nov"] * 2
    assert said[2:4] == [UNKNOWN] * 2
    assert said[4] == "Follow up: at least 11 working days in Pitch (a word is due after 10)"


def test_created_is_the_entry_into_the_first_stage_and_no_other() -> None:
    board = plan_of("deal | stage | created\nOld | Prospecting | 2016-10-20\nNew | Prospecting | 2026-11-16")
    assert board.status("Old") == "Follow up: 2632 working days in Prospecting (a word is due after 10)"
    assert board.status("New") == "On track: next look after 30 Nov"
    back = seen(("Qualification", day(10, 1)), ("Prospecting", day(11, 16)))
    board = plan_of("Deal ID | deal | stage | created\nD-1 | Old | Prospecting | 2016-10-20", past={"D-1": back})
    assert board.verdict("Old").days_in_stage == 5


@pytest.mark.parametrize(
    ("first_seen", "status"),
    [(day(11, 20), UNKNOWN), (day(11, 6), "Follow up: at least 11 working days in Pitch (a word is due after 10)")],
)
def test_what_the_first_run_found_is_at_least_as_old_as_that(first_seen: dt.date, status: str) -> None:
    board = plan_of("Deal ID | deal | stage\nD-1 | Acme | Pitch", past={"D-1": seen(("Pitch", first_seen))})
    assert board.status("Acme") == status
    assert board.verdict("Acme").days_in_stage is None


def test_what_came_later_counts_from_that_day() -> None:
    past = {"D-1": seen(("Pitch", day(11, 2)), ("Objections", day(11, 18))), "D-2": seen(("Pitch", day(11, 17)))}
    board = plan_of("""
        Deal ID | deal | stage
        D-1     | Acme | Objections
        D-2     | Bolt | Pitch
                | Cask | Pitch
    """, past=past)  # fmt: skip
    assert [board.verdict(name).days_in_stage for name in ("Acme", "Bolt", "Cask")] == [3, 4, 0]
    assert {board.verdict(name).status for name in ("Acme", "Bolt", "Cask")} == {"On track"}


def test_the_status_of_a_deal_of_unknown_age_stays_the_same_from_day_to_day() -> None:
    sheet, past = "Deal ID | deal | stage\nD-1 | Acme | Pitch", {"D-1": seen(("Pitch", MONDAY))}
    said = {plan_of(sheet, today=MONDAY + dt.timedelta(n), past=past).status("Acme") for n in range(10)}
    assert said == {UNKNOWN}


def test_the_last_change_of_the_row_stands_in_for_a_contact_and_is_called_so() -> None:
    board = plan_of("""
        deal | stage | modified   | last_contact
        Acme | Pitch | 2026-11-03 |
        Bolt | Pitch | 2026-11-20 | 2026-11-02
    """)
    assert board.status("Acme") == (
        "Follow up: 14 working days without contact (a word is due after 5): last changed 3 Nov, no contact is noted"
    )
    assert (
        board.status("Bolt") == "Follow up: 15 working days without contact (a word is due after 5), last contact 2 Nov"
    )


@pytest.mark.parametrize(
    ("planned", "contact", "status", "step"),
    [
        ("2026-11-10", "", "Follow up: the contact planned for 10 Nov is overdue", "Get back to Kim, as was planned"),
        ("2026-11-10", "2026-11-10", "Follow up: 9 working days without contact", "Call Kim"),
        ("2026-11-23", "2026-09-01", "On track: next contact planned for 23 Nov", "Get back to Kim on 23 Nov"),
        ("2026-12-20", "2026-09-01", "On track: next contact planned for 20 Dec", "Get back to Kim on 20 Dec"),
    ],
)
def test_what_a_person_has_planned_comes_before_the_limits(planned: str, contact: str, status: str, step: str) -> None:
    board = plan_of(f"""
        deal | stage         | stage_since | contact | next_contact | last_contact
        Acme | Qualification | 2026-11-20  | Kim     | {planned}    | {contact}
    """)
    assert board.status("Acme").startswith(status)
    assert board.verdict("Acme").next_step.startswith(step)


def test_no_figure_takes_an_unknown_age_for_none() -> None:
    board = plan_of("""
        deal | stage      | stage_since | amount | currency
        Acme | Pitch      | 2026-11-16  | 100    | EUR
        Bolt | Pitch      |             | 200    | EUR
        Cask | Objections |             | 300    | EUR
        Dune | Nowhere    |             | 400    | EUR
    """)
    told = [(age.stage, age.deals, age.unknown, age.middle, age.oldest) for age in ages(board.plan)]
    assert told == [("Pitch", 2, 1, 5, 5), ("Objections", 1, 1, None, None)]
    assert board.plan.funnel.unknown == {"EUR": 400.0}
    assert [board.verdict(name).days_since_contact for name in ("Acme", "Bolt", "Dune")] == [5, None, None]


@pytest.mark.parametrize(
    ("stage", "field", "cell", "step"),
    [
        ("Prospecting", "fit", "no", "Close this lead as lost"),
        ("Qualification", "fit", "no", "Close this deal as lost"),
        ("Closing", "contract_signed", "yes", "Move the deal to Won"),
        ("Closing", "presented_on", "2026-12-01", "Put the stage back to Pitch"),
    ],
)
def test_what_has_to_be_settled_first_keeps_the_mail_back(stage: str, field: str, cell: str, step: str) -> None:
    board = plan_of(f"""
        deal | stage   | stage_since | {field} | email            | contact
        Acme | {stage} | 2026-10-05  | {cell}  | kim@acme.example | Kim
    """)
    assert board.verdict("Acme").next_step.startswith(step)
    assert [reason.partition(":")[0] for reason in board.skipped().values()] == ["settle first"]
    assert board.cells("Follow-up")["D-1"].startswith("No draft: settle first: ")


def test_a_reason_to_go_on_with_a_lead_that_does_not_fit_is_taken() -> None:
    board = plan_of("""
        deal | stage       | stage_since | fit | override       | email            | contact
        Acme | Prospecting | 2026-10-05  | no  | a friend's son | kim@acme.example | Kim
    """)
    assert board.drafts() == {"kim@acme.example": "prospecting-1"}


@pytest.mark.parametrize(
    ("field", "cell", "said"),
    [
        ("waiting_until", "2026-12-20", "Keep back the draft of 23 Nov: the deal waits until 20 Dec"),
        ("next_contact", "2026-12-20", "Keep back the draft of 23 Nov: the deal waits until 20 Dec"),
        ("fit", "no", "Keep back the draft of 23 Nov: This lead does not fit the ideal customer"),
        ("do_not_contact", "yes", "Delete the draft: nobody is to write to them"),
    ],
)
def test_a_draft_that_waits_is_kept_back_or_goes_where_it_is_not_to_be_sent(field: str, cell: str, said: str) -> None:
    from tests.fakes.memory import remembered, written

    sheet = (
        "deal | stage | stage_since | {} | email | contact\nAcme | Prospecting | 2026-10-05 | {} | k@a.example | Kim"
    )
    first = plan_of(sheet.format(field, ""))
    history = remembered(History(), first.plan)
    now = written(first.book.table, 1, first.plan)
    now.rows[1][3] = cell  # type: ignore[index]
    later = plan_of(now, today=MONDAY + dt.timedelta(days=1), history=history)
    assert later.cells("Follow-up") == {"D-1": said}
    assert "send it" not in later.verdict("Acme").next_step


def test_a_run_stops_where_no_word_for_a_stage_is_known() -> None:
    [brake] = plan_of("deal | stage\nAcme | Foo\nBolt | Bar\nCask | Foo\nDune |").plan.brakes
    assert brake.switch == ""
    assert "'Foo' (2 deals), 'Bar' (1 deal)" in brake.message
    assert "[stages]" in brake.message
    assert plan_of("deal | stage\nAcme | Foo\nBolt | Pitch").plan.brakes == []
    assert plan_of("deal | stage\nAcme |").plan.brakes == []
