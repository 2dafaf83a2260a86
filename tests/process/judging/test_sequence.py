"""Which follow-up is due. Every day here is in November 2026; the 23rd is a Monday."""

from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.judging.clocks import ClockReader
from fivestep.process.judging.sequence import FollowUpState, care, halted, nudge, out_of_date
from fivestep.process.mails.told_by_mail import AWAY, BOUNCED, Halt
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory, DraftRecord, DraftState, StageEntry
from fivestep.process.model.sales_process import Facts, FollowUp, Stage

PITCH = Stage(
    "Pitch",
    sequences=((FollowUp(5, "first"), FollowUp(4, "second"), FollowUp(5, "last-word")),),
    sequence=lambda deal, facts: 0,
)
WON = Stage(
    "Won",
    kind="won",
    care=(FollowUp(2, "onboarding", within=5), FollowUp(10, "satisfaction", within=10), FollowUp(15, "referral")),
    care_due=lambda deal, facts: (0, 1, 2) if deal.satisfaction == "satisfied" else (0, 1),
)


def nov(day: int) -> dt.date:
    return dt.date(2026, 11, day)


def draft(step: int, on: int, state: DraftState = "sent", changed: int | None = None) -> DraftRecord:
    return DraftRecord(f"D-1/1/{step}", "D-1", "a@b.example", 1, step, "x", state, nov(on), nov(changed or on))


def nudged(
    made: list[DraftRecord], *, today: int = 23, contact: int = 2, reply: int | None = None, late: bool = True
) -> FollowUpState:
    deal = Deal(2, stage="Pitch", last_contact=nov(contact), last_reply=None if reply is None else nov(reply))
    reader = ClockReader(Calendar(), nov(today))
    past = DealHistory(entries=[StageEntry("Pitch", nov(1), None)], drafts=made)
    clocks = reader.read(deal, PITCH, past, None)
    facts = Facts(nov(today), clocks.days_in_stage, clocks.days_since_contact, len(made))
    return nudge(deal, PITCH, clocks, facts, made, reader, late=late)


class TestNudges:
    def test_the_first_is_due_when_the_silence_is_long_enough(self) -> None:
        assert nudged([], today=6).due is None
        state = nudged([], today=9)
        assert (state.due, state.step, state.steps) == (FollowUp(5, "first"), 1, 3)

    def test_none_is_due_for_a_deal_that_is_not_late(self) -> None:
        assert nudged([], late=False) == FollowUpState()

    def test_while_one_waits_no_other_is_due(self) -> None:
        state = nudged([draft(1, 10, "created")])
        assert (state.due, state.waiting, state.cell) == (None, True, "Draft 1 of 3 waiting since 10 Nov")

    def test_the_next_is_due_when_enough_days_have_passed_since_the_last(self) -> None:
        made = [draft(1, 10, changed=17)]
        early = nudged(made, today=20)
        assert (early.due, early.cell) == (None, "Sent 1 of 3 on 17 Nov, next on 23 Nov")
        assert nudged(made, today=23).due == FollowUp(4, "second")

    def test_a_contact_puts_the_next_off(self) -> None:
        assert nudged([draft(1, 10)], contact=20).due is None

    def test_it_ends_with_the_last_word(self) -> None:
        state = nudged([draft(1, 3), draft(2, 9), draft(3, 16)])
        assert (state.due, state.exhausted, state.cell) == (None, True, "Sent 3 of 3 on 16 Nov")

    def test_it_ends_on_an_answer(self) -> None:
        state = nudged([draft(1, 10)], reply=12)
        assert (state.due, state.cell) == (None, "Ended: they answered on 12 Nov")

    def test_an_answer_makes_a_waiting_draft_out_of_date(self) -> None:
        assert nudged([draft(1, 10, "created")], reply=12).cell == "Delete the draft: they answered on 12 Nov"

    def test_it_ends_when_a_draft_was_deleted(self) -> None:
        state = nudged([draft(1, 10, "deleted", changed=11)])
        assert (state.due, state.cell) == (None, "Ended: Draft 1 of 3 was deleted on 11 Nov")

    def test_a_draft_that_is_gone_counts_as_dealt_with(self) -> None:
        state = nudged([draft(1, 9, "unknown", changed=10)])
        assert state.due == FollowUp(4, "second")
        assert state.cell == "Draft 1 of 3 is gone since 10 Nov, sent or deleted"


def cared(made: list[DraftRecord], *, won_on: int, today: int = 23, satisfaction: str | None = None) -> FollowUpState:
    deal = Deal(2, stage="Won", stage_since=nov(won_on), satisfaction=satisfaction)
    clocks = ClockReader(Calendar(), nov(today)).read(deal, WON, DealHistory(), None)
    facts = Facts(nov(today), clocks.days_in_stage, clocks.days_since_contact, len(made))
    return care(deal, WON, clocks, facts, made)


