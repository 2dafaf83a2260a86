"""Times some pieces of work side by side, so that what slows the machine down slows all of them down."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

ROUNDS = 5

Work = Callable[[], object]


class Spread(NamedTuple):
    """The median of the rounds, and the outermost."""

    median: float
    low: float
    high: float


def seconds(work: Work) -> float:
    """How long the work takes; throwing its result away is not counted."""
    gc.collect()
    begin = time.perf_counter()
    result = work()
    taken = time.perf_counter() - begin
    del result
    return taken


def interleaved(works: Mapping[str, Work], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Seconds of each work in every round; a round does each of them once, in the given order."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    # The garbage collector runs as Python has it, but does not look through what the measurements keep in store.
    gc.freeze()
    try:
        for _ in range(rounds):
            for name, work in works.items():
                taken[name].append(seconds(work))
    finally:
        gc.unfreeze()
    return taken


def spread(values: Sequence[float]) -> Spread:
    """Median, least and greatest."""
    return Spread(statistics.median(values), min(values), max(values))


def ratio(ones: Sequence[float], others: Sequence[float]) -> Spread:
    """How many times the other the one took, round by round."""
    return spread([one / other for one, other in zip(ones, others, strict=True)])
