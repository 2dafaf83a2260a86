"""The status of a deal, why, and what to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from fivestep.process.judging.clocks import ClockReader, Clocks
from fivestep.process.judging.findings import DealFindings
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


def status_of(
    deal: Deal, stage: Stage, clocks: Clocks, found: DealFindings, reader: ClockReader, ageless: str
) -> tuple[Status, str, dt.date | None]:
    """The status, its reason, and the day on which the deal is due.

    - `deal`, `stage`, `clocks`, `found`: the deal, and what is known of it.
    - `reader`: reads the clocks.
    - `ageless`: what is said where nobody can tell how long the deal has been where it is.

    Where several apply, the first in `plan.STATUSES` is taken. A closed deal with an error is not closed yet: won means
    signed, lost means with a reason.
    """
    today = reader.today
    if stage.kind != "open":
        return *_of_a_closed_deal(deal, stage, found, today), None
    if deal.waiting_until is not None and is_waiting(deal, clocks, today):
        return "Waiting", _until_when(deal, today), deal.waiting_until
    if clocks.your_turn and clocks.theirs is not None:
        return "Your turn", f"they wrote last, on {show.day(clocks.theirs, today)}", None
    if found.first is not None and found.first.rule in DOUBTED_ENDS:
        return "Needs data", _what_it_needs(found), None
    if stalled := why_stalled(deal, stage, clocks, today):
        return "Stalled", stalled, None
    if needs := _what_it_needs(found):
        return "Needs data", needs, None
    if (plan := planned_contact(deal, clocks)) is not None:
        return "On track", f"next contact planned for {show.day(plan, today)}", plan
    due = _until_stalled(stage, clocks, reader)
    if due is not None and not clocks.dated and clocks.last_sign is None:
        due = _young_until(deal, stage, clocks, reader)
        if due is None:
            return "Unknown age", ageless, None
    return "On track", f"next look after {show.day(due, today)}" if due else "", due


def unknown_age(layout: Layout) -> str:
    """What is said of a deal whose age nobody can tell, and what would tell it."""
    telling = " or ".join(filter(None, map(layout.header, _TELLING_AGE)))
    if telling:
        return show.cell_text(f"no date says how long it has been in this stage; fill in {telling}")
    return "no date says how long it has been in this stage, and the sheet has no column for the last contact"


def _of_a_closed_deal(deal: Deal, stage: Stage, found: DealFindings, today: dt.date) -> tuple[Status, str]:
    if stage.kind == "lost":  # nobody mends the amount of a deal that is over
        found = found._replace(errors=[problem for problem in found.errors if not problem.rule.startswith("cell.")])
    if needs := _what_it_needs(found):
        return "Needs data", needs
    return ("Won", _when_won(deal, stage, today)) if stage.kind == "won" else ("Lost", _why_lost(deal))


def planned_contact(deal: Deal, clocks: Clocks) -> dt.date | None:
    """The day a person has planned the next contact for; None where one has happened since."""
    plan = deal.next_contact
    return None if plan is None or (clocks.last_contact is not None and clocks.last_contact >= plan) else plan


def is_waiting(deal: Deal, clocks: Clocks, today: dt.date) -> bool:
    """Whether the deal waits for a day to come; a word from them since the wait began ends it."""
    if deal.waiting_until is None or deal.waiting_until <= today:
        return False
    return clocks.theirs is None or not clocks.your_turn or clocks.theirs <= clocks.waits[-1].since


def why_stalled(deal: Deal, stage: Stage, clocks: Clocks, today: dt.date) -> str:
    """Why an open deal has stalled; empty where it has not. A limit is passed, not reached.

    What a person has planned comes first: overdue it has stalled, ahead it has not. Then the days in the stage, where
    the sheet dates them; else they only count from the first run on.
    """
    if (plan := planned_contact(deal, clocks)) is not None:
        return f"the contact planned for {show.day(plan, today)} is overdue" if plan < today else ""
    days, silent = clocks.days_in_stage, clocks.silence or 0
    too_long = stage.stall_after is not None and days > stage.stall_after
    too_silent = stage.silent_after is not None and silent > stage.silent_after
    least = "" if clocks.dated else "at least "
    if too_long and not (too_silent and deal.stage_since is None and silent > days):
        reason = f"{least}{show.plural(days, 'working day')} in {stage.name} (limit {stage.stall_after})"
    elif too_silent:
        least = "" if clocks.last_sign else least
        contact = "contact" if clocks.last_sign else "a noted contact"  # a blank cell tells of no silence for sure
        reason = f"{least}{show.plural(silent, 'working day')} without {contact} (limit {stage.silent_after})"
    else:
        return ""
    if clocks.last_contact is not None:
        return f"{reason}, last contact {show.day(clocks.last_contact, today)}"
    if clocks.changed is not None:
        return f"{reason}: last changed {show.day(clocks.changed, today)}, no contact is noted"
    return reason


def _young_until(deal: Deal, stage: Stage, clocks: Clocks, reader: ClockReader) -> dt.date | None:
    """The last day on which the deal is too young to have stalled.

    None where it is older, or nobody knows: then no limit says anything about it.
    """
    if deal.created is None or deal.created > reader.today:
        return None
    limits = (stage.stall_after, stage.silent_after if clocks.silence is not None else None)
    least = min((limit for limit in limits if limit is not None), default=0)
    return reader.due(deal.created, least) if reader.days_since(deal.created) <= least else None


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


def _until_stalled(stage: Stage, clocks: Clocks, reader: ClockReader) -> dt.date | None:
    """The day after which the deal stalls if nothing happens, the same from day to day."""
    days = []
    if stage.stall_after is not None:
        days.append(reader.due(clocks.since, stage.stall_after + clocks.waited))
    if stage.silent_after is not None and clocks.silence is not None:
        begin = clocks.last_sign or clocks.since
        waited = reader.waited(clocks.waits, begin) if clocks.waits else 0
        days.append(reader.due(begin, stage.silent_after + waited))
    return min(days, default=None)
