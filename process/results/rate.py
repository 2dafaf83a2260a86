"""How many of how many, and how sure a share is."""

from __future__ import annotations

import math
from typing import NamedTuple

FEWEST = 10
"""Of fewer than so many nothing is said."""

_Z = 1.96
"""For an interval at 95 %."""


class Rate(NamedTuple):
    """So many of so many."""

    held: int
    of: int

    @property
    def share(self) -> float | None:
        """The share; None where there are too few to say."""
        return self.held / self.of if self.of >= FEWEST else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the true one lies, at 95 % (Wilson's score interval)."""
        if not self.of:
            return 0.0, 1.0
        share, spread = self.held / self.of, _Z * _Z / self.of
        middle = (share + spread / 2) / (1 + spread)
        half = _Z * math.sqrt(share * (1 - share) / self.of + spread / (4 * self.of)) / (1 + spread)
        return max(0.0, middle - half), min(1.0, middle + half)

    def differs_from(self, other: Rate) -> bool:
        """Whether there are enough on both sides, and their intervals do not touch."""
        if self.share is None or other.share is None:
            return False
        (low, high), (others_low, others_high) = self.interval, other.interval
        return low > others_high or high < others_low


def rest_of(all_of_them: Rate, one: Rate) -> Rate:
    """All but this part of them."""
    return Rate(all_of_them.held - one.held, all_of_them.of - one.of)
