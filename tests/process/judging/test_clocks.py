"""The three clocks, and the waits that stop them. Every day here is in November 2026; the 23rd is a Monday."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.process.judging.clocks import ClockReader, Clocks, waits_by
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_PAST, Correspondence, DealHistory, DraftRecord, StageEntry, Wait
from fivestep.process.model.sales_process import Stage

PITCH = Stage("Pitch")
WON = Stage("Won", kind="won", date_field="won_on")


def nov(day: int) -> dt.date:
    return dt.date(2026, 11, day)


TODAY = nov(23)


def read(deal: Deal, stage: Stage = PITCH, past: DealHistory = NO_PAST, mail: Correspondence | None = None) -> Clocks:
    return ClockReader(Calendar(), TODAY).read(deal, stage, past, mail)


def deal(**fields: object) -> Deal:
    return Deal(row=2, stage="Pitch", **fields)  # type: ignore[arg-type]


def entered(stage: str, day: int, dated: dt.date | None = None) -> StageEntry:
    return StageEntry(stage, nov(day), dated)


def sent(day: int) -> DraftRecord:
    return DraftRecord("D-1/1/1", "D-1", "a@b.example", 1, 1, "pitch-1", "sent", nov(day), nov(day))


class TestDaysInTheStage:
    def test_a_deal_that_nobody_has_seen_begins_today(self) -> None:
        clocks = read(deal())
        assert (clocks.entry, clocks.entered, clocks.since, clocks.days_in_stage) == (1, True, TODAY, 0)

    def test_the_sheets_own_date_is_believed(self) -> None:
        assert read(deal(stage_since=nov(9))).days_in_stage == 10

    def test_the_stages_own_field_comes_before_the_common_one(self) -> None:
        assert read(deal(stage_since=nov(2), won_on=nov(16)), WON).days_in_stage == 5

    def test_else_the_first_sight_counts(self) -> None:
        past = DealHistory(entries=[entered("Pitch", 18)])
        assert read(deal(), past=past).days_in_stage == 3

    def test_a_move_is_a_new_entry(self) -> None:
        past = DealHistory(entries=[entered("Qualification", 2)])
        clocks = read(deal(), past=past)
        assert (clocks.entry, clocks.entered, clocks.days_in_stage) == (2, True, 0)

    def test_a_date_that_was_left_from_the_stage_before_is_not_believed(self) -> None:
        past = DealHistory(entries=[entered("Qualification", 2, dated=nov(2))])
        clocks = read(deal(stage_since=nov(2)), past=past)
        assert (clocks.stale_date, clocks.days_in_stage) == (True, 0)

    def test_it_is_not_believed_on_the_days_after_either(self) -> None:
        past = DealHistory(entries=[entered("Qualification", 2, nov(2)), entered("Pitch", 19, nov(2))])
        assert read(deal(stage_since=nov(2)), past=past).days_in_stage == 2

    def test_a_date_that_was_changed_with_the_move_is_believed(self) -> None:
        past = DealHistory(entries=[entered("Qualification", 2, nov(2))])
        clocks = read(deal(stage_since=nov(20)), past=past)
        assert (clocks.stale_date, clocks.days_in_stage) == (False, 1)

    @pytest.mark.parametrize(
        ("seen", "told", "days", "dated"),
        [
            ([], entered("Pitch", 9), 10, True),
            ([entered("Pitch", 18)], entered("Pitch", 9), 10, True),
            ([entered("Pitch", 18)], entered("Qualification", 9), 3, False),
            ([entered("Pitch", 18)], entered("Pitch", 20), 3, False),
            ([entered("Qualification", 18), entered("Pitch", 20)], entered("Pitch", 9), 1, True),
        ],
    )
    def test_a_stage_that_nobody_dates_is_dated_by_the_last_imported_entry(
        self, seen: list[StageEntry], told: StageEntry, days: int, dated: bool
    ) -> None:
        past = DealHistory(entries=seen, imported=told)
        reader = ClockReader(Calendar(), TODAY, first_run=nov(18))
        clocks = reader.read(deal(), PITCH, past, None)
        assert (clocks.days_in_stage, clocks.dated) == (days, dated)
        assert clocks.entry == max(1, len(seen)), "drafts are known by it"
        assert reader.read(deal(stage_since=nov(19)), PITCH, past, None).days_in_stage == 2

    def test_a_date_in_the_future_is_not_believed(self) -> None:
        assert read(deal(stage_since=nov(30)), past=DealHistory(entries=[entered("Pitch", 18)])).days_in_stage == 3


class TestContact:
    def test_without_any_the_stage_counts(self) -> None:
        assert read(deal(stage_since=nov(9))).days_since_contact == 10

    def test_the_latest_in_either_direction_counts(self) -> None:
        mail = Correspondence(theirs=nov(10), ours=nov(18))
        assert read(deal(last_contact=nov(12)), mail=mail).days_since_contact == 3

    def test_a_sent_follow_up_is_a_contact(self) -> None:
        past = DealHistory(entries=[entered("Pitch", 2)], drafts=[sent(19)])
        assert read(deal(last_contact=nov(3)), past=past).days_since_contact == 2

    def test_a_day_in_the_future_is_none(self) -> None:
        clocks = read(deal(last_contact=nov(27), last_reply=nov(26)))
        assert (clocks.last_contact, clocks.your_turn) == (None, False)


@pytest.mark.parametrize(
    ("last_contact", "last_reply", "theirs", "ours", "your_turn"),
    [
        (None, None, None, None, False),
        (None, 10, None, None, True),
        (10, 10, None, None, True),  # the contact that was noted is their reply
        (11, 10, None, None, False),
        (9, 10, None, None, True),
        (None, None, 10, 9, True),
        (None, None, 10, 11, False),
        (None, 12, 10, 11, True),
        (12, None, 10, None, False),
    ],
)
def test_whose_turn_it_is(
    last_contact: int | None, last_reply: int | None, theirs: int | None, ours: int | None, your_turn: bool
) -> None:
    days = [None if day is None else nov(day) for day in (last_contact, last_reply, theirs, ours)]
    clocks = read(deal(last_contact=days[0], last_reply=days[1]), mail=Correspondence(days[2], days[3]))
    assert clocks.your_turn is your_turn


class TestWaits:
    def test_a_wait_begins_with_the_run_that_sees_it(self) -> None:
        assert waits_by(TODAY, (), nov(30), nov(2)) == (Wait(TODAY, nov(30)),)

    def test_a_wait_that_is_prolonged_stays_one(self) -> None:
        assert waits_by(TODAY, [Wait(nov(10), nov(25))], nov(30), nov(2)) == (Wait(nov(10), nov(30)),)

    def test_a_wait_that_is_called_off_ends_today(self) -> None:
        assert waits_by(TODAY, [Wait(nov(10), nov(30))], None, nov(2)) == (Wait(nov(10), TODAY),)

    def test_a_wait_that_was_over_before_anybody_looked_began_with_the_stage(self) -> None:
        assert waits_by(TODAY, (), nov(16), nov(2)) == (Wait(nov(2), nov(16)),)

    def test_the_clocks_stand_still_and_go_on(self) -> None:
        past = DealHistory(entries=[entered("Pitch", 2)], waits=[Wait(nov(9), nov(16))])
        clocks = read(deal(stage_since=nov(2), last_contact=nov(6), waiting_until=nov(16)), past=past)
        assert (clocks.days_in_stage, clocks.days_since_contact) == (15 - 5, 11 - 5)

    @given(past_until=st.integers(1, 30), until=st.one_of(st.none(), st.integers(1, 30)), since=st.integers(1, 22))
    def test_looking_twice_on_one_day_sees_the_same(self, past_until: int, until: int | None, since: int) -> None:
        past = [Wait(nov(1), nov(past_until))] if past_until > 1 else []
        day = None if until is None else nov(until)
        once = waits_by(TODAY, past, day, nov(since))
        assert waits_by(TODAY, once, day, nov(since)) == once

    @given(data=st.data())
    def test_days_are_never_below_zero(self, data: st.DataObject) -> None:
        some = st.one_of(st.none(), st.integers(1, 30).map(nov))
        clocks = read(
            deal(**{name: data.draw(some) for name in ("stage_since", "last_contact", "last_reply", "waiting_until")}),
            past=DealHistory(entries=[entered("Pitch", data.draw(st.integers(1, 23)))]),
        )
        assert clocks.days_in_stage >= 0
        assert clocks.days_since_contact >= 0
