"""What a team's past teaches on one day; nothing is learned before somebody asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from fivestep.connectors.ledger import Ledger
from fivestep.jobs.learning.kept_fit import keep_fit, kept_fit
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import History
from fivestep.process.model.prognosis import Prognosis, StageLimit
from fivestep.process.model.sales_process import Process
from fivestep.process.prognosis.backtest import Backtest, backtest
from fivestep.process.prognosis.fit import kept, learned_on
from fivestep.process.prognosis.lines import lines_of
from fivestep.process.prognosis.replay import REFIT
from fivestep.process.prognosis.spells import TeamPast
from fivestep.process.wording.show import plural

MOST_REPLAYED = 10_000
"""Deals: a run that learns does not replay more, but every second or third of them; `backtest` replays all."""


@dataclass(frozen=True)
class Learning:
    """One pipeline's past, and what is learned of it as of one day."""

    ledger: Ledger
    pipeline: str
    process: Process
    history: History
    calendar: Calendar
    today: dt.date
    deals_today: Callable[[], Sequence[Deal]]
    """Those of the sheet, with their IDs, and those that are over in the stage of their end."""

    @cached_property
    def past(self) -> TeamPast:
        """Which deal came into which stage, and when, as far as that was known on the day."""
        imported = self.ledger.imported(self.pipeline)
        lines = lines_of(self.deals_today(), self.history, imported, self.process, self.today)
        return TeamPast(lines, self.process.stages)

    @cached_property
    def tested(self) -> Backtest:
        """The past, replayed up to the day."""
        return backtest(self.past, self.process.stages, self.calendar, self.today)

    @cached_property
    def prognosis(self) -> Prognosis:
        """What holds on the day: what was kept, for four weeks, and else what is learned anew.

        A plan for a day in the past uses only what was known then, and nothing that was learned later.
        """
        before = self._before
        if before is None:
            return self._learned_now
        fitted_on = before.fitted_on or dt.date.min
        if self.today < fitted_on + REFIT:
            return before
        now = self._learned_now
        return kept(before, now, self.past).shown_by(now)

    @property
    def news(self) -> list[str]:
        """The limits that are others than before, a sentence each; empty where nothing was learned anew."""
        before = self._before
        if before is None or self.prognosis is before:
            return []
        return [
            f"In {stage} deals stall after {_days(limit)} now, before it was {_days(old)}: that was learned anew"
            for stage, limit in self.prognosis.limits.items()
            if (old := before.limits.get(stage)) is not None and old.days != limit.days
        ]

    def keep(self) -> None:
        """Have the runs to come go on with it, unless one of a later day has learned something already."""
        kept_now = self._kept
        later = kept_now is not None and self.today < (kept_now.fitted_on or dt.date.min)
        if not later and self.prognosis is not kept_now:
            keep_fit(self.ledger, self.pipeline, self.process, self.prognosis)

    @property
    def _learned_now(self) -> Prognosis:
        """What is learned today of the whole past, with what a replay of it, or of a part, shows."""
        if len(self.past.deals) <= MOST_REPLAYED:
            return self.tested.prognosis
        part = backtest(self.past.thinned(MOST_REPLAYED), self.process.stages, self.calendar, self.today)
        return learned_on(self.past, self.today).shown_by(part.prognosis)

    @cached_property
    def _kept(self) -> Prognosis | None:
        return kept_fit(self.ledger, self.pipeline, self.process)

    @property
    def _before(self) -> Prognosis | None:
        """What was learned by the day, and is kept."""
        kept_now = self._kept
        return kept_now if kept_now is not None and (kept_now.fitted_on or dt.date.max) <= self.today else None


def _days(limit: StageLimit) -> str:
    return plural(limit.days, "day") if limit.days is not None else "no number of days"
