"""A pipeline as a small table in a test, and the plan that is made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fivestep.config.sales_process.load import BUILT_IN_PROCESS, load_process
from fivestep.config.texts.load import load_texts
from fivestep.config.vocabulary.names import load_names
from fivestep.config.vocabulary.words import load_words
from fivestep.process.evaluate import Book, evaluate
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.history import Correspondence, DealHistory, History, Mail
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan import Plan, Verdict
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.prognosis import NO_PROGNOSIS, Prognosis
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.model.table import Table
from fivestep.process.reading.cells import Reading
from fivestep.process.reading.layout import find_layout
from fivestep.process.reading.parse import parse

MONDAY = dt.date(2026, 11, 23)
TOOLS = ("Deal ID", "Status", "Suggested next step", "Follow-up")

POLICY = Policy(
    pipeline="test",
    calendar=Calendar(),
    id_column=TOOLS[0],
    own_id=True,
    status=TOOLS[1],
    next_step=TOOLS[2],
    follow_up=TOOLS[3],
    sender="Ana Sommer <ana@northwind.example>",
    per_run=25,
    names=load_names(),
    per_day=50,
)


def table(text: str) -> Table:
    """A table from lines such as `deal | stage`; the first line is the header, and headers are field names."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return Table("test", [[cell.strip() for cell in line.split("|")] for line in lines])


@dataclass(frozen=True)
class Board:
    """A plan, with short ways to what a test asks about."""

    plan: Plan
    book: Book
    process: Process

    def stage(self, name: str) -> Stage:
        """A stage of the process."""
        return self.process.stages[name]

    def verdict(self, name: str) -> Verdict:
        """The verdict on the deal of this name."""
        row = next(deal.row for deal in self.book.parsed.deals if deal.deal == name)
        return next(verdict for verdict in self.plan.verdicts if verdict.row == row)

    def status(self, name: str) -> str:
        """What the status cell is to say."""
        return self.verdict(name).status_text

    def drafts(self) -> dict[str, str]:
        """Who gets a draft, and of which text."""
        return {draft.to: draft.template for draft in self.plan.drafts if not draft.skipped}

    def skipped(self) -> dict[str, str]:
        """Which deal gets none, and why."""
        return {draft.deal: draft.skipped for draft in self.plan.drafts if draft.skipped}

    def rules(self, name: str) -> set[str]:
        """The rules that this deal breaks, those of severity info left out."""
        row = self.verdict(name).row
        return {p.rule for p in self.plan.problems if p.row == row and p.severity != "info"}

    def cells(self, column: str) -> dict[str, str]:
        """What is written into a column, by deal."""
        return {change.deal: change.new for change in self.plan.changes if change.column == column}


def plan_of(
    sheet: str | Table,
    *,
    today: dt.date = MONDAY,
    past: Mapping[str, DealHistory] | None = None,
    mail: Mapping[str, Correspondence] | None = None,
    policy: Policy = POLICY,
    history: History | None = None,
    texts: Mapping[str, Text] | None = None,
    not_mapped: Collection[str] = (),
    prognosis: Prognosis = NO_PROGNOSIS,
    stages: Mapping[str, Mapping[str, Any]] | None = None,
) -> Board:
    """The plan for a sheet whose headers are field names, but for those not mapped, with the built-in process.

    `stages` changes keys of its stages, by name.
    """
    read = table(sheet) if isinstance(sheet, str) else sheet
    columns = {header: header for header in map(str, read.rows[0]) if header not in (*TOOLS, *not_mapped)}
    layout = find_layout(read, {**columns, "id": policy.id_column}, TOOLS)
    all_texts = {**load_texts(None), **(texts or {})}
    process = load_process(BUILT_IN_PROCESS, "process.toml", layout.columns, all_texts)
    changed = {name: replace(stage, **(stages or {}).get(name, {})) for name, stage in process.stages.items()}
    process = replace(process, stages=changed)
    parsed = parse(read, layout, process, Reading(load_words()), {})
    book = Book(read, layout, parsed)
    known = history or History(past or {})
    plan = evaluate(book, process, all_texts, policy, known, Mail(mail or {}), today, prognosis)
    return Board(plan, book, process)
