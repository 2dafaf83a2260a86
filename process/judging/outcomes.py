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

DOUBTED_ENDS = frozenset({"stage.outcome", "stage.closed"})
"""The rules by which nobody knows whether a deal is over, or how it ended; that has to be settled first."""


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
    """The contradictions between a deal's stage, its outcome and the day of its end.

    - `deal`, `own`: the deal, and the stage that it stands in; None where that is unknown.
    - `end`: whether other columns call it won or lost; None where they do not.
    - `layout`, `today`: where the fields stand in the sheet, and the day.
    """
    if own is None:
        return
    stage, outcome = layout.header("stage"), layout.header("outcome")
    if own.kind != "open" and deal.outcome not in (None, own.kind):
        message = f"{outcome} says {deal.outcome}, and {stage} says {own.name}"
        yield Problem(deal.id, deal.row, outcome, "stage.outcome", "warning", message, "Correct the one that is wrong")
    elif (doubt := _doubted_day(deal, own, end, layout, today)) is not None:
        yield Problem(deal.id, deal.row, stage, "stage.closed", "warning", *doubt)
    elif end is not None and deal.outcome is None:
        field, day = ("won_on", deal.won_on) if end == "won" else ("lost_on", deal.lost_on)
        column = layout.header(field)
        message = f"{column} says {_day(day, today)}, so the deal counts as {end}; {stage} still says {own.name}"
        fix = f"Put the outcome into {stage} as well, or empty {column}"
        yield Problem(deal.id, deal.row, stage, "stage.left_behind", "info", message, fix)


def _doubted_day(
    deal: Deal, own: Stage, end: StageKind | None, layout: Layout, today: dt.date
) -> tuple[str, str] | None:
    """What a day of the end says against the rest, and what mends it.

    - `deal`, `own`, `end`, `layout`, `today`: as for the other contradictions.

    None where it says nothing against it: a deal that was won once may be lost in the end.
    """
    still_open = own.kind == "open" and end is None
    won, lost = deal.won_on if still_open else None, deal.lost_on
    if not still_open and (own.kind != "won" or deal.outcome is not None):
        return None
    day = won or lost
    if day is None:
        return None
    column = layout.header("won_on" if won else "lost_on")
    said = f"{column} says {_day(day, today)}"
    if won and won == lost and won <= today:
        both = f"{column} and {layout.header('lost_on')} both say {_day(day, today)}"
        return both, "Empty the one that is wrong"
    if day > today:
        own_column = layout.header("expected_close") or "a column of its own"
        return (
            f"{said}, which is still to come",
            f"Empty {column} until it has happened; a plan belongs into {own_column}",
        )
    if deal.outcome is not None:
        return f"{said}, and {layout.header('outcome')} says {deal.outcome}", "Correct the one that is wrong"
    return f"{said}, and {layout.header('stage')} says {own.name}", "Correct the one that is wrong"


def _day(day: dt.date | None, today: dt.date) -> str:
    return show.day(day, today) if day else ""
