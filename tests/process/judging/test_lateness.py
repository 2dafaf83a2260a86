"""A word that is due, and deals that are hardly ever won any more: two things, told apart."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from fivestep.process.judging.lateness import is_past_wins, yardsticks
from fivestep.process.model.history import DealHistory, StageEntry, Wait
from fivestep.process.model.plan import LATE, STATUSES, AgeLimit
from fivestep.process.model.prognosis import NO_PROGNOSIS, Prognosis, StageLimit
from tests.fakes.board import MONDAY, Board, plan_of

LEARNED = StageLimit("Pitch", 45, "learned", 60, 70, 9, older=59, ratio=0.34, longest_won=88)
OLDEST = StageLimit("Pitch", 90, "oldest won", 50, 70, 9, older=4, longest_won=90)
GUESS = StageLimit("Pitch", None, "guess", 6, 500, 9)


def learned(*limits: StageLimit) -> Prognosis:
    return Prognosis(MONDAY, limits={limit.stage: limit for limit in limits})


def pitch_of(days: int, *limits: StageLimit, cells: str = "", headers: str = "", **changes: object) -> Board:
    """One deal that came to Pitch so many calendar days ago."""
    since = MONDAY - dt.timedelta(days=days)
    return plan_of(
        f"deal | stage | stage_since | contact | email {headers}\n"
        f"Acme | Pitch | {since} | Kim | kim@acme.example {cells}",
        prognosis=learned(*limits),
        stages={"Pitch": changes},
    )


def test_follow_up_stands_between_stalled_and_on_track() -> None:
    assert STATUSES.index("On track") < STATUSES.index("Follow up") < STATUSES.index("Stalled")
    assert {"Follow up", "Stalled"} == LATE


@pytest.mark.parametrize(
    ("days", "limits", "said"),
    [
        (45, [LEARNED], "Follow up: 31 working days in Pitch (a word is due after 10)"),  # passed, not reached
        (48, [LEARNED], "Stalled: 48 days in Pitch; past 45 days your deals are won a third as often (59 deals)"),
        (48, [LEARNED._replace(ratio=0.5)], "Stalled: 48 days in Pitch; past 45 days your deals are won half as often"),
        (48, [LEARNED._replace(ratio=0.0)], "Stalled: 48 days in Pitch; past 45 days your deals are hardly ever won"),
        (89, [LEARNED], "Stalled: 89 days in Pitch, longer than any of the 60 you won. Close it or revive it"),
        (91, [OLDEST], "Stalled: 91 days in Pitch, longer than any of the 50 you won. Close it or revive it"),
        (89, [LEARNED._replace(won=19)], "Stalled: 89 days in Pitch; past 45 days your deals are won a third as often"),
        (400, [GUESS], "Follow up: 286 working days in Pitch (a word is due after 10)"),
        (400, [], "Follow up: 286 working days in Pitch (a word is due after 10)"),
        (400, [LEARNED._replace(showing="hurts")], "Follow up: 286 working days in Pitch (a word is due after 10)"),
        (400, [LEARNED._replace(stage="Closing")], "Follow up: 286 working days in Pitch (a word is due after 10)"),
    ],
)
def test_an_alarm_is_raised_by_what_was_learned_and_by_nothing_else(
    days: int, limits: list[StageLimit], said: str
) -> None:
    assert pitch_of(days, *limits).status("Acme").startswith(said)


def test_a_limit_that_is_set_by_hand_wins_over_what_was_learned() -> None:
    for days, status in ((27, "Follow up"), (29, "Stalled: 21 working days in Pitch (limit 20)")):
        board = pitch_of(days, LEARNED._replace(days=3), stall_after=20)
        assert board.status("Acme").startswith(status)
        assert board.verdict("Acme").limit == AgeLimit(20, "set")


def test_the_limit_is_told_with_its_source() -> None:
    assert pitch_of(1, OLDEST).verdict("Acme").limit == AgeLimit(90, "oldest won")
    assert pitch_of(1, GUESS).verdict("Acme").limit is None
    assert pitch_of(48, LEARNED).verdict("Acme").age_days == 48


@pytest.mark.parametrize(("days", "drafted"), [(48, True), (80, True), (89, False)])
def test_who_is_past_every_win_gets_no_nudge(days: int, drafted: bool) -> None:
    board = pitch_of(days, LEARNED, rhythm=None, silent_after=None)
    assert board.verdict("Acme").status == "Stalled"
    assert board.verdict("Acme").past_wins is not drafted
    assert bool(board.drafts()) is drafted
    assert board.plan.summary["past every win"] == (not drafted)
    step = board.verdict("Acme").next_step
    assert step.startswith("Review the draft to Kim" if drafted else "Close the deal as lost, or revive it: ask Kim")


def test_a_draft_is_made_where_a_word_is_due() -> None:
    assert list(pitch_of(20).drafts()) == ["kim@acme.example"]
    assert not pitch_of(2).drafts()


def test_a_planned_contact_holds_while_it_lies_ahead() -> None:
    board = pitch_of(300, LEARNED, headers="| next_contact", cells="| 2026-12-20")
    assert board.status("Acme") == "On track: next contact planned for 20 Dec"
    board = pitch_of(300, LEARNED, headers="| next_contact", cells="| 2026-11-10")
    assert board.status("Acme").startswith("Stalled: 300 days in Pitch, longer than any of the 60 you won")
    board = pitch_of(2, LEARNED, headers="| next_contact", cells="| 2026-11-10")
    assert board.status("Acme") == "Follow up: the contact planned for 10 Nov is overdue"


def test_what_won_deals_have_taken_paces_the_nudge_instead_of_a_guess() -> None:
    paced = GUESS._replace(source="none", pace=30)
    assert pitch_of(30, paced).status("Acme") == "On track: next look after 23 Nov"
    assert pitch_of(31, paced).status("Acme") == (
        "Follow up: 31 days in Pitch (nine of ten that you won had gone on after 30)"
    )
    assert not plan_of("deal | stage\nA | Pitch").process.stages["Pitch"].stall_after


def test_a_rhythm_of_the_teams_own_stays() -> None:
    board = pitch_of(20, GUESS._replace(source="none", pace=30))
    assert board.process.learn_rhythm
    own = dataclasses.replace(board.process, learn_rhythm=False)
    assert yardsticks(own, learned(GUESS._replace(pace=30)))["Pitch"].rhythm == 10
    assert yardsticks(board.process, learned(GUESS._replace(pace=30)))["Pitch"].rhythm is None
    assert yardsticks(board.process, NO_PROGNOSIS)["Pitch"].rhythm == 10
    assert "Won" not in yardsticks(board.process, NO_PROGNOSIS)


def test_days_of_waiting_do_not_age_a_deal() -> None:
    entered, today = MONDAY - dt.timedelta(days=60), MONDAY
    past = DealHistory(
        entries=[StageEntry("Pitch", entered, entered)],
        waits=[Wait(MONDAY - dt.timedelta(days=30), MONDAY - dt.timedelta(days=10))],
    )
    sheet = f"Deal ID | deal | stage | stage_since\nD-1 | Acme | Pitch | {entered}"
    board = plan_of(sheet, past={"D-1": past}, prognosis=learned(LEARNED), today=today)
    assert (board.verdict("Acme").age_days, board.verdict("Acme").status) == (40, "Follow up")
    later = plan_of(sheet, past={"D-1": past}, prognosis=learned(LEARNED), today=today + dt.timedelta(days=6))
    assert later.status("Acme").startswith("Stalled: 46 days in Pitch; past 45 days")


def test_what_nobody_dates_is_stalled_once_it_has_been_seen_for_longer() -> None:
    past = {"D-1": DealHistory(entries=[StageEntry("Pitch", MONDAY - dt.timedelta(days=50), None)])}
    board = plan_of("Deal ID | deal | stage\nD-1 | Acme | Pitch", past=past, prognosis=learned(LEARNED))
    assert board.status("Acme").startswith("Stalled: at least 50 days in Pitch; past 45 days")
    assert board.verdict("Acme").age_days is None
    young = plan_of("Deal ID | deal | stage\nD-1 | Acme | Pitch", prognosis=learned(LEARNED._replace(days=3)))
    assert young.verdict("Acme").status == "Unknown age"


def test_a_late_deal_says_what_is_still_open_in_it() -> None:
    board = plan_of("""
        deal | stage         | stage_since | pain | budget | authority | timeline | objection | objection_answer | terms
        Acme | Qualification | 2026-11-05  |      | 10k    |           |          |           |                  |
        Bolt | Objections    | 2026-11-02  | yes  | 10k    | Kim       | May      | price     |                  |
        Cask | Objections    | 2026-11-02  | yes  | 10k    | Kim       | May      | price     | it pays          |
        Dune | Qualification | 2026-11-05  |      |        |           |          |           |                  |
        Elm  | Qualification | 2026-11-20  |      | 10k    |           |          |           |                  |
    """)  # fmt: skip
    assert board.status("Acme").endswith("; still open: pain, who decides, when they mean to buy")
    assert board.status("Bolt").endswith("; still open: the answer to the objection")
    assert board.status("Cask").endswith("; still open: the terms")
    assert board.status("Dune").endswith("; still open: pain, budget, who decides and 1 more")
    assert board.verdict("Acme").open_points == ("pain", "who decides", "when they mean to buy")
    assert board.verdict("Elm").open_points == ()


def test_past_every_win_needs_many_wins() -> None:
    assert is_past_wins(LEARNED, 89)
    assert not is_past_wins(LEARNED, 88)
    assert not is_past_wins(LEARNED._replace(won=19), 500)
    assert not is_past_wins(GUESS, 500)


def test_the_day_to_look_at_a_deal_next_is_that_of_the_first_limit() -> None:
    board = pitch_of(2, LEARNED._replace(days=5))
    assert board.status("Acme") == "On track: next look after 26 Nov"
    assert pitch_of(2, LEARNED).status("Acme") == "On track: next look after 4 Dec"


def test_days_of_waiting_put_the_next_look_off() -> None:
    entered = MONDAY - dt.timedelta(days=30)
    waits = [Wait(MONDAY - dt.timedelta(days=25), MONDAY - dt.timedelta(days=5))]
    past = DealHistory(entries=[StageEntry("Pitch", entered, entered)], waits=waits)
    sheet = f"Deal ID | deal | stage | stage_since\nD-1 | Acme | Pitch | {entered}"
    own = {"Pitch": {"rhythm": None, "silent_after": None}}
    for seen, day in ((past, "28 Dec"), (DealHistory(entries=past.entries), "8 Dec")):
        board = plan_of(sheet, past={"D-1": seen}, prognosis=learned(LEARNED), stages=own)
        assert board.status("Acme") == f"On track: next look after {day}"


def test_what_is_past_every_win_is_to_be_closed_or_revived_whatever_is_open_in_it() -> None:
    limit = LEARNED._replace(stage="Qualification")
    board = plan_of(
        "deal | stage | stage_since | budget\nAcme | Qualification | 2026-01-05 |", prognosis=learned(limit)
    )
    assert board.status("Acme").endswith("longer than any of the 60 you won. Close it or revive it")
    assert board.verdict("Acme").open_points == ("budget",)
