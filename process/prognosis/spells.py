"""Stays of deals in selling stages, and how their deals ended, as they were known on a day.

All days here are calendar days: what is learned from an import of another system knows no team's holidays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from statistics import median
from typing import Literal, NamedTuple

from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Stage

DealEnd = Literal["won", "lost", "open"]

SHORTEST_HORIZON, LONGEST_HORIZON, USUAL_HORIZON = 30.0, 90.0, 60.0
"""Days; the usual one holds for a team with fewer than `FEWEST_FOR_HORIZON` wins."""

FEWEST_FOR_HORIZON = 5


class Spell(NamedTuple):
    """One stay of one deal in a selling stage."""

    stage: str
    days: int
    """In the stage; where the deal is still there, today counts as a whole day."""
    to_end: int
    """From coming into the stage to the deal's end; to today, as above, where it is open."""
    end: DealEnd
    """How the deal ended, not the stay."""


class KnownDeal(NamedTuple):
    """What is known of one deal: its stages in order, each with the day on which it came there."""

    deal: str
    stages: list[str]
    days: list[dt.date]
    amounts: list[float | None]

    def known_on(self, today: dt.date) -> int:
        """How many of its stages were known at the end of that day."""
        count = len(self.days)
        while count and self.days[count - 1] > today:
            count -= 1
        return count


class TeamPast:
    """A team's past, by deal, for questions about what was known on a day."""

    def __init__(self, lines: Iterable[StageLine], stages: Mapping[str, Stage]) -> None:
        """Sort the lines by deal.

        - `lines`: in the order of time; on one day, in the order in which they happened. Where a stage is repeated the
          first line counts.
        - `stages`: the process's. Only open ones that are not parked are selling; a word that is none of them ends the
          stay before it.
        """
        self.selling: tuple[str, ...] = tuple(
            stage.name for stage in stages.values() if stage.kind == "open" and not stage.parked
        )
        self._ends: dict[str, DealEnd] = {
            stage.name: "won" if stage.kind == "won" else "lost" for stage in stages.values() if stage.kind != "open"
        }
        found: dict[str, KnownDeal] = {}
        for line in lines:
            known = found.setdefault(line.deal, KnownDeal(line.deal, [], [], []))
            if not known.stages or known.stages[-1] != line.stage:
                known.stages.append(line.stage)
                known.days.append(line.on)
                known.amounts.append(line.amount)
        self.deals: Sequence[KnownDeal] = list(found.values())

    def thinned(self, most: int) -> TeamPast:
        """Every second deal, or third and so on, so that at most so many are left; itself where no more are."""
        step = -(-len(self.deals) // most)
        if step <= 1:
            return self
        few = copy(self)
        few.deals = self.deals[::step]
        return few

    def end_of(self, deal: KnownDeal, known: int) -> DealEnd:
        """How the deal had ended when so many of its stages were known: one that was opened again is open."""
        return self._ends.get(deal.stages[known - 1], "open")

    def first_day(self) -> dt.date | None:
        """The day of the first line; None where there is none."""
        return min((deal.days[0] for deal in self.deals), default=None)

    def spells(self, today: dt.date) -> list[Spell]:
        """All stays that were known at the end of that day."""
        selling = set(self.selling)
        found: list[Spell] = []
        still = today + dt.timedelta(days=1)
        for deal in self.deals:
            known = deal.known_on(today)
            if not known:
                continue
            end = self.end_of(deal, known)
            over = still if end == "open" else deal.days[known - 1]
            for place in range(known):
                if deal.stages[place] in selling:
                    came = deal.days[place]
                    left = deal.days[place + 1] if place + 1 < known else still
                    found.append(Spell(deal.stages[place], (left - came).days, (over - came).days, end))
        return found

    def ended(self, today: dt.date) -> tuple[int, int]:
        """How many deals had been won, and lost, by the end of that day."""
        ends = [self.end_of(deal, known) for deal in self.deals if (known := deal.known_on(today))]
        return ends.count("won"), ends.count("lost")

    def horizon(self, today: dt.date) -> float:
        """Days within which half of all wins are won: 30 to 90, and 60 where there are too few."""
        took = [
            (deal.days[known - 1] - deal.days[0]).days
            for deal in self.deals
            if (known := deal.known_on(today)) and self.end_of(deal, known) == "won"
        ]
        if len(took) < FEWEST_FOR_HORIZON:
            return USUAL_HORIZON
        return min(LONGEST_HORIZON, max(SHORTEST_HORIZON, float(median(took))))
