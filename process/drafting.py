"""The drafts of a plan: who may get a mail today, and what it says.

Never two unsent drafts to one person, never one to somebody who wrote last or must not be contacted, never
beyond the caps, and never with a blank where a value belongs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import NamedTuple

from fivestep.process import show
from fivestep.process.deal import Deal
from fivestep.process.definition import FollowUp
from fivestep.process.merge_source import MergeSource, bare_address
from fivestep.process.plan import Draft
from fivestep.process.policy import Policy
from fivestep.process.text import Text

GUARDS = ("do_not_contact", "waiting_until", "last_reply", "last_contact")
"""Fields that hold mails back: while one of these is mapped but its column is gone, nothing is drafted."""


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

    untouchable: frozenset[str]
    """Marked do not contact."""
    wrote_last: frozenset[str]
    have_one: frozenset[str]
    """An unsent draft waits for them."""


def make_drafts(
    dues: Iterable[Due],
    texts: Mapping[str, Text],
    people: People,
    policy: Policy,
    drafts_today: int,
    source: MergeSource,
) -> list[Draft]:
    """A draft for each follow-up that is due, made or skipped with its reason, in the order of urgency."""
    drafts: list[Draft] = []
    have_one = set(people.have_one)
    room = _Room(policy, drafts_today)
    for due in sorted(dues, key=_urgency):
        person = (due.deal.email or "").casefold()
        sender = sender_of(due.deal, policy)
        reason = due.held or _kept_from(person, sender, people, have_one) or room.refusal()
        draft = _write(due, texts[due.follow_up.text], sender, source, reason)
        if not draft.skipped:
            have_one.add(person)
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
        if self.made >= self._policy.per_run:
            return f"not yet, the limit of {self._policy.per_run} a run is reached"
        if self.made + self._today >= self._policy.per_day:
            return f"not yet, the limit of {self._policy.per_day} a day is reached"
        return ""


def sender_of(deal: Deal, policy: Policy) -> str:
    """The deal's owner where their address is known, else the sender of the settings; empty where there is none."""
    if not deal.owner_email:
        return policy.sender or ""
    name = show.one_line(deal.owner or "").replace("\\", "").replace('"', "")
    return f'"{name}" <{deal.owner_email}>' if name else deal.owner_email


def _urgency(due: Due) -> tuple[bool, int, float, int]:
    """Customers first, then sequences under way, then the larger deals; the sheet's order decides the rest."""
    return (not due.cares, -due.step, -(due.deal.amount or 0.0), due.deal.row)


def _kept_from(person: str, sender: str, people: People, have_one: set[str]) -> str:
    """Why this person gets no draft; empty where nothing speaks against it."""
    if not person:
        return "no e-mail address"
    if person in people.untouchable:
        return "marked do not contact"
    if person in people.wrote_last:
        return "they wrote last"
    if person in have_one:
        return "another draft to this person is waiting"
    if not sender:
        return "nobody to send it: fill in the owner's e-mail, or set [drafts] from"
    return "the address is the sender's own" if bare_address(sender) == person else ""


def _write(due: Due, text: Text, sender: str, source: MergeSource, reason: str) -> Draft:
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
        subject.text,
        "",
        "",
        text.name,
        reason,
    )
    if reason:
        return draft
    body = text.plain.render(value)
    missing = dict.fromkeys((*subject.missing, *body.missing))
    if missing:
        return draft._replace(skipped=f"fill in {', '.join(source.where(due.deal, name) for name in missing)}")
    return draft._replace(plain=body.text, html=text.html.render(value, _to_html).text)


def _to_html(value: str) -> str:
    return escape(value).replace("\n", "<br>")
