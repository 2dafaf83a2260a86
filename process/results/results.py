"""All that is told of what works, put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import History
from fivestep.process.model.sales_process import Process
from fivestep.process.prognosis.by_month import MonthExpected
from fivestep.process.prognosis.spells import TeamPast
from fivestep.process.results.answers import TextResult, text_results
from fivestep.process.results.groups import Grouping, groupings
from fivestep.process.results.losses import Loss, losses
from fivestep.process.results.steps import StageStep, lost_from, steps
from fivestep.process.results.top import Coverage, NewDeals, Targets, coverage, new_deals


@dataclass(frozen=True)
class Results:
    """What works, and what does not, as of one day."""

    steps: Sequence[StageStep]
    groupings: Sequence[Grouping]
    texts: Sequence[TextResult]
    losses: Sequence[Loss]
    new_deals: NewDeals | None
    coverage: Coverage | None


def results_of(
    past: TeamPast,
    deals: Sequence[Deal],
    history: History,
    process: Process,
    calendar: Calendar,
    months: Sequence[MonthExpected],
    targets: Targets,
    today: dt.date,
) -> Results:
    """What came of deals and mails so far.

    - `past`: which deal came into which stage, and when.
    - `deals`: those of the sheet, with their IDs, and those that are over in the stage of their end.
    - `history`: what the ledger knows of drafts.
    - `process`, `calendar`: the team's process, and its working days.
    - `months`: what is expected of the open deals.
    - `targets`: what the team aims at.
    - `today`: the day.
    """
    stages = process.stages
    return Results(
        steps(past, today),
        groupings(deals, stages),
        text_results(history, stages, calendar, today),
        losses(deals, stages, lost_from(past, today)),
        new_deals(deals, today, targets.new_leads_per_week),
        coverage(deals, stages, past, months, targets, today),
    )
