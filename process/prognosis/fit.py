"""Limits and chances, fitted to what was known on a day.

Deals that are older than a limit come to a win half as often as fresh ones, or less, and that is sure enough. Each
stage leans on the whole team: where it has seen little, it is drawn to what holds for all (a Gamma-Poisson model).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fivestep.process.model.prognosis import LimitSource, Prognosis, StageChance, StageLimit
from fivestep.process.prognosis.spells import Spell, TeamPast
from fivestep.process.prognosis.statistic import in_order_of_time, never_rising, quantile, share_won, upper_bound

LIMIT_AGES = (2, 3, 4, 5, 7, 10, 14, 17, 21, 25, 30, 35, 40, 45, 50, 60, 75, 90, 120, 150, 180, 240, 300, 365)
"""The days among which a limit is looked for."""

FEWEST_ENDED = 10
"""So many deals won, and as many lost, are needed to learn anything: wins are what counts, and six teach nothing."""

FEWEST_FOR_LONGEST = 20
"""From so many wins in a stage on, the longest of them says what has never been."""

FEWEST_FOR_PACE = 10
_HALF = 0.5
_BOUND = 0.8
_LEAN = 3.0
"""Expected wins: with this weight a stage leans on the team."""
_SHORTEST_PACE = 2
_PACE = 0.9
_MOST_LIKELY = 0.98


class _Table(NamedTuple):
    """One stage at each of `LIMIT_AGES`."""

    spells: Sequence[Spell]
    """In the order of time."""
    fresh: float
    """The share of its stays that is won within the horizon."""
    seen: Sequence[float]
    """Wins that older deals came to."""
    expected: Sequence[float]
    """Wins that these had come to, had they been as good as fresh ones."""


def learned_on(past: TeamPast, today: dt.date) -> Prognosis:
    """What is learned from all that was known at the end of that day."""
    horizon = past.horizon(today)
    won, lost = past.ended(today)
    spells = past.spells(today)
    by_stage: dict[str, list[Spell]] = {stage: [] for stage in past.selling}
    for spell in spells:
        by_stage[spell.stage].append(spell)
    enough = won >= FEWEST_ENDED and lost >= FEWEST_ENDED
    if not enough:
        limits = {stage: _counted(stage, found, None, "guess") for stage, found in by_stage.items()}
        return Prognosis(today, horizon, won, lost, limits)
    tables = {stage: _table(found, horizon) for stage, found in by_stage.items()}
    ratios = _ratios(tables)
    return Prognosis(
        today,
        horizon,
        won,
        lost,
        {stage: _limit(stage, table, ratios[stage]) for stage, table in tables.items()},
        _chances(spells, tables, ratios, horizon),
    )


def kept(before: Prognosis, now: Prognosis, past: TeamPast) -> Prognosis:
    """The new fit with the old limits, but for those that have moved by more than a quarter.

    - `before`, `now`: the two fits.
    - `past`: what both were fitted to.
    """
    limits = dict(now.limits)
    spells: list[Spell] | None = None
    for stage, limit in now.limits.items():
        old = before.limits.get(stage)
        if old is None or old.days is None or limit.days is None or limit.days == old.days:
            continue
        # The longest stay of a won deal is a fact, and is never kept once it is another.
        if old.source != "learned" or abs(limit.days - old.days) > old.days / 4 or now.fitted_on is None:
            continue
        ratio = ratio_at(now.chances[stage], old.days)
        if ratio <= _HALF:
            spells = past.spells(now.fitted_on) if spells is None else spells
            mine = [spell for spell in spells if spell.stage == stage]
            limits[stage] = _counted(stage, mine, old.days, "learned")._replace(ratio=ratio)
    return Prognosis(now.fitted_on, now.horizon, now.won, now.lost, limits, now.chances)


def chance_of(prognosis: Prognosis, stage: str, age: int) -> float | None:
    """How likely a deal of this stage and age is won within the horizon; None where nobody knows."""
    chance = prognosis.chances.get(stage)
    return None if chance is None else min(_MOST_LIKELY, chance.fresh * ratio_at(chance, age))


def ratio_at(chance: StageChance, age: int) -> float:
    """How often deals of this age come to a win, against fresh ones."""
    ratio = 1.0
    for since, factor in chance.by_age:
        if since > age:
            break
        ratio = factor
    return ratio


def _table(found: Sequence[Spell], horizon: float) -> _Table:
    spells = in_order_of_time(found)
    _, fresh = share_won(spells, horizon)
    seen, expected = [], []
    for age in LIMIT_AGES:
        count, share = share_won(spells, horizon, age)
        seen.append(count * share)
        expected.append(count * fresh)
    return _Table(spells, fresh, seen, expected)


def _ratios(tables: Mapping[str, _Table]) -> dict[str, list[float]]:
    """How often older deals are won against fresh ones, by stage, at each age."""
    seen = [sum(column) for column in zip(*(table.seen for table in tables.values()), strict=True)]
    expected = [sum(column) for column in zip(*(table.expected for table in tables.values()), strict=True)]
    weights = [wins + _LEAN for wins in expected]
    team = never_rising([(wins + _LEAN) / weight for wins, weight in zip(seen, weights, strict=True)], weights)
    found = {}
    for stage, table in tables.items():
        weights = [wins + _LEAN for wins in table.expected]
        leaning = zip(table.seen, team, weights, strict=True)
        found[stage] = never_rising([(wins + _LEAN * ratio) / weight for wins, ratio, weight in leaning], weights)
    return found


def _limit(stage: str, table: _Table, ratios: Sequence[float]) -> StageLimit:
    for age, ratio, expected in zip(LIMIT_AGES, ratios, table.expected, strict=True):
        weight = expected + _LEAN
        if ratio <= _HALF and upper_bound(ratio * weight, weight) <= _BOUND:
            return _counted(stage, table.spells, age, "learned")._replace(ratio=ratio)
    counted = _counted(stage, table.spells, None, "none")
    if counted.won >= FEWEST_FOR_LONGEST and counted.longest_won is not None:
        return _counted(stage, table.spells, counted.longest_won, "oldest won")
    return counted


def _counted(stage: str, spells: Sequence[Spell], days: int | None, source: LimitSource) -> StageLimit:
    """A limit with the numbers that stand behind it."""
    ends = [spell.end for spell in spells]
    took = [spell.days for spell in spells if spell.end == "won"]
    return StageLimit(
        stage,
        days,
        source,
        ends.count("won"),
        ends.count("lost"),
        ends.count("open"),
        older=0 if days is None else sum(spell.days > days for spell in spells),
        longest_won=max(took, default=None),
        pace=max(_SHORTEST_PACE, math.ceil(quantile(took, _PACE))) if len(took) >= FEWEST_FOR_PACE else None,
    )


def _chances(
    spells: Sequence[Spell], tables: Mapping[str, _Table], ratios: Mapping[str, Sequence[float]], horizon: float
) -> dict[str, StageChance]:
    """The chances by stage, each drawn to that of all stages.

    - `spells`: all of them.
    - `tables`, `ratios`: by stage.
    - `horizon`: in days.
    """
    _, of_all = share_won(in_order_of_time(spells), horizon)
    found = {}
    for stage, table in tables.items():
        count = len(table.spells)
        fresh = (count * table.fresh + _LEAN * of_all) / (count + _LEAN)
        found[stage] = StageChance(fresh, tuple(zip(LIMIT_AGES, ratios[stage], strict=True)))
    return found
