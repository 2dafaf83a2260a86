"""The drafts of a plan: who may get a mail today, and what it says.

Never two unsent drafts to one person, never one to somebody who wrote last or must not be contacted, never
beyond the caps, and never with a blank where a value belongs: `refusals` has each reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import cached_property

from fivestep.process.mails.due import Due, People
from fivestep.process.mails.merge_values import MergeSource
from fivestep.process.mails.refusals import Case, why_not_drafted
from fivestep.process.model.address import bare_address, named_address
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import Conversation, Mail
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan import Draft
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.template import Merged
from fivestep.process.wording import html, show


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
    """A draft for each follow-up that is due, made or skipped with its reason, in the order of urgency.

    - `dues`: the follow-ups that are due.
    - `texts`: the process's, by name.
    - `people`: those who get no follow-up.
    - `policy`: what the settings say of drafting.
    - `drafts_today`: how many drafts runs of this day have made.
    - `source`: knows the values of merge fields.
    - `mail`: what the mailboxes say.
    - `today`: the day.
    """
    drafts: list[Draft] = []
    others = dict.fromkeys(people.have_one, "waiting")
    made = 0
    for due in sorted(dues, key=_urgency):
        person = (due.deal.email or "").casefold()
        sender = sender_of(due.deal, policy)
        owner = bare_address(sender)
        told = mail.correspondence.get(person)
        letter = _Letter(due, texts[due.follow_up.text], source, told.conversations.get(owner) if told else None)
        other = others.get(person, "")
        case = Case(due, person, owner, people, mail, policy, today, other, made, drafts_today, letter.missing)
        draft = letter.draft(sender, why_not_drafted(case))
        if not draft.skipped:
            others[person] = "waiting" if policy.drafting else "due"
            made += 1
        drafts.append(draft)
    return drafts


def sender_of(deal: Deal, policy: Policy) -> str:
    """The address of the deal's owner, else the sender of the settings; empty where neither is known."""
    return named_address(deal.owner or "", deal.owner_email) if deal.owner_email else policy.sender or ""


def _urgency(due: Due) -> tuple[bool, int, float, int]:
    """Sorts customers first, then sequences under way, then larger deals, then the sheet's order."""
    return (not due.cares, -due.step, -(due.deal.amount or 0.0), due.deal.row)


class _Letter:
    """The text of one follow-up, filled in as far as somebody asks for it."""

    def __init__(self, due: Due, text: Text, source: MergeSource, conversation: Conversation | None) -> None:
        self._due = due
        self._text = text
        self._source = source
        self._conversation = conversation
        self._subject = text.subject.render(self._value, show.one_line)

    def missing(self) -> str:
        """Where the values are to be filled in that it lacks; empty where it has all."""
        # In a conversation its subject takes the place of the text's.
        subject = () if self._conversation else self._subject.missing
        names = dict.fromkeys((*subject, *self._plain.missing))
        return ", ".join(self._source.where(self._due.deal, name) for name in names)

    def draft(self, sender: str, skipped: str) -> Draft:
        """The draft; one that is skipped has a subject at the most."""
        due, deal, conversation = self._due, self._due.deal, self._conversation
        return Draft(
            deal=deal.id,
            row=deal.row,
            key=f"{deal.id}/{due.entry}/{due.step}",
            entry=due.entry,
            step=due.step,
            to=deal.email or "",
            sender=sender,
            subject=conversation.reply_subject if conversation else self._subject.text,
            plain="" if skipped else self._plain.text,
            html="" if skipped else self._text.html.render(self._value, html.lines).text,
            template=self._text.name,
            skipped=skipped,
            conversation=conversation,
        )

    @cached_property
    def _plain(self) -> Merged:
        return self._text.plain.render(self._value)

    def _value(self, name: str) -> str | None:
        return self._source.value(self._due.deal, name)
