from __future__ import annotations

import datetime as dt

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.history import DealHistory, DraftRecord, DraftState, History, StageEntry
from fivestep.process.model.prognosis import StageLine
from fivestep.process.results.proportion import Proportion
from fivestep.process.results.text_results import TextResult, text_results
from tests.process.prognosis.histories import past_of, stages

MONDAY = dt.date(2026, 3, 2)
TENTH = dt.date(2026, 3, 16)
"""Ten working days after it."""
STAGES = stages("Pitch", "Closing")


def drafted(deal: str, state: DraftState, answered: dt.date | None = None, on: dt.date = MONDAY) -> DealHistory:
    record = DraftRecord(f"{deal}/1/1", deal, f"{deal}@acme.example", 1, 1, "pitch-1", state, on, on, answered)
    return DealHistory([StageEntry("Pitch", MONDAY, None)], [record])


def results(
    deals: dict[str, DealHistory], *lines: StageLine, today: dt.date = TENTH + dt.timedelta(days=1)
) -> list[TextResult]:
    past = past_of(lines, "Pitch", "Closing")
    return text_results(History(deals), past, STAGES, Calendar(), today)


def test_an_answer_on_the_tenth_working_day_counts_and_later_ones_do_not() -> None:
    deals = {
        "a": drafted("a", "sent", TENTH),
        "b": drafted("b", "sent", TENTH + dt.timedelta(days=1)),
        "c": drafted("c", "sent"),
        "d": drafted("d", "deleted"),
        "e": drafted("e", "failed"),
    }
    assert results(deals) == [TextResult("pitch-1", 4, 3, Proportion(1, 3), Proportion(0, 3))]


def test_before_the_ten_days_are_over_nothing_is_told_of_answers() -> None:
    deals = {"a": drafted("a", "sent", MONDAY + dt.timedelta(days=1))}
    assert results(deals, today=TENTH) == [TextResult("pitch-1", 1, 1, Proportion(0, 0), Proportion(0, 0))]


def test_a_deal_moved_on_that_came_to_a_later_stage_in_time() -> None:
    deals = {name: drafted(name, "sent") for name in ("on", "won", "late", "lost", "same day", "never")}
    moved = results(
        deals,
        StageLine("on", "Closing", TENTH),
        StageLine("won", "Won", MONDAY + dt.timedelta(days=1)),
        StageLine("late", "Closing", TENTH + dt.timedelta(days=1)),
        StageLine("lost", "Lost", TENTH),
        StageLine("same day", "Closing", MONDAY),
    )
    assert moved == [TextResult("pitch-1", 6, 6, Proportion(0, 6), Proportion(2, 6))]
