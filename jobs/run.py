"""A run: the plan, carried out, and nothing else.

Everything is written down before it is done, so that a run that was cut off at any point is finished by the
next one: changes and draft intents go to the ledger first, then to the sheet and the mailbox.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence

from fivestep.connectors.ledger import HEADER, JOBS, Job
from fivestep.connectors.sheet import Written
from fivestep.errors import BrakeError, FivestepError, SettingsError
from fivestep.jobs.running import headers_seen, run_refusals, write_sheet
from fivestep.jobs.running.attempt import Attempt, recorded
from fivestep.jobs.running.make_drafts import make_drafts, put_off
from fivestep.jobs.running.pipeline import Pipeline, id_column
from fivestep.jobs.running.planning import Planned, settle_and_plan
from fivestep.jobs.running.reports import Drafted, RunReport
from fivestep.jobs.running.tab_seen import keep_tab
from fivestep.process.model.plan import Change, Outcome

SWITCHES = frozenset({"empty", "stage-changes", "new-ledger", "take-over"})
"""What `allow` may name."""

log = logging.getLogger(__name__)


def run(
    pipeline: Pipeline,
    today: dt.date,
    allow: Collection[str] = (),
    job: Job = "follow_up",
) -> RunReport:
    """Plan and carry out; `allow` names the brakes to let through, and `take-over`.

    A `sync` makes no drafts: they are left to the next `follow_up`, and the cells say that they are due.

    Raises BusyError where another run is under way, BrakeError where a brake stops it, UnreachableError where
    the sheet or the mailbox can't be used now: in each case nothing has been drafted or written.
    """
    unknown = sorted(set(allow) - SWITCHES)
    if unknown:
        raise SettingsError(f"there is no switch {', '.join(unknown)}; there are {', '.join(sorted(SWITCHES))}")
    if job not in JOBS:
        raise SettingsError(f"there is no job {job!r}; there are {', '.join(JOBS)}")
    with pipeline.ledger.lock(pipeline.name), recorded(pipeline, job, today) as attempt:
        pipeline.sheet.check_writable()
        pipeline.mailbox.check()
        drafting, take_over = job == "follow_up", "take-over" in allow
        planned = settle_and_plan(pipeline, today, take_over=take_over, drafting=drafting)
        stopped = [brake.message for brake in planned.plan.brakes if brake.switch not in allow]
        if stopped:
            raise BrakeError("; ".join(stopped))
        return _carry_out(pipeline, attempt, planned)


def _carry_out(pipeline: Pipeline, attempt: Attempt, planned: Planned) -> RunReport:
    """Cells first, then drafts: a draft is made only for a deal whose ID the sheet holds."""
    plan, ledger = planned.plan, pipeline.ledger
    headers = [Change(HEADER, planned.book.layout.header_row, header, "", header) for header in plan.new_columns]
    number = attempt.begin(plan=plan, changes=[*headers, *plan.changes])
    written = _write(pipeline, planned, plan.changes)
    without_id = _without_id(pipeline, planned, written)
    if attempt.kind == "sync":
        drafted = put_off(plan.drafts)
    else:
        drafted = make_drafts(pipeline, number, plan.drafts, plan.as_of, without_id)
    written = _take_back(pipeline, planned, written, drafted)
    outcomes = [result.outcome for result in written]
    added = _added(headers, plan.changes, outcomes)
    ledger.record_changes(number, [*added, *outcomes])
    headers_seen.keep(pipeline, planned.book.layout)
    planned.learning.keep()
    keep_tab(pipeline.settings, ledger, pipeline.sheet, planned.book.table.title)
    astray = [result.reason for result in written if result.outcome == "written" and result.reason]
    report = RunReport(plan, number, written, drafted, [*planned.notices, *astray])
    attempt.finish(report.counts, partly=report.partly)
    return report


def _added(headers: Sequence[Change], changes: Sequence[Change], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """What became of the headers of new columns, which come with the first text that may be written."""
    told = list(zip((change.column for change in changes), outcomes, strict=True))
    filled = {column for column, outcome in told if outcome == "written"}
    refused = {column for column, outcome in told if outcome == "failed"} - filled
    return ["written" if filled and header.new not in refused else "skipped" for header in headers]


def _write(pipeline: Pipeline, planned: Planned, changes: Sequence[Change]) -> list[Written]:
    if not changes:
        return []
    pipeline.tell(f"writing {len(changes)} cells to {pipeline.sheet.name}")
    book = planned.book
    return write_sheet.write_changes(pipeline, book.table, book.layout.header_row, planned.plan.new_columns, changes)


def _without_id(pipeline: Pipeline, planned: Planned, written: Sequence[Written]) -> set[str]:
    """The deals whose new ID did not come into the sheet."""
    column = id_column(pipeline.settings)
    return {
        change.deal
        for change, result in zip(planned.plan.changes, written, strict=True)
        if change.column == column and change.new and result.outcome != "written"
    }


def _take_back(
    pipeline: Pipeline, planned: Planned, written: Sequence[Written], drafted: Sequence[Drafted]
) -> list[Written]:
    """Put back cells that speak of drafts which could not be made; what became of all changes."""
    plan = planned.plan
    made = {draft.key for draft, result in zip(plan.drafts, drafted, strict=True) if result.outcome == "created"}
    results = list(written)
    untrue = [
        position
        for position, change in enumerate(plan.changes)
        if change.needs and change.needs not in made and written[position].outcome == "written"
    ]
    if not untrue:
        return results
    back = [
        plan.changes[position]._replace(old=plan.changes[position].new, new=plan.changes[position].old)
        for position in untrue
    ]
    try:
        after = _write(pipeline, planned, back)
    except FivestepError as error:
        log.warning("cells that speak of drafts which were not made stay until the next run: %s", error)
        return results
    for position, result in zip(untrue, after, strict=True):
        if result.outcome == "written":
            results[position] = Written("skipped", result.row, run_refusals.CELL_WITHOUT_DRAFT)
    return results