class TestCare:
    @pytest.mark.parametrize(
        ("won_on", "text"),
        [(20, None), (19, "onboarding"), (12, "onboarding"), (11, None), (9, "satisfaction"), (2, "satisfaction")],
    )
    def test_each_step_has_its_time(self, won_on: int, text: str | None) -> None:
        due = cared([], won_on=won_on).due
        assert (due.text if due else None) == text

    def test_what_was_done_is_not_done_again(self) -> None:
        assert cared([draft(2, 20)], won_on=9).due is None

    def test_a_step_that_was_deleted_does_not_end_the_care(self) -> None:
        assert cared([draft(1, 11, "deleted")], won_on=9).step == 2

    def test_only_the_satisfied_are_asked_for_referrals(self) -> None:
        assert cared([draft(2, 16)], won_on=2).due is None
        assert cared([draft(2, 16)], won_on=2, satisfaction="satisfied").due == FollowUp(15, "referral")

    def test_one_at_once(self) -> None:
        assert cared([draft(1, 12, "created")], won_on=9).due is None


def test_a_draft_of_an_earlier_stage_is_out_of_date() -> None:
    waiting = draft(1, 10, "created")
    assert out_of_date([waiting], 2, nov(23)) == "Delete the draft of 10 Nov: the deal has moved on since"
    assert out_of_date([waiting], 1, nov(23)) == ""
    assert out_of_date([draft(1, 10)], 2, nov(23)) == ""


class TestRounds:
    """After an answer and a new silence the sequence begins again."""

    ANSWERED = (draft(1, 3), draft(2, 4))

    def test_the_next_round_begins_with_the_first_step_under_a_key_of_its_own(self) -> None:
        state = nudged([*self.ANSWERED], reply=5, contact=6, today=16)
        assert (state.due, state.step, state.number, state.steps) == (FollowUp(5, "first"), 1, 3, 3)

    def test_it_waits_for_the_silence_to_be_long_enough(self) -> None:
        state = nudged([*self.ANSWERED], reply=5, contact=6, today=12)
        assert (state.due, state.cell) == (None, "Ended: they answered on 5 Nov")

    def test_it_waits_for_our_answer_to_theirs(self) -> None:
        state = nudged([*self.ANSWERED], reply=6, contact=4, today=23)
        assert (state.due, state.cell) == (None, "Ended: they answered on 6 Nov")

    def test_it_counts_from_its_own_first_draft(self) -> None:
        made = [*self.ANSWERED, draft(3, 16)]
        assert nudged(made, reply=5, contact=6, today=17).cell == "Sent 1 of 3 on 16 Nov, next on 20 Nov"
        state = nudged(made, reply=5, contact=6, today=20)
        assert (state.due, state.step, state.number) == (FollowUp(4, "second"), 2, 4)
        assert nudged([*self.ANSWERED, draft(3, 16, "created")], reply=5, contact=6).cell.startswith(
            "Draft 1 of 3 waiting"
        )

    def test_it_ends_with_its_own_last_word(self) -> None:
        made = [draft(1, 3), draft(2, 9), draft(3, 12), draft(4, 17)]
        state = nudged(made, reply=5, contact=6, today=27)
        assert (state.exhausted, state.step) == (True, 3)

    def test_a_draft_that_was_deleted_before_their_answer_ends_nothing_after_it(self) -> None:
        assert nudged([draft(1, 3, "deleted")], reply=5, contact=6, today=16).due == FollowUp(5, "first")

    def test_one_that_was_deleted_since_does(self) -> None:
        made = [draft(1, 3), draft(2, 12, "deleted", changed=13)]
        assert nudged(made, reply=5, contact=6, today=23).cell == "Ended: Draft 1 of 3 was deleted on 13 Nov"


class TestWhatTheirMailsSay:
    SENT, WAITS = (
        FollowUpState("Sent 1 of 3 on 10 Nov, next on 23 Nov", next_on=nov(23)),
        FollowUpState("…", waiting=True),
    )

    def test_a_bounce_ends_the_sequence(self) -> None:
        halt = Halt(BOUNCED, nov(11))
        assert halted(self.SENT, halt, (), nov(16)).cell == "Ended: mail to this address bounced on 11 Nov"
        assert halted(self.WAITS, halt, (), nov(16)) == FollowUpState(
            "Delete the draft: mail to this address bounced on 11 Nov", outdated=True
        )

    def test_an_absence_puts_the_next_off(self) -> None:
        state = halted(self.SENT, Halt(AWAY, nov(26)), (), nov(16))
        assert (state.cell, state.next_on) == (
            "On hold: they are away until 26 Nov, as their automatic reply says",
            nov(26),
        )
        made = [DraftRecord("D-1/1/1", "D-1", "kim@acme.example", 1, 1, "first", "created", nov(10), nov(10))]
        assert halted(self.WAITS, Halt(AWAY, nov(26)), made, nov(16)) == FollowUpState(
            "Keep back the draft of 10 Nov: they are away until 26 Nov, as their automatic reply says", step=1
        )

    def test_what_is_due_or_over_stays_so(self) -> None:
        for state in (FollowUpState(due=FollowUp(5, "first")), FollowUpState("Ended: …"), FollowUpState()):
            assert halted(state, Halt(BOUNCED, nov(11)), (), nov(16)) == state
