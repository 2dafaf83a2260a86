"""The pipeline in figures, and the leads that customers named."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fivestep.process.deal import Deal
from fivestep.process.definition import Process
from fivestep.process.history import DealHistory
from fivestep.process.plan import Funnel, FunnelStage, NewLead
from fivestep.process.words import plain

_WEEK = dt.timedelta(days=7)


def funnel(deals: Sequence[Deal], process: Process, past: Mapping[str, DealHistory], today: dt.date) -> Funnel:
    """Deals, amounts and weighted amounts by stage, wins and losses, and how full the top is."""
    counts: Counter[str] = Counter()
    amounts: dict[str, dict[str, float]] = {name: defaultdict(float) for name in process.stages}
    weighted: dict[str, dict[str, float]] = {name: defaultdict(float) for name in process.stages}
    for deal in deals:
        if deal.stage is None:
            continue
        counts[deal.stage] += 1
        if deal.amount is None:
            continue
        stage = process.stages[deal.stage]
        share = deal.probability if deal.probability is not None and stage.kind == "open" else stage.probability
        currency = deal.currency or ""
        amounts[deal.stage][currency] += deal.amount
        weighted[deal.stage][currency] += deal.amount * share
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
        _new_leads(deals, past, today),
        process.new_leads_per_week,
    )


def _new_leads(deals: Iterable[Deal], past: Mapping[str, DealHistory], today: dt.date) -> int:
    """Deals of the last seven days: by the sheet's own date, else by the first sight of them.

    The very first run sees everything for the first time, which says nothing.
    """
    count = 0
    week_ago = today - _WEEK
    for deal in deals:
        came = deal.created
        if came is None and past:
            known = past.get(deal.id)
            came = known.entries[0].on if known and known.entries else today
        count += came is not None and week_ago < came <= today
    return count


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
