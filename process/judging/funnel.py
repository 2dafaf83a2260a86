"""The pipeline in figures, and the leads that customers named."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from operator import attrgetter

from fivestep.process.model.deal import Deal
from fivestep.process.model.plan import Funnel, FunnelStage, NewLead
from fivestep.process.model.sales_process import Process
from fivestep.process.reading.layout import Layout
from fivestep.process.wording.vocabulary import plain

_FIGURES = attrgetter("stage", "amount", "currency", "probability")
_WEEK = dt.timedelta(days=7)


def funnel(deals: Sequence[Deal], process: Process, layout: Layout, today: dt.date) -> Funnel:
    """Deals, amounts and weighted amounts by stage, wins and losses, and how full the top is."""
    stages = process.stages
    counts = Counter(map(attrgetter("stage"), deals))
    amounts: dict[str, dict[str, float]] = {name: defaultdict(float) for name in stages}
    weighted: dict[str, dict[str, float]] = {name: defaultdict(float) for name in stages}
    unknown: dict[str, float] = defaultdict(float)
    for name, amount, currency, probability in map(_FIGURES, deals):
        if amount is None:
            continue
        if name is None:
            unknown[currency or ""] += amount
            continue
        stage = stages[name]
        share = probability if probability is not None and stage.kind == "open" else stage.probability
        amounts[name][currency or ""] += amount
        weighted[name][currency or ""] += amount * share
    won = sum(counts[name] for name, stage in process.stages.items() if stage.kind == "won")
    lost = sum(counts[name] for name, stage in process.stages.items() if stage.kind == "lost")
    return Funnel(
        [
            FunnelStage(name, counts[name], dict(amounts[name]), dict(weighted[name]), stage.kind)
            for name, stage in process.stages.items()
        ],
        won,
        lost,
        won / (won + lost) if won + lost else None,
        _new_leads(deals, today) if "created" in layout.columns else None,
        process.new_leads_per_week,
        dict(unknown),
    )


def _new_leads(deals: Sequence[Deal], today: dt.date) -> int:
    """Deals that came in during the last seven days."""
    week_ago = today - _WEEK
    return sum(1 for deal in deals if deal.created is not None and week_ago < deal.created <= today)


def referred_leads(deals: Sequence[Deal], process: Process) -> list[NewLead]:
    """The people whom won customers named and who have no row yet, each once."""
    naming = [deal for deal in deals if deal.referrals and deal.stage and process.stages[deal.stage].kind == "won"]
    if not naming:
        return []
    known = {plain(text) for deal in deals for text in (deal.deal, deal.company, deal.contact, deal.email) if text}
    leads: list[NewLead] = []
    for deal in naming:
        for name in deal.referrals or ():
            if plain(name) and plain(name) not in known:
                known.add(plain(name))
                leads.append(NewLead(name, deal.id, deal.row))
    return leads
