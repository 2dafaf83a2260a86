"""What the limits would have told, week by week, and how right they would have been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.prognosis import Prognosis, Showing, StageLimit
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.fit import kept, learned_on
from fivestep.process.prognosis.forecast import ForecastRecord, forecast
from fivestep.process.prognosis.measures import NO_SHARES, Measured, Ratio, Shares, measure
from fivestep.process.prognosis.replay import (
    Flags,
    ReplayRow,
    by_fixed_days,
    by_the_process,
    by_what_was_learned,
    fits,
    fixed_days_like,
    learned_since,
    rows_of,
)
from fivestep.process.prognosis.spells import TeamPast

_SHORTEST_JUDGED, _LONGEST_JUDGED = 60, 90
_MONTH = 365.25 / 12


class RuleTest(NamedTuple):
    """One way to flag deals, tried on the past."""

    flagged: float | None
    """The share of all rows; None where there is no row, as in the next one where no deal was won."""
    won_ever_flagged: float | None
    """Of the deals that were won in the end, the share that was flagged on one Monday or more."""
    measured: Measured


class StageTest(NamedTuple):
    """One stage's limit, tried on the past."""

    limit: StageLimit
    flags_per_month: float
    """Deals newly flagged in this stage."""
    shares: Shares
    won_ever_flagged: float | None
    """Of the deals that were won in the end and had a row in this stage."""
    fixed: Ratio
    """What the fixed number of days did here."""
    set_by_hand: int | None = None
    """Working days: the stage's `stall_after`; None where the process has none."""
    configured: Shares = NO_SHARES
    """What came of deals past the days of the process: these, else its rhythm."""

    @property
    def showing(self) -> Showing:
        """Whether the limit helps."""
        return self.shares.showing


class Backtest(NamedTuple):
    """The whole replay."""

    as_of: dt.date
    since: dt.date | None
    """The first day on which there was enough to learn from; None where there never was."""
    judged_within: int
    """Days: a flag is judged by whether the deal was won within so many."""
    prognosis: Prognosis
    """As of that day, with what was shown of each limit."""
    rows: int
    stages: Sequence[StageTest]
    learned: RuleTest
    configured: RuleTest
    fixed: RuleTest
    fixed_days: int | None
    """The number of days, the same in each stage, that flags as many rows as the learned limits; None without rows."""
    forecast: ForecastRecord


def backtest(past: TeamPast, stages: Mapping[str, Stage], calendar: Calendar, as_of: dt.date) -> Backtest:
    """Replay the past, fitting only on what was known on each day.

    - `past`: the team's.
    - `stages`, `calendar`: the process's stages, and the working days that its own limits count.
    - `as_of`: the last day of the replay.
    """
    fitted = fits(past, as_of)
    now = _last_fit(past, fitted, as_of)
    since = learned_since(fitted)
    rows = rows_of(past, since, as_of) if since is not None else []
    learned, configured = by_what_was_learned(fitted), by_the_process(stages, calendar)
    fixed_days = fixed_days_like(rows, sum(map(learned, rows)))
    rules = (learned, configured, by_fixed_days(fixed_days))
    judged = round(min(_LONGEST_JUDGED, max(_SHORTEST_JUDGED, 2 * now.horizon)))
    span = dt.timedelta(days=judged)
    told = [row for row in rows if row.on + span <= as_of]
    measured = measure(told, rules, lambda row: row.won_on is not None and row.on < row.won_on <= row.on + span)
    of_learned, of_process, of_fixed = (
        _rule(past, rows, rule, one, as_of) for rule, one in zip(rules, measured, strict=True)
    )
    by_stage = [
        _stage(limit, stages[limit.stage], rows, learned, measured, since, as_of) for limit in now.limits.values()
    ]
    shown = {test.limit.stage: test.limit._replace(showing=test.showing) for test in by_stage}
    prognosis = Prognosis(now.fitted_on, now.horizon, now.won, now.lost, shown, now.chances)
    return Backtest(
        as_of,
        since,
        judged,
        prognosis,
        len(rows),
        [test._replace(limit=shown[test.limit.stage]) for test in by_stage],
        of_learned,
        of_process,
        of_fixed,
        fixed_days if rows else None,
        forecast(past, fitted, now, rows),
    )


def _last_fit(past: TeamPast, fitted: Sequence[Prognosis], as_of: dt.date) -> Prognosis:
    """What is known on the last day, with the limits that still hold."""
    now = learned_on(past, as_of)
    return kept(fitted[-1], now, past) if fitted else now


def _rule(past: TeamPast, rows: Sequence[ReplayRow], flags: Flags, measured: Measured, as_of: dt.date) -> RuleTest:
    """How one way to flag deals did.

    - `past`, `as_of`: the team's past, up to that day.
    - `rows`, `flags`: the replayed rows, and which of them were flagged.
    - `measured`: what came of the flags.
    """
    flagged = [row for row in rows if flags(row)]
    won, _ = past.ended(as_of)
    ever = len({row.deal for row in flagged if row.won_on is not None})
    return RuleTest(len(flagged) / len(rows) if rows else None, ever / won if won else None, measured)


def _stage(
    limit: StageLimit,
    stage: Stage,
    rows: Sequence[ReplayRow],
    learned: Flags,
    measured: Sequence[Measured],
    since: dt.date | None,
    as_of: dt.date,
) -> StageTest:
    """How one stage's limit did.

    - `limit`, `stage`: as of the last day, and as the process has it.
    - `rows`, `learned`: the replayed rows, and which of them were flagged.
    - `measured`: the learned limits, those of the process, and the fixed number of days.
    - `since`, `as_of`: the first and the last day of the replay.
    """
    mine = [row for row in rows if row.stage == limit.stage]
    won = {row.deal for row in mine if row.won_on is not None}
    ever = {row.deal for row in mine if row.won_on is not None and learned(row)}
    months = ((as_of - since).days + 1) / _MONTH if since else 0.0
    return StageTest(
        limit,
        _new_flags(mine, learned) / months if months else 0.0,
        measured[0].by_stage.get(limit.stage, NO_SHARES),
        len(ever) / len(won) if won else None,
        measured[2].by_stage.get(limit.stage, NO_SHARES).ratio,
        stage.stall_after,
        measured[1].by_stage.get(limit.stage, NO_SHARES),
    )


def _new_flags(rows: Sequence[ReplayRow], flags: Flags) -> int:
    """How many stays were flagged at all."""
    stays = groupby(rows, key=lambda row: (row.deal, row.entered))
    return sum(any(map(flags, stay)) for _, stay in stays)
