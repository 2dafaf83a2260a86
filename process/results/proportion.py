"""So many of so many: a share, and how sure it is."""

from __future__ import annotations

import math
from typing import NamedTuple

FEWEST_TO_SAY = 10
"""Below so many cases a share says nothing, and none is given."""

_Z = 1.96


class Proportion(NamedTuple):
    """So many of so many."""

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """The share; None where there are too few to say."""
        return self.hits / self.of if self.of >= FEWEST_TO_SAY else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval at 95 % (Wilson); None where there are too few to say."""
        if self.of < FEWEST_TO_SAY:
            return None
        share, square = self.hits / self.of, _Z * _Z
        middle = (share + square / (2 * self.of)) / (1 + square / self.of)
        spread = _Z / (1 + square / self.of) * math.sqrt(share * (1 - share) / self.of + square / (4 * self.of**2))
        return max(0.0, middle - spread), min(1.0, middle + spread)

    def apart_from(self, other: Proportion) -> bool:
        """Whether both are known, and their intervals have nothing in common."""
        mine, theirs = self.interval, other.interval
        return mine is not None and theirs is not None and (mine[1] < theirs[0] or theirs[1] < mine[0])
