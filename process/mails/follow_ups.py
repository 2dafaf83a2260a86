"""The drafts of a plan: who may get a mail today, and what it says.

Never two unsent drafts to one person, never one to somebody who wrote last or must not be contacted, never
beyond the caps, and never with a blank where a value belongs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence, Set
from html import escape
from typing import NamedTuple

from fivestep.process.mails.merge_values import MergeSource, bare_address
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import Conversation, DraftRecord, Mail
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan import Draft
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.sales_process import FollowUp
from fivestep.process.wording import show

GUARDS = ("do_not_contact", "waiting_until", "last_reply", "last_contact", "owner_email", "won_on", "lost_on")
"""Fields that hold mails back or say whose they are: where one is mapped, and its column is gone or its cell can't be
read, nothing is drafted."""

REST = 5
"""Working days during which a person who was written to about one deal gets no mail about another."""

MEMORY = 60
"""Working days during which nobody gets the same text again, whether it was sent or deleted."""


class Due(NamedTuple):
    """A follow-up that a deal's sequence asks for."""

    deal: Deal
    entry: int
    follow_up: FollowUp
    step: int
    steps: int
    cares: bool
    """It is care after the sale, not a nudge."""
    held: str
    """Why it must not be drafted, as far as the deal alone tells; empty where nothing speaks against it."""


class People(NamedTuple):
    """Addresses (lower case) that get no draft, over all deals and owners."""

    untouchable: Set[str]
    """Marked do not contact."""
    wrote_last: Set[str]
    have_one: Set[str]
    """An unsent draft waits for them."""
    mails: Mapping[str, Sequence[DraftRecord]]
    """What was drafted to each of them, and was sent, deleted or otherwise dealt with."""


def plan_drafts(
    dues: Iterable[Due],
    texts: Mapping[str, Text],
    people: People,
    policy: Policy,
    drafts_today: int,
    source: MergeSource,
    mail: Mail,
    today: dt.date,
) -> list[Draft]:
    """A draft for each follow-up that is due, made or skipped with its reason, in the order of urgency."""
    drafts: list[Draft] = []
    have_one = dict.fromkeys(people.have_one, "waiting")
    room = _Room(policy, drafts_today)
    for due in sorted(dues, key=_urgency):
        person = (due.deal.email or "").casefold()
        sender = sender_of(due.deal, policy)
        owner = bare_address(sender)
        reason = due.held or _kept_from(person, sender, people) or mail.refusals.get(owner, "")
        reason = reason or _unknown(person, mail) or _too_soon(due, people.mails.get(person, ()), policy, today)
        # Last, as it depends on what else is drafted: so the reasons stay the same from run to run.
        other = have_one.get(person, "")
        reason = reason or (f"another draft to this person is {other}" if other else room.refusal())
        talk = mail.correspondence[person].conversations.get(owner) if person in mail.correspondence else None
        draft = _write(due, texts[due.follow_up.text], sender, source, talk, reason)
        if not draft.skipped:
            have_one[person] = "waiting" if policy.drafting else "due"
            room.made += 1
        drafts.append(draft)
    return drafts


class _Room:
    """How many more drafts the caps allow."""

    def __init__(self, policy: Policy, drafts_today: int) -> None:
        self.made = 0
        self._today = drafts_today
        self._policy = policy

    def refusal(self) -> str:
        """The same words for both caps, so that a cell does not change with the one that is reached."""
        policy = self._policy
        # Where none are made: what the day's last run left over because of its cap is not due before the next run.
        a_day = policy.per_day if policy.drafting else min(policy.per_run, policy.per_day)
        full = self.made >= policy.per_run or self.made + self._today >= a_day
        return f"not yet, more are due than {policy.per_run} a run and {policy.per_day} a day" if full else ""


def sender_of(deal: Deal, policy: Policy) -> str:
    """The deal's owner where their address is known, else the sender of the settings; empty where there is none."""
    return named_address(deal.owner or "", deal.owner_email) if deal.owner_email else policy.sender or ""


def named_address(name: str, address: str) -> str:
    """The address with the name before it, where there is one, as a mail's sender."""
    name = show.one_line(name).replace("\\", "").replace('"', "")
    return f'"{name}" <{address}>' if name else address


def _urgency(due: Due) -> tuple[bool, int, float, int]:
    """Customers first, then sequences under way, then the larger deals; the sheet's order decides the rest."""
    return (not due.cares, -due.step, -(due.deal.amount or 0.0), due.deal.row)


def _kept_from(person: str, sender: str, people: People) -> str:
    """Why this person gets no draft; empty where nothing speaks against it."""
    if not person:
        return "no e-mail address"
    if person in people.untouchable:
        return "marked do not contact"
    if person in people.wrote_last:
        return "they wrote last"
    if not sender:
        return "nobody to send it: fill in the owner's e-mail, or set [drafts] from"
    return "the address is the sender's own" if bare_address(sender) == person else ""


def _unknown(person: str, mail: Mail) -> str:
    """Why they may have written last without anybody knowing; empty where that is known, or mail is not read."""
    told = mail.correspondence.get(person)
    return f"it is not known who wrote last: {told.unknown}" if told and told.unknown else ""


def _too_soon(due: Due, mails: Sequence[DraftRecord], policy: Policy, today: dt.date) -> str:
    """Why this person is to be left in peace for now; empty where nothing speaks against another mail."""
    for mail in mails:
        days = policy.calendar.between(mail.changed_on, today)
        if mail.deal != due.deal.id and mail.state != "deleted" and days < REST:
            return f"a mail about another deal went to them on {show.day(mail.changed_on, today)}"
        if mail.template == due.follow_up.text and days < MEMORY:
            return f"this text was drafted to them already, on {show.day(mail.on, today)}"
    return ""


def _write(
    due: Due, text: Text, sender: str, source: MergeSource, conversation: Conversation | None, reason: str
) -> Draft:
    """The draft, filled in; one that is skipped has a subject at the most."""

    def value(name: str) -> str | None:
        return source.value(due.deal, name)

    subject = text.subject.render(value, show.one_line)
    key = f"{due.deal.id}/{due.entry}/{due.step}"
    draft = Draft(
        due.deal.id,
        due.deal.row,
        key,
        due.entry,
        due.step,
        due.deal.email or "",
        sender,
        conversation.reply_subject if conversation else subject.text,
        "",
        "",
        text.name,
        reason,
        conversation,
    )
    if reason:
        return draft
    body = text.plain.render(value)
    missing = dict.fromkeys(body.missing if conversation else (*subject.missing, *body.missing))
    if missing:
        return draft._replace(skipped=f"fill in {', '.join(source.where(due.deal, name) for name in missing)}")
    return draft._replace(plain=body.text, html=text.html.render(value, _to_html).text)


def _to_html(value: str) -> str:
    return escape(value).replace("\n", "<br>")
