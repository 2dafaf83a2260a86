"""A run: the plan, carried out, and nothing else.

Everything is written down before it is done, so that a run that was cut off at any point is finished by the
next one: changes and draft intents go to the ledger first, then to the mailbox and the sheet.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Collection, Sequence

from fivestep.connectors.ledger import HEADER
from fivestep.connectors.mailbox import Message, RefusedError
from fivestep.connectors.sheet import WriteRequest, Written
from fivestep.errors import BrakeError, FivestepError, UnreachableError
from fivestep.jobs import catch_up
from fivestep.jobs.outcome import Drafted, RunReport
from fivestep.jobs.pipeline import Pipeline, id_column
from fivestep.jobs.planning import Planned, Progress, make_plan, no_progress
from fivestep.process.plan import Change, Draft, Outcome

log = logging.getLogger(__name__)


def run(pipeline: Pipeline, today: dt.date, allow: Collection[str] = (), progress: Progress = no_progress) -> RunReport:
    """Plan and carry out; `allow` names the brakes to let through, and `take-over`.

    Raises BusyError where another run is under way, BrakeError where a brake stops it, UnreachableError where
    the sheet or the mailbox can't be used now: in each case nothing has been drafted or written.
    """
    with pipeline.ledger.lock(pipeline.name):
        pipeline.sheet.check_writable()
        pipeline.mailbox.check()
        planned = make_plan(pipeline, today, take_over="take-over" in allow, progress=progress)
        catch_up.record(planned.settlements, pipeline.ledger, pipeline.name)
        stopped = [brake.message for brake in planned.plan.brakes if brake.switch not in allow]
        if stopped:
            raise BrakeError("; ".join(stopped))
        return _carry_out(pipeline, planned, today, progress)


def _carry_out(pipeline: Pipeline, planned: Planned, today: dt.date, progress: Progress) -> RunReport:
    plan, ledger = planned.plan, pipeline.ledger
    headers = [Change(HEADER, planned.book.layout.header_row, header, "", header) for header in plan.new_columns]
    number = ledger.begin(pipeline.name, "run", plan.as_of, _now(), plan=plan, changes=[*headers, *plan.changes])
    try:
        drafted = _make_drafts(pipeline, number, plan.drafts, today, progress)
        written = write_changes(pipeline, planned, drafted, progress)
    except BaseException as error:
        ledger.finish(number, "failed", _now(), plan.summary, str(error) or type(error).__name__)
        raise
    outcomes = [result.outcome for result in written]
    added: Outcome = "written" if "written" in outcomes else "skipped"
    ledger.record_changes(number, [*(added for _ in headers), *outcomes])
    notices = [settlement.notice for settlement in planned.settlements if settlement.notice]
    report = RunReport(plan, number, written, drafted, notices)
    ledger.finish(number, "partly" if report.partly else "done", _now(), report.counts)
    return report


def _make_drafts(
    pipeline: Pipeline, run_number: int, drafts: Sequence[Draft], today: dt.date, progress: Progress
) -> list[Drafted]:
    results = []
    for draft in drafts:
        if draft.skipped:
            results.append(Drafted("skipped", draft.skipped))
            continue
        progress(f"drafting to {draft.to}")
        results.append(_make_draft(pipeline, run_number, draft, today))
    return results


def _make_draft(pipeline: Pipeline, run_number: int, draft: Draft, today: dt.date) -> Drafted:
    """Make one draft, once: the intent is in the ledger before the mailbox hears of it."""
    token = uuid.uuid4().hex
    target = pipeline.settings.drafts.to
    if not pipeline.ledger.intend(pipeline.name, run_number, draft, token, target, today):
        return Drafted("skipped", "this follow-up has been drafted before")
    message = Message(token, draft.key, draft.deal, draft.sender, draft.to, draft.subject, draft.plain, draft.html,
                      dt.datetime.now(pipeline.settings.zone))  # fmt: skip
    try:
        draft_id = pipeline.mailbox.create(message)
    except (UnreachableError, RefusedError) as error:
        pipeline.ledger.settle(pipeline.name, draft.key, "failed", today)
        return Drafted("failed", str(error))
    except FivestepError as error:
        log.warning("whether %s was drafted is not known: %s", draft.key, error)
        return Drafted("failed", f"{error} (the next run finds out whether the draft was made)")
    pipeline.ledger.settle(pipeline.name, draft.key, "created", today, draft_id)
    return Drafted("created")


def write_changes(
    pipeline: Pipeline, planned: Planned, drafted: Sequence[Drafted], progress: Progress = no_progress
) -> list[Written]:
    """Write the cells of a plan, but for those that say that a draft waits which was not made."""
    plan = planned.plan
    made = {draft.key for draft, result in zip(plan.drafts, drafted, strict=True) if result.outcome == "created"}
    holding = [change for change in plan.changes if not change.needs or change.needs in made]
    if not holding:
        return [_without_draft(change) for change in plan.changes]
    progress(f"writing {len(holding)} cells to {pipeline.sheet.name}")
    layout = planned.book.layout
    request = WriteRequest(
        planned.book.table, layout.header_row, id_column(pipeline.settings), plan.new_columns, holding
    )
    try:
        results = iter(pipeline.sheet.write(request))
    except UnreachableError as error:
        results = iter([Written("failed", change.row, str(error)) for change in holding])
    return [
        next(results) if not change.needs or change.needs in made else _without_draft(change) for change in plan.changes
    ]


def _without_draft(change: Change) -> Written:
    return Written("skipped", change.row, "the draft that it speaks of was not made")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
