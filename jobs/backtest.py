"""How right the limits would have been: the past, replayed. Changes nothing."""

from __future__ import annotations

import datetime as dt

from fivestep.jobs.running.pipeline import Pipeline, policy_of, read_book
from fivestep.jobs.running.planning import learning_from
from fivestep.jobs.running.reports import BacktestReport


def backtest_of(pipeline: Pipeline, today: dt.date) -> BacktestReport:
    """What limits learned on each day up to this one would have told, and what came of it."""
    history = pipeline.ledger.history(pipeline.name, today)
    book, process, _ = read_book(pipeline, history.seen, today)
    policy = policy_of(pipeline.settings, today)
    return BacktestReport(pipeline.name, learning_from(pipeline, book, process, policy, history, today).tested)
