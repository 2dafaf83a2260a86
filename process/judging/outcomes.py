"""Deals that are over by another column than their stage, such as an outcome or a closing date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Process, Stage, StageKind
from fivestep.process.reading.layout import Layout
from fivestep.process.wording import show

TELLING = frozenset({"outcome", "won_on", "lost_on"})
"""The fields that can end a deal whatever its stage."""


class EndedDeals(NamedTuple):
    """The deals in the stages in which they are, and what of it a person should look at."""

    deals: list[Deal]
    problems: list[Problem]


def with_ends(deals: list[Deal], process: Process, layout: Layout, today: dt.date) -> EndedDeals:
    """The deals, those that are over in the first stage of their kind.

    The outcome's column decides; where it says nothing, the day of the win or the loss does for a deal whose stage is
    open. `stage_since` is the day of the stage that they have left, so they have none.
    """
    if TELLING.isdisjoint(layout.columns):
        return EndedDeals(deals, [])
    ends: dict[StageKind, str] = {}
    for stage in process.stages.values():
        ends.setdefault(stage.kind, stage.name)
    found: list[Deal] = []
    problems: list[Problem] = []
    for deal in deals:
        if deal.outcome is None and deal.won_on is None and deal.lost_on is None:
            found.append(deal)
            continue
        own = process.stages.get(deal.stage or "")
        end = _end(deal, own, today)
        problems.extend(_doubts(deal, own, end, layout, today))
        found.append(deal if end is None else deal._replace(stage=ends[end], stage_since=None))
    return EndedDeals(found, problems)


def _end(deal: Deal, own: Stage | None, today: dt.date) -> StageKind | None:
    """How the deal ended, where its stage says something else; None where the stage is to be believed."""
    kind = own.kind if own else "open"
    if deal.outcome is not None:
        return None if deal.outcome in ("open", kind) else deal.outcome
    if kind != "open" or deal.won_on == deal.lost_on:
        return None
    days: list[tuple[dt.date, StageKind]] = []
    if deal.won_on is not None and deal.won_on <= today:
        days.append((deal.won_on, "won"))
    if deal.lost_on is not None and deal.lost_on <= today:
        days.append((deal.lost_on, "lost"))
    return max(days)[1] if days else None


def _doubts(deal: Deal, own: Stage | None, end: StageKind | None, layout: Layout, today: dt.date) -> Iterable[Problem]:
    """The contradictions between a deal's stage and the columns that say how it ended.

    - `deal`, `own`: the deal, and the stage that it stands in; None where that is unknown.
    - `end`: whether other columns call it won or lost; None where they do not.
    - `layout`, `today`: where the fields stand in the sheet, and the day.
    """
    if own is not None and own.kind != "open" and deal.outcome not in (None, own.kind):
        column = layout.header("outcome")
        message = f"{column} says {deal.outcome}, and {layout.header('stage')} says {own.name}"
        yield Problem(
            deal.id, deal.row, column, "stage.outcome", "warning", message, "Put right which of them is wrong"
        )
    elif own is not None and end is not None and deal.outcome is None:
        field, day = ("won_on", deal.won_on) if end == "won" else ("lost_on", deal.lost_on)
        told = show.day(day, today) if day else ""
        column, stage = layout.header(field), layout.header("stage")
        message = f"{column} says {told}, so the deal counts as {end}; {stage} still says {own.name}"
        fix = f"Put the outcome into {stage} as well, or empty {column}"
        yield Problem(deal.id, deal.row, stage, "stage.left_behind", "info", message, fix)


def closed_otherwise(deal: Deal, stage: Stage) -> dt.date | None:
    """The day a deal was won or lost by a column that its stage contradicts; None where none does."""
    if stage.kind == "open":
        return deal.won_on or deal.lost_on
    return deal.lost_on if stage.kind == "won" and deal.outcome is None else None
