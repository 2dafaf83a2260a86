"""All results of one team, put together, and the three findings that matter most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import History
from fivestep.process.model.sales_process import Process
from fivestep.process.results.outlook import LearnedPast, Outlook, outlook
from fivestep.process.results.stage_flow import Loss, StageFlow, losses, stage_flows
from fivestep.process.results.text_results import TextResult, text_results
from fivestep.process.results.top import Coverage, NewDeals, Targets, coverage, new_deals
from fivestep.process.results.win_rates import WinRate, win_rates


@dataclass(frozen=True)
class WhatWorks:
    """What came of the team's deals, as of one day."""

    learned: LearnedPast
    outlook: Outlook
    flows: Sequence[StageFlow]
    rates: Sequence[WinRate]
    texts: Sequence[TextResult]
    losses: Sequence[Loss]
    new_deals: NewDeals | None
    coverage: Coverage | None
    targets: Targets


def what_works(
    deals: Sequence[Deal],
    process: Process,
    history: History,
    learned: LearnedPast,
    calendar: Calendar,
    targets: Targets,
    today: dt.date,
) -> WhatWorks:
    """Everything that can be told of what works.

    - `deals`: those of the sheet, with their IDs; those that are over stand in the stage of their end.
    - `process`: the team's, with its stages in their order.
    - `history`: what the ledger knows of drafts.
    - `learned`: the past, and what was learned of it.
    - `calendar`: the team's working days.
    - `targets`, `today`: what the team aims at, and the day of the report.
    """
    past, stages = learned.past, process.stages
    return WhatWorks(
        learned,
        outlook(deals, stages, learned, today),
        stage_flows(past, today),
        win_rates(deals, stages),
        text_results(history, past, stages, calendar, today),
        losses(past, deals, stages, today),
        new_deals(deals, past, targets.new_leads_per_week, today),
        coverage(deals, past, stages, targets, today),
        targets,
    )
