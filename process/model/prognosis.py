"""What a team's own past says of its open deals: limits, chances, and how far both can be believed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple


class StageLine(NamedTuple):
    """A deal came into a stage, or to its end."""

    deal: str
    stage: str
    """The process's name of it."""
    on: dt.date
    amount: float | None = None
    """What the deal was worth, as far as that is known."""


LimitSource = Literal["learned", "oldest won", "guess", "none"]
"""`learned`: deals that are older are won half as often, or less. `oldest won`: no deal that was older has been won.
`guess`: the team has ended too few deals to learn from. `none`: age says nothing here."""

Showing = Literal["helps", "not shown", "hurts"]
"""What a replay of the past says of a limit."""


class StageLimit(NamedTuple):
    """After how many days in a stage deals are seldom won any more."""

    stage: str
    days: int | None
    """Calendar days; None where there is no limit."""
    source: LimitSource
    won: int
    """Stays in this stage whose deal was won, as below."""
    lost: int
    open: int
    older: int = 0
    """How many stays were longer than the limit."""
    ratio: float | None = None
    """How often deals that are older come to a win, against fresh ones; None where it was not learned."""
    longest_won: int | None = None
    """The most days that a deal has been here which was won."""
    pace: int | None = None
    """So many days, or fewer, nine of ten won deals have been here; None below ten wins."""
    showing: Showing | None = None
    """None where nothing was replayed."""

    @property
    def in_force(self) -> bool:
        """Whether deals are called stalled by it: there is a limit, and the past does not speak against it."""
        return self.days is not None and self.showing != "hurts"


class StageChance(NamedTuple):
    """How likely deals of one stage are to be won within the horizon."""

    fresh: float
    """Of a deal that has just come into the stage."""
    by_age: tuple[tuple[int, float], ...] = ()
    """Ages in days, ascending, each with the factor that holds from there on."""


@dataclass(frozen=True)
class Prognosis:
    """What was learned of the past, as of one day."""

    fitted_on: dt.date | None = None
    """None where nothing was learned."""
    horizon: float = 60.0
    """Days: a chance is that of being won within so many."""
    won: int = 0
    """Deals, as below."""
    lost: int = 0
    limits: Mapping[str, StageLimit] = field(default_factory=dict)
    """By stage."""
    chances: Mapping[str, StageChance] = field(default_factory=dict)
    """By stage; empty where the past allows none."""

    def shown_by(self, replayed: Prognosis) -> Prognosis:
        """The same, with what a replay has shown of each limit."""
        limits = {stage: limit._replace(showing=replayed.limits[stage].showing) for stage, limit in self.limits.items()}
        return replace(self, limits=limits)


NO_PROGNOSIS = Prognosis()
