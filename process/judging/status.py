"""The status of a deal, why, and what to do next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from fivestep.process.judging.clocks import ClockReader, Clocks, day_in_sheet
from fivestep.process.model.deal import Deal
from fivestep.process.model.plan import Status
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Stage
from fivestep.process.wording import show


def status_of(
    deal: Deal, stage: Stage, clocks: Clocks, errors: Sequence[Problem], reader: ClockReader
) -> tuple[Status, str, dt.date | None]:
    """The status, its reason, and the day on which the deal is due, in the order of precedence of `plan.STATUSES`.

    A closed deal with an error is not closed yet: won means signed, lost means with a reason.
    """
    if stage.kind != "open":
        if errors:
            return "Needs data", what_is_missing(errors), None
        if stage.kind == "won":
            return "Won", _when_won(deal, stage, reader.today), None
        return "Lost", _why_lost(deal), None
    if deal.waiting_until is not None and is_waiting(deal, clocks, reader.today):
        return "Waiting", _until_when(deal, reader.today), deal.waiting_until
    if clocks.your_turn and clocks.theirs is not None:
        return "Your turn", f"they wrote last, on {show.day(clocks.theirs, reader.today)}", None
    stalled = why_stalled(deal, stage, clocks, reader.today)
    if stalled:
        return "Stalled", stalled, None
    if errors:
        return "Needs data", what_is_missing(errors), None
    due = _until_stalled(stage, clocks, reader)
    return "On track", f"next look after {show.day(due, reader.today)}" if due else "", due


def is_waiting(deal: Deal, clocks: Clocks, today: dt.date) -> bool:
    """Whether the deal waits for a day to come; a word from them since the wait began ends it."""
    if deal.waiting_until is None or deal.waiting_until <= today:
        return False
    return clocks.theirs is None or not clocks.your_turn or clocks.theirs <= clocks.waits[-1].since


def why_stalled(deal: Deal, stage: Stage, clocks: Clocks, today: dt.date) -> str:
    """Why an open deal has stalled; empty where it has not. A limit is passed, not reached.

    The days in the stage come first where the sheet dates them; else they only count from the first run on.
    """
    days, silent = clocks.days_in_stage, clocks.silence or 0
    too_long = stage.stall_after is not None and days > stage.stall_after
    too_silent = stage.silent_after is not None and silent > stage.silent_after
    if too_long and not (too_silent and deal.stage_since is None and silent > days):
        reason = f"{show.plural(days, 'working day')} in {stage.name} (limit {stage.stall_after})"
    elif too_silent:
        reason = f"{show.plural(silent, 'working day')} without contact (limit {stage.silent_after})"
    else:
        return ""
    return reason if clocks.last_contact is None else f"{reason}, last contact {show.day(clocks.last_contact, today)}"


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
    """The day after which the deal stalls if nothing happens: one date, that stays the same from day to day."""
    days = []
    if stage.stall_after is not None:
        days.append(reader.due(clocks.since, stage.stall_after + clocks.waited))
    if stage.silent_after is not None and clocks.silence is not None:
        begin = clocks.last_contact or clocks.since
        waited = reader.waited(clocks.waits, begin) if clocks.waits else 0
        days.append(reader.due(begin, stage.silent_after + waited))
    return min(days, default=None)
