from __future__ import annotations

from fivestep.process.model.deal import Deal
from fivestep.process.results.proportion import Proportion
from fivestep.process.results.win_rates import WinRate, win_rates
from tests.process.prognosis.histories import stages

STAGES = stages("Pitch")


def test_only_ended_deals_with_an_answer_count() -> None:
    deals = [
        Deal(2, stage="Won", source="referral"),
        Deal(3, stage="Lost", source="referral"),
        Deal(4, stage="Lost", source="event"),
        Deal(5, stage="Pitch", source="event"),
        Deal(6, stage="Won"),
        Deal(7, source="event"),
    ]
    assert win_rates(deals, STAGES) == [
        WinRate("source", "referral", Proportion(1, 2), Proportion(0, 1)),
        WinRate("source", "event", Proportion(0, 1), Proportion(1, 2)),
    ]


def test_an_objection_is_answered_or_not_and_a_blank_referral_says_no() -> None:
    deals = [
        Deal(2, stage="Won", objection="price", objection_answer="three instalments"),
        Deal(3, stage="Lost", objection="price", fit=False),
        Deal(4, stage="Won", referred_by="Acme", fit=True),
    ]
    told = {(rate.question, rate.answer): rate.won for rate in win_rates(deals, STAGES)}
    assert told == {
        ("objection", "price"): Proportion(1, 2),
        ("objection answered", "yes"): Proportion(1, 1),
        ("objection answered", "no"): Proportion(0, 1),
        ("fit", "yes"): Proportion(1, 1),
        ("fit", "no"): Proportion(0, 1),
        ("referred", "yes"): Proportion(1, 1),
        ("referred", "no"): Proportion(1, 2),
    }


def test_a_sheet_without_referrals_says_nothing_of_them() -> None:
    assert win_rates([Deal(2, stage="Won")], STAGES) == []
