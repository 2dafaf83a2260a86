"""The plan of a run, made from the sheet, the ledger and the mailbox as they are now."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs import catch_up
from fivestep.jobs.pipeline import Pipeline, policy_of, read_book, without_garbage_collection
from fivestep.jobs.progress import Progress, no_progress
from fivestep.jobs.team_process import check_texts
from fivestep.process.deal import Deal
from fivestep.process.definition import Process
from fivestep.process.drafting import sender_of
from fivestep.process.evaluate import Book, evaluate
from fivestep.process.history import NO_MAIL, OPEN_STATES, History, Mail
from fivestep.process.merge_source import bare_address
from fivestep.process.plan import Plan
from fivestep.process.policy import Policy
from fivestep.process.show import plural

MOST_PEOPLE = 5_000
"""With so many people mails are looked for at most: more of them would use up a mailbox's quota for minutes."""

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2199, 12, 31)
"""The days for which plans are made: beyond them a typing error is more likely than a plan."""


@dataclass(frozen=True)
class Planned:
    """A plan, and what it was made from."""

    plan: Plan
    book: Book
    settlements: Sequence[catch_up.Settlement]
    """What became of earlier drafts: the plan takes it into account, a run writes it down."""
    notices: Sequence[str]
    """What a person should know beyond deals and cells."""

    @property
    def deals(self) -> Mapping[str, Deal]:
        """The deals by their IDs, those included that the plan gives them."""
        ids = {verdict.row: verdict.deal for verdict in self.plan.verdicts}
        return {ids[deal.row]: deal for deal in self.book.parsed.deals}


def make_plan(
    pipeline: Pipeline,
    today: dt.date,
    *,
    take_over: bool = False,
    without_mailbox: bool = False,
    progress: Progress = no_progress,
) -> Planned:
    """What a run on this day would do. Changes nothing.

    `without_mailbox`: go on, with a notice, where the mailbox can't be asked about earlier drafts.
    """
    if not EARLIEST <= today <= LATEST:
        raise SettingsError(f"{today} is no day to plan for; it must lie between {EARLIEST} and {LATEST}")
    with without_garbage_collection():
        progress("looking into the ledger")
        history = pipeline.ledger.history(pipeline.name, today)
        progress(f"asking {pipeline.mailbox.name} about earlier drafts")
        settlements, notices = _settlements(pipeline, today, lenient=without_mailbox)
        history = catch_up.settled(history, settlements, today)
        progress(f"reading {pipeline.sheet.name}")
        book, process, texts = read_book(pipeline, history.deals)
        progress("planning")
        policy = policy_of(pipeline.settings, today, take_over=take_over)
        check_texts(texts.values(), book.table, book.layout, policy)
        people = _people(book.parsed.deals, process, policy)
        crowd = []
        if len(people) > MOST_PEOPLE and pipeline.mailbox.capabilities.reads_mail:
            crowd = [f"Of {len(people)} contacts, mails with the {MOST_PEOPLE} most urgent were looked for"]
            first = evaluate(book, process, texts, policy, history, NO_MAIL, today)
            people = _most_urgent(people, first, book.parsed.deals)
        mail, unread = _mail(pipeline, people, progress, lenient=without_mailbox)
        plan = evaluate(book, process, texts, policy, history, mail, today)
    notices += [*book.table.notes, *crowd, *unread, *_left_behind(plan, history), *_out_of_turn(pipeline, today)]
    return Planned(plan, book, settlements, notices)


def _settlements(pipeline: Pipeline, today: dt.date, *, lenient: bool) -> tuple[list[catch_up.Settlement], list[str]]:
    drafts = pipeline.ledger.open_drafts(pipeline.name, today - catch_up.LOOK_BACK)
    try:
        settlements = catch_up.settle(drafts, pipeline.mailbox_of, today)
    except UnreachableError as error:
        if not lenient:
            raise
        return [], [f"What became of earlier drafts is not known: {error}"]
    return settlements, [settlement.notice for settlement in settlements if settlement.notice]


def _left_behind(plan: Plan, history: History) -> list[str]:
    """Drafts that wait although their deal has left the sheet."""
    present = {verdict.deal for verdict in plan.verdicts}
    return [
        f"A draft to {draft.person} waits, and its deal {deal} is no longer in the sheet: delete it, or send it"
        for deal, past in history.deals.items()
        if deal not in present
        for draft in past.drafts
        if draft.state in OPEN_STATES
    ]


def _out_of_turn(pipeline: Pipeline, today: dt.date) -> list[str]:
    """A plan for a day before the latest run's shows older statuses than the sheet."""
    latest = pipeline.ledger.runs(pipeline.name, 1)
    if latest and today < latest[0].as_of:
        return [f"This is the plan for {today}; the latest run was for {latest[0].as_of}, and knew more"]
    return []


def _people(deals: Iterable[Deal], process: Process, policy: Policy) -> dict[str, set[str]]:
    """Everybody whose mails matter, with who writes to them; what is lost needs no look. All in lower case."""
    people: defaultdict[str, set[str]] = defaultdict(set)
    for deal in deals:
        stage = process.stages.get(deal.stage or "")
        if deal.email and (stage is None or stage.kind != "lost"):
            people[deal.email.casefold()].add(bare_address(sender_of(deal, policy)))
    return people


def _most_urgent(people: Mapping[str, set[str]], plan: Plan, deals: Iterable[Deal]) -> dict[str, set[str]]:
    """Those for whom it matters most: who would be written to, then who is waited for, then the rest in order."""
    email = {deal.row: deal.email.casefold() for deal in deals if deal.email}
    waited_for = [email[v.row] for v in plan.verdicts if v.status in ("Stalled", "Your turn") and v.row in email]
    order = dict.fromkeys([*(draft.to.casefold() for draft in plan.drafts if not draft.skipped), *waited_for, *people])
    return {person: people[person] for person in islice((one for one in order if one in people), MOST_PEOPLE)}


def _mail(
    pipeline: Pipeline, people: Mapping[str, set[str]], progress: Progress, *, lenient: bool
) -> tuple[Mail, list[str]]:
    """What the mailboxes say, and what a person should know about it."""
    mailbox = pipeline.mailbox
    try:
        senders = sorted(set().union(*people.values()) - {""})
        refusals = {sender: reason for sender in senders if (reason := mailbox.refusal(sender))}
        if not people or not mailbox.capabilities.reads_mail:
            return Mail(refusals=refusals), []
        progress(f"looking for mails with {plural(len(people), 'contact')}")
        return Mail(mailbox.correspondence(people), refusals), []
    except UnreachableError as error:
        if not lenient:
            raise
        return NO_MAIL, [f"Who wrote last is not known: {error}"]
