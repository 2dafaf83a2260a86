"""What a person is shown, as rows of words, which `fivestep.cli.tables` prints."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fivestep.errors import kind_of
from fivestep.jobs.showing.deal_story import events
from fivestep.jobs.showing.group_findings import alike, cells_named
from fivestep.process.model.plan import LATE
from fivestep.process.wording.show import plural

if TYPE_CHECKING:
    from fivestep.connectors.check import Check
    from fivestep.connectors.ledger import DealStory, RunRecord
    from fivestep.connectors.sheet import Written
    from fivestep.jobs.running.reports import DigestReport, RunReport, UndoReport
    from fivestep.process.model.plan import Change, Plan, Status, Verdict
    from fivestep.process.model.problem import Problem

ATTENTION: tuple[Status, ...] = (
    "Your turn",
    "Stalled",
    "Follow up",
    "Unknown stage",
    "Needs data",
    "Unknown age",
    "On track",
    "Waiting",
    "Won",
    "Lost",
)
"""The order in which deals are listed: whoever waits for the team comes first."""


_PAST_WINS = 5
"""So many deals that are past every win have a line each."""

_LONGER = "Stalled: longer in their stage than any that you won"
_CLOSE_OR_REVIVE = "Close each of them, or revive it: --verbose and the report list them"

_DONE = ("written", "created", "skipped", "failed")


class Row(NamedTuple):
    """One line of a section; `style` is a status, a severity or an outcome, and gives the colour."""

    cells: tuple[str, ...]
    style: str = ""


class Section(NamedTuple):
    """A heading, a table below it, and a word after it; without rows it is its heading and the word alone."""

    title: str
    headers: tuple[str, ...] = ()
    rows: Sequence[Row] = ()
    after: str = ""


def deal_section(plan: Plan, *, everything: bool = False) -> Section:
    """Every deal, what needs a person on top, and the longest wait first.

    Many deals that are past every win are one line, unless everything is asked for: they were not won yesterday, and
    will not be tomorrow.
    """
    ranks = {status: rank for rank, status in enumerate(ATTENTION)}

    def urgency(verdict: Verdict) -> tuple[int, int, int]:
        days = max(verdict.days_in_stage or 0, verdict.days_since_contact or 0)
        return ranks[verdict.status], -days if verdict.status in {"Your turn", *LATE} else 0, verdict.row

    past_wins = {verdict.row for verdict in plan.verdicts if verdict.past_wins}
    grouped = past_wins if len(past_wins) > _PAST_WINS and not everything else set()
    rows = [
        Row((v.deal, v.name or f"row {v.row}", v.stage, v.status_text, v.next_step), v.status)
        for v in sorted(plan.verdicts, key=urgency)
        if v.row not in grouped
    ]
    if grouped:
        rows.append(Row(("", plural(len(grouped), "deal"), "", _LONGER, _CLOSE_OR_REVIVE), "Stalled"))
    return Section(f"{plan.pipeline}, {plan.as_of}", ("ID", "Deal", "Stage", "Status", "Next step"), rows)


def problems(found: Iterable[Problem], *, everything: bool) -> Section:
    """The findings, alike ones on one line; notes (`info`) are counted unless everything is asked for."""
    listed = list(found)
    notes = 0 if everything else sum(problem.severity == "info" for problem in listed)
    if notes:
        listed = [problem for problem in listed if problem.severity != "info"]
    rows = [Row((f.severity, f.where, f.message, f.fix), f.severity) for f in alike(listed)]
    after = f"{plural(notes, 'note')} on what is still to be filled in: --verbose lists them" if notes else ""
    return Section("Problems" if rows else "No problems", ("", "Where", "What", "How to mend it"), rows, after)


def draft_section(report: RunReport) -> Section:
    """Every follow-up that is due, whether it was (or would be) drafted, and why not."""
    names = {verdict.row: verdict.name for verdict in report.plan.verdicts}
    rows = []
    for position, draft in enumerate(report.plan.drafts):
        done = report.drafts[position] if report.drafts else None
        outcome = done.outcome if done else "skipped" if draft.skipped else "planned"
        reason = (done.reason if done else "") or draft.skipped
        subject = draft.subject or draft.template
        rows.append(Row((outcome, draft.deal, names.get(draft.row, ""), draft.to, subject, reason), outcome))
    rows.sort(key=lambda row: row.style == "skipped")
    return Section(
        "Follow-ups" if rows else "No follow-up is due",
        ("", "ID", "Deal", "To", "Subject", "Why not"),
        rows,
    )


def change_section(plan: Plan, results: Sequence[Written], *, everything: bool) -> Section:
    """The cells that were (or, without results, would be) written; see `cells`."""
    added = f"New columns at the right of the sheet: {', '.join(plan.new_columns)}" if plan.new_columns else ""
    return cells(plan.changes, results, everything=everything)._replace(after=added)


def cells(changes: Sequence[Change], results: Sequence[Written], *, everything: bool) -> Section:
    """Changes counted by column, and on request one by one; one that was not written is always named."""
    done: Sequence[Written | None] = results or [None] * len(changes)
    outcomes = [result.outcome if result else "planned" for result in done]
    counted = Counter((change.column, outcome) for change, outcome in zip(changes, outcomes, strict=True))
    rows = [Row((outcome, column, plural(count, "cell"), ""), outcome) for (column, outcome), count in counted.items()]
    for change, result, outcome in zip(changes, done, outcomes, strict=True):
        if everything or outcome in {"skipped", "failed"}:
            where = cells_named(change.column, [result.row if result else change.row])
            what = result.reason if result and result.reason else f"{change.old!r} → {change.new!r}"
            rows.append(Row((outcome, where, change.deal, what), outcome))
    return Section("Cells" if rows else "No cell to write", ("", "Column", "How many", ""), rows)


def new_leads(plan: Plan) -> Section:
    """The referrals that have no row of their own yet."""
    rows = [Row((lead.name, lead.referred_by, f"row {lead.row}")) for lead in plan.new_leads]
    return Section("Referrals to add as new leads", ("Name", "Referred by", "In"), rows)


def closing(report: RunReport) -> Section:
    """The last lines: what there is, what was done or not, and what a person should know."""
    plan = report.plan
    lines = [top_of_pipeline(plan), *report.notices]
    if report.run is None:
        lines += stops(plan)
        due = plan.changes or any(not draft.skipped for draft in plan.drafts)
        done_by = "Nothing has been written or drafted; `fivestep run` does it."
        lines.append(done_by if due else "Nothing is left to write or to draft.")
    else:
        done = report.counts
        counts = [
            f"{plural(done.get('written', 0), 'cell')} written",
            f"{plural(done.get('created', 0), 'draft')} made",
        ]
        counts += [f"{done[outcome]} {outcome}" for outcome in ("skipped", "failed") if outcome in done]
        lines.append(f"Run {report.run}: {', '.join(counts)}")
    return Section(summary(plan), after="\n".join(lines))


def stops(plan: Plan) -> list[str]:
    """What would keep a run from writing, a line each."""
    return [f"A run would stop here: {brake.message}" for brake in plan.brakes]


def summary(plan: Plan) -> str:
    """How many deals, and how many of them hold each status, in one line."""
    counts = Counter(verdict.status for verdict in plan.verdicts)
    held = [f"{counts[status]} {status}" for status in ATTENTION if counts[status]]
    return " · ".join([plural(len(plan.verdicts), "deal"), *held])


def top_of_pipeline(plan: Plan) -> str:
    """The new leads of the last seven days, against the target where there is one."""
    count, target = plan.funnel.new_leads, plan.funnel.new_leads_target
    if count is None:
        return "How many leads are new is unknown: map a column to `created`"
    aim = f" (target {target} a week)" if target else ""
    return f"{plural(count, 'new lead')} in the last seven days{aim}"


def digest_sections(report: DigestReport) -> Iterator[Section]:
    """The mails, where nothing was to be drafted; then who gets one, and why another does not."""
    rows = []
    for digest, draft, done in zip(report.digests, report.drafts, report.outcomes, strict=True):
        reader = digest.reader.address or digest.reader.name
        rows.append(Row((done.outcome, digest.kind, reader, draft.subject, done.reason), done.outcome))
        if report.run is None:
            yield Section(f"To {reader}: {draft.subject}", after=draft.plain)
    title = f"Digests, week {report.week}" if rows else "There is nothing to tell anybody"
    lines = list(report.notices)
    if report.run is None:
        lines.append("Nothing has been drafted; `fivestep digest` without --print does it.")
    else:
        lines.append(f"Run {report.run}: {plural(report.counts.get('created', 0), 'draft')} made")
    yield Section(title, ("", "", "To", "Subject", "Why not"), rows, "\n".join(lines))


def undone(report: UndoReport) -> Section:
    """What an undo says at its end."""
    title = f"Run {report.undoes} is undone by run {report.run}. "
    if report.removed:
        return Section(f"{title}{plural(report.removed, 'imported line')} taken out.")
    return Section(f"{title}Drafts stay where they are.")


def run_section(records: Iterable[RunRecord], zone: dt.tzinfo) -> Section:
    """The latest runs, newest first; one for another day than that of its start says which day."""
    rows = []
    for record in records:
        kind = record.kind if record.undoes is None else f"undo of {record.undoes}"
        counts = record.counts
        done = ", ".join(
            f"{counts[name]} {name}"
            for name in ("written", "created", "skipped", "failed", "imported", "removed")
            if name in counts
        )
        started = f"{record.started:%Y-%m-%d %H:%M} UTC"
        as_of = "" if record.as_of == record.started.astimezone(zone).date() else str(record.as_of)
        rows.append(Row((str(record.id), kind, started, as_of, _ended(record), done, record.message), record.outcome))
    headers = ("Run", "", "Started", "As of", "Outcome", "What it did", "")
    return Section("Runs" if rows else "No run yet", headers, rows)


def _ended(record: RunRecord) -> str:
    """How a run ended, in words."""
    if record.outcome == "open":
        return "under way, or cut off"
    if record.exit_code is None:
        return record.outcome
    return f"{record.outcome}: {kind_of(record.exit_code)}"


def story_section(told: DealStory) -> Section:
    """One deal's story, oldest first; a day stands once."""
    rows, before = [], ""
    for event in events(told):
        day = str(event.on)
        rows.append(Row(("" if day == before else day, event.kind, event.text), event.kind))
        before = day
    return Section(f"The story of {told.deal}", ("", "", ""), rows)


def checks(examined: Iterable[Check]) -> Section:
    """What was tried, in the order of a run."""
    words = {True: "fine", False: "mend", None: "look"}
    styles = {True: "done", False: "error", None: "warning"}
    rows = [Row((words[check.ok], check.name, check.message, check.fix), styles[check.ok]) for check in examined]
    return Section("What a run needs", ("", "Part", "", "What to do"), rows)
