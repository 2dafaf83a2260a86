"""Planning as a run does it, from the values of a sheet to the plan; without files, ledger and mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.pipeline import COLUMNS, TODAY
from fivestep.config.sales_process.load import BUILT_IN_PROCESS, load_process
from fivestep.config.texts.load import load_texts
from fivestep.config.vocabulary.names import load_names
from fivestep.config.vocabulary.words import load_words
from fivestep.jobs.running.pipeline import without_garbage_collection
from fivestep.process.evaluate import Book, evaluate
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.history import NO_MAIL, DealHistory, DraftRecord, History, StageEntry
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan import Plan
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Cell, Table
from fivestep.process.reading.cells import Reading
from fivestep.process.reading.layout import find_layout
from fivestep.process.reading.parse import parse

Values = Sequence[Sequence[Cell]]

_TOOLS = (COLUMNS["id"], "Status", "Suggested next step", "Follow-up")
_POLICY = Policy(
    pipeline="bench",
    calendar=Calendar(),
    id_column=COLUMNS["id"],
    own_id=True,
    status=_TOOLS[1],
    next_step=_TOOLS[2],
    follow_up=_TOOLS[3],
    sender="Ana Sommer <ana@northwind.example>",
    per_run=50,
    names=load_names(),
    per_day=25,
)


@dataclass(frozen=True)
class Planner:
    """What a run has loaded before it looks at the sheet."""

    process: Process
    texts: dict[str, Text]
    reading: Reading

    def plan(self, values: Values, history: History) -> Plan:
        """The plan for a sheet with these values; the garbage collector is off, as `jobs.running.planning` has it."""
        with without_garbage_collection():
            table = Table("Deals", values)
            layout = find_layout(table, COLUMNS, _TOOLS)
            parsed = parse(table, layout, self.process, self.reading, {})
            return evaluate(Book(table, layout, parsed), self.process, self.texts, _POLICY, history, NO_MAIL, TODAY)


def load_planner() -> Planner:
    """The built-in process, texts and words."""
    texts = load_texts(None)
    return Planner(load_process(BUILT_IN_PROCESS, BUILT_IN_PROCESS.name, COLUMNS, texts), texts, Reading(load_words()))


def written(values: Values, plan: Plan) -> list[list[Cell]]:
    """The values after a run that carried the plan out."""
    headers = [*values[0], *plan.new_columns]
    rows = [headers, *([*row, *[""] * (len(headers) - len(row))] for row in values[1:])]
    for change in plan.changes:
        rows[change.row - 1][headers.index(change.column)] = change.new
    return rows


def remembered(plan: Plan) -> History:
    """What the ledger knows after that run."""
    texts: dict[str, dict[str, tuple[str, ...]]] = {seen.deal: {} for seen in plan.sightings}
    for change in plan.changes:
        texts[change.deal][change.column] = (change.new,)
    drafts = {
        draft.deal: (
            DraftRecord(draft.key, draft.deal, draft.to.casefold(), draft.entry, draft.step, draft.template, "created",
                        TODAY, TODAY),
        )
        for draft in plan.drafts
        if not draft.skipped
    }  # fmt: skip
    deals = {
        seen.deal: DealHistory(
            (StageEntry(seen.stage, TODAY, seen.dated),) if seen.stage else (),
            drafts.get(seen.deal, ()),
            seen.waits,
            texts[seen.deal],
            seen.fingerprint,
        )
        for seen in plan.sightings
    }
    people = frozenset(record.person for records in drafts.values() for record in records)
    return History(deals, people, len(drafts))
