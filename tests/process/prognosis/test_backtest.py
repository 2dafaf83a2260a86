from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.prognosis import StageLine
from fivestep.process.prognosis.backtest import Backtest, backtest
from fivestep.process.prognosis.spells import TeamPast
from tests.fakes.shared_data import real
from tests.process.prognosis.histories import past_of, read_lines, stages

WINKEL = ("Interes", "Diseño Propuesta", "Presentación Propuesta", "Negociación", "Firmas")


def _tried(name: str, *selling: str, rhythm: int) -> Backtest:
    lines = read_lines(real(f"{name}/history.csv"))
    known = stages(*selling, rhythm=rhythm)
    return backtest(TeamPast(lines, known), known, Calendar(), max(line.on for line in lines))


def test_of_a_real_team_few_deals_are_flagged_and_hardly_one_of_them_is_won() -> None:
    tried = _tried("maven-crm", "Engaging", rhythm=7)
    learned, process = tried.learned, tried.configured
    assert tried.judged_within == 90
    assert learned.flagged is not None
    assert 0.15 <= learned.flagged <= 0.30
    assert learned.measured.pooled.won_flagged is not None
    assert learned.measured.pooled.won_flagged <= 0.04
    assert learned.won_ever_flagged is not None
    assert learned.won_ever_flagged <= 0.10
    assert tried.stages[0].showing == "helps"
    # Seven working days flag nearly all, and tell next to nothing.
    assert process.flagged == pytest.approx(0.88, abs=0.01)
    assert process.measured.in_stage.estimate == pytest.approx(0.84, abs=0.01)


def test_of_a_real_team_with_five_stages_flags_help_within_each_of_them() -> None:
    tried = _tried("winkel", *WINKEL, rhythm=7)
    learned = tried.learned
    assert tried.judged_within == 60
    assert learned.measured.in_stage.high is not None
    assert learned.measured.in_stage.high < 1
    assert learned.flagged is not None
    assert learned.flagged <= 0.75
    assert learned.won_ever_flagged is not None
    assert learned.won_ever_flagged <= 0.47
    pooled = learned.measured.pooled.ratio.estimate
    assert pooled is not None
    assert pooled > 1  # it flags late stages, in which more is won: the other number is the one to go by


def _steady(count: int, *, step: int = 4) -> list[StageLine]:
    """Every fourth day a deal; each third is won after 10 to 18 days, the others are lost after 40 to 80."""
    lines = []
    for number in range(count):
        came = dt.date(2025, 1, 1) + dt.timedelta(days=step * number)
        won = number % 3 == 0
        days = 10 + number % 9 if won else 40 + number % 41
        lines += [
            StageLine(f"D-{number}", "Pitch", came, 1000.0),
            StageLine(f"D-{number}", "Won" if won else "Lost", came + dt.timedelta(days=days), 1000.0),
        ]
    return lines


def test_a_limit_that_tells_won_from_lost_helps() -> None:
    lines = _steady(120)
    known = stages("Pitch", rhythm=5)
    tried = backtest(past_of(lines, "Pitch"), known, Calendar(), dt.date(2026, 4, 1))
    (pitch,) = tried.stages
    assert pitch.limit.source == "learned"
    assert pitch.limit.days is not None
    assert 14 <= pitch.limit.days <= 21
    assert (pitch.showing, pitch.limit.showing) == ("helps", "helps")
    assert pitch.shares.won_flagged is not None
    assert pitch.shares.won_flagged < 0.01
    assert pitch.won_ever_flagged is not None
    assert pitch.won_ever_flagged < 0.2
    assert tried.prognosis.limits["Pitch"].showing == "helps"
    assert tried.fixed_days is not None
    assert pitch.flags_per_month > 1


def test_nothing_of_later_leaks_into_the_replay() -> None:
    lines = _steady(120)
    early = dt.date(2025, 12, 1)
    known = stages("Pitch")
    whole = backtest(past_of(lines, "Pitch"), known, Calendar(), early)
    cut = backtest(past_of([line for line in lines if line.on <= early], "Pitch"), known, Calendar(), early)
    assert whole == cut


def test_too_few_to_learn_from_is_told_by_no_rows() -> None:
    tried = backtest(past_of(_steady(9), "Pitch"), stages("Pitch"), Calendar(), dt.date(2026, 1, 1))
    assert (tried.since, tried.rows, tried.fixed_days) == (None, 0, None)
    assert tried.learned.flagged is None
    assert tried.stages[0].limit.source == "guess"
    assert tried.stages[0].showing == "not shown"
    assert tried.forecast.expected is None


def test_an_empty_past_is_no_fault() -> None:
    tried = backtest(past_of([], "Pitch"), stages("Pitch"), Calendar(), dt.date(2026, 1, 1))
    assert tried.rows == 0
    assert tried.learned.won_ever_flagged is None


def test_a_forecast_is_held_against_what_came_of_it() -> None:
    tried = backtest(past_of(_steady(200), "Pitch"), stages("Pitch"), Calendar(), dt.date(2026, 12, 1))
    forecast = tried.forecast
    assert len(forecast.finished) > 8
    for one in forecast.finished[2:]:
        # A steady team: of about 9 open deals 1 or 2 are won within the next 30 days.
        assert one.expected == pytest.approx(one.won, abs=2)
        assert one.expected_amount == pytest.approx(1000 * one.expected)
        assert one.won_amount == 1000 * one.won
    assert forecast.range is not None
    assert 0 < forecast.range.held <= forecast.range.tried


def test_three_finished_forecasts_make_no_range() -> None:
    lines = _steady(200)
    found = [
        backtest(past_of(lines, "Pitch"), stages("Pitch"), Calendar(), dt.date(2025, 1, 6) + dt.timedelta(days=days))
        for days in range(100, 300, 14)
    ]
    assert all(one.forecast.range is None for one in found if len(one.forecast.finished) < 4)
    assert any(len(one.forecast.finished) == 3 for one in found)
