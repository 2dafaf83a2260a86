"""What is known of a team's past, put together from the sheet, the runs and an import."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory, History, StageEntry
from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.prognosis.lines import lines_of

PROCESS = Process(
    "Test",
    {
        stage.name: stage
        for stage in (
            Stage("Lead"),
            Stage("Pitch", date_field="presented_on"),
            Stage("Closing"),
            Stage("Won", kind="won", date_field="won_on"),
            Stage("Lost", kind="lost", date_field="lost_on"),
        )
    },
    kinds={},
)


def day(number: int | None) -> Any:
    """A day of June 2026; None for None."""
    return None if number is None else dt.date(2026, 6, number)


def seen(*entries: tuple[str, int] | tuple[str, int, int]) -> DealHistory:
    """A deal that runs saw in these stages: the day, and what the sheet said of it."""
    return DealHistory([StageEntry(entry[0], day(entry[1]), day((*entry, None)[2])) for entry in entries])


def told(
    deal: dict[str, Any] | None,
    past: DealHistory | None = None,
    imported: list[tuple[str, int]] | None = None,
    *,
    others_imported_until: int | None = None,
    first_run: int = 5,
    today: int = 30,
) -> list[tuple[str, int]]:
    """The lines of one deal. Where it has been seen by runs, another one was by the first of them."""
    deals = [] if deal is None else [Deal(2, "D-1", **deal)]
    history = History({} if past is None else {"D-1": past, "D-0": seen(("Lost", first_run))})
    known = [StageLine("D-1", stage, day(on)) for stage, on in imported or ()]
    if others_imported_until is not None:
        known.append(StageLine("D-9", "Won", day(others_imported_until)))
    lines = lines_of(deals, history, known, PROCESS, day(today))
    return [(line.stage, line.on.day) for line in lines if line.deal == "D-1"]


@pytest.mark.parametrize(
    ("deal", "lines"),
    [
        ({"stage": "Lead", "created": day(3)}, [("Lead", 3)]),
        ({"stage": "Lead"}, []),
        ({"stage": "Closing", "created": day(3)}, []),
        ({"stage": "Closing", "created": day(3), "stage_since": day(9)}, [("Lead", 3), ("Closing", 9)]),
        ({"stage": "Closing", "created": day(9), "stage_since": day(9)}, [("Closing", 9)]),
        ({"stage": "Closing", "presented_on": day(7), "stage_since": day(9)}, [("Pitch", 7), ("Closing", 9)]),
        ({"stage": "Closing", "presented_on": day(12), "stage_since": day(9)}, [("Closing", 9)]),
        (
            {"stage": "Won", "created": day(3), "presented_on": day(7), "won_on": day(20)},
            [("Lead", 3), ("Pitch", 7), ("Won", 20)],
        ),
        ({"stage": "Won", "created": day(20), "won_on": day(20)}, [("Lead", 20), ("Won", 20)]),
        ({"stage": "Lost", "created": day(3), "lost_on": day(4)}, [("Lead", 3), ("Lost", 4)]),
        ({"stage": "Won", "won_on": day(20)}, []),
        ({"stage": "Won", "created": day(3)}, []),
        ({"stage": None, "created": day(3)}, []),
    ],
)
def test_the_sheet_tells_the_past_of_a_deal_that_nobody_else_knows(
    deal: dict[str, Any], lines: list[tuple[str, int]]
) -> None:
    assert told(deal) == lines


@pytest.mark.parametrize(
    ("deal", "past", "lines"),
    [
        # The first run found it where it was: since when, nobody knows.
        ({"stage": "Pitch"}, seen(("Pitch", 5)), []),
        ({"stage": "Closing"}, seen(("Pitch", 5), ("Closing", 12)), [("Closing", 12)]),
        # Later runs saw it come.
        ({"stage": "Pitch"}, seen(("Pitch", 8)), [("Pitch", 8)]),
        ({"stage": "Pitch", "created": day(7)}, seen(("Pitch", 8)), [("Pitch", 8)]),
        ({"stage": "Lead", "created": day(2)}, seen(("Lead", 5)), [("Lead", 2)]),
        # The sheet's own dates come first, where they fit to what was seen.
        ({"stage": "Closing"}, seen(("Pitch", 5, 1), ("Closing", 12, 10)), [("Pitch", 1), ("Closing", 10)]),
        ({"stage": "Closing"}, seen(("Pitch", 5, 1), ("Closing", 12, 1)), [("Pitch", 1), ("Closing", 12)]),
        ({"stage": "Closing"}, seen(("Pitch", 5, 20), ("Closing", 12, 28)), [("Closing", 28)]),
        (
            {"stage": "Won", "created": day(1), "presented_on": day(3), "won_on": day(10)},
            seen(("Pitch", 5), ("Won", 12)),
            [("Lead", 1), ("Pitch", 3), ("Won", 10)],
        ),
        # Seen over by the first run: the sheet tells of it as if there were no ledger.
        (
            {"stage": "Won", "created": day(1), "won_on": day(4)},
            seen(("Won", 5, 4)),
            [("Lead", 1), ("Won", 4)],
        ),
        # It moved since the last run; it was renamed; it was sent back; its row is gone.
        ({"stage": "Closing"}, seen(("Pitch", 8)), [("Pitch", 8), ("Closing", 30)]),
        ({"stage": "Closing"}, seen(("Negotiation", 8)), [("Closing", 8)]),
        (
            {"stage": "Pitch"},
            seen(("Pitch", 8), ("Lead", 9), ("Pitch", 11)),
            [("Pitch", 8), ("Lead", 9), ("Pitch", 11)],
        ),
        (None, seen(("Pitch", 8), ("Lost", 9)), [("Pitch", 8), ("Lost", 9)]),
    ],
)
def test_runs_tell_what_they_saw(deal: dict[str, Any] | None, past: DealHistory, lines: list[tuple[str, int]]) -> None:
    assert told(deal, past) == lines


@pytest.mark.parametrize(
    ("past", "imported", "lines"),
    [
        (None, [("Lead", 1), ("Lost", 3)], [("Lead", 1), ("Lost", 3)]),
        (seen(("Pitch", 5)), [("Lead", 1), ("Pitch", 3)], [("Lead", 1), ("Pitch", 3)]),
        # Each entry counts once, whoever of both saw it first.
        (
            seen(("Pitch", 5), ("Closing", 12), ("Won", 14)),
            [("Lead", 1), ("Pitch", 3), ("Closing", 11)],
            [("Lead", 1), ("Pitch", 3), ("Closing", 11), ("Won", 14)],
        ),
        (
            seen(("Pitch", 5), ("Closing", 12), ("Won", 14)),
            [("Pitch", 3), ("Closing", 12)],
            [("Pitch", 3), ("Closing", 12), ("Won", 14)],
        ),
        (
            seen(("Pitch", 5), ("Won", 12)),
            [("Pitch", 3), ("Closing", 12)],
            [("Pitch", 3), ("Closing", 12), ("Won", 12)],
        ),
        # The date of the win was typed wrong; the run saw it.
        (seen(("Pitch", 5), ("Won", 14, 2)), [("Pitch", 3)], [("Pitch", 3), ("Won", 14)]),
    ],
)
def test_an_import_tells_of_a_deal_until_its_last_day_and_runs_afterwards(
    past: DealHistory | None, imported: list[tuple[str, int]], lines: list[tuple[str, int]]
) -> None:
    assert told(None, past, imported) == lines


def test_a_move_between_the_import_and_the_first_run_is_dated_only_where_both_are_near() -> None:
    past, imported = seen(("Closing", 15), ("Won", 20)), [("Lead", 1), ("Pitch", 3)]
    near = told(None, past, imported, first_run=15, others_imported_until=14)
    assert near == [("Lead", 1), ("Pitch", 3), ("Closing", 15), ("Won", 20)]
    assert told(None, past, imported, first_run=15) == [("Won", 20)]


def test_nothing_of_later_than_the_day_is_told() -> None:
    past = seen(("Lead", 8), ("Pitch", 12), ("Won", 20))
    deal = {"stage": "Won", "won_on": day(20)}
    assert told(deal, past, today=15) == [("Lead", 8), ("Pitch", 12)]
    assert told(None, None, [("Lead", 8), ("Pitch", 12), ("Won", 20)], today=15) == [("Lead", 8), ("Pitch", 12)]
    assert told({"stage": "Won", "created": day(1), "won_on": day(20)}, today=15) == []


def test_amounts_are_the_imported_ones_else_the_sheets() -> None:
    lines = [StageLine("D-1", "Lead", day(1), 900.0), StageLine("D-1", "Pitch", day(2))]
    deals = [Deal(2, "D-1", stage="Pitch", amount=800.0), Deal(3, "D-2", stage="Lead", created=day(3), amount=70.0)]
    told = lines_of(deals, History(), lines, PROCESS, day(30))
    assert [(line.deal, line.amount) for line in told] == [("D-1", 900.0), ("D-1", 800.0), ("D-2", 70.0)]


def test_lines_stand_in_the_order_of_their_days_and_those_of_one_deal_in_their_own() -> None:
    lines = [StageLine("D-1", "Closing", day(4)), StageLine("D-1", "Lead", day(4)), StageLine("D-2", "Lead", day(2))]
    assert lines_of([], History(), lines, PROCESS, day(30)) == [lines[2], lines[0], lines[1]]
