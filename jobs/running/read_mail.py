"""What the mailboxes say about the people of a pipeline, and what is kept of it."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from fivestep.errors import UnreachableError
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.process.mails.follow_ups import sender_of
from fivestep.process.mails.kept_words import KeptWord, kept_after, with_kept
from fivestep.process.model.address import bare_address
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_MAIL, Correspondence, Mail
from fivestep.process.model.plan import LATE, Plan
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.sales_process import Process
from fivestep.process.wording.show import plural

MOST_PEOPLE = 5_000
"""With so many people mails are looked for at most: more of them would use up a mailbox's quota for minutes."""

_NOT_ASKED = Correspondence(unknown="mails with them were not looked for")

_MEMO = "people"

SendersByPerson = Mapping[str, set[str]]
"""Address to the senders who write to it; all in lower case."""


def people_of(deals: Iterable[Deal], process: Process, policy: Policy) -> SendersByPerson:
    """Everybody whose mails matter; what is lost needs no look."""
    people: defaultdict[str, set[str]] = defaultdict(set)
    for deal in deals:
        stage = process.stages.get(deal.stage or "")
        if deal.email and deal.outcome != "lost" and (stage is None or stage.kind != "lost"):
            people[deal.email.casefold()].add(bare_address(sender_of(deal, policy)))
    return people


def read_mail(
    pipeline: Pipeline,
    people: SendersByPerson,
    deals: Iterable[Deal],
    planned: Callable[[Mail], Plan],
    *,
    lenient: bool,
) -> tuple[Mail, list[str]]:
    """What the mailboxes say and have said, and what a person should know about it.

    - `pipeline`: the open pipeline.
    - `people`, `deals`: whose mails with which senders are read, and the deals they belong to.
    - `planned`: makes the plan that a mail gives.
    - `lenient`: a mailbox that can't be read now says nothing, instead of ending the run.
    """
    try:
        mail, notices = _asked_now(pipeline, people, deals, planned)
    except UnreachableError as error:
        if not lenient:
            raise
        mail, notices = NO_MAIL, [f"Who wrote last is not known: {error}"]
    return with_kept(mail, _kept(pipeline), people), notices


def keep_mail(pipeline: Pipeline, mail: Mail) -> None:
    """Remember who can't be reached, and who asked to be left alone.

    A mailbox can't be looked through for ever, and mails are thrown away.
    """
    before = _kept(pipeline)
    if (now := kept_after(mail, before)) == before:
        return
    days = {person: [day and day.isoformat() for day in word] for person, word in sorted(now.items())}
    pipeline.ledger.remember(pipeline.name, _MEMO, json.dumps(days, ensure_ascii=False))


def _kept(pipeline: Pipeline) -> Mapping[str, KeptWord]:
    text = pipeline.ledger.recall(pipeline.name, _MEMO)
    return {
        person: KeptWord(*(day and dt.date.fromisoformat(day) for day in days))
        for person, days in (json.loads(text) if text else {}).items()
    }


def _asked_now(
    pipeline: Pipeline, people: SendersByPerson, deals: Iterable[Deal], planned: Callable[[Mail], Plan]
) -> tuple[Mail, list[str]]:
    """What the mailboxes say now, and what a person should know about it."""
    mailbox = pipeline.mailbox
    notices = []
    senders = sorted(set().union(*people.values()) - {""})
    refusals = {sender: reason for sender in senders if (reason := mailbox.refusal(sender))}
    # Whose owners all have no mailbox gets no draft anyway.
    people = {person: by for person, by in people.items() if by - refusals.keys()}
    if not people or not mailbox.capabilities.reads_mail:
        return Mail(refusals=refusals), []
    if len(people) > MOST_PEOPLE:
        notices.append(f"Of {len(people)} contacts, mails with the {MOST_PEOPLE} most urgent were looked for")
    asked = _most_urgent(people, planned, deals)
    pipeline.tell(f"looking for mails with {plural(len(asked), 'contact')}")
    told = mailbox.correspondence(asked)
    return Mail({person: told.get(person, _NOT_ASKED) for person in people}, refusals), notices


def _most_urgent(people: SendersByPerson, planned: Callable[[Mail], Plan], deals: Iterable[Deal]) -> SendersByPerson:
    """As many as are looked for, those first for whom it matters most.

    Who would be written to, then who might be in their place, then who is waited for, then the rest in order.
    """
    if len(people) <= MOST_PEOPLE:
        return people
    plan = planned(NO_MAIL)
    email = {deal.row: deal.email.casefold() for deal in deals if deal.email}
    due = [draft.to.casefold() for draft in sorted(plan.drafts, key=lambda draft: draft.skipped != "")]
    waited_for = [email[v.row] for v in plan.verdicts if v.status in (*LATE, "Your turn") and v.row in email]
    order = dict.fromkeys([*due, *waited_for, *people])
    return {person: people[person] for person in islice((one for one in order if one in people), MOST_PEOPLE)}
