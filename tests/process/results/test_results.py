"""What works: counts, shares with their numbers, and nothing said of too few."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory, DraftRecord, DraftState, History, StageEntry
from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.by_month import MonthExpected
from fivestep.process.prognosis.spells import TeamPast
from fivestep.process.results.answers import text_results
from fivestep.process.results.groups import groupings
from fivestep.process.results.lessons import NOTHING_LEARNED, lessons
from fivestep.process.results.losses import NOT_NOTED, Loss, losses
from fivestep.process.results.rate import Rate, rest_of
from fivestep.process.results.results import Results
from fivestep.process.results.steps import StageStep, lost_from, steps
from fivestep.process.results.top import Coverage, NewDeals, Targets, coverage, new_deals

TODAY = dt.date(2026, 11, 23)  # a Monday
STAGES = {
    "Pitch": Stage("Pitch"),
    "Closing": Stage("Closing"),
    "On hold": Stage("On hold", parked=True),
    "Won": Stage("Won", "won"),
    "Lost": Stage("Lost", "lost"),
}
NOTHING = Results([], [], [], [], None, None)


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def past_of(*ways: str) -> TeamPast:
    """Deals by the stages that they went through, ten days in each: `Pitch Closing Won`."""
    lines = [
        StageLine(f"D-{number}", stage.replace("_", " "), ago(100 - 10 * place))
        for number, way in enumerate(ways)
        for place, stage in enumerate(way.split())
    ]
    return TeamPast(sorted(lines, key=lambda line: line.on), STAGES)


@pytest.mark.parametrize(
    ("rate", "share", "low", "high"),
    [
        (Rate(0, 0), None, 0.0, 1.0),
        (Rate(4, 9), None, 0.189, 0.733),
        (Rate(5, 10), 0.5, 0.237, 0.763),
        (Rate(0, 10), 0.0, 0.0, 0.278),
        (Rate(40, 40), 1.0, 0.912, 1.0),
    ],
)
def test_a_share_has_its_interval_and_needs_ten(rate: Rate, share: float | None, low: float, high: float) -> None:
    assert rate.share == share
    assert rate.interval == pytest.approx((low, high), abs=0.001)


def test_shares_differ_where_their_intervals_do_not_touch() -> None:
    assert Rate(22, 40).differs_from(Rate(30, 120))
    assert not Rate(14, 40).differs_from(Rate(30, 120))
    assert not Rate(9, 9).differs_from(Rate(0, 120))
    assert rest_of(Rate(30, 100), Rate(10, 20)) == Rate(20, 80)


def test_what_became_of_the_stays_in_each_stage() -> None:
    past = past_of(
        "Pitch Closing Won",
        "Pitch Closing Lost",
        "Pitch Closing Pitch",
        "Pitch Lost",
        "Pitch",
        "Pitch On_hold",
        "Pitch Won",
    )
    assert steps(past, TODAY) == [
        StageStep("Pitch", came=8, went_on=4, back=1, lost=1, still=2, days=None),
        StageStep("Closing", came=3, went_on=1, back=1, lost=1, still=0, days=None),
    ]
    assert steps(past, ago(95))[0] == StageStep("Pitch", 7, 0, 0, 0, 7, None)


def test_the_days_are_told_from_ten_on() -> None:
    [pitch, _] = steps(past_of(*["Pitch Closing"] * 10), TODAY)
    assert (pitch.days, pitch.rate.share) == (10, 1.0)
    assert steps(past_of(*["Pitch Closing"] * 9), TODAY)[0].days is None


def test_a_lost_deal_was_lost_from_its_last_selling_stage() -> None:
    past = past_of("Pitch Closing Lost", "Pitch On_hold Lost", "Pitch Won", "Lost")
    assert lost_from(past, TODAY) == {"D-0": "Closing", "D-1": "Pitch"}


def deal(row: int, stage: str, **cells: object) -> Deal:
    return Deal(row, id=f"D-{row}", stage=stage, **cells)  # type: ignore[arg-type]


def test_deals_that_ended_are_told_apart_by_what_the_sheet_says() -> None:
    deals = [
        deal(2, "Won", source="referral"),
        deal(3, "Lost", source="outbound", objection="price"),
        deal(4, "Won", source="inbound", referred_by="Kim", objection="price", objection_answer="it pays", fit=True),
        deal(5, "Lost", source="outbound", objection="timing", fit=False),
        deal(6, "Pitch", source="outbound", objection="price"),
        deal(7, "Won"),
    ]
    found = {one.title: dict(one.groups) for one in groupings(deals, STAGES)}
    assert found == {
        "Source": {"outbound": Rate(0, 2), "referral": Rate(1, 1), "inbound": Rate(1, 1)},
        "Referral": {"referred": Rate(2, 2), "not referred": Rate(0, 2)},
        "Objection": {"price": Rate(1, 2), "timing": Rate(0, 1)},
        "Answer to the objection": {"not answered": Rate(0, 2), "answered": Rate(1, 1)},
        "Fit with the ideal customer": {"fits": Rate(1, 1), "does not fit": Rate(0, 1)},
    }
    assert groupings([deal(2, "Won", source="x")], STAGES) == []


def drafted(
    state: DraftState, days: int, answered: int | None = None, *, text: str = "pitch-1", entry: int = 1
) -> DraftRecord:
    on = ago(days)
    answer = None if answered is None else ago(answered)
    return DraftRecord(f"{state}{days}{text}", "D-1", "a@b.example", entry, 1, text, state, on, on, answer)


def told(*drafts: DraftRecord, entries: Sequence[StageEntry] = ()) -> list[tuple[object, ...]]:
    history = History({"D-1": DealHistory(entries=entries or [StageEntry("Pitch", ago(90), None)], drafts=drafts)})
    return [
        (one.text, one.drafted, one.sent, one.gone, one.deleted, one.told, one.answered, one.moved_on)
        for one in text_results(history, STAGES, Calendar(), TODAY)
    ]


def test_what_came_of_each_text() -> None:
    assert told(
        drafted("sent", 42, 30),  # eight working days
        drafted("sent", 41, 20),  # fifteen
        drafted("sent", 7),  # an answer may still come
        drafted("unknown", 40),
        drafted("deleted", 39),
        drafted("created", 2, text="pitch-2"),
        drafted("failed", 5, text="pitch-2"),
    ) == [("pitch-1", 5, 3, 1, 1, 3, 1, 0), ("pitch-2", 1, 0, 0, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("stage", "days_later", "moved"),
    [("Closing", 9, 1), ("Won", 9, 1), ("Closing", 20, 0), ("Lost", 5, 0), ("Nowhere", 5, 0)],
)
def test_a_text_moved_a_deal_on_where_it_went_on_soon_after(stage: str, days_later: int, moved: int) -> None:
    entries = [StageEntry("Pitch", ago(90), None), StageEntry(stage, ago(42 - days_later), None)]
    [result] = told(drafted("sent", 42), entries=entries)
    assert result[-1] == moved


def test_losses_by_stage_and_reason() -> None:
    deals = [
        deal(2, "Lost", lost_reason="Price", amount=100.0, currency="EUR"),
        deal(3, "Lost", lost_reason="price ", amount=50.0, currency="EUR"),
        deal(4, "Lost", amount=7.0),
        deal(5, "Won", lost_reason="Price"),
    ]
    assert losses(deals, STAGES, {"D-2": "Pitch", "D-3": "Pitch"}) == [
        Loss("Pitch", "Price", 2, {"EUR": 150.0}),
        Loss("", NOT_NOTED, 1, {"": 7.0}),
    ]


def test_new_deals_a_week() -> None:
    deals = [deal(row, "Pitch", created=ago(days)) for row, days in enumerate((0, 6, 7, 55, 56, -1), 2)]
    assert new_deals(deals, TODAY, 10) == NewDeals([1, 0, 0, 0, 0, 0, 1, 2], 10)
    assert new_deals([deal(2, "Pitch")], TODAY, 10) is None


def test_coverage_against_the_target_of_the_month() -> None:
    past = past_of("Pitch Won")  # D-0, won before this month
    deals = [
        deal(2, "Won", amount=1000.0, currency="EUR", won_on=ago(3)),
        deal(3, "Won", amount=500.0, currency="EUR", won_on=ago(40)),
        deal(4, "Won", amount=900.0, currency="USD", won_on=ago(3)),
        deal(5, "Pitch", amount=6000.0, currency="EUR"),
        deal(6, "Pitch", amount=9000.0, currency="USD"),
    ]
    months = [MonthExpected(dt.date(2026, 11, 1), 0.5, {"EUR": 800.0}), MonthExpected(dt.date(2026, 12, 1), 1, {})]
    found = coverage(deals, STAGES, past, months, Targets(None, 4000.0, "EUR"), TODAY)
    assert found == Coverage(4000.0, "EUR", 1000.0, 6000.0, 800.0)
    assert found is not None
    assert (found.left, found.times) == (3000.0, 2.0)
    assert coverage(deals, STAGES, past, [], Targets(None, 500.0, "EUR"), TODAY) == Coverage(
        500, "EUR", 1000, 6000, None
    )
    assert coverage(deals, STAGES, past, months, Targets(), TODAY) is None


def test_the_three_that_matter_most_in_sentences() -> None:
    past = past_of(*["Pitch Lost"] * 30, *["Pitch Closing Won"] * 30)
    deals = [deal(row, "Won" if row % 2 else "Lost", source="referral") for row in range(2, 42)]
    deals += [deal(row, "Won" if row % 4 == 0 else "Lost", source="outbound") for row in range(42, 162)]
    results = Results(
        steps(past, TODAY),
        groupings(deals, STAGES),
        [],
        losses(deals, STAGES, {}),
        NewDeals([1] * 8, 10),
        None,
    )
    said = lessons(results)
    assert len(said) == 3
    assert said[0] == "Of 110 lost deals in the sheet 110 have no reason noted."
    assert "Of the deals with the source outbound 30 of 120 (25 %) were won, of the others 20 of 40 (50 %)." in said
    assert said[1].startswith(
        "Of the deals that left Pitch 30 of 60 (50 %) were lost there; of those that left the other"
    )


def test_nothing_is_said_of_too_few() -> None:
    assert lessons(NOTHING) == [NOTHING_LEARNED]
    few = Results(steps(past_of(*["Pitch Lost"] * 9), TODAY), [], [], [], NewDeals([12] * 8, 10), None)
    assert lessons(few) == [NOTHING_LEARNED]
