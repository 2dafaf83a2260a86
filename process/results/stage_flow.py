"""From stage to stage: how many deals went on, how long that took, and where the others were lost."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import median
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.spells import KnownDeal, TeamPast
from fivestep.process.results.proportion import Proportion
from fivestep.process.wording.vocabulary import plain


class StageFlow(NamedTuple):
    """What became of the deals of one stage, each counted once, from when it first came there."""

    stage: str
    came: int
    went_on: int
    """To a later stage, or won."""
    lost: int
    """Never went on, and ended lost."""
    still_open: int
    """Not gone on so far, wherever they are now."""
    days: float | None
    """The median of calendar days until those that went on did; None where none did."""

    @property
    def decided(self) -> Proportion:
        """Those that went on, of these and the lost ones."""
        return Proportion(self.went_on, self.went_on + self.lost)


class Loss(NamedTuple):
    """Deals that were lost from the same stage, for the same reason."""

    stage: str
    """The selling stage in which they were last; empty where nobody knows."""
    reason: str
    """As the sheet has it, in its first spelling; empty where it has none."""
    deals: int


def stage_flows(past: TeamPast, today: dt.date) -> list[StageFlow]:
    """One for each selling stage, in their order, as it was known at the end of that day."""
    found: dict[str, list[int | None]] = {stage: [] for stage in past.selling}
    ends: dict[str, Counter[str]] = {stage: Counter() for stage in past.selling}
    for deal in past.deals:
        known = deal.known_on(today)
        for stage in set(deal.stages[:known]) & set(past.selling):
            days = _days_until_on(past, deal, known, stage)
            found[stage].append(days)
            if days is None:
                ends[stage][past.end_of(deal, known)] += 1
    return [_flow(stage, found[stage], ends[stage]) for stage in past.selling]


def losses(past: TeamPast, deals: Iterable[Deal], stages: Mapping[str, Stage], today: dt.date) -> list[Loss]:
    """The lost deals of the sheet, by the stage before the loss and the reason, the most first.

    - `past`, `today`: the team's past, as it was known at the end of that day.
    - `deals`, `stages`: those of the sheet, and the process's stages.
    """
    known = {deal.deal: deal for deal in past.deals}
    counts: Counter[tuple[str, str]] = Counter()
    spellings: dict[str, str] = {}
    for deal in deals:
        stage = stages.get(deal.stage or "")
        if stage is not None and stage.kind == "lost":
            reason = deal.lost_reason or ""
            spellings.setdefault(plain(reason), reason)
            counts[_last_selling(past, known.get(deal.id), today), plain(reason)] += 1
    found = [Loss(stage, spellings[reason], count) for (stage, reason), count in counts.items()]
    return sorted(found, key=lambda loss: (-loss.deals, loss.stage, loss.reason))


def _days_until_on(past: TeamPast, deal: KnownDeal, known: int, stage: str) -> int | None:
    """Days from when the deal first came into a stage until it went on; None where it has not."""
    place = deal.stages.index(stage)
    later = set(past.selling[past.selling.index(stage) + 1 :])
    for number in range(place + 1, known):
        if deal.stages[number] in later or past.end_of(deal, number + 1) == "won":
            return (deal.days[number] - deal.days[place]).days
    return None


def _flow(stage: str, days: list[int | None], ends: Counter[str]) -> StageFlow:
    took = [one for one in days if one is not None]
    still_open = len(days) - len(took) - ends["lost"]
    return StageFlow(stage, len(days), len(took), ends["lost"], still_open, float(median(took)) if took else None)


def _last_selling(past: TeamPast, deal: KnownDeal | None, today: dt.date) -> str:
    stages = deal.stages[: deal.known_on(today)] if deal is not None else []
    return next((stage for stage in reversed(stages) if stage in past.selling), "")
