"""Which follow-ups are due, and why another is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from fivestep.process.judging.clocks import ClockReader, Clocks
from fivestep.process.mails.told_by_mail import AWAY, Halt
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import OPEN_STATES, DraftRecord
from fivestep.process.model.sales_process import Facts, FollowUp, Stage
from fivestep.process.wording import show


class FollowUpState(NamedTuple):
    """Where a deal's sequence stands."""

    cell: str = ""
    """What the follow-up cell says as long as no new draft is made."""
    due: FollowUp | None = None
    """The step that is due by now; whether it may be drafted is decided elsewhere."""
    step: int = 0
    """Which step of its round it is, or the last one was, from 1."""
    number: int = 0
    """Which follow-up of the stage entry the one that is due is, over all rounds, from 1: no key comes twice."""
    steps: int = 0
    """How many the sequence has."""
    waiting: bool = False
    """A draft waits for a person to send it."""
    exhausted: bool = False
    """The last word has been said, without an answer."""
    outdated: bool = False
    """A draft waits that must no longer be sent."""
    next_on: dt.date | None = None
    """When the next step is due, after one that was sent."""


def of_this_entry(drafts: Sequence[DraftRecord], entry: int) -> list[DraftRecord]:
    """The drafts of one stage entry that were made, oldest first."""
    return [draft for draft in drafts if draft.entry == entry and draft.state != "failed"]


def waiting_text(step: int, steps: int, since: dt.date, today: dt.date) -> str:
    """What the cell says while a draft waits: the same on the day on which it is made and later."""
    return f"Draft {step} of {max(step, steps)} waiting since {show.day(since, today)}"


def due_text(step: int, steps: int) -> str:
    """What the cell says where a draft could be made, and is left to a later run."""
    return f"Draft {step} of {max(step, steps)} is due"


def kept_back(made: Sequence[DraftRecord], why: str, today: dt.date) -> FollowUpState:
    """The state of a sequence whose draft waits, and is not to be sent for now."""
    return FollowUpState(f"Keep back the draft of {show.day(made[-1].on, today)}: {why}", step=made[-1].step)


def out_of_date(drafts: Sequence[DraftRecord], entry: int, today: dt.date) -> str:
    """What the cell says while a draft of an earlier stage entry still waits; empty where none does."""
    for draft in drafts:
        if draft.entry != entry and draft.state in OPEN_STATES:
            return f"Delete the draft of {show.day(draft.on, today)}: the deal has moved on since"
    return ""


def nudge(
    deal: Deal,
    stage: Stage,
    clocks: Clocks,
    facts: Facts,
    made: Sequence[DraftRecord],
    reader: ClockReader,
    *,
    late: bool,
) -> FollowUpState:
    """The state of an open deal's follow-ups, which end with an answer or a deleted draft.

    - `deal`, `stage`, `clocks`, `facts`: the deal, and what is known of it.
    - `made`: the drafts of this stage entry.
    - `reader`: reads the clocks.
    - `late`: whether a follow-up may be due at all: only then they go on.

    After an answer, and a new silence, it begins again: the next round.
    """
    chosen = stage.sequence(deal, facts)
    steps = stage.sequences[chosen] if chosen >= 0 else ()
    current = _since_their_word(made, clocks)
    state = _last_made(current or made, len(steps), reader.today)
    if made and not current:
        state = _answered(clocks, state, reader.today)
    elif current and current[-1].state == "deleted":
        return FollowUpState(f"Ended: {state.cell}")
    if state.waiting or state.outdated or clocks.your_turn or not late:
        return state
    if len(current) >= len(steps):
        return state._replace(exhausted=bool(current))
    step = steps[len(current)]
    silent_since = max(day for day in (clocks.last_sign or clocks.since, made[-1].changed_on if made else None) if day)
    waited = reader.waited(clocks.waits, silent_since)
    if reader.days_since(silent_since) - waited >= step.after:
        return state._replace(due=step, step=len(current) + 1, number=len(made) + 1, steps=len(steps))
    if current:
        next_on = reader.due(silent_since, step.after + waited)
        return state._replace(cell=f"{state.cell}, next on {show.day(next_on, reader.today)}", next_on=next_on)
    return state


def care(deal: Deal, stage: Stage, clocks: Clocks, facts: Facts, made: Sequence[DraftRecord]) -> FollowUpState:
    """The state of the care after a sale: each step in its time, one at once.

    - `deal`, `stage`, `clocks`, `facts`: the deal, and what is known of it.
    - `made`: the drafts of this stage entry.

    What is long overdue is left out.
    """
    state = _last_made(made, len(stage.care), facts.today, in_rounds=False)
    if state.waiting:
        return state
    # A win of which nobody knows the day may be years old.
    due = stage.care_due(deal, facts) if clocks.dated else ()
    if not due:
        return state
    done = {draft.step for draft in made}
    for position in due:
        step = stage.care[position]
        late = clocks.days_in_stage - step.after
        if position + 1 not in done and late >= 0 and (step.within is None or late <= step.within):
            return state._replace(due=step, step=position + 1, number=position + 1, steps=len(stage.care))
    return state


def halted(state: FollowUpState, halt: Halt, made: Sequence[DraftRecord], today: dt.date) -> FollowUpState:
    """The state where their mails keep another mail from them; a step that is due is refused elsewhere."""
    if not halt.words or state.due is not None or state.outdated or not state.cell or state.cell.startswith("Ended"):
        return state
    reason = halt.reason(today)
    if halt.words == AWAY:
        if state.waiting:
            return kept_back(made, reason, today)
        return state._replace(cell=f"On hold: {reason}", next_on=state.next_on and max(halt.day, state.next_on))
    if state.waiting:
        return FollowUpState(f"Delete the draft: {reason}", outdated=True)
    return FollowUpState(f"Ended: {reason}")


def _since_their_word(made: Sequence[DraftRecord], clocks: Clocks) -> Sequence[DraftRecord]:
    """The drafts of the round that is under way; an answer may be to whatever was drafted by that day."""
    theirs = clocks.theirs
    return made if theirs is None else [draft for draft in made if draft.on > theirs]


def _answered(clocks: Clocks, state: FollowUpState, today: dt.date) -> FollowUpState:
    """The state of a round that has its answer."""
    answered = f"they answered on {show.day(clocks.theirs, today)}" if clocks.theirs else ""
    if state.waiting:
        return FollowUpState(f"Delete the draft: {answered}", outdated=True)
    return FollowUpState(f"Ended: {answered}")


def _last_made(made: Sequence[DraftRecord], steps: int, today: dt.date, *, in_rounds: bool = True) -> FollowUpState:
    """What became of the last of these drafts; `in_rounds`: they are counted from the first of them."""
    if not made:
        return FollowUpState()
    last = made[-1]
    step = last.step - made[0].step + 1 if in_rounds else last.step
    of = f"{step} of {max(steps, step)}"
    when = show.day(last.changed_on, today)
    if last.state in OPEN_STATES:
        edited = ", edited" if last.state == "edited" else ""
        return FollowUpState(waiting_text(step, steps, last.on, today) + edited, waiting=True, step=step)
    if last.state == "deleted":
        return FollowUpState(f"Draft {of} was deleted on {when}", step=step)
    if last.state == "sent":
        return FollowUpState(f"Sent {of} on {when}", step=step)
    return FollowUpState(f"Draft {of} is gone since {when}, sent or deleted", step=step)
