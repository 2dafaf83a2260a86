"""The plan of a run, made from the sheet, the ledger and the mailbox as they are now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from fivestep.config.settings.model import Settings
from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.learning.learning import Learning
from fivestep.jobs.running import settle_drafts, write_sheet
from fivestep.jobs.running.heartbeat import check_heartbeat
from fivestep.jobs.running.pipeline import Pipeline, policy_of, read_book, without_garbage_collection
from fivestep.jobs.running.read_mail import keep_mail, people_of, read_mail
from fivestep.jobs.running.regional_holidays import holiday_notices
from fivestep.jobs.running.sheet_notices import of_the_sheet
from fivestep.jobs.running.team_process import check_texts, stage_date_columns
from fivestep.process.evaluate import Book, evaluate, known_deals
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_DEAL, OPEN_STATES, History, Mail
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan import Plan
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.sales_process import Process

EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2199, 12, 31)
"""The days for which plans are made: beyond them a typing error is more likely than a plan."""


@dataclass(frozen=True)
class Planned:
    """A plan, and what it was made from."""

    plan: Plan
    book: Book
    process: Process
    texts: Mapping[str, Text]
    """The mail texts that the process uses."""
    history: History
    settlements: Sequence[settle_drafts.Settlement]
    """What became of earlier drafts: the plan takes it into account, a run writes it down."""
    notices: Sequence[str]
    """What a person should know beyond deals and cells."""
    mail: Mail
    """What the mailboxes said."""
    learning: Learning
    """What the team's past teaches."""

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
    drafting: bool = True,
    without_mailbox: bool = False,
) -> Planned:
    """What a run on this day would do; changes nothing.

    - `pipeline`, `today`: the open pipeline, and the day.
    - `take_over`: write over filled cells in the tool's columns that the ledger knows nothing of.
    - `drafting`: that run makes the drafts that are due; otherwise it leaves them to a later one.
    - `without_mailbox`: go on, with a notice, where the mailbox can't be asked about earlier drafts.
    """
    if not EARLIEST <= today <= LATEST:
        raise SettingsError(f"{today} is no day to plan for; it must lie between {EARLIEST} and {LATEST}")
    with without_garbage_collection():
        pipeline.tell("looking into the ledger")
        history = pipeline.ledger.history(pipeline.name, today)
        pipeline.tell(f"asking {pipeline.mailbox.name} about earlier drafts")
        settlements, notices = _settlements(pipeline, today, lenient=without_mailbox)
        history = settle_drafts.settled(history, settlements, today)
        pipeline.tell(f"reading {pipeline.sheet.name}")
        book, process, texts = read_book(pipeline, history.seen, today)
        pipeline.tell("planning")
        check_heartbeat(pipeline.settings, pipeline.sheet, book.table.title, book.layout.header_row)
        policy = policy_of(pipeline.settings, today, take_over=take_over, drafting=drafting)
        check_texts(texts.values(), book.table, book.layout, policy)
        learning = learning_from(pipeline, book, process, policy, history, today)
        prognosis = learning.prognosis
        planned = partial(evaluate, book, process, texts, policy, history, today=today, prognosis=prognosis)
        people = people_of(book.parsed.deals, process, policy)
        mail, unread = read_mail(pipeline, people, book.parsed.deals, planned, lenient=without_mailbox)
        plan = planned(mail)
    notices += [*filter(None, [pipeline.other_tab_first]), *book.table.notes, *of_the_sheet(book, plan), *unread]
    notices += [*_left_behind(plan, history), *_out_of_turn(pipeline, today), *_without_days(pipeline.settings, book)]
    notices += [*holiday_notices(pipeline.settings, today), *learning.news]
    plan = replace(plan, notices=notices)
    return Planned(plan, book, process, texts, history, settlements, notices, mail, learning)


def learning_from(
    pipeline: Pipeline, book: Book, process: Process, policy: Policy, history: History, today: dt.date
) -> Learning:
    """What the team's past teaches on this day, once somebody asks.

    - `pipeline`: the open pipeline.
    - `book`, `process`, `policy`: the sheet as it was read, and the rules for it.
    - `history`: what the ledger knows.
    - `today`: the day.
    """

    def deals() -> Sequence[Deal]:
        return known_deals(book, process, policy, history, today).deals

    return Learning(pipeline.ledger, pipeline.name, process, history, policy.calendar, today, deals)


def settle_and_plan(pipeline: Pipeline, today: dt.date, *, take_over: bool = False, drafting: bool = True) -> Planned:
    """The plan of this day, after what earlier runs left open is settled.

    Whoever calls it holds the pipeline.
    """
    left = write_sheet.settle_sheet(pipeline)
    planned = make_plan(pipeline, today, take_over=take_over, drafting=drafting)
    settle_drafts.record(planned.settlements, pipeline.ledger, pipeline.name)
    keep_mail(pipeline, planned.mail)
    return replace(planned, notices=[*left, *planned.notices])


def _settlements(
    pipeline: Pipeline, today: dt.date, *, lenient: bool
) -> tuple[Sequence[settle_drafts.Settlement], list[str]]:
    drafts = [
        draft
        for draft in pipeline.ledger.open_drafts(pipeline.name, today - settle_drafts.LOOK_BACK)
        # Once a digest is made nothing depends on what becomes of it, and they grow more from week to week.
        if draft.record.deal != NO_DEAL or draft.record.state == "intended"
    ]
    try:
        settled = settle_drafts.settle_drafts(drafts, pipeline.mailbox_of, today, zone=pipeline.settings.zone)
    except UnreachableError as error:
        if not lenient:
            raise
        return (), [f"What became of earlier drafts is not known: {error}"]
    return settled.settlements, settled.notices


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


def _without_days(settings: Settings, book: Book) -> list[str]:
    """Columns under `[history]` that the sheet does not have."""
    return [
        f"The sheet has no column {header!r}, which [history] in {settings.file} names: no day tells there when deals "
        f"came into {settings.history[header]}"
        for field, header in stage_date_columns(settings).items()
        if field not in book.layout.columns
    ]


def _out_of_turn(pipeline: Pipeline, today: dt.date) -> list[str]:
    """A plan for a day before the latest run's shows older statuses than the sheet."""
    # Digests and imports show no statuses, and a run that failed before it had a plan knew nothing.
    runs = (run for run in pipeline.ledger.runs(pipeline.name) if run.kind not in ("digest", "import"))
    latest = next((run for run in runs if run.counts or run.outcome != "failed"), None)
    if latest and today < latest.as_of:
        return [f"This is the plan for {today}; the latest run was for {latest.as_of}, and knew more"]
    return []
