"""The figures of report and digest: sums over a plan's verdicts and the deals behind them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.plan import FunnelStage, Plan, Status, Verdict

NOBODY = "no owner"
UNKNOWN = "unknown"
"""The kind of a stage that the process does not know."""

Sums = Mapping[str, float]
"""Money by currency; the empty text where a deal names none."""

Judged = tuple[Verdict, Deal | None]
"""A verdict, and the deal behind it."""


class StageAge(NamedTuple):
    """How long the open deals of one stage have been in it, in working days."""

    stage: str
    deals: int
    unknown: int
    """Of these, how many have an age that nobody can tell; they are in neither of the next two."""
    middle: float | None
    """None where all are unknown, as below."""
    oldest: int | None
    follow_up: int
    """How many have this status, as below."""
    stalled: int


@dataclass
class OwnerShare:
    """What one owner has in the pipeline."""

    owner: str
    kinds: Counter[str] = field(default_factory=Counter)
    """Deals by the kind of their stage: `open`, `won`, `lost`, `unknown`."""
    amounts: Sums = field(default_factory=dict)
    statuses: Counter[Status] = field(default_factory=Counter)


def open_money(plan: Plan) -> tuple[Sums, Sums]:
    """The amounts of all stages that are not closed, and what is to be expected of them."""
    stages = _open(plan)
    return sum_of(stage.amounts for stage in stages), sum_of(stage.weighted for stage in stages)


def of_unknown_stages(plan: Plan) -> list[Verdict]:
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
    return shares(((verdict, deals.get(verdict.deal)) for verdict in plan.verdicts), plan)


def shares(judged: Iterable[Judged], plan: Plan) -> list[OwnerShare]:
    """`owners`, of some deals of a plan only."""
    kinds = {stage.stage: stage.kind for stage in plan.funnel.stages}
    found: dict[str, OwnerShare] = {}
    for verdict, deal in judged:
        name = owner_of(deal)
        share = found.setdefault(name, OwnerShare(name))
        share.statuses[verdict.status] += 1
        kind = kinds.get(verdict.stage, UNKNOWN)
        share.kinds[kind] += 1
        if kind == "open" and deal:
            share.amounts = sum_of((share.amounts, worth(deal)))
    return sorted(found.values(), key=lambda share: (-share.kinds["open"], share.owner))


def owner_of(deal: Deal | None) -> str:
    """What an owner is called in figures."""
    return (deal and (deal.owner or deal.owner_email)) or NOBODY


def sum_of(amounts: Iterable[Sums]) -> Sums:
    """All these sums in one, each currency by itself."""
    total: dict[str, float] = defaultdict(float)
    for sums in amounts:
        for currency, amount in sums.items():
            total[currency] += amount
    return total


def worth(deal: Deal) -> Sums:
    """What one deal is worth; nothing where it names no amount."""
    return {} if deal.amount is None else {deal.currency or "": deal.amount}


def _open(plan: Plan) -> list[FunnelStage]:
    return [stage for stage in plan.funnel.stages if stage.kind == "open"]


def _age(stage: str, verdicts: Sequence[Verdict]) -> StageAge:
    days = [verdict.days_in_stage for verdict in verdicts if verdict.days_in_stage is not None]
    statuses = Counter(verdict.status for verdict in verdicts)
    return StageAge(
        stage,
        len(verdicts),
        len(verdicts) - len(days),
        median(days) if days else None,
        max(days, default=None),
        statuses["Follow up"],
        statuses["Stalled"],
    )
