"""What was learned, and how right it was, in sentences."""

from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.prognosis import Prognosis, StageLimit
from fivestep.process.prognosis.backtest import Backtest, backtest
from fivestep.process.prognosis.fit import kept, learned_on
from fivestep.process.prognosis.forecast import Finished, ForecastRecord, Range
from fivestep.process.prognosis.in_words import backtest_in_words, forecast_in_words, ratio_text
from fivestep.process.prognosis.limit_words import limit_in_words
from fivestep.process.prognosis.measures import Ratio
from tests.process.prognosis.histories import BEGIN, ended, past_of, stages


def replayed(won: range, lost: range, days: int) -> Backtest:
    """Deals that all came into Pitch on one day and ended so many days later, seen after that many days."""
    past = past_of(ended("Pitch", won, lost), "Pitch")
    return backtest(past, stages("Pitch"), Calendar(), BEGIN + dt.timedelta(days=days))


def test_too_little_and_too_young_are_two_things() -> None:
    assert backtest_in_words(replayed(range(10, 16), range(10, 30), 60))[0].startswith(
        "Too little to learn from: 6 deals won and 20 lost, and 10 of each are needed."
    )
    # On the only Monday so far on which it was learned nothing had ended.
    assert backtest_in_words(replayed(range(6, 16), range(6, 16), 20)) == [
        "Learned from 10 deals won and 10 lost. Nothing can be replayed yet: until lately too few deals had ended."
    ]
    assert backtest_in_words(replayed(range(6, 16), range(6, 16), 60))[0].startswith(
        "Learned from 10 deals won and 10 lost, and replayed week by week since 2026-02-02: "
    )


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (StageLimit("Pitch", None, "guess", 6, 500, 9), "Pitch: too few deals have ended to learn from."),
        (
            StageLimit("Pitch", None, "none", 4, 34, 23),
            "Pitch: age says nothing here. 4 deals won of 61 that came here; from 20 on, the longest of them would be "
            "the limit.",
        ),
        (
            StageLimit("Pitch", None, "none", 20, 34, 23),
            "Pitch: age says nothing here. 20 deals won of 77 that came here.",
        ),
        (
            StageLimit("Pitch", 1, "oldest won", 50, 9, 9),
            "Pitch: of the 50 deals you won none was here for longer than 1 day.",
        ),
        (
            StageLimit("Pitch", 45, "learned", 50, 9, 9, older=1, ratio=0.2, showing="hurts"),
            "Pitch: past 45 days your deals are won a fifth as often (1 deal). Not used: in the replay, deals past it "
            "were won more often than the others.",
        ),
        (
            StageLimit("Pitch", 45, "learned", 0, 0, 0, ratio=0.0),
            "Pitch: past 45 days your deals of the other stages are hardly ever won, and none has been here for so "
            "long.",
        ),
    ],
)
def test_a_limit_says_on_what_grounds_it_stands(limit: StageLimit, said: str) -> None:
    assert limit_in_words(limit) == said


def finished(count: int) -> list[Finished]:
    return [Finished(BEGIN + dt.timedelta(days=28 * number), 5.0, 4, 500.0, 250.0) for number in range(count)]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (ForecastRecord(None, None, (), None), []),
        (
            ForecastRecord(4.0, 100.0, (), None),
            [
                "Of today's open deals about 4.0 are expected to be won in the next 60 days.",
                "No earlier forecast is over yet, so nobody knows how right they are.",
            ],
        ),
        (
            ForecastRecord(4.0, 100.0, finished(3), None),
            [
                "Of today's open deals about 4.0 are expected to be won in the next 60 days.",
                "3 earlier forecasts expected 15 deals together, and 12 were won; in amounts it was 2.0 times what "
                "came.",
                "A range is given from 4 finished forecasts on.",
            ],
        ),
    ],
)
def test_a_forecast_comes_with_its_record(record: ForecastRecord, said: list[str]) -> None:
    assert forecast_in_words(record, 60.0) == said


def test_a_range_is_told_with_how_often_it_held() -> None:
    said = forecast_in_words(ForecastRecord(4.0, 100.0, finished(5), Range(2.0, 6.0, 1, 2)), 60.0)
    assert said[-1] == "By their errors it may be 2.0 to 6.0; such a range has held 1 of 2 times."
    assert forecast_in_words(ForecastRecord(4.0, 100.0, finished(5), None), 60.0)[-1].startswith("No range is given")


def test_an_interval_without_any_width_is_none() -> None:
    assert ratio_text(Ratio(0.36, 0.2, 0.57)) == "0.36 (0.20 to 0.57)"
    assert ratio_text(Ratio(0.0, 0.0, 0.0)) == "0.00"
    assert ratio_text(Ratio()) == "unknown"


def test_what_is_kept_stays_true() -> None:
    past = past_of(ended("Pitch", range(1, 31), range(1, 31)), "Pitch")
    now = learned_on(past, BEGIN + dt.timedelta(days=120))
    longest = now.limits["Pitch"]
    assert (longest.days, longest.source) == (30, "oldest won")
    oldest = Prognosis(BEGIN, limits={"Pitch": longest._replace(days=27)})
    assert kept(oldest, now, past).limits["Pitch"].days == 30, "a deal was won after more than 27 days"
    weak = Prognosis(BEGIN, limits={"Pitch": longest._replace(days=27, source="learned", ratio=0.4)})
    assert kept(weak, now, past).limits["Pitch"] == longest, "by now they are won more than half as often"
