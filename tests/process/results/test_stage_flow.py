from __future__ import annotations

import datetime as dt

from fivestep.process.model.deal import Deal
from fivestep.process.model.prognosis import StageLine
from fivestep.process.prognosis.spells import TeamPast
from fivestep.process.results.stage_flow import Loss, StageFlow, losses, stage_flows
from tests.process.prognosis.histories import AS_OF, past_of, stages


def way(deal: str, *steps: tuple[str, int]) -> list[StageLine]:
    """A deal's way: each stage, with the day of April 2026."""
    return [StageLine(deal, stage, dt.date(2026, 4, day)) for stage, day in steps]


PAST = past_of(
    [
        *way("won", ("Pitch", 1), ("Closing", 5), ("Won", 9)),
        *way("skips", ("Pitch", 1), ("Won", 11)),
        *way("back", ("Pitch", 1), ("Closing", 3), ("Pitch", 6), ("Lost", 8)),
        *way("lost", ("Pitch", 2), ("Lost", 4)),
        *way("there", ("Pitch", 2)),
        *way("not yet", ("Pitch", 2), ("Closing", 30)),
    ],
    "Pitch",
    "Closing",
)


def test_each_deal_counts_once_in_each_stage() -> None:
    assert stage_flows(PAST, dt.date(2026, 4, 29)) == [
        StageFlow("Pitch", 6, went_on=3, lost=1, still_open=2, days=4.0),
        StageFlow("Closing", 2, went_on=1, lost=1, still_open=0, days=4.0),
    ]


def test_nothing_of_later_is_told() -> None:
    assert stage_flows(PAST, dt.date(2026, 4, 2))[0] == StageFlow("Pitch", 6, 0, 0, 6, None)


def test_a_loss_has_the_selling_stage_before_it_and_the_sheets_reason() -> None:
    deals = [
        Deal(2, "lost", stage="Lost", lost_reason="Too dear"),
        Deal(3, "back", stage="Lost", lost_reason="too dear!"),
        Deal(4, "unheard of", stage="Lost"),
        Deal(5, "there", stage="Pitch", lost_reason="not lost"),
    ]
    assert losses(PAST, deals, stages("Pitch", "Closing"), AS_OF) == [
        Loss("Pitch", "Too dear", 2),
        Loss("", "", 1),
    ]


def test_without_a_past_there_is_no_flow() -> None:
    assert stage_flows(TeamPast((), {}), AS_OF) == []
