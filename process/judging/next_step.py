"""What to do next about a deal, in one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from fivestep.process.judging.clocks import Clocks
from fivestep.process.judging.findings import filled_in
from fivestep.process.judging.sequence import FollowUpState
from fivestep.process.model.deal import Deal
from fivestep.process.model.plan import Status
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Facts, Stage
from fivestep.process.wording import show


def next_step(
    deal: Deal,
    stage: Stage | None,
    status: Status,
    clocks: Clocks | None,
    facts: Facts,
    errors: Sequence[Problem],
    follow_up: FollowUpState,
) -> str:
    """The most urgent step: what the status asks for, else what the stage suggests."""
    if stage is None or clocks is None:
        return show.cell_text(errors[0].fix) if errors else "Choose a stage"
    who = deal.contact or deal.company or "the customer"
    if status == "Your turn":
        also = ", and delete the draft that waits" if follow_up.outdated else ""
        return show.cell_text(f"Answer {who}: they wrote on {_day(clocks.theirs, facts.today)}{also}")
    if follow_up.outdated:
        return show.cell_text(f"Delete the draft to {who}: it is out of date")
    if status == "Waiting":
        return show.cell_text(f"Wait until {_day(deal.waiting_until, facts.today)}, then get back to {who}")
    if status == "Needs data":
        first_error = errors[0]
        place = "" if first_error.column in first_error.fix else f"{first_error.column}: "
        return show.cell_text(f"{place}{first_error.fix}")
    if deal.do_not_contact and stage.kind == "open":
        return show.cell_text(f"Find somebody else to talk to, or close the deal as lost: {who} is not to be contacted")
    if follow_up.waiting:
        return show.cell_text(f"Review the draft to {who}, and send it")
    if follow_up.exhausted:
        return show.cell_text(f"Call {who}, or close the deal as lost: {facts.follow_ups} follow-ups without an answer")
    if follow_up.next_on is not None:
        return show.cell_text(
            f"Wait for an answer from {who}: the next draft comes on {_day(follow_up.next_on, facts.today)}"
        )
    first = stage.next_step(deal, facts)
    return filled_in(stage.next_steps[first], deal) if first >= 0 else ""


def _day(day: dt.date | None, today: dt.date) -> str:
    return show.day(day, today) if day is not None else ""
