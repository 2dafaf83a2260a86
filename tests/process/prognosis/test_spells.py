from __future__ import annotations

import datetime as dt

from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.spells import Spell, TeamPast
from tests.process.prognosis.histories import BEGIN, ended, past_of, stages


def _day(number: int) -> dt.date:
    return BEGIN + dt.timedelta(days=number)


def _lines(*moves: tuple[str, int]) -> list[StageLine]:
    return [StageLine("D", stage, _day(number)) for stage, number in moves]


def test_a_stay_ends_where_the_next_begins_and_knows_how_the_deal_ended() -> None:
    past = past_of(_lines(("Pitch", 0), ("Closing", 10), ("Won", 14)), "Pitch", "Closing")
    assert past.spells(_day(20)) == [Spell("Pitch", 10, 14, "won"), Spell("Closing", 4, 4, "won")]


def test_today_counts_as_a_whole_day_and_nothing_of_later_is_known() -> None:
    past = past_of(_lines(("Pitch", 0), ("Closing", 10), ("Won", 14)), "Pitch", "Closing")
    assert past.spells(_day(9)) == [Spell("Pitch", 10, 10, "open")]
    assert past.spells(_day(10)) == [Spell("Pitch", 10, 11, "open"), Spell("Closing", 1, 1, "open")]
    assert past.ended(_day(13)) == (0, 0)
    assert past.spells(BEGIN - dt.timedelta(days=1)) == []


def test_a_repeated_stage_is_one_stay_and_a_return_a_second_one() -> None:
    past = past_of(_lines(("Pitch", 0), ("Pitch", 3), ("Closing", 5), ("Pitch", 6)), "Pitch", "Closing")
    assert [(spell.stage, spell.days) for spell in past.spells(_day(7))] == [("Pitch", 5), ("Closing", 1), ("Pitch", 2)]


def test_a_deal_that_was_opened_again_is_what_its_last_line_says() -> None:
    past = past_of(_lines(("Pitch", 0), ("Lost", 4), ("Pitch", 9)), "Pitch")
    assert past.ended(_day(5)) == (0, 1)
    assert past.ended(_day(9)) == (0, 0)
    assert {spell.end for spell in past.spells(_day(9))} == {"open"}


def test_parked_stages_and_unknown_words_have_no_stays() -> None:
    known = {**stages("Pitch"), "Keep warm": Stage("Keep warm", parked=True)}
    past = TeamPast(_lines(("Pitch", 0), ("Keep warm", 4), ("Gone elsewhere", 60), ("Pitch", 70)), known)
    assert past.selling == ("Pitch",)
    assert [(spell.stage, spell.days) for spell in past.spells(_day(70))] == [("Pitch", 4), ("Pitch", 1)]


def test_the_horizon_is_the_middle_win_within_bounds() -> None:
    assert past_of(ended("Pitch", range(1, 25), ()), "Pitch").horizon(_day(120)) == 30
    assert past_of(ended("Pitch", range(40, 45), ()), "Pitch").horizon(_day(120)) == 42
    assert past_of(ended("Pitch", range(100, 110), ()), "Pitch").horizon(_day(120)) == 90
    assert past_of(ended("Pitch", range(1, 5), ()), "Pitch").horizon(_day(120)) == 60


def test_a_large_past_is_thinned_evenly() -> None:
    past = past_of(ended("Pitch", range(1, 8), range(1, 8)), "Pitch")
    assert past.thinned(14) is past
    few = past.thinned(5)
    assert [deal.deal for deal in few.deals] == [past.deals[place].deal for place in (0, 3, 6, 9, 12)]
    assert len(past.deals) == 14
    assert few.selling == past.selling
