"""The three clocks of a deal, in the team's working days, and the waits that stop them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence
from typing import NamedTuple

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import Correspondence, DealHistory, StageEntry, Wait
from fivestep.process.model.sales_process import Stage
from fivestep.process.model.tuples import tuple_of
from fivestep.process.wording.show import field_value


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
    silence: int | None
    """The same, and None where silence can't be told: nobody notes contacts, and no mail tells of one."""
    theirs: dt.date | None
    """Their last word."""
    your_turn: bool
    """They wrote last."""
    waited: int
    """Working days of this stage during which the clocks stood still."""
    waits: tuple[Wait, ...]
    stale_date: bool
    """The deal moved on, and `stage_since` was left as it was."""


class _DaysSince(dict[dt.date, int]):
    """Working days from a day to today, worked out once for each day; 0 for days to come."""

    def __init__(self, calendar: Calendar, today: dt.date) -> None:
        self._calendar = calendar
        self._today = today

    def __missing__(self, day: dt.date) -> int:
        days = self[day] = self._calendar.between(day, self._today)
        return days


class ClockReader:
    """Reads the clocks of one pipeline's deals on one day."""

    def __init__(
        self,
        calendar: Calendar,
        today: dt.date,
        stages: Container[str] | None = None,
        *,
        notes_contacts: bool = True,
    ) -> None:
        """`stages` are those of the process: a deal seen in another has not moved, its stage was renamed.

        `notes_contacts` says whether the sheet has a column for them.
        """
        self.calendar = calendar
        self.today = today
        self._stages = stages
        self._notes_contacts = notes_contacts
        self._days = _DaysSince(calendar, today)
        self._due: dict[tuple[dt.date, int], dt.date] = {}

    def days_since(self, day: dt.date) -> int:
        """Working days from this day to today."""
        return self._days[day]

    def due(self, since: dt.date, days: int) -> dt.date:
        """The day that is so many working days later."""
        day = self._due.get((since, days))
        if day is None:
            day = self._due[since, days] = self.calendar.add(since, days)
        return day

    def read(self, deal: Deal, stage: Stage, past: DealHistory, mail: Correspondence | None) -> Clocks:
        """All clocks of one deal."""
        entries = past.entries
        entered = not entries or (entries[-1].stage != stage.name and self._has(entries[-1].stage))
        since, stale = self._stage_began(deal, stage, entries, entered)
        contact, theirs, your_turn = self.contact(deal, past, mail)
        days_in_stage = self._days[since]
        days_since_contact = days_in_stage if contact is None else self._days[contact]
        waits: tuple[Wait, ...] = ()
        waited = 0
        if past.waits or deal.waiting_until is not None:
            waits = waits_by(self.today, past.waits, deal.waiting_until, since)
            waited = self.waited(waits, since)
            days_in_stage -= waited
            days_since_contact -= self.waited(waits, contact or since)
        told = self._notes_contacts or (mail is not None and not mail.unknown and contact is not None)
        return tuple_of(
            Clocks,
            (
                len(entries) + entered,
                entered,
                since,
                days_in_stage,
                contact,
                days_since_contact,
                days_since_contact if told else None,
                theirs,
                your_turn,
                waited,
                waits,
                stale,
            ),
        )

    def _has(self, stage: str) -> bool:
        return self._stages is None or stage in self._stages

    def waited(self, waits: Sequence[Wait], since: dt.date) -> int:
        """Working days since that day during which the clocks stood still. Waits do not overlap."""
        total = 0
        for wait in waits:
            begin, end = max(wait.since, since), min(wait.until, self.today)
            if end > begin:
                total += self.calendar.between(begin, end)
        return total

    def _stage_began(
        self, deal: Deal, stage: Stage, entries: Sequence[StageEntry], entered: bool
    ) -> tuple[dt.date, bool]:
        """The sheet's own date where it can be believed, else the first sight; and whether the date is stale."""
        cell = day_in_sheet(deal, stage, self.today)
        if cell is not None:
            return cell, False
        cell = deal.stage_since
        if cell is None or cell > self.today:
            return self.today if entered else entries[-1].on, False
        before = entries if entered else entries[:-1]
        if before and before[-1].dated == cell:
            return self.today if entered else entries[-1].on, True
        return cell, False

    def contact(
        self, deal: Deal, past: DealHistory, mail: Correspondence | None
    ) -> tuple[dt.date | None, dt.date | None, bool]:
        """The last contact, their last word, and whether they wrote last."""
        noted, theirs = deal.last_contact, deal.last_reply
        # A day in the future is a slip of the pen, or a plan: neither is a contact.
        if noted is not None and noted > self.today:
            noted = None
        if theirs is not None and theirs > self.today:
            theirs = None
        ours = made = sent = None
        if mail is not None:
            theirs, ours = _later(theirs, mail.theirs), mail.ours
        for draft in past.drafts:
            if draft.state == "sent":
                made, sent = _later(made, draft.on), _later(sent, draft.changed_on)
        contact = _later(_later(noted, theirs), _later(ours, sent))
        if theirs is None:
            return contact, None, False
        # `last_contact` counts in either direction: on the day of their reply it is their reply. When exactly a draft
        # was sent nobody knows, only by when: a reply on or after the day on which it was made may be the answer.
        answered = (noted is not None and noted > theirs) or (ours is not None and ours >= theirs)
        if mail is not None and mail.they_wrote_last and theirs == mail.theirs == ours:
            answered = False
        return contact, theirs, not answered and (made is None or theirs >= made)


def day_in_sheet(deal: Deal, stage: Stage, today: dt.date) -> dt.date | None:
    """The day on which the stage began by the stage's own column; None where there is none, or it is to come."""
    cell = field_value(deal, stage.date_field) if stage.date_field else None
    return cell if isinstance(cell, dt.date) and cell <= today else None


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
