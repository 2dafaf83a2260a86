"""The plan of a run, made from the sheet, the ledger and the mailbox as they are now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fivestep.jobs import catch_up
from fivestep.jobs.pipeline import Pipeline, policy_of, read_book, without_garbage_collection
from fivestep.jobs.team_process import check_texts
from fivestep.process.deal import Deal
from fivestep.process.evaluate import Book, evaluate
from fivestep.process.history import Correspondence
from fivestep.process.plan import Plan

Progress = Callable[[str], None]
"""Is told what is being done, such as `reading pipeline.xlsx`."""


def no_progress(_what: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Planned:
    """A plan, and what it was made from."""

    plan: Plan
    book: Book
    settlements: Sequence[catch_up.Settlement]
    """What became of earlier drafts: the plan takes it into account, a run writes it down."""

    @property
    def deals(self) -> Mapping[str, Deal]:
        """The deals by their IDs, those included that the plan gives them."""
        ids = {verdict.row: verdict.deal for verdict in self.plan.verdicts}
        return {ids[deal.row]: deal for deal in self.book.parsed.deals}


def make_plan(
    pipeline: Pipeline, today: dt.date, *, take_over: bool = False, progress: Progress = no_progress
) -> Planned:
    """What a run on this day would do. Changes nothing."""
    with without_garbage_collection():
        progress("looking into the ledger")
        history = pipeline.ledger.history(pipeline.name, today)
        progress(f"asking {pipeline.mailbox.name} about earlier drafts")
        settlements = catch_up.settle(pipeline.ledger.open_drafts(pipeline.name), pipeline.mailbox_of, today)
        history = catch_up.settled(history, settlements, today)
        progress(f"reading {pipeline.sheet.name}")
        book, process, texts = read_book(pipeline, history.deals)
        progress("planning")
        policy = policy_of(pipeline.settings, today, take_over=take_over)
        check_texts(texts.values(), book.table, book.layout, policy)
        plan = evaluate(book, process, texts, policy, history, _correspondence(pipeline, book), today)
    return Planned(plan, book, settlements)


def _correspondence(pipeline: Pipeline, book: Book) -> Mapping[str, Correspondence]:
    if not pipeline.mailbox.capabilities.reads_mail:
        return {}
    return pipeline.mailbox.correspondence(sorted({deal.email.casefold() for deal in book.parsed.deals if deal.email}))
