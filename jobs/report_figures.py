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
UNKNOWN = "unknown"
"""The kind of a stage that the process does not know."""

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
    kinds: Counter[str] = field(default_factory=Counter)
    """Deals by the kind of their stage: `open`, `won`, `lost`, `unknown`."""
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


def unknown_stages(plan: Plan) -> list[Verdict]:
    """The deals whose stage the process does not know: they are in no stage's share."""
    return [verdict for verdict in plan.verdicts if not verdict.stage]


def ages(plan: Plan) -> list[StageAge]:
    """The ages by stage, in the order of the process, for stages that hold a deal and are not closed."""
    by_stage: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in plan.verdicts:
        by_stage[verdict.stage].append(verdict)
    return [_age(stage.stage, by_stage[stage.stage]) for stage in _open(plan) if stage.stage in by_stage]


def owners(plan: Plan, deals: Mapping[str, Deal]) -> list[OwnerShare]:
    """One share for each owner, by the number of their open deals."""
    shares: dict[str, OwnerShare] = {}
    kinds = {stage.stage: stage.kind for stage in plan.funnel.stages}
    for verdict in plan.verdicts:
        deal = deals.get(verdict.deal)
        name = (deal and deal.owner) or NOBODY
        share = shares.setdefault(name, OwnerShare(name))
        share.statuses[verdict.status] += 1
        kind = kinds.get(verdict.stage, UNKNOWN)
        share.kinds[kind] += 1
        if kind == "open" and deal and deal.amount is not None:
            share.amounts[deal.currency or ""] += deal.amount
    return sorted(shares.values(), key=lambda share: (-share.kinds["open"], share.owner))


def _open(plan: Plan) -> list[FunnelStage]:
    return [stage for stage in plan.funnel.stages if stage.kind == "open"]


def _age(stage: str, verdicts: Sequence[Verdict]) -> StageAge:
    days = [verdict.days_in_stage for verdict in verdicts]
    stalled = sum(verdict.status == "Stalled" for verdict in verdicts)
    return StageAge(stage, len(days), median(days), max(days), stalled)
