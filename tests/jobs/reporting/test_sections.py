"""The sections about the past: what they say, and when they are left out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from html import unescape

from fivestep.jobs.reporting.forecast_section import forecast_section
from fivestep.jobs.reporting.limits_section import limits_section
from fivestep.jobs.reporting.results_section import results_section, three_findings_section
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import History
from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Process
from fivestep.process.prognosis.backtest import backtest
from fivestep.process.prognosis.spells import TeamPast
from fivestep.process.results.outlook import LearnedPast
from fivestep.process.results.top import Targets
from fivestep.process.results.what_works import WhatWorks, what_works
from tests.process.prognosis.histories import past_of, stages

BEGIN = dt.date(2025, 1, 6)
TODAY = dt.date(2026, 5, 1)
STAGES = stages("Pitch")


def every_week() -> list[StageLine]:
    """Each week two deals come: one is won after ten days, one is lost after a hundred."""
    lines = []
    for week in range(52):
        came = BEGIN + dt.timedelta(weeks=week)
        for name, end, days in (("w", "Won", 10), ("l", "Lost", 100)):
            deal = f"{name}{week}"
            lines += [
                StageLine(deal, "Pitch", came, 100.0),
                StageLine(deal, end, came + dt.timedelta(days=days), 100.0),
            ]
    return lines


OPEN = [StageLine("new", "Pitch", TODAY - dt.timedelta(days=2), 1000.0)]
DEALS = [
    Deal(2, "new", stage="Pitch", amount=1000.0, currency="EUR"),
    *(Deal(3 + week, f"w{week}", stage="Won", source="referral") for week in range(52)),
    *(Deal(60 + week, f"l{week}", stage="Lost", source="event", lost_reason="price") for week in range(52)),
]


def works(past: TeamPast, deals: Sequence[Deal], targets: Targets | None = None) -> WhatWorks:
    replay = backtest(past, STAGES, Calendar(), TODAY)
    learned = LearnedPast(past, replay.prognosis, replay)
    process = Process("p", STAGES, {})
    return what_works(deals, process, History(), learned, Calendar(), targets or Targets(), TODAY)


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


PAST = past_of([*every_week(), *OPEN], "Pitch")
KNOWN = works(PAST, DEALS, Targets(4, 5000.0))
NONE = works(past_of([], "Pitch"), [Deal(2, "a", stage="Pitch", amount=5.0, created=TODAY)], Targets(4))


def test_without_a_past_one_sentence_says_what_is_missing() -> None:
    assert forecast_section(NONE, TODAY) == limits_section(NONE, TODAY) == results_section(NONE, TODAY) == ""
    assert words(three_findings_section(NONE)) == (
        "What matters most Too few to say what works: of 0 won and 0 lost deals the way is known, and 10 of each are "
        "needed; `fivestep history import` brings a past from elsewhere."
    )


def test_the_forecast_stands_beside_the_weighted_sum_and_its_past_hits() -> None:
    said = words(forecast_section(KNOWN, TODAY))
    assert said.startswith("Forecast: 1 open deal Wins Amount Weighted by the stages' probabilities (overstates")
    assert "As your own deals of the same stage and age were won within 30 days" in said
    assert "Expected in Wins Amount the rest of May 2026" in said
    assert "Forecast of Expected wins Won Expected amount Won amount" in said
    assert "<svg" in forecast_section(KNOWN, TODAY)


def test_a_range_is_given_with_how_often_it_held() -> None:
    assert re.search(r"Between \d+ and \d+ wins.* has held \d+ of \d+ times", words(forecast_section(KNOWN, TODAY)))


def test_a_deal_of_unknown_age_is_named() -> None:
    more = works(PAST, [*DEALS, Deal(200, "ageless", stage="Pitch", amount=1.0, currency="EUR")])
    assert "Of 1 open deal no date says since when they" in words(forecast_section(more, TODAY))


def test_amounts_of_the_past_are_left_out_where_there_are_several_currencies() -> None:
    more = works(PAST, [*DEALS, Deal(200, "abroad", stage="Pitch", amount=1.0, currency="USD")])
    assert "Won amount" not in words(forecast_section(more, TODAY))


def test_the_limits_say_where_they_are_from_and_what_the_replay_shows() -> None:
    said = words(limits_section(KNOWN, TODAY))
    assert "Pitch 10 days learned: past 10 days your deals are hardly ever won (52 deals) 52 52 1" in said
    assert "none of them was won in that time" in said
    assert "<svg" in limits_section(KNOWN, TODAY)


def test_what_works_has_its_counts() -> None:
    said = words(results_section(KNOWN, TODAY))
    assert "Pitch 105 52 (50%) 52 1 10" in said
    assert "source event 52 0 (0%) 0% to 7% 52 (100%)" in said
    assert "Losses: 52 deals Lost from Reason Deals Share Pitch price 52 100%" in said
    assert "the last one at the end: 0, 0, 0, 0, 0, 0, 0, 1. That is 0.1 a week; the target is 4." in said
    assert "0 of 5,000 EUR won this month, 5,000 EUR left. Open deals hold 1,000 EUR, 0.2 times what is left" in said


def test_a_quota_without_its_currency_says_what_to_name() -> None:
    more = works(PAST, [*DEALS, Deal(200, "abroad", stage="Pitch", amount=1.0, currency="USD")], Targets(None, 5.0))
    assert "name the quota's as currency under [targets]" in words(results_section(more, TODAY))


def test_the_findings_come_as_sentences() -> None:
    said = words(three_findings_section(KNOWN))
    assert "Of 52 ended deals from the source event 0 (0%) were won, of the 52 others 52 (100%)." in said
    assert "In the last 8 weeks 1 new deal came in, of 32 that the target asks for" in said
