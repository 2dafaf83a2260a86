"""Undo: the cells that a run changed, put back; the stage entries that an import added, taken out."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence

from fivestep.connectors.ledger import BY_HAND, HEADER, ChangeRecord, RunRecord
from fivestep.errors import SettingsError
from fivestep.jobs.learning.kept_fit import forget_fit
from fivestep.jobs.running import write_sheet
from fivestep.jobs.running.attempt import Attempt, recorded
from fivestep.jobs.running.pipeline import Pipeline, layout_of
from fivestep.jobs.running.reports import UndoReport
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Table, shown
from fivestep.process.reading.layout import Layout

log = logging.getLogger(__name__)

_LATEST = 1000
"""How many runs back the search for one to undo goes."""


def undo(pipeline: Pipeline, today: dt.date, run: int | None = None) -> UndoReport:
    """Put back what a run wrote, by default the latest one that wrote anything and was not undone.

    A cell that shows something else by now is left alone, and so is the header of an added column in which
    something is left. Drafts stay: what is in a mailbox belongs to its owner. An import is taken back only where it is
    named, and without a look at the sheet. Raises SettingsError where there is no such run.
    """
    with pipeline.ledger.lock(pipeline.name), recorded(pipeline, "undo", today) as attempt:
        record = _which(pipeline, run)
        if record.kind == "import":
            return _without_import(pipeline, attempt, record)
        pipeline.sheet.check_writable()
        for notice in write_sheet.settle_sheet(pipeline):
            log.warning("%s", notice)
        table = pipeline.sheet.read()
        layout = layout_of(pipeline, table, known=())
        changes = _back(_written(pipeline, record), table, layout)
        number = attempt.begin(plan=None, changes=changes, undoes=record.id)
        results = write_sheet.write_changes(pipeline, table, layout.header_row, (), changes)
        pipeline.ledger.record_changes(number, [result.outcome for result in results])
        counts: Counter[str] = Counter(result.outcome for result in results)
        attempt.finish(counts, partly=counts["failed"] > 0)
        return UndoReport(number, record.id, changes, results)


def _without_import(pipeline: Pipeline, attempt: Attempt, record: RunRecord) -> UndoReport:
    number = attempt.begin(plan=None, changes=(), undoes=record.id)
    removed = pipeline.ledger.drop_imported(pipeline.name, record.id)
    forget_fit(pipeline.ledger, pipeline.name)
    attempt.finish({"removed": removed}, partly=False)
    return UndoReport(number, record.id, (), (), removed)


def _which(pipeline: Pipeline, run: int | None) -> RunRecord:
    if run is not None:
        record = pipeline.ledger.run(pipeline.name, run)
        if record is None:
            raise SettingsError(f"there is no run {run}; `fivestep history` lists the runs")
        if record.kind == "digest":
            raise SettingsError(f"run {run} made digests and wrote no cell: delete the drafts where they are")
        return record
    records = pipeline.ledger.runs(pipeline.name, _LATEST)
    undone = {record.undoes for record in records if record.outcome in ("done", "partly")}
    for record in records:
        if record.kind in BY_HAND or record.id in undone or _was_idle(record):
            continue
        if _written(pipeline, record):
            return record
    raise SettingsError("there is nothing to undo: no run has written anything that was not put back already")


def _was_idle(record: RunRecord) -> bool:
    """Whether the run itself says that it wrote nothing, so that nobody has to ask for its cells."""
    return record.outcome == "done" and not record.counts.get("written")


def _written(pipeline: Pipeline, record: RunRecord) -> list[ChangeRecord]:
    """The cells that the run wrote, or may have written before it was cut off."""
    return [change for change in pipeline.ledger.changes(record.id) if change.outcome in ("written", "planned")]


def _back(written: Sequence[ChangeRecord], table: Table, layout: Layout) -> list[Change]:
    """The way back: cells first, and then the headers of added columns in which nothing will be left."""
    cells = [Change(c.deal, c.row, c.column, c.new, c.old) for c in written if c.deal != HEADER]
    emptied: defaultdict[str, list[str]] = defaultdict(list)
    for change in cells:
        if not change.new:
            emptied[change.column].append(change.old)
    headers = [
        Change(HEADER, layout.header_row, c.column, c.new, "")
        for c in written
        if c.deal == HEADER and not Counter(_texts(c.column, table, layout)) - Counter(emptied[c.column])
    ]
    return [*cells, *headers]


def _texts(header: str, table: Table, layout: Layout) -> list[str]:
    """What the cells below a tool column's header say, but for the empty ones."""
    index = layout.tools.get(header)
    below = table.rows[layout.header_row :]
    return [text for row in below if index is not None and index < len(row) and (text := shown(row[index]))]
