"""What the past says, in the report: the forecast beside its record, and the limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fivestep.jobs.showing.report_parts import paragraph, section
from fivestep.process.digest.figures import open_money
from fivestep.process.model.plan import Plan
from fivestep.process.model.prognosis import Prognosis
from fivestep.process.prognosis.backtest import Backtest, StageTest
from fivestep.process.prognosis.by_month import MonthExpected
from fivestep.process.prognosis.in_words import backtest_in_words, forecast_in_words, ratio_text
from fivestep.process.prognosis.limit_words import limit_in_words
from fivestep.process.results.results import Results
from fivestep.process.wording.html import Html, element, joined_html, table, text
from fivestep.process.wording.shares import percent
from fivestep.process.wording.show import day, money, number, plural
from fivestep.process.wording.svg import Pair, Whisker, pairs, whiskers

_SHOWN = 12
"""Finished forecasts that are shown, the latest."""

_FURTHEST = 2.0
"""Where the picture of ratios ends."""

_OVERSTATED = (
    "The amounts weighted by stage take each stage's probability from the process. On three of four real histories "
    "such sums were 2.4 to 8.8 times what came; the chances here depend on stage and age, and hold for a limited time."
)


@dataclass(frozen=True)
class PastShown:
    """What the report tells of a team's past."""

    prognosis: Prognosis
    """What is in force."""
    tested: Backtest
    months: Sequence[MonthExpected]
    results: Results


def forecast_section(plan: Plan, past: PastShown) -> Html:
    """What is to be expected by month, and what such forecasts came to; empty where none is made."""
    record, horizon = past.tested.forecast, past.tested.prognosis.horizon
    said = forecast_in_words(record, horizon)
    if not said or not past.months:
        return Html("")
    _, weighted = open_money(plan)
    expected: dict[str, float] = {}
    for month in past.months:
        for currency, amount in month.amounts.items():
            expected[currency] = expected.get(currency, 0.0) + amount
    rows = [(f"{one.month:%B %Y}", number(round(one.deals, 1)), money(one.amounts)) for one in past.months]
    rows.append((f"In {horizon:.0f} days", number(round(sum(one.deals for one in past.months), 1)), money(expected)))
    rows.append(("Weighted by stage", "", money(weighted)))
    return section(
        "What is to be expected",
        *map(paragraph, said),
        table(("", "Deals", "Amount"), rows, frozenset({1, 2})),
        paragraph(_OVERSTATED),
        _record(past.tested),
    )


def limits_section(past: PastShown) -> Html:
    """After how many days deals have stalled, on what grounds, and whether that would have helped."""
    tested = past.tested
    said = backtest_in_words(tested)
    title = "When a deal has stalled"
    if tested.since is None:
        return section(title, *map(paragraph, said))
    tests = {stage.limit.stage: stage for stage in tested.stages}
    sentences = [element("li", text(limit_in_words(limit))) for limit in past.prognosis.limits.values()]
    headers = ("Stage", "Limit", "Source", "Won", "Lost", "Won past it", "Won before", "Ratio", "Verdict")
    rows = [
        (
            limit.stage,
            plural(limit.days, "day") if limit.days is not None else "none",
            limit.source,
            limit.won,
            limit.lost,
            *_worth(tests.get(limit.stage)),
        )
        for limit in past.prognosis.limits.values()
    ]
    return section(
        title,
        *map(paragraph, said),
        element("ul", *sentences),
        _picture(tested),
        table(headers, rows, frozenset({1, 3, 4, 5, 6})),
        paragraph("How often deals past the limit were won, against the others of their stage: below 1 it helps."),
    )


def _worth(test: StageTest | None) -> tuple[str, str, str, str]:
    if test is None:
        return "", "", "", ""
    shares = test.shares
    return percent(shares.won_flagged), percent(shares.won_others), ratio_text(shares.ratio), test.showing


def _picture(tested: Backtest) -> Html:
    rows = [Whisker(one.limit.stage, *one.shares.ratio) for one in tested.stages if one.limit.days is not None]
    rows.append(Whisker("all of them", *tested.learned.measured.in_stage))
    rows.append(Whisker("the process's days", *tested.configured.measured.in_stage))
    said = "; ".join(f"{row.name} {_in_words(row)}" for row in rows)
    return whiskers(rows, 1.0, _FURTHEST, f"Ratio of wins past the limit to wins before it: {said}")


def _in_words(row: Whisker) -> str:
    if row.estimate is None:
        return "unknown"
    between = f", between {row.low:.2f} and {row.high:.2f}" if row.low is not None and row.high is not None else ""
    return f"{row.estimate:.2f}{between}"


def _record(tested: Backtest) -> Html:
    finished = tested.forecast.finished[-_SHOWN:]
    if not finished:
        return Html("")
    shown = [Pair(f"{one.as_of:%b}", one.expected, one.won) for one in finished]
    said = "; ".join(f"{one.as_of}: {one.expected:.1f} expected, {one.won} won" for one in finished)
    rows = [
        (
            day(one.as_of, tested.as_of).replace(" ", "\N{NO-BREAK SPACE}"),
            f"{one.expected:.1f}",
            one.won,
            number(round(one.expected_amount)),
            number(round(one.won_amount)),
        )
        for one in finished
    ]
    headers = ("Made on", "Deals expected", "Deals won", "Amount expected", "Amount won")
    return joined_html(
        [
            element("h3", text("Earlier forecasts, and what came of them")),
            pairs(shown, f"Earlier forecasts: {said}"),
            element(
                "p",
                element("span", text("■ "), css="first"),
                text("expected  "),
                element("span", text("■ "), css="second"),
                text("won"),
            ),
            table(headers, rows, frozenset({1, 2, 3, 4})),
        ]
    )
