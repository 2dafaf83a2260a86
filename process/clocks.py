"""The three clocks of a deal, in the team's working days, and the waits that stop them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from fivestep.process.calendar import Calendar
from fivestep.process.deal import Deal
from fivestep.process.definition import Stage
from fivestep.process.history import Correspondence, DealHistory, Wait


class Clocks(NamedTuple):
    """What the clocks of one deal show."""

    entry: int
    """Which stage entry this is, from 1."""
    entered: bool
    """The deal was not in this stage at the last run."""
    since: dt.date
    """The day on which the stage began."""
    days_in_stage: int
    last_contact: dt.date | None
    """In either direction; None where none is known."""
    days_since_contact: int
    """Since the stage began where no contact is known."""
    theirs: dt.date | None
    """Their last word."""
    your_turn: bool
    """They wrote last."""
    waited: int
    """Working days of this stage during which the clocks stood still."""
    waits: tuple[Wait, ...]
    stale_date: bool
    """The deal moved on, and `stage_since` was left as it was."""


class ClockReader:
    """Reads the clocks of one pipeline's deals on one day."""

    def __init__(self, calendar: Calendar, today: dt.date) -> None:
        self.calendar = calendar
        self.today = today
        self._numbers: dict[dt.date, int] = {}
        self._now = self.number(today)
        self._due: dict[tuple[dt.date, int], dt.date] = {}

    def number(self, day: dt.date) -> int:
        """The day's place in the count of working days: differences of these are working days."""
        number = self._numbers.get(day)
        if number is None:
            number = self._numbers[day] = self.calendar.until(day.toordinal())
        return number

    def days_since(self, day: dt.date) -> int:
        """Working days from this day to today."""
        return max(0, self._now - self.number(day))

    def due(self, since: dt.date, days: int) -> dt.date:
        """The day that is so many working days later."""
        day = self._due.get((since, days))
        if day is None:
            day = self._due[since, days] = self.calendar.add(since, days)
        return day

    def read(self, deal: Deal, stage: Stage, past: DealHistory, mail: Correspondence | None) -> Clocks:
        """All clocks of one deal."""
        entries = past.entries
        entered = not entries or entries[-1].stage != stage.name
        since, stale = self._stage_began(deal, stage, past, entered)
        days_in_stage = max(0, self._now - self.number(since))
        waits: tuple[Wait, ...] = ()
        waited = 0
        if past.waits or deal.waiting_until is not None:
            waits = waits_by(self.today, past.waits, deal.waiting_until, since)
            waited = self.waited(waits, since)
        contact, theirs, your_turn = self._contact(deal, past, mail)
        if contact is None:
            days_since_contact = days_in_stage - waited
        else:
            days_since_contact = max(0, self._now - self.number(contact))
            if waits:
                days_since_contact -= self.waited(waits, contact)
        return Clocks(
            len(entries) + entered,
            entered,
            since,
            days_in_stage - waited,
            contact,
            days_since_contact,
            theirs,
            your_turn,
            waited,
            waits,
            stale,
        )

    def waited(self, waits: Sequence[Wait], since: dt.date) -> int:
        """Working days since that day during which the clocks stood still. Waits do not overlap."""
        total = 0
        for wait in waits:
            begin, end = max(wait.since, since), min(wait.until, self.today)
            if end > begin:
                total += self.number(end) - self.number(begin)
        return total

    def _stage_began(self, deal: Deal, stage: Stage, past: DealHistory, entered: bool) -> tuple[dt.date, bool]:
        """The sheet's own date where it can be believed, else the first sight; and whether the date is stale."""
        cell = getattr(deal, stage.date_field) if stage.date_field else None
        if cell is not None and cell <= self.today:
            return cell, False
        first_sight = self.today if entered else past.entries[-1].on
        cell = deal.stage_since
        if cell is None or cell > self.today:
            return first_sight, False
        before = past.entries if entered else past.entries[:-1]
        if before and before[-1].dated == cell:
            return first_sight, True
        return cell, False

    def _contact(
        self, deal: Deal, past: DealHistory, mail: Correspondence | None
    ) -> tuple[dt.date | None, dt.date | None, bool]:
        noted, theirs = self._not_later(deal.last_contact), self._not_later(deal.last_reply)
        ours = None
        if mail is not None:
            theirs, ours = _later(theirs, mail.theirs), mail.ours
        for draft in past.drafts:
            if draft.state == "sent":
                ours = _later(ours, draft.changed_on)
        contact = _later(_later(noted, theirs), ours)
        # `last_contact` counts in either direction: on the day of their reply it is their reply.
        your_turn = theirs is not None and (noted is None or theirs >= noted) and (ours is None or theirs > ours)
        return contact, theirs, your_turn

    def _not_later(self, day: dt.date | None) -> dt.date | None:
        """A day in the future is a slip of the pen, or a plan: neither is a contact."""
        return day if day is not None and day <= self.today else None


def waits_by(today: dt.date, past: Sequence[Wait], until: dt.date | None, since: dt.date) -> tuple[Wait, ...]:
    """All waits known by today, given the earlier ones and what `Waiting until` says now.

    A wait that ended before any run saw it is taken to have begun with the stage.
    """
    running = past[-1] if past and past[-1].until > today else None
    earlier = tuple(past[:-1] if running else past)
    if until is not None and until > today:
        return (*earlier, Wait(running.since if running else today, until))
    if running:
        return (*earlier, Wait(running.since, today))
    if until is not None and until > since and not any(wait.until >= until for wait in past):
        begin = max([since, *(wait.until for wait in past)])
        return (*earlier, Wait(begin, until)) if until > begin else earlier
    return earlier


def _later(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
