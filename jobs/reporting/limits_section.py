"""After how long deals are seldom won, and what a replay of the past says of that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from fivestep.jobs.reporting.charts import StageShares, shares_chart
from fivestep.jobs.reporting.section import part, said, section
from fivestep.process.model.prognosis import Showing, StageLimit
from fivestep.process.prognosis.backtest import Backtest, StageTest
from fivestep.process.prognosis.limit_words import past_the_limit
from fivestep.process.results.what_works import WhatWorks
from fivestep.process.wording.html import Html, table
from fivestep.process.wording.show import day

_SHOWINGS: Mapping[Showing, str] = {
    "helps": "helps: older deals were won less often",
    "not shown": "not shown to help",
    "hurts": "hurts: older deals were won more often",
}


def limits_section(works: WhatWorks, today: dt.date) -> Html:
    """The limits of all stages, and their replay; nothing where too few deals have ended."""
    limits = [one for one in works.learned.prognosis.limits.values() if one.won or one.lost or one.open]
    if all(limit.source == "guess" for limit in limits):
        return Html("")
    headers = ("Stage", "Limit", "Where it is from", "Won", "Lost", "Open", "Replayed")
    replay = works.learned.backtest
    return section(
        "How long is too long, in calendar days in a stage",
        table(headers, map(_row, limits), frozenset({1, 3, 4, 5})),
        said("Won, lost, open: how the deals ended that have been in the stage; one that came back counts twice."),
        _replay(replay, today) if replay is not None else Html(""),
    )


def _row(limit: StageLimit) -> tuple[str, ...]:
    days = "none" if limit.days is None else f"{limit.days} days"
    shown = _SHOWINGS[limit.showing] if limit.showing and limit.days is not None else ""
    return limit.stage, days, _grounds(limit), str(limit.won), str(limit.lost), str(limit.open), shown


def _grounds(limit: StageLimit) -> str:
    """Where a limit is from, with its numbers."""
    match limit.source:
        case "learned":
            return f"learned: {past_the_limit(limit)}"
        case "oldest won":
            return f"oldest won: none of the {limit.won} that you won was there for longer"
        case "guess":
            return "too few deals have ended to learn from"
        case "none":
            return "age says nothing here so far"


def _replay(replay: Backtest, today: dt.date) -> Html:
    tests = [test for test in replay.stages if test.shares.won_flagged is not None]
    if replay.since is None or not tests:
        return Html("")
    words = [
        f"On each Monday since {day(replay.since, today)}, by what was known then: deals beyond their limit against "
        f"the others of their stage, and which share of them was won within {replay.judged_within} days."
    ]
    ratio = replay.learned.measured.in_stage
    if ratio.estimate is not None:
        sure = f" (interval at 95%: {ratio.low:.2f} to {ratio.high:.2f})" if ratio.low is not None else ""
        often = f"they were won {ratio.estimate:.2f} times as often as the others{sure}"
        words.append(f"Over all stages, {often if ratio.estimate else 'none of them was won in that time'}.")
    if replay.learned.won_ever_flagged is not None:
        words.append(
            f"{replay.learned.won_ever_flagged:.0%} of the deals that were won in the end had been beyond a limit once."
        )
    told = "; ".join(
        f"{test.limit.stage}: {_percent(test.shares.won_flagged)} of those beyond the limit, "
        f"{_percent(test.shares.won_others)} of the others"
        for test in tests
    )
    return part(
        "The limits, tried on the past",
        said(" ".join(words)),
        shares_chart([_shares(test) for test in tests], f"Share won. {told}"),
        said("Upper bars: beyond the limit, with the interval at 95% against the others. Lower bars: the others."),
        table(
            ("Stage", "Deals beyond", "Won of these", "Other deals", "Won of these", "Ratio", "Interval at 95%"),
            map(_tested, tests),
            frozenset(range(1, 7)),
        ),
    )


def _shares(test: StageTest) -> StageShares:
    shares = test.shares
    others, ratio = shares.won_others or 0.0, shares.ratio
    # Where none was won, drawing the deals again finds none either: that is no interval.
    interval = None
    if ratio.estimate and ratio.low is not None and ratio.high is not None:
        interval = ratio.low * others, min(1.0, ratio.high * others)
    return StageShares(test.limit.stage, shares.won_flagged or 0.0, others, interval)


def _tested(test: StageTest) -> tuple[object, ...]:
    shares, ratio = test.shares, test.shares.ratio
    return (
        test.limit.stage,
        shares.deals_flagged,
        _percent(shares.won_flagged),
        shares.deals_others,
        _percent(shares.won_others),
        "" if ratio.estimate is None else f"{ratio.estimate:.2f}",
        f"{ratio.low:.2f} to {ratio.high:.2f}" if ratio.estimate and ratio.low is not None else "",
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
