from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.prognosis.measures import Ratio, Shares, measure
from fivestep.process.prognosis.replay import ReplayRow

DAY = dt.date(2026, 1, 5)


def _rows(stage: str, deals: range, *, old: bool, won: int) -> list[ReplayRow]:
    """One row for each deal; the first so many of them are won."""
    entered = DAY - dt.timedelta(days=50 if old else 1)
    return [
        ReplayRow(deal, stage, DAY, entered, DAY + dt.timedelta(days=3) if place < won else None)
        for place, deal in enumerate(deals)
    ]


def _measured(rows: list[ReplayRow]) -> tuple[Ratio, Ratio, Shares]:
    (measured,) = measure(rows, [lambda row: row.age > 10], lambda row: row.won_on is not None)
    return measured.pooled.ratio, measured.in_stage, measured.by_stage["Pitch"]


def test_the_ratio_within_stages_is_that_of_mantel_and_haenszel() -> None:
    rows = [
        *_rows("Pitch", range(10), old=True, won=1),
        *_rows("Pitch", range(10, 40), old=False, won=6),
        *_rows("Closing", range(40, 80), old=True, won=16),
        *_rows("Closing", range(80, 90), old=False, won=8),
    ]
    pooled, in_stage, pitch = _measured(rows)
    # Pitch: 1·30/40 over 6·10/40; Closing: 16·10/50 over 8·40/50.
    assert in_stage.estimate == pytest.approx((0.75 + 3.2) / (1.5 + 6.4))
    assert pooled.estimate == pytest.approx((17 / 50) / (14 / 40))
    assert (pitch.won_flagged, pitch.won_others) == (0.1, 0.2)
    assert pitch.ratio.estimate == pytest.approx(0.5)
    assert in_stage.low is not None
    assert in_stage.high is not None
    assert in_stage.low < 0.5 < in_stage.high


def test_rows_of_one_deal_are_no_further_evidence() -> None:
    few = [*_rows("Pitch", range(20), old=True, won=6), *_rows("Pitch", range(20, 60), old=False, won=20)]
    once, ten_times = _measured(few), _measured(few * 10)
    assert ten_times[0].estimate == pytest.approx(once[0].estimate)
    assert ten_times[0] == pytest.approx(once[0])


def test_the_same_past_gives_the_same_interval() -> None:
    rows = [*_rows("Pitch", range(20), old=True, won=6), *_rows("Pitch", range(20, 60), old=False, won=20)]
    assert _measured(rows) == _measured(rows)


@pytest.mark.parametrize(
    ("flagged", "ratio", "showing"),
    [
        (10, Ratio(0.3, 0.1, 0.9), "helps"),
        (10, Ratio(2.0, 1.1, 4.0), "hurts"),
        (10, Ratio(0.5, 0.1, 1.2), "not shown"),
        (9, Ratio(0.0, 0.0, 0.0), "not shown"),  # no win among nine flagged deals may be chance
        (10, Ratio(0.5), "not shown"),
        (10, Ratio(), "not shown"),
    ],
)
def test_what_an_interval_shows(flagged: int, ratio: Ratio, showing: str) -> None:
    assert Shares(flagged, 50, 0.0, 0.1, ratio).showing == showing


def test_one_side_without_rows_has_no_ratio() -> None:
    assert _measured(_rows("Pitch", range(20), old=True, won=6))[0] == Ratio()
    assert measure([], [lambda _row: True], lambda _row: True)[0].pooled.ratio == Ratio()
