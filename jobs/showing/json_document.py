"""The JSON document of `check`, `plan` and `run`: its names are a promise to whoever reads it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fivestep.connectors.ledger import ChangeRecord, DealStory, FindingRecord, RunRecord
from fivestep.connectors.sheet import Written
from fivestep.jobs.running.reports import DigestReport, Drafted, ImportReport, RunReport, UndoReport
from fivestep.jobs.showing.deal_story import events
from fivestep.process.digest.digest import Digest, Line
from fivestep.process.model.history import DraftRecord
from fivestep.process.model.plan import Change, Draft, Funnel, NewLead, Verdict
from fivestep.process.model.problem import Problem

Document = dict[str, Any]
"""Nothing but what `json.dumps` takes, with finite numbers only."""


def of_report(report: RunReport, mailbox: str) -> Document:
    """A plan as JSON, with what became of its parts if it was carried out.

    `mailbox` is what the settings call it.
    """
    plan = report.plan
    return {
        "pipeline": plan.pipeline,
        "as_of": plan.as_of.isoformat(),
        "run": report.run,
        "deals": [_deal(verdict) for verdict in plan.verdicts],
        "problems": [_problem(problem) for problem in plan.problems],
        "changes": list(_changes(plan.changes, report.changes)),
        "drafts": list(_drafts(report, mailbox)),
        "new_columns": list(plan.new_columns),
        "new_leads": [_new_lead(lead) for lead in plan.new_leads],
        "funnel": _funnel(plan.funnel),
        "brakes": [brake._asdict() for brake in plan.brakes],
        "notices": list(report.notices),
        "summary": dict(plan.summary),
    }


def of_import(report: ImportReport) -> Document:
    """What an import took in."""
    return {**asdict(report), "first": _day(report.first), "last": _day(report.last), "notices": list(report.notices)}


def of_undo(pipeline: str, report: UndoReport) -> Document:
    """What was put back: `old` is what the run had written, `new` what stood there before it."""
    return {
        "pipeline": pipeline,
        "run": report.run,
        "undoes": report.undoes,
        "changes": list(_changes(report.changes, report.results)),
        "removed": report.removed,
    }


def of_digest(report: DigestReport, mailbox: str) -> Document:
    """The digests, and what became of each. `mailbox` is what the settings call it."""
    return {
        "pipeline": report.pipeline,
        "as_of": report.as_of.isoformat(),
        "run": report.run,
        "digests": [
            _digest(digest, draft, done, mailbox)
            for digest, draft, done in zip(report.digests, report.drafts, report.outcomes, strict=True)
        ],
        "notices": list(report.notices),
        "summary": report.counts,
    }


def of_runs(pipeline: str, runs: list[RunRecord]) -> Document:
    """The runs, in the order given."""
    return {"pipeline": pipeline, "runs": [_run(record) for record in runs]}


def of_story(pipeline: str, story: DealStory) -> Document:
    """One deal's stages, drafts and written cells, oldest first."""
    return {
        "pipeline": pipeline,
        "deal": story.deal,
        "stages": [
            {"stage": entry.stage, "seen_on": entry.on.isoformat(), "dated": _day(entry.dated)}
            for entry in story.entries
        ],
        "imported": [{"stage": line.stage, "on": line.on.isoformat()} for line in story.imported],
        "drafts": [_draft_record(draft) for draft in story.drafts],
        "changes": [_change_record(change) for change in story.changes],
        "findings": [_finding_record(finding) for finding in story.findings],
        "story": [{**event._asdict(), "on": event.on.isoformat()} for event in events(story)],
    }


def _deal(verdict: Verdict) -> Document:
    return {
        "deal": verdict.deal,
        "row": verdict.row,
        "name": verdict.name,
        "stage": verdict.stage,
        "status": verdict.status,
        "reason": verdict.reason,
        "next_step": verdict.next_step,
        "days_in_stage": verdict.days_in_stage,
        "days_since_contact": verdict.days_since_contact,
        "age_days": verdict.age_days,
        "limit_days": verdict.limit.days if verdict.limit is not None else None,
        "limit_source": verdict.limit.source if verdict.limit is not None else None,
        "open": list(verdict.open_points),
        "past_every_win": verdict.past_wins,
    }


