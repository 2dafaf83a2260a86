"""The figures of the report: sums over a plan's verdicts and the deals behind them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from fivestep.process.deal import Deal
from fivestep.process.plan import FunnelStage, Plan, Status, Verdict

NOBODY = "no owner"

Sums = Mapping[str, float]
"""Money by currency; the empty text where a deal names none."""


class StageAge(NamedTuple):
    """How long the open deals of one stage have been in it, in working days."""

    stage: str
    deals: int
    middle: float
    oldest: int
    stalled: int


@dataclass
class OwnerShare:
    """What one owner has in the pipeline."""

    owner: str
    open: int = 0
    amounts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    statuses: Counter[Status] = field(default_factory=Counter)


def open_money(plan: Plan) -> tuple[Sums, Sums]:
    """The amounts of all stages that are not closed, and what is to be expected of them."""
    amounts: dict[str, float] = defaultdict(float)
    weighted: dict[str, float] = defaultdict(float)
    for stage in _open(plan):
        for sums, total in ((stage.amounts, amounts), (stage.weighted, weighted)):
            for currency, amount in sums.items():
                total[currency] += amount
    return amounts, weighted


def ages(plan: Plan) -> list[StageAge]:
    """The ages by stage, in the order of the process, for stages that hold a deal and are not closed."""
    by_stage: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in plan.verdicts:
        by_stage[verdict.stage].append(verdict)
    return [_age(stage.stage, by_stage[stage.stage]) for stage in _open(plan) if stage.stage in by_stage]


def owners(plan: Plan, deals: Mapping[str, Deal]) -> list[OwnerShare]:
    """One share for each owner, by the number of their open deals. Where the stage is unknown, nobody knows that."""
    shares: dict[str, OwnerShare] = {}
    still_open = {stage.stage for stage in _open(plan)}
    for verdict in plan.verdicts:
        deal = deals.get(verdict.deal)
        name = (deal and deal.owner) or NOBODY
        share = shares.setdefault(name, OwnerShare(name))
        share.statuses[verdict.status] += 1
        if verdict.stage not in still_open:
            continue
        share.open += 1
        if deal and deal.amount is not None:
            share.amounts[deal.currency or ""] += deal.amount
    return sorted(shares.values(), key=lambda share: (-share.open, share.owner))


def _open(plan: Plan) -> list[FunnelStage]:
    return [stage for stage in plan.funnel.stages if stage.kind == "open"]


def _age(stage: str, verdicts: Sequence[Verdict]) -> StageAge:
    days = [verdict.days_in_stage for verdict in verdicts]
    stalled = sum(verdict.status == "Stalled" for verdict in verdicts)
    return StageAge(stage, len(days), median(days), max(days), stalled)
