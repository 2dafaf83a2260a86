"""From stage to stage: how many deals went on, how long that took, and where they were lost."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from statistics import median
from typing import NamedTuple

from fivestep.process.prognosis.spells import KnownDeal, TeamPast
from fivestep.process.results.rate import Rate


class StageStep(NamedTuple):
    """What became of the stays in one stage."""

    stage: str
    came: int
    went_on: int
    """To a later stage, or won."""
    back: int
    """To an earlier stage, or to one that sells nothing."""
    lost: int
    still: int
    """They are there today."""
    days: float | None
    """Calendar days that half of those took, or fewer, that went on; None where there are too few to say."""

    @property
    def rate(self) -> Rate:
        """How many went on of those that left."""
        return Rate(self.went_on, self.came - self.still)


def steps(past: TeamPast, today: dt.date) -> list[StageStep]:
    """One step for each selling stage, in the order of the process, as known at the end of that day."""
    counts: dict[str, Counter[str]] = {stage: Counter() for stage in past.selling}
    took: defaultdict[str, list[int]] = defaultdict(list)
    order = {stage: place for place, stage in enumerate(past.selling)}
    for deal in past.deals:
        known = deal.known_on(today)
        for place in range(known):
            stage = deal.stages[place]
            if stage not in counts:
                continue
            became = _became(past, deal, place, known, order)
            counts[stage][became] += 1
            if became == "went on":
                took[stage].append((deal.days[place + 1] - deal.days[place]).days)
    return [_step(stage, found, took[stage]) for stage, found in counts.items()]


def lost_from(past: TeamPast, today: dt.date) -> dict[str, str]:
    """The last selling stage of each lost deal, by its ID."""
    found = {}
    for deal in past.deals:
        known = deal.known_on(today)
        if known and past.end_of(deal, known) == "lost":
            stage = next((name for name in reversed(deal.stages[:known]) if name in past.selling), "")
            if stage:
                found[deal.deal] = stage
    return found


def _became(past: TeamPast, deal: KnownDeal, place: int, known: int, order: dict[str, int]) -> str:
    """What became of one stay of a deal.

    - `past`, `deal`: the team's past, and the deal.
    - `place`, `known`: which of the deal's stages it was, and how many of them are known.
    - `order`: the places of the selling stages.
    """
    if place + 1 == known:
        return "still"
    end = past.end_of(deal, place + 2)
    if end != "open":
        return "went on" if end == "won" else "lost"
    return "went on" if order.get(deal.stages[place + 1], -1) > order[deal.stages[place]] else "back"


def _step(stage: str, found: Counter[str], took: list[int]) -> StageStep:
    step = StageStep(stage, found.total(), found["went on"], found["back"], found["lost"], found["still"], None)
    enough = Rate(0, len(took)).share is not None
    return step._replace(days=median(took)) if enough else step
