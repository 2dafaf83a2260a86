"""The status of a deal, why, and what to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from fivestep.process.judging.clocks import ClockReader, Clocks
from fivestep.process.judging.findings import DealFindings
from fivestep.process.judging.lateness import (
    Lateness,
    Yardstick,
    lateness_of,
    planned_contact,
    word_due_after,
    young_until,
)
from fivestep.process.judging.outcomes import DOUBTED_ENDS
from fivestep.process.model.deal import Deal
from fivestep.process.model.plan import Status
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.stage_day import day_in_sheet
from fivestep.process.reading.layout import Layout
from fivestep.process.wording import show

_TELLING_AGE = ("last_contact", "stage_since", "next_contact")
"""The fields by any of which a deal of unknown age would have one, or a plan; the easiest to fill in comes first."""

_NAMED = 3
"""Open points that a status names."""


class StatusTold(NamedTuple):
    """A deal's status, and why."""

    status: Status
    reason: str = ""
    due: dt.date | None = None
    """The day on which the deal is to be looked at next; None where there is none."""
    open_points: tuple[str, ...] = ()
    past_wins: bool = False
    """Of both: see `Verdict`."""


def status_of(
    deal: Deal,
    stage: Stage,
    clocks: Clocks,
    found: DealFindings,
    reader: ClockReader,
    yardstick: Yardstick | None,
    ageless: str,
) -> StatusTold:
    """The status of a deal whose stage is known.

    - `deal`, `stage`, `clocks`, `found`: the deal, and what is known of it.
    - `reader`: reads the clocks.
    - `yardstick`: the stage's; None where it is closed.
    - `ageless`: what is said where nobody can tell how long the deal has been where it is.

    Where several apply, the first in `plan.STATUSES` is taken. A closed deal with an error is not closed yet: won means
    signed, lost means with a reason.
    """
    today = reader.today
    if yardstick is None:
        return _of_a_closed_deal(deal, stage, found, today)
    if deal.waiting_until is not None and is_waiting(deal, clocks, today):
        return StatusTold("Waiting", _until_when(deal, today), deal.waiting_until)
    if clocks.your_turn and clocks.theirs is not None:
        return StatusTold("Your turn", f"they wrote last, on {show.day(clocks.theirs, today)}")
    if found.first is not None and found.first.rule in DOUBTED_ENDS:
        return StatusTold("Needs data", _what_it_needs(found))
    late = lateness_of(deal, stage, clocks, yardstick, today)
    if late.status is not None:
        return _of_a_late_deal(late.status, late, found)
    if needs := _what_it_needs(found):
        return StatusTold("Needs data", needs)
    if (plan := planned_contact(deal, clocks)) is not None:
        return StatusTold("On track", f"next contact planned for {show.day(plan, today)}", plan)
    due = word_due_after(clocks, yardstick, reader)
    if due is not None and not clocks.dated and clocks.last_sign is None:
        known = deal.created is not None and deal.created <= today
        due = young_until(deal.created, clocks, yardstick, reader) if known and deal.created else None
        if due is None:
            return StatusTold("Unknown age", ageless)
    return StatusTold("On track", f"next look after {show.day(due, today)}" if due else "", due)


def _of_a_late_deal(status: Status, late: Lateness, found: DealFindings) -> StatusTold:
    """What is open in it is why, as often as not."""
    points = tuple(dict.fromkeys(rule.asks_for for rule in found.broken if rule.asks_for))
    if not points or late.past_wins:
        return StatusTold(status, late.reason, None, points, late.past_wins)
    more = f" and {len(points) - _NAMED} more" if len(points) > _NAMED else ""
    said = f"{late.reason}; still open: {', '.join(points[:_NAMED])}{more}"
    return StatusTold(status, show.cell_text(said), None, points)


def unknown_age(layout: Layout) -> str:
    """What is said of a deal whose age nobody can tell, and what would tell it."""
    telling = " or ".join(filter(None, map(layout.header, _TELLING_AGE)))
    if telling:
        return show.cell_text(f"no date says how long it has been in this stage; fill in {telling}")
    return "no date says how long it has been in this stage, and the sheet has no column for the last contact"


def _of_a_closed_deal(deal: Deal, stage: Stage, found: DealFindings, today: dt.date) -> StatusTold:
    if stage.kind == "lost":  # nobody mends the amount of a deal that is over
        found = found._replace(errors=[problem for problem in found.errors if not problem.rule.startswith("cell.")])
    if needs := _what_it_needs(found):
        return StatusTold("Needs data", needs)
    if stage.kind == "won":
        return StatusTold("Won", _when_won(deal, stage, today))
    return StatusTold("Lost", _why_lost(deal))


def is_waiting(deal: Deal, clocks: Clocks, today: dt.date) -> bool:
    """Whether the deal waits for a day to come; a word from them since the wait began ends it."""
    if deal.waiting_until is None or deal.waiting_until <= today:
        return False
    return clocks.theirs is None or not clocks.your_turn or clocks.theirs <= clocks.waits[-1].since


def _what_it_needs(found: DealFindings) -> str:
    """What has to be settled or filled in; empty where nothing has."""
    if found.first is not None and found.first.severity != "error":
        return show.cell_text(found.first.message)
    return what_is_missing(found.errors) if found.errors else ""


def what_is_missing(errors: Sequence[Problem]) -> str:
    """The columns to look at, each once; the first message where a problem has no column."""
    columns = dict.fromkeys(problem.column for problem in errors if problem.column)
    return show.cell_text(", ".join(columns) or errors[0].message)


def _until_when(deal: Deal, today: dt.date) -> str:
    until = show.day(deal.waiting_until, today) if deal.waiting_until else ""
    return show.cell_text(f"until {until}, {deal.waiting_reason}" if deal.waiting_reason else f"until {until}")


def _when_won(deal: Deal, stage: Stage, today: dt.date) -> str:
    """The day that the sheet gives; empty where it gives none."""
    day = day_in_sheet(deal, stage, today) or deal.stage_since
    return show.day(day, today) if day is not None and day <= today else ""


def _why_lost(deal: Deal) -> str:
    return show.cell_text(deal.lost_reason) if deal.lost_reason else ""
