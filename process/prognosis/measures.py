"""How right flags have been: shares of deals won, their ratio, and how sure that is."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from fivestep.process.model.prognosis import Showing
from fivestep.process.prognosis.replay import Flags, ReplayRow
from fivestep.process.prognosis.statistic import quantile

_DRAWS = 300
_FEWEST_DRAWS = 270
"""Where the ratio has no value in more of them, no interval is given."""
_LOW, _HIGH = 0.025, 0.975
_SEED = 20_261_201
"""The same past gives the same interval."""

FEWEST_DEALS = 10
"""Where fewer deals were flagged, or fewer others stand beside them, nothing is shown by them."""


class Counts(NamedTuple):
    """Rows of one stage, and those of them whose deal was won in time."""

    flagged: int = 0
    flagged_won: int = 0
    others: int = 0
    others_won: int = 0


class Ratio(NamedTuple):
    """How often flagged deals were won against others, with its interval at 95 %: below 1 is good."""

    estimate: float | None = None
    """None where one side has no row, or the others no win."""
    low: float | None = None
    high: float | None = None


class Shares(NamedTuple):
    """What came of flagged deals and of others."""

    deals_flagged: int
    deals_others: int
    won_flagged: float | None
    """The share of flagged rows whose deal was won in time; None where none was flagged."""
    won_others: float | None
    ratio: Ratio

    @property
    def showing(self) -> Showing:
        """What the interval shows; nothing where few deals stand behind it."""
        low, high = self.ratio.low, self.ratio.high
        if low is None or high is None or min(self.deals_flagged, self.deals_others) < FEWEST_DEALS:
            return "not shown"
        return "helps" if high < 1 else "hurts" if low > 1 else "not shown"


NO_SHARES = Shares(0, 0, None, None, Ratio())
"""Where nothing was flagged, and nothing else was there."""


class Measured(NamedTuple):
    """One rule, measured."""

    by_stage: Mapping[str, Shares]
    pooled: Shares
    """All stages as one: it also contains which stages are flagged."""
    in_stage: Ratio
    """Flagged against others within each stage (Mantel and Haenszel): the one to go by."""


ByStage = Mapping[str, Counts]
_Deal = tuple[tuple[ByStage, ...], int]
"""The counts of one deal under each rule; how many deals have the same."""


def measure(rows: Sequence[ReplayRow], rules: Sequence[Flags], in_time: Callable[[ReplayRow], bool]) -> list[Measured]:
    """What each rule's flags were worth.

    - `rows`: those with enough time after them to tell.
    - `rules`: each is measured, all on the same draws.
    - `in_time`: whether a row's deal was won soon enough after it.

    Intervals come from drawing deals with all their rows, not rows, which know of each other.
    """
    deals = _deals(rows, rules, in_time)
    stages = list(dict.fromkeys(row.stage for row in rows))
    draws = _draws(deals, len(rules))
    return [
        _measured(stages, _sums(deals, rule), [draw[rule] for draw in draws], _touched(deals, rule))
        for rule in range(len(rules))
    ]


def _deals(rows: Sequence[ReplayRow], rules: Sequence[Flags], in_time: Callable[[ReplayRow], bool]) -> list[_Deal]:
    found: defaultdict[int, list[dict[str, list[int]]]] = defaultdict(lambda: [{} for _ in rules])
    for row in rows:
        won = in_time(row)
        for counts, flags in zip(found[row.deal], rules, strict=True):
            of_stage = counts.setdefault(row.stage, [0, 0, 0, 0])
            place = 0 if flags(row) else 2
            of_stage[place] += 1
            of_stage[place + 1] += won
    # Deals with the same counts are drawn as one kind, which comes to the same and is faster.
    alike = Counter(
        tuple(tuple(sorted((stage, Counts(*of_stage)) for stage, of_stage in counts.items())) for counts in one)
        for one in found.values()
    )
    return [(tuple(dict(counts) for counts in one), many) for one, many in alike.items()]


def _draws(deals: Sequence[_Deal], rules: int) -> list[list[dict[str, Counts]]]:
    """For each draw and rule the counts by stage."""
    chance = random.Random(_SEED)
    many = [count for _, count in deals]
    kinds = range(len(deals))
    found = []
    for _ in range(_DRAWS if deals else 0):
        drawn = Counter(chance.choices(kinds, many, k=sum(many)))
        again = [(deals[kind][0], count) for kind, count in drawn.items()]
        found.append([_sums(again, rule) for rule in range(rules)])
    return found


def _sums(deals: Sequence[_Deal], rule: int) -> dict[str, Counts]:
    total: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for counts, many in deals:
        for stage, of_stage in counts[rule].items():
            sums = total[stage]
            for place, count in enumerate(of_stage):
                sums[place] += count * many
    return {stage: Counts(*sums) for stage, sums in total.items()}


def _touched(deals: Sequence[_Deal], rule: int) -> dict[str, tuple[int, int]]:
    """How many deals were flagged once or more, and not flagged; by stage, and under `""` in any."""
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for counts, many in deals:
        for stage, of_stage in counts[rule].items():
            found[stage][0] += many * (of_stage.flagged > 0)
            found[stage][1] += many * (of_stage.others > 0)
        found[""][0] += many * any(of_stage.flagged for of_stage in counts[rule].values())
        found[""][1] += many * any(of_stage.others for of_stage in counts[rule].values())
    return {stage: (flagged, others) for stage, (flagged, others) in found.items()}


def _measured(
    stages: Sequence[str],
    counts: ByStage,
    draws: Sequence[ByStage],
    touched: Mapping[str, tuple[int, int]],
) -> Measured:
    """One rule's figures.

    - `stages`: by name.
    - `counts`, `draws`: as they are, and as each draw has them.
    - `touched`: how many deals stand behind them.
    """

    def shares(name: str, whole: Counts, drawn: Sequence[Counts]) -> Shares:
        flagged, others = touched.get(name, (0, 0))
        return Shares(
            flagged,
            others,
            whole.flagged_won / whole.flagged if whole.flagged else None,
            whole.others_won / whole.others if whole.others else None,
            _with_interval(_ratio(whole), [_ratio(one) for one in drawn]),
        )

    none = Counts()
    return Measured(
        {stage: shares(stage, counts.get(stage, none), [one.get(stage, none) for one in draws]) for stage in stages},
        shares("", _all(counts), [_all(one) for one in draws]),
        _with_interval(_within_stages(counts), [_within_stages(one) for one in draws]),
    )


def _all(counts: ByStage) -> Counts:
    return Counts(*(sum(column) for column in zip(*counts.values(), strict=True))) if counts else Counts()


def _ratio(counts: Counts) -> float | None:
    if not counts.flagged or not counts.others_won:
        return None
    return (counts.flagged_won / counts.flagged) / (counts.others_won / counts.others)


def _within_stages(counts: ByStage) -> float | None:
    flagged = others = 0.0
    for one in counts.values():
        rows = one.flagged + one.others
        flagged += one.flagged_won * one.others / rows
        others += one.others_won * one.flagged / rows
    return flagged / others if others else None


def _with_interval(estimate: float | None, drawn: Sequence[float | None]) -> Ratio:
    values = [value for value in drawn if value is not None]
    if estimate is None or len(values) < _FEWEST_DRAWS:
        return Ratio(estimate)
    return Ratio(estimate, quantile(values, _LOW), quantile(values, _HIGH))
