"""What to do next about a deal, in one sentence."""

from __future__ import annotations

import datetime as dt

from fivestep.process.judging.clocks import Clocks
from fivestep.process.judging.findings import DealFindings, filled_in
from fivestep.process.judging.lateness import planned_contact
from fivestep.process.judging.proposals import NO_PROPOSAL, MailProposal
from fivestep.process.judging.sequence import FollowUpState
from fivestep.process.judging.status import StatusTold
from fivestep.process.model.deal import Deal
from fivestep.process.model.sales_process import Facts, Stage
from fivestep.process.wording import show


def next_step(
    deal: Deal,
    stage: Stage | None,
    told: StatusTold,
    clocks: Clocks | None,
    facts: Facts,
    found: DealFindings,
    follow_up: FollowUpState,
    proposal: MailProposal = NO_PROPOSAL,
) -> str:
    """The most urgent step: what the status asks for, else what the stage suggests.

    - `deal`, `stage`, `clocks`, `facts`: the deal, and what is known of it; `stage` and `clocks` are None where the
      stage is unknown.
    - `told`: its status.
    - `found`: the problems that decide what is to be done.
    - `follow_up`: how far its follow-ups are.
    - `proposal`: what a mail says that a person should enter.
    """
    if stage is None or clocks is None:
        return show.cell_text(found.errors[0].fix) if found.errors else "Choose a stage"
    who = deal.contact or deal.company or "the customer"
    step = _asked_by_the_status(deal, stage, told, clocks, facts, found, follow_up, proposal, who)
    if not step:
        step = _asked_by_the_follow_up(facts, follow_up, who) or _planned(deal, stage, clocks, facts.today, who)
    if step:
        return show.cell_text(step)
    first = stage.next_step(deal, facts)
    return filled_in(stage.next_steps[first], deal) if first >= 0 else ""


def _asked_by_the_status(
    deal: Deal,
    stage: Stage,
    told: StatusTold,
    clocks: Clocks,
    facts: Facts,
    found: DealFindings,
    follow_up: FollowUpState,
    proposal: MailProposal,
    who: str,
) -> str:
    """What has to be done before the follow-ups go on; empty where nothing has.

    - `deal`, `stage`, `told`, `clocks`, `facts`, `found`, `follow_up`, `proposal`: as in `next_step`.
    - `who`: how the person is called.
    """
    also = ", and delete the draft that waits" if follow_up.outdated else ""
    if proposal.comes_first:
        return f"{proposal.text}{also}"
    if told.status == "Your turn":
        return f"Answer {who}: they wrote on {_day(clocks.theirs, facts.today)}{also}"
    if follow_up.outdated:
        return f"Delete the draft to {who}: it is out of date"
    if told.status == "Waiting":
        return f"Wait until {_day(deal.waiting_until, facts.today)}, then get back to {who}"
    if found.first is not None:
        return found.first.fix
    if proposal.text and stage.kind == "open":
        return proposal.text
    if told.status == "Needs data":
        problem = found.errors[0]
        return problem.fix if problem.column in problem.fix else f"{problem.column}: {problem.fix}"
    if told.past_wins:
        return f"Close the deal as lost, or revive it: ask {who} whether it is still on"
    if deal.do_not_contact and stage.kind == "open":
        return f"Find somebody else to talk to, or close the deal as lost: {who} is not to be contacted"
    return ""


def _asked_by_the_follow_up(facts: Facts, follow_up: FollowUpState, who: str) -> str:
    """What the sequence of mails asks for; empty where nothing."""
    if follow_up.waiting:
        return f"Review the draft to {who}, and send it"
    if follow_up.exhausted:
        return f"Call {who}, or close the deal as lost: {follow_up.step} follow-ups without an answer"
    if follow_up.next_on is not None:
        return f"Wait for an answer from {who}: the next draft comes on {_day(follow_up.next_on, facts.today)}"
    return ""


def _planned(deal: Deal, stage: Stage, clocks: Clocks, today: dt.date, who: str) -> str:
    """What a person has planned to do next; empty where nobody has.

    - `deal`, `stage`, `clocks`, `today`: the deal, and what is known of it on this day.
    - `who`: how the person is called.
    """
    plan = planned_contact(deal, clocks) if stage.kind == "open" else None
    if plan is None:
        return ""
    if plan < today:
        return f"Get back to {who}, as was planned for {show.day(plan, today)}, and plan the next contact"
    return f"Get back to {who} on {show.day(plan, today)}, as planned"


def _day(day: dt.date | None, today: dt.date) -> str:
    return show.day(day, today) if day is not None else ""
