"""Deals that are over by a column of their own, whatever their stage says."""

from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.model.history import DealHistory, StageEntry
from tests.fakes.board import plan_of


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("Won", "Won"),
        ("gewonnen", "Won"),
        ("赢单", "Won"),
        ("Closed - Lost", "Lost"),
        ("Perdu", "Lost"),
        ("失注", "Lost"),
        ("Open", "Follow up"),
        ("in Bearbeitung", "Follow up"),
        ("läuft noch", "Follow up"),
        ("Won - renewal", "Won"),
        ("Lost: price", "Lost"),
        ("Verloren, zu teuer", "Lost"),
        ("Lost/cancelled", "Lost"),
        ("Auftrag erteilt", "Won"),
        ("Remportée", "Won"),
        ("Сделка провалена", "Lost"),
        ("見送り", "Lost"),
        ("sans suite", "Lost"),
        ("", "Follow up"),
    ],
)
@pytest.mark.parametrize("stage", ["Pitch", "Negotiations started"])
def test_the_outcome_decides_whatever_the_stage_says(stage: str, outcome: str, status: str) -> None:
    board = plan_of(f"deal | stage | outcome | stage_since\nAcme | {stage} | {outcome} | 2026-03-02")
    assert board.verdict("Acme").status == status
    assert board.plan.problems == []


def test_a_deal_that_is_over_needs_no_known_stage() -> None:
    board = plan_of("deal | stage | outcome\nAcme | Nowhere | Won\nBolt | | Lost\nCask | Nowhere | Open")
    assert [board.verdict(name).status for name in ("Acme", "Bolt", "Cask")] == ["Won", "Lost", "Unknown stage"]
    assert [problem.row for problem in board.plan.problems] == [4]
    assert (board.plan.funnel.won, board.plan.funnel.lost) == (1, 1)


@pytest.mark.parametrize(("stage", "outcome"), [("Won", "Open"), ("Lost", "Open"), ("Won", "Lost"), ("Lost", "Won")])
def test_an_outcome_against_a_closed_stage_is_a_finding_and_no_mail(stage: str, outcome: str) -> None:
    board = plan_of(f"""
        deal | stage   | outcome   | won_on     | email            | contract_signed | lost_reason
        Acme | {stage} | {outcome} | 2026-11-17 | kim@acme.example | yes             | price
    """)
    assert board.rules("Acme") == {"stage.outcome"}
    assert board.status("Acme") == f"Needs data: outcome says {outcome.lower()}, and stage says {stage}"
    assert board.verdict("Acme").next_step == "Correct the one that is wrong"
    assert board.drafts() == {}


@pytest.mark.parametrize("word", ["perhaps", "Won/Lost", "won't say", "not lost", "Lost contact"])
def test_a_word_that_is_no_outcome_is_told_and_holds_the_mail(word: str) -> None:
    board = plan_of(f"""
        deal | stage | stage_since | outcome | email            | contact
        Acme | Pitch | 2026-10-05  | {word}  | kim@acme.example | Kim
    """)
    assert board.rules("Acme") == {"cell.outcome"}
    assert board.verdict("Acme").status == "Follow up"
    assert board.skipped() == {"D-1": "mend outcome first, it could forbid this mail"}


@pytest.mark.parametrize(
    ("won", "lost", "outcome", "status"),
    [
        ("2026-11-02", "", "", "Won"),
        ("", "2026-11-02", "", "Lost"),
        ("2026-11-02", "2026-11-03", "", "Lost"),
        ("2026-11-02", "2026-11-02", "", "Needs data"),  # both on one day: nobody knows
        ("2026-12-24", "", "", "Needs data"),  # still to come
        ("2026-11-02", "", "Open", "Needs data"),
        ("2026-11-02", "", "Lost", "Lost"),
    ],
)
def test_a_day_of_the_end_ends_a_deal_whose_outcome_is_not_said(won: str, lost: str, outcome: str, status: str) -> None:
    board = plan_of(f"""
        deal | stage | created    | won_on | lost_on | outcome   | last_contact
        Acme | Pitch | 2026-11-01 | {won}  | {lost}  | {outcome} | 2026-11-20
    """)
    assert board.verdict("Acme").status == status


@pytest.mark.parametrize(
    ("stage", "won", "lost", "outcome", "said"),
    [
        ("Pitch", "2026-11-02", "", "Open", "won_on says 2 Nov, and outcome says open"),
        ("Pitch", "", "2026-11-02", "offen", "lost_on says 2 Nov, and outcome says open"),
        ("Pitch", "2026-11-02", "2026-11-02", "", "won_on and lost_on both say 2 Nov"),
        ("Pitch", "2026-12-24", "", "", "won_on says 24 Dec, which is still to come"),
        ("Pitch", "", "2026-12-24", "Open", "lost_on says 24 Dec, which is still to come"),
        ("Won", "", "2026-11-02", "", "lost_on says 2 Nov, and stage says Won"),
    ],
)
def test_whether_a_deal_is_over_is_settled_before_it_has_stalled(
    stage: str, won: str, lost: str, outcome: str, said: str
) -> None:
    board = plan_of(f"""
        deal | stage   | created    | won_on | lost_on | outcome   | last_contact | contract_signed | email
        Acme | {stage} | 2026-07-01 | {won}  | {lost}  | {outcome} | 2026-09-01   | yes             | kim@acme.example
    """)
    assert board.rules("Acme") == {"stage.closed"}
    assert board.status("Acme") == f"Needs data: {said}"
    assert board.verdict("Acme").next_step.startswith(
        ("Correct the one", "Empty the one", "Empty won_on", "Empty lost_on")
    )
    assert board.drafts() == {}


def test_the_day_of_the_stage_is_not_that_of_the_win() -> None:
    """Else every customer of years would be welcomed on the first run."""
    board = plan_of("""
        deal | stage   | outcome | stage_since | email            | contract_signed
        Acme | Closing | Won     | 2026-11-19  | kim@acme.example | yes
    """)
    assert (board.status("Acme"), board.drafts(), board.skipped()) == ("Won", {}, {})


def test_a_deal_won_by_its_outcome_has_skipped_no_step() -> None:
    past = {"D-1": DealHistory(entries=[StageEntry("Pitch", dt.date(2026, 11, 2), None)])}
    board = plan_of("Deal ID | deal | stage | outcome\nD-1 | Acme | Pitch | Won", past=past)
    assert (board.status("Acme"), board.plan.problems) == ("Won", [])
