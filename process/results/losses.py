"""Why deals were lost, and from which stage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.sales_process import Stage
from fivestep.process.wording.show import one_line

NOT_NOTED = "no reason noted"


class Loss(NamedTuple):
    """The lost deals of one stage and one reason."""

    stage: str
    """The last stage before the loss; empty where nobody knows it."""
    reason: str
    deals: int
    amounts: Mapping[str, float]
    """By currency."""


def losses(deals: Iterable[Deal], stages: Mapping[str, Stage], lost_from: Mapping[str, str]) -> list[Loss]:
    """The losses by stage and reason, the most frequent first.

    - `deals`: those of the sheet.
    - `stages`: the process's, by name.
    - `lost_from`: the last selling stage of a lost deal, by its ID.
    """
    counts = Counter[tuple[str, str]]()
    amounts: defaultdict[tuple[str, str], defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    spelt: dict[str, str] = {}
    for deal in deals:
        if not deal.stage or stages[deal.stage].kind != "lost":
            continue
        reason = one_line(deal.lost_reason or "") or NOT_NOTED
        key = (lost_from.get(deal.id, ""), spelt.setdefault(reason.casefold(), reason))
        counts[key] += 1
        if deal.amount is not None:
            amounts[key][deal.currency or ""] += deal.amount
    return [Loss(*key, count, dict(amounts[key])) for key, count in counts.most_common()]
