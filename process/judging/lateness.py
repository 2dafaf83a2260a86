"""How late an open deal is: a word is due, or deals like this are seldom won any more.

The first is a matter of the team's rhythm, and a to-do. The second is an alarm: it is raised by what the team's own
past teaches, or by a limit that somebody has set, and by nothing else.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

from fivestep.process.judging.clocks import ClockReader, Clocks
from fivestep.process.model.deal import Deal
from fivestep.process.model.plan import AgeLimit
from fivestep.process.model.prognosis import Prognosis, StageLimit
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.prognosis.fit import FEWEST_FOR_LONGEST
from fivestep.process.prognosis.limit_words import past_the_limit
from fivestep.process.wording import show


class Yardstick(NamedTuple):
    """What the age of deals in one stage is held against; None where nothing is."""

    rhythm: int | None
    """Working days in the stage after which a word is due."""
    pace: int | None
    """The same, in calendar days, as learned: nine of ten won deals had gone on by then."""
    silent_after: int | None
    """Working days without contact after which a word is due."""
    stall_after: int | None
    """Working days in the stage, set by hand."""
    limit: StageLimit | None
    """Calendar days in the stage, as learned, where nothing is set by hand."""

    @property
    def told(self) -> AgeLimit | None:
        """After how long in the stage a deal has stalled."""
        if self.stall_after is not None:
            return AgeLimit(self.stall_after, "set")
        if self.limit is not None and self.limit.days is not None:
            return AgeLimit(self.limit.days, self.limit.source)
        return None


class Lateness(NamedTuple):
    """How late a deal is, and why."""

    status: Literal["Follow up", "Stalled"] | None
    reason: str = ""
    past_wins: bool = False
    """No deal that was won has ever been in this stage for so long: no mail is drafted any more."""


NOT_LATE = Lateness(None)


def yardsticks(process: Process, prognosis: Prognosis) -> dict[str, Yardstick]:
    """What deals are held against, by stage; closed stages have none."""
    found = {}
    for stage in process.stages.values():
        if stage.kind != "open":
            continue
        limit = prognosis.limits.get(stage.name)
        pace = limit.pace if limit is not None and process.learn_rhythm else None
        alarm = limit if limit is not None and limit.in_force and stage.stall_after is None else None
        rhythm = stage.rhythm if pace is None else None
        found[stage.name] = Yardstick(rhythm, pace, stage.silent_after, stage.stall_after, alarm)
    return found


def age_of(clocks: Clocks, today: dt.date) -> int:
    """Calendar days in the stage without those of waiting; at least so many where nobody dates it."""
    return (today - clocks.since).days - _rested(clocks, today)


def planned_contact(deal: Deal, clocks: Clocks) -> dt.date | None:
    """The day a person has planned the next contact for; None where one has happened since."""
    plan = deal.next_contact
    return None if plan is None or (clocks.last_contact is not None and clocks.last_contact >= plan) else plan


def lateness_of(deal: Deal, stage: Stage, clocks: Clocks, yardstick: Yardstick, today: dt.date) -> Lateness:
    """How late an open deal is. A limit is passed, not reached.

    - `deal`, `stage`, `clocks`: the deal, and what is known of it.
    - `yardstick`: the stage's.
    - `today`: the day.

    What a person has planned holds as long as it lies ahead; once it is overdue a word is due.
    """
    plan = planned_contact(deal, clocks)
    if plan is not None and plan >= today:
        return NOT_LATE
    if (stalled := _too_old(stage, clocks, yardstick, today)) is not None:
        return stalled
    if plan is not None:
        return Lateness("Follow up", f"the contact planned for {show.day(plan, today)} is overdue")
    reason = _word_due(deal, stage, clocks, yardstick, today)
    return Lateness("Follow up", f"{reason}{_last_sign(clocks, today)}") if reason else NOT_LATE


def word_due_after(clocks: Clocks, yardstick: Yardstick, reader: ClockReader) -> dt.date | None:
    """The day after which the deal is late if nothing happens, the same from day to day; None: never."""
    days = [
        reader.due(clocks.since, limit + clocks.waited)
        for limit in (yardstick.rhythm, yardstick.stall_after)
        if limit is not None
    ]
    if yardstick.pace is not None or yardstick.limit is not None:
        rested = _rested(clocks, reader.today)
        days += [clocks.since + dt.timedelta(days=limit + rested) for limit in _calendar_days(yardstick)]
    if yardstick.silent_after is not None and clocks.silence is not None:
        begin = clocks.last_sign or clocks.since
        waited = reader.waited(clocks.waits, begin) if clocks.waits else 0
        days.append(reader.due(begin, yardstick.silent_after + waited))
    return min(days, default=None)


def young_until(created: dt.date, clocks: Clocks, yardstick: Yardstick, reader: ClockReader) -> dt.date | None:
    """The last day on which a deal that was created then is too young to be late.

    - `created`: when the deal came into the sheet.
    - `clocks`, `yardstick`: what is known of it.
    - `reader`: reads the clocks.

    None where it is older: then no limit says anything about it.
    """
    working = [yardstick.rhythm, yardstick.stall_after, yardstick.silent_after if clocks.silence is not None else None]
    limits = [limit for limit in working if limit is not None]
    days = [reader.due(created, limit) for limit in limits]
    days += [created + dt.timedelta(days=limit) for limit in _calendar_days(yardstick)]
    too_old = any(reader.days_since(created) > limit for limit in limits)
    too_old = too_old or any((reader.today - created).days > limit for limit in _calendar_days(yardstick))
    return None if too_old else min(days, default=created)


def is_past_wins(limit: StageLimit, age: int) -> bool:
    """Whether a deal of this age has been in the stage for longer than all of the many that were won."""
    longest = limit.longest_won
    return longest is not None and limit.won >= FEWEST_FOR_LONGEST and age > longest


def _calendar_days(yardstick: Yardstick) -> list[int]:
    limit = yardstick.limit.days if yardstick.limit is not None else None
    return [days for days in (yardstick.pace, limit) if days is not None]


def _too_old(stage: Stage, clocks: Clocks, yardstick: Yardstick, today: dt.date) -> Lateness | None:
    least = "" if clocks.dated else "at least "
    if yardstick.stall_after is not None and clocks.days_in_stage > yardstick.stall_after:
        days = show.plural(clocks.days_in_stage, "working day")
        said = f"{least}{days} in {stage.name} (limit {yardstick.stall_after})"
        return Lateness("Stalled", f"{said}{_last_sign(clocks, today)}")
    limit = yardstick.limit
    if limit is None or limit.days is None:
        return None
    age = age_of(clocks, today)
    if age <= limit.days:
        return None
    said = f"{least}{show.plural(age, 'day')} in {stage.name}"
    if is_past_wins(limit, age):
        return Lateness("Stalled", f"{said}, longer than any of the {limit.won} you won. Close it or revive it", True)
    return Lateness("Stalled", f"{said}; {past_the_limit(limit)}")


def _word_due(deal: Deal, stage: Stage, clocks: Clocks, yardstick: Yardstick, today: dt.date) -> str:
    """Why a word is due, without the last contact; empty where none is.

    - `deal`, `stage`, `clocks`, `yardstick`: the deal, and what is known of it.
    - `today`: the day.

    The days in the stage come first, where the sheet dates them.
    """
    days, silent = clocks.days_in_stage, clocks.silence or 0
    least = "" if clocks.dated else "at least "
    too_long = yardstick.rhythm is not None and days > yardstick.rhythm
    too_silent = yardstick.silent_after is not None and silent > yardstick.silent_after
    if too_long and not (too_silent and deal.stage_since is None and silent > days):
        return f"{least}{show.plural(days, 'working day')} in {stage.name} (a word is due after {yardstick.rhythm})"
    if too_silent:
        least = "" if clocks.last_sign else least
        contact = "contact" if clocks.last_sign else "a noted contact"  # a blank cell tells of no silence for sure
        said = f"{least}{show.plural(silent, 'working day')} without {contact}"
        return f"{said} (a word is due after {yardstick.silent_after})"
    if yardstick.pace is not None and (age := age_of(clocks, today)) > yardstick.pace:
        said = f"{least}{show.plural(age, 'day')} in {stage.name}"
        return f"{said} (nine of ten that you won had gone on after {yardstick.pace})"
    return ""


def _last_sign(clocks: Clocks, today: dt.date) -> str:
    if clocks.last_contact is not None:
        return f", last contact {show.day(clocks.last_contact, today)}"
    if clocks.changed is not None:
        return f": last changed {show.day(clocks.changed, today)}, no contact is noted"
    return ""


def _rested(clocks: Clocks, today: dt.date) -> int:
    """Calendar days in the stage on which the deal waited for a day to come."""
    total = 0
    for wait in clocks.waits:
        begin, end = max(wait.since, clocks.since), min(wait.until, today)
        total += max(0, (end - begin).days)
    return total
