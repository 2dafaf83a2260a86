"""What `fivestep backtest` says: what was learned in each stage, and how right that was."""

from __future__ import annotations

from collections.abc import Iterator

from fivestep.cli.listing import Row, Section
from fivestep.jobs.running.reports import BacktestReport
from fivestep.process.prognosis.backtest import Backtest, RuleTest, StageTest
from fivestep.process.prognosis.in_words import (
    backtest_in_words,
    forecast_in_words,
    ratio_text,
)
from fivestep.process.prognosis.limit_words import limit_in_words
from fivestep.process.wording.shares import percent
from fivestep.process.wording.show import plural

_STAGES = (
    "Stage", "Limit", "Source", "Won", "Lost", "Open", "A month", "Flagged won", "Others won", "Ratio", "Wins hit",
    "Verdict",
)  # fmt: skip
_RULES = ("Limits", "Calls stalled", "Flagged won", "Others won", "Ratio in a stage", "Wins hit")
_SHOWN = 12
"""Finished forecasts that are listed, the latest."""

_LEGEND = (
    "A month: deals newly called stalled.\n"
    "Flagged won, Others won: of weekly looks at deals past the limit, and at others, the share that was won in time.\n"
    "Ratio: the one to the other, with its 95 % interval; below 1 the limit helps.\n"
    "Wins hit: of the deals that were won in the end, those that it would have called stalled."
)


def sections(report: BacktestReport) -> Iterator[Section]:
    """The sentences first, then the tables that they come from."""
    tested = report.tested
    yield Section(f"{report.pipeline}, {tested.as_of}", after="\n".join(_in_words(tested)))
    if tested.since is None:
        return
    yield Section("By stage", _STAGES, [_stage(stage) for stage in tested.stages], _LEGEND)
    yield Section("Against other limits", _RULES, list(_rules(tested)))
    yield from _forecast(tested)


def _in_words(tested: Backtest) -> list[str]:
    said = backtest_in_words(tested)
    if not tested.prognosis.chances:
        return said
    return [*said, *(limit_in_words(test.limit) for test in tested.stages), *filter(None, map(_by_hand, tested.stages))]


def _by_hand(test: StageTest) -> str:
    """What came of a limit that was set by hand; empty where there is none."""
    if test.set_by_hand is None:
        return ""
    days = plural(test.set_by_hand, "working day")
    said = f"{test.limit.stage}: set by hand to {days}, which goes before what is learned."
    ratio = test.configured.ratio
    if ratio.estimate is None:
        return f"{said} What came of deals past it can't be told."
    return f"{said} Deals past it were won {ratio_text(ratio)} times as often as the others: {test.configured.showing}."


def _stage(stage: StageTest) -> Row:
    limit, shares = stage.limit, stage.shares
    cells = (
        limit.stage,
        plural(limit.days, "day") if limit.days is not None else "none",
        limit.source,
        str(limit.won),
        str(limit.lost),
        str(limit.open),
        f"{stage.flags_per_month:.1f}",
        percent(shares.won_flagged),
        percent(shares.won_others),
        ratio_text(shares.ratio),
        percent(stage.won_ever_flagged),
        stage.showing,
    )
    return Row(cells, "failed" if stage.showing == "hurts" else "")


def _rules(tested: Backtest) -> Iterator[Row]:
    rules = (
        ("learned", tested.learned),
        ("the process's own days", tested.configured),
        (f"{plural(tested.fixed_days or 0, 'day')} in every stage", tested.fixed),
    )
    for name, rule in rules:
        yield Row((name, *_worth(rule)))


def _worth(rule: RuleTest) -> tuple[str, ...]:
    pooled, ratio = rule.measured.pooled, rule.measured.in_stage
    won = (percent(pooled.won_flagged), percent(pooled.won_others))
    return percent(rule.flagged), *won, ratio_text(ratio), percent(rule.won_ever_flagged)


def _forecast(tested: Backtest) -> Iterator[Section]:
    said = forecast_in_words(tested.forecast, tested.prognosis.horizon)
    if said:
        rows = [
            Row((str(one.as_of), f"{one.expected:.1f}", str(one.won))) for one in tested.forecast.finished[-_SHOWN:]
        ]
        headers = ("Made on", "Expected to be won", "Won")
        yield Section("Forecasts", headers, rows, "\n".join(said))
