"""The three clocks of a deal, in the team's working days, and the waits that stop them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import Correspondence, DealHistory, Wait
from fivestep.process.model.sales_process import Stage
from fivestep.process.model.tuples import tuple_of
from fivestep.process.prognosis.stage_day import day_in_sheet


class Clocks(NamedTuple):
    """What the clocks of one deal show."""

    entry: int
    """Which stage entry this is, from 1."""
    entered: bool
    """The deal was not in this stage at the last run."""
    since: dt.date
    """The day from which the stage is counted."""
    dated: bool
    """It began on that day. Otherwise that is only the day of the first run, and it may have begun long before."""
    days_in_stage: int
    """At least so many, where the stage is not dated."""
    last_contact: dt.date | None
    """In either direction; None where none is known."""
    days_since_contact: int
    """Since the stage began where no contact is known, or since the row was last changed."""
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
    changed: dt.date | None
    """When the row was last changed, where no contact is known."""

    @property
    def began(self) -> dt.date | None:
        """The day on which the stage began; None where nobody can tell."""
        return self.since if self.dated else None

    @property
    def days_told(self) -> int | None:
        """The days since the last contact; None where they are only known to be at least so many."""
        return self.days_since_contact if self.dated or self.last_sign is not None else None

    @property
    def certain(self) -> tuple[int | None, int | None]:
        """The days in the stage and the days of silence; None for each that is only a minimum."""
        if self.dated:
            return self.days_in_stage, self.silence
        return None, None if self.last_sign is None else self.silence

    @property
    def last_sign(self) -> dt.date | None:
        """The last contact, else the last change of the row; None where neither is known."""
        return self.last_contact or self.changed


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
        stages: Mapping[str, Stage] | None = None,
        *,
        notes_contacts: bool = True,
        first_run: dt.date | None = None,
    ) -> None:
        """Prepare to read the clocks of deals on this day.

        - `calendar`, `today`: the team's working days, and the day.
        - `stages`: those of the process. A deal that was seen in another has not moved: its stage was renamed.
        - `notes_contacts`: whether the sheet has a column for contacts.
        - `first_run`: the day of the first run; None for today. What it found was there before, what a later one found
          came then.
        """
        self.calendar = calendar
        self.today = today
        self._stages = stages
        self._entrance = next((stage.name for stage in (stages or {}).values() if stage.kind == "open"), "")
        self._first_run = first_run or today
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
        since, dated, stale = self._stage_began(deal, stage, past, entered)
        contact, theirs, your_turn = self.contact(deal, past, mail)
        changed = deal.modified if contact is None and deal.modified and deal.modified <= self.today else None
        sign = contact or changed
        days_in_stage = self._days[since]
        days_since_contact = days_in_stage if sign is None else self._days[sign]
        waits: tuple[Wait, ...] = ()
        waited = 0
        if past.waits or deal.waiting_until is not None:
            waits = waits_by(self.today, past.waits, deal.waiting_until, since)
            waited = self.waited(waits, since)
            days_in_stage -= waited
            days_since_contact -= self.waited(waits, sign or since)
        told = (
            self._notes_contacts
            or changed is not None
            or (mail is not None and not mail.unknown and contact is not None)
        )
        return tuple_of(
            Clocks,
            (
                len(entries) + entered,
                entered,
                since,
                dated,
                days_in_stage,
                contact,
                days_since_contact,
                days_since_contact if told else None,
                theirs,
                your_turn,
                waited,
                waits,
                stale,
                changed,
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

    def _stage_began(self, deal: Deal, stage: Stage, past: DealHistory, entered: bool) -> tuple[dt.date, bool, bool]:
        """When the stage began, whether that is the exact day, and whether the sheet's date is stale.

        The sheet's own date where it can be believed, else the first sight. A deal that has not moved since that has
        been in its stage since the last imported entry, or in the first stage since it was created.
        """
        entries, told = past.entries, past.imported
        cell = day_in_sheet(deal, stage, self.today)
        if cell is not None:
            return cell, True, False
        seen = self.today if entered else entries[-1].on
        before = entries if entered else entries[:-1]
        cell, created = deal.stage_since, deal.created
        if cell is not None and cell <= self.today:
            stale = bool(before) and before[-1].dated == cell
            return (seen, True, True) if stale else (cell, True, False)
        if before:
            return seen, True, False
        if told is not None and told.stage == stage.name and told.on <= seen:
            return told.on, True, False
        if created is not None and created <= seen and stage.name == self._entrance:
            return created, True, False
        return seen, seen > self._first_run, False

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
            # With a yes to an invitation the turn is nobody's: what they wrote before it is dealt with.
            theirs, ours = _later(theirs, mail.theirs), _later(mail.ours, mail.accepted)
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
