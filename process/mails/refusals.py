"""Why a follow-up that is due is not drafted: every reason that a plan knows, in one table.

It is read from top to bottom, and the first reason that holds is the one that is told. What speaks against one deal
comes before what speaks against one person. What depends on the other drafts of the plan comes after both, so that
a cell says the same from run to run; and a value that is missing from a mail is looked for only where nothing else
keeps that mail back. What only a run can learn stands in `jobs/running/run_refusals.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from fivestep.process.mails.due import Due, People
from fivestep.process.mails.told_by_mail import ASKED_OUT, AWAY, BOUNCED, halt_of
from fivestep.process.model.history import DraftRecord, Mail
from fivestep.process.model.plan_settings import Policy
from fivestep.process.wording import show

GUARDS = (
    "outcome",
    "next_contact",
    "do_not_contact",
    "waiting_until",
    "last_reply",
    "last_contact",
    "owner_email",
    "won_on",
    "lost_on",
)
"""Fields that hold mails back or say whose they are: where one is mapped, and its column is gone or its cell can't be
believed, nothing is drafted."""

REST = 5
"""Working days during which a person who was written to about one deal gets no mail about another."""

MEMORY = 60
"""Working days during which nobody gets the same text again, sent or deleted, unless they have answered since."""


NO_MAILBOX_IN_CELL = "drafts can't be put into the mailbox of {} yet: ask whoever looks after fivestep"


class Case(NamedTuple):
    """One follow-up that is due, and all that decides whether it is drafted."""

    due: Due
    person: str
    """The address that it would go to, in lower case; empty where the deal has none."""
    sender: str
    """The address that it would come from, in lower case; empty where there is none."""
    people: People
    mail: Mail
    policy: Policy
    today: dt.date
    other: str
    """What another draft to this person is, `waiting` or `due`; empty where there is none."""
    made: int
    """How many drafts the plan makes before this one."""
    made_today: int
    """How many the runs of this day have made by now."""
    missing: Callable[[], str]
    """Asked for where the values are to be filled in that the mail lacks; empty where it lacks none."""


class Refusal(NamedTuple):
    """One reason not to draft."""

    name: str
    when: Callable[[Case], str | bool]
    """What was found against the case; empty or False where nothing was."""
    words: str
    """What the follow-up cell says: `{}` stands for what was found."""


def _waits(case: Case) -> bool:
    """Whether the deal is to be left alone until a day that is still to come."""
    until = case.due.deal.waiting_until
    return until is not None and until > case.today


def _settled_first(case: Case) -> str:
    """What is wrong with the deal that has to be settled before anybody writes; empty where nothing is."""
    return show.cell_text(case.due.first.message) if case.due.first else ""


def _is_silent_too_long(case: Case) -> bool:
    """Whether the silence has lasted for so long that a nudge is pointless."""
    limit = case.due.stage.quiet_after
    return limit is not None and case.due.days_since_contact > limit


def _unknown(case: Case) -> str:
    """Why they may have written last unseen; empty where that is known, or where mail is not read at all."""
    told = case.mail.correspondence.get(case.person)
    return told.unknown if told else ""


def _last_about_another_deal(case: Case) -> str:
    """The day of a mail to them about another deal, within their rest."""

    def disturbs(mail: DraftRecord) -> bool:
        return mail.deal != case.due.deal.id and mail.state != "deleted" and _age(case, mail) < REST

    return _day(case, next((mail.changed_on for mail in _mails(case) if disturbs(mail)), None))


def _same_text_lately(case: Case) -> str:
    """The day on which this text was drafted to them, within memory."""

    def repeats(mail: DraftRecord) -> bool:
        return mail.template == case.due.follow_up.text and _age(case, mail) < MEMORY and not _is_answered(case, mail)

    return _day(case, next((mail.on for mail in _mails(case) if repeats(mail)), None))


def _is_answered(case: Case, mail: DraftRecord) -> bool:
    """Whether they have answered about this deal since: its sequence may begin again."""
    answered = case.due.answered
    return mail.deal == case.due.deal.id and answered is not None and mail.on <= answered


def _halted(case: Case, words: str) -> str:
    """The day that goes with these words, where it is they that keep mails from this person."""
    halt = halt_of(case.due.deal, case.mail.correspondence.get(case.person), case.today)
    return _day(case, halt.day) if halt.words == words else ""


def _is_full(case: Case) -> bool:
    """Whether the plan, or the day, has as many drafts as the settings allow."""
    policy = case.policy
    # Where none are made: what the day's last run left over because of its cap is not due before the next run.
    a_day = policy.per_day if policy.drafting else min(policy.per_run, policy.per_day)
    return case.made >= policy.per_run or case.made + case.made_today >= a_day


def _mails(case: Case) -> Sequence[DraftRecord]:
    return case.people.mails.get(case.person, ())


def _age(case: Case, mail: DraftRecord) -> int:
    """Working days since anything became of it."""
    return case.policy.calendar.between(mail.changed_on, case.today)


def _day(case: Case, day: dt.date | None) -> str:
    """The day in words; empty where there is none."""
    return "" if day is None else show.day(day, case.today)


REFUSALS = (
    Refusal(
        "guard's column gone",
        lambda case: case.due.gone,
        "the column {} is gone from the sheet, and it could forbid this mail",
    ),
    Refusal("no ID", lambda case: not case.due.deal.id, "the row has no ID of its own"),
    Refusal("guard in doubt", lambda case: case.due.unsure, "mend {} first, it could forbid this mail"),
    Refusal("deal waits", _waits, "the deal waits"),
    Refusal("first things first", _settled_first, "settle first: {}"),
    Refusal(
        "silent too long",
        _is_silent_too_long,
        "nothing for {case.due.days_since_contact} working days, too long for a nudge",
    ),
    Refusal("no address", lambda case: not case.person, "no e-mail address"),
    Refusal("do not contact", lambda case: case.person in case.people.untouchable, "marked do not contact"),
    Refusal("mail bounced", lambda case: _halted(case, BOUNCED), BOUNCED),
    Refusal("asked to be left alone", lambda case: _halted(case, ASKED_OUT), ASKED_OUT),
    Refusal("away", lambda case: _halted(case, AWAY), AWAY),
    Refusal("they wrote last", lambda case: case.person in case.people.wrote_last, "they wrote last"),
    Refusal(
        "no sender",
        lambda case: not case.sender,
        "nobody to send it: the owner's e-mail is not known",
    ),
    Refusal("sender's own address", lambda case: case.sender == case.person, "the address is the sender's own"),
    Refusal("no mailbox", lambda case: case.mail.refusals.get(case.sender, ""), "{}"),
    Refusal("last word unknown", _unknown, "it is not known who wrote last: {}"),
    Refusal(
        "written to lately",
        _last_about_another_deal,
        "a mail about another deal went to them on {}",
    ),
    Refusal("text known", _same_text_lately, "this text was drafted to them already, on {}"),
    Refusal("another draft", lambda case: case.other, "another draft to this person is {}"),
    Refusal(
        "more than the caps",
        _is_full,
        # The same words for both caps, so that a cell does not change with the one that is reached.
        "not yet, more are due than {case.policy.per_run} a run and {case.policy.per_day} a day",
    ),
    Refusal("value missing", lambda case: case.missing(), "fill in {}"),
)
"""In the order in which they are asked."""


def in_the_cell(reason: str, sender: str, mail: Mail) -> str:
    """What the follow-up cell says for a reason.

    What a mailbox says of itself is for whoever keeps the settings, and stands in the plan.
    """
    if reason and reason == mail.refusals.get(sender):
        return NO_MAILBOX_IN_CELL.format(sender)
    return reason


def why_not_drafted(case: Case) -> str:
    """The first reason against drafting it; empty where there is none."""
    for refusal in REFUSALS:
        if found := refusal.when(case):
            return refusal.words.format(found, case=case)
    return ""