def _problem(problem: Problem) -> Document:
    return problem._asdict()


def _changes(changes: Sequence[Change], results: Sequence[Written]) -> Iterator[Document]:
    """`results` is empty where nothing was carried out."""
    for position, change in enumerate(changes):
        done = results[position] if results else None
        yield {
            "deal": change.deal,
            "row": done.row if done else change.row,
            "column": change.column,
            "old": change.old,
            "new": change.new,
            "outcome": done.outcome if done else "planned",
            "reason": (done.reason or None) if done else None,
        }


def _drafts(report: RunReport, mailbox: str) -> Iterator[Document]:
    for position, draft in enumerate(report.plan.drafts):
        done = report.drafts[position] if report.drafts else None
        yield {
            "deal": draft.deal,
            "row": draft.row,
            "key": draft.key,
            "step": draft.step,
            "to": draft.to,
            "from": draft.sender,
            "subject": draft.subject,
            "template": draft.template,
            "mailbox": mailbox,
            "outcome": done.outcome if done else "skipped" if draft.skipped else "planned",
            "reason": (done.reason if done else "") or draft.skipped or None,
        }


def _digest(digest: Digest, draft: Draft, done: Drafted, mailbox: str) -> Document:
    return {
        "kind": digest.kind,
        "key": draft.key,
        "to": draft.to,
        "name": digest.reader.name,
        "from": draft.sender,
        "subject": draft.subject,
        "text": draft.plain,
        "template": draft.template,
        "mailbox": mailbox,
        "outcome": done.outcome,
        "reason": done.reason or None,
        "open": digest.open,
        "amounts": finite_sums(digest.amounts),
        "parts": {part: [_line(line) for line in lines] for part, lines in digest.parts.items()},
    }


def _line(line: Line) -> Document:
    return {
        "deal": line.verdict.deal,
        "row": line.verdict.row,
        "name": line.verdict.name,
        "owner": line.deal.owner or line.deal.owner_email,
        "status": line.verdict.status,
        "next_step": line.verdict.next_step,
        "amount": line.deal.amount,
        "currency": line.deal.currency,
        "day": _day(line.day),
        "cells": line.cells,
    }


def _new_lead(lead: NewLead) -> Document:
    return lead._asdict()


def _funnel(funnel: Funnel) -> Document:
    return {
        "stages": [
            {
                "stage": stage.stage,
                "kind": stage.kind,
                "deals": stage.deals,
                "amounts": finite_sums(stage.amounts),
                "weighted": finite_sums(stage.weighted),
            }
            for stage in funnel.stages
        ],
        "won": funnel.won,
        "lost": funnel.lost,
        "win_rate": funnel.win_rate,
        "new_leads": funnel.new_leads,
        "new_leads_target": funnel.new_leads_target,
        "unknown": finite_sums(funnel.unknown),
    }


def finite_sums(sums: Mapping[str, float]) -> dict[str, float | None]:
    """Sums as JSON has them: a sum of huge amounts may be infinite, which it has no word for."""
    return {currency: amount if math.isfinite(amount) else None for currency, amount in sums.items()}


def _run(record: RunRecord) -> Document:
    return {
        **record._asdict(),
        "as_of": record.as_of.isoformat(),
        "started": record.started.isoformat(),
        "finished": record.finished.isoformat() if record.finished else None,
        "counts": dict(record.counts),
    }


def _draft_record(draft: DraftRecord) -> Document:
    return {
        **draft._asdict(),
        "on": draft.on.isoformat(),
        "changed_on": draft.changed_on.isoformat(),
        "answered_on": _day(draft.answered_on),
    }


def _change_record(change: ChangeRecord) -> Document:
    return change._asdict()


def _finding_record(finding: FindingRecord) -> Document:
    return {**finding._asdict(), "since": finding.since.isoformat(), "until": _day(finding.until)}


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
