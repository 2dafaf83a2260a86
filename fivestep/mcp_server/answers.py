"""What an assistant is told: small answers, made from one plan.

A list names deals, and what is to be done about them. Addresses, phone numbers, notes and mails are told of one deal at
a time, where that deal is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fivestep.connectors.ledger import DealStory
from fivestep.errors import SettingsError
from fivestep.jobs.running.planning import Planned
from fivestep.jobs.running.reports import BacktestReport, RunReport
from fivestep.jobs.showing.backtest_document import of_backtest
from fivestep.jobs.showing.json_document import finite_sums, of_story
from fivestep.process.digest.figures import open_money, owner_of
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_PAST, OPEN_STATES
from fivestep.process.model.plan import STATUSES, Draft, Verdict
from fivestep.process.prognosis.in_words import backtest_in_words, forecast_in_words
from fivestep.process.prognosis.limit_words import limit_in_words
from fivestep.process.wording.show import field_text
from fivestep.process.wording.vocabulary import plain

Answer = dict[str, Any]
"""Nothing but what JSON has a word for."""

MOST = 50
"""Deals in one list."""

_FINISHED = 12
"""Earlier forecasts that are told, the latest."""

ASKS_FOR_SOMEBODY = ("Your turn", "Stalled", "Follow up", "Unknown stage", "Needs data")
"""The statuses in which somebody has something to do, the most urgent first."""


def overview(planned: Planned) -> Answer:
    """The pipeline at a glance: how many deals have each status, and what the open ones are worth."""
    plan = planned.plan
    amounts, weighted = open_money(plan)
    return {
        "pipeline": plan.pipeline,
        "as_of": plan.as_of.isoformat(),
        "statuses": {status: plan.summary[status] for status in STATUSES if plan.summary.get(status)},
        "stages": [{"stage": stage.stage, "kind": stage.kind, "deals": stage.deals} for stage in plan.funnel.stages],
        "open_amounts": finite_sums(amounts),
        "weighted_by_stage": finite_sums(weighted),
        "win_rate": plan.funnel.win_rate,
        "owners": sorted({owner_of(deal) for deal in planned.deals.values()}),
        "notices": list(planned.notices),
    }


def deals_like(planned: Planned, status: str, stage: str, owner: str, limit: int) -> Answer:
    """The deals with this status, stage and owner, the biggest first; an empty text stands for any.

    - `planned`: the plan of the day.
    - `status`, `stage`, `owner`: compared without regard to capitals, accents and signs.
    - `limit`: how many are told, `MOST` at most.

    Raises SettingsError where no deal could have such a status, stage or owner.
    """
    _check("status", status, STATUSES)
    _check("stage", stage, planned.process.stages)
    _check("owner", owner, {owner_of(deal) for deal in planned.deals.values()})
    found = [
        (verdict, deal)
        for verdict, deal in _judged(planned)
        if _is(status, verdict.status) and _is(stage, verdict.stage) and _is(owner, owner_of(deal))
    ]
    found.sort(key=lambda one: (-(one[1].amount or 0.0), one[0].row))
    return _listed(found, limit)


def to_do(planned: Planned, owner: str, limit: int) -> Answer:
    """What to do next, the most urgent first: drafts to review, then deals by `ASKS_FOR_SOMEBODY`.

    - `planned`: the plan of the day.
    - `owner`: whose deals; empty for everybody's.
    - `limit`: how many are told.
    """
    _check("owner", owner, {owner_of(deal) for deal in planned.deals.values()})
    urgency = {status: place for place, status in enumerate(ASKS_FOR_SOMEBODY)}
    found = [
        (verdict, deal)
        for verdict, deal in _judged(planned)
        if verdict.status in urgency and _is(owner, owner_of(deal))
    ]
    found.sort(key=lambda one: (urgency[one[0].status], -(one[1].amount or 0.0), one[0].row))
    return _listed(found, limit)


def one_deal(planned: Planned, name: str, story_of: Callable[[str], DealStory | None]) -> Answer:
    """Everything about one deal: where it stands and why, its cells, what is wrong, and its story.

    - `planned`: the plan of the day.
    - `name`: the deal's ID or name.
    - `story_of`: knows the past of a deal, by its ID.
    """
    verdict, deal = find_deal(planned, name)
    story = story_of(verdict.deal)
    cells = {planned.book.layout.header(field): field_text(deal, field) for field in planned.book.layout.columns}
    return {
        **_told(verdict, deal),
        "cells": {header: text for header, text in cells.items() if text},
        "problems": [
            {"column": problem.column, "severity": problem.severity, "message": problem.message, "fix": problem.fix}
            for problem in planned.plan.problems
            if problem.row == verdict.row
        ],
        "story": [] if story is None else of_story(planned.plan.pipeline, story)["story"],
    }


def mail_to(planned: Planned, name: str) -> Answer:
    """The follow-up that a run would draft for one deal now, or why it drafts none."""
    verdict, deal = find_deal(planned, name)
    draft = next((draft for draft in planned.plan.drafts if draft.row == verdict.row), None)
    about = {"deal": verdict.deal, "name": deal.full_name}
    if draft is None:
        return {**about, "mail": None, "why_none": _why_none(planned, verdict)}
    if draft.skipped:
        return {**about, "mail": None, "why_none": draft.skipped}
    return {**about, "mail": {"to": draft.to, "from": draft.sender, "subject": draft.subject, "text": draft.plain}}


def planned_run(planned: Planned, limit: int) -> Answer:
    """What a run would do now: cells to write, mails to draft, and what would stop it."""
    plan = planned.plan
    due = [draft for draft in plan.drafts if not draft.skipped]
    return {
        "pipeline": plan.pipeline,
        "as_of": plan.as_of.isoformat(),
        "cells": len(plan.changes),
        "drafts": _drafts(due, planned, limit),
        "drafts_in_all": len(due),
        "not_drafted": len(plan.drafts) - len(due),
        "stopped_by": [brake.message for brake in plan.brakes],
        "notices": list(planned.notices),
    }


def run_done(report: RunReport) -> Answer:
    """What a run did."""
    return {
        "run": report.run,
        "pipeline": report.plan.pipeline,
        "as_of": report.plan.as_of.isoformat(),
        "counts": report.counts,
        "parts_failed": report.partly,
        "notices": list(report.notices),
    }


def forecast_told(report: BacktestReport) -> Answer:
    """What is to be expected of the open deals, how right that was before, and the limits."""
    tested = report.tested
    document = of_backtest(report)
    return {
        "as_of": tested.as_of.isoformat(),
        "within_days": tested.prognosis.horizon,
        "in_words": [*forecast_in_words(tested.forecast, tested.prognosis.horizon), *backtest_in_words(tested)],
        "limits": [limit_in_words(limit) for limit in tested.prognosis.limits.values()],
        "forecast": {**document["forecast"], "finished": document["forecast"]["finished"][-_FINISHED:]},
    }


def find_deal(planned: Planned, name: str) -> tuple[Verdict, Deal]:
    """The deal with this ID, else the only one with this name.

    Raises SettingsError where there is none, or more than one.
    """
    judged = list(_judged(planned))
    for verdict, deal in judged:
        if verdict.deal.casefold() == name.strip().casefold():
            return verdict, deal
    wanted = plain(name)
    found = [one for one in judged if wanted and wanted in (plain(one[1].name), plain(one[1].full_name))]
    found = found or [one for one in judged if wanted and wanted in plain(one[1].full_name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SettingsError(f"no deal of the sheet has the ID or the name {name!r}")
    some = ", ".join(f"{verdict.deal} ({deal.full_name})" for verdict, deal in found[:MOST])
    raise SettingsError(f"{len(found)} deals are called {name!r}; ask by the ID: {some}")


def _judged(planned: Planned) -> Iterable[tuple[Verdict, Deal]]:
    by_row = {deal.row: deal for deal in planned.book.parsed.deals}
    return ((verdict, by_row[verdict.row]) for verdict in planned.plan.verdicts)


def _listed(found: Sequence[tuple[Verdict, Deal]], limit: int) -> Answer:
    told = found[: max(1, min(limit, MOST))]
    return {"deals": [_told(*one) for one in told], "in_all": len(found), "left_out": len(found) - len(told)}


def _told(verdict: Verdict, deal: Deal) -> Answer:
    return {
        "deal": verdict.deal,
        "name": deal.full_name,
        "row": verdict.row,
        "owner": owner_of(deal),
        "stage": verdict.stage,
        "status": verdict.status,
        "why": verdict.reason,
        "next_step": verdict.next_step,
        "days_in_stage": verdict.days_in_stage,
        "amount": field_text(deal, "amount"),
    }


def _drafts(due: Sequence[Draft], planned: Planned, limit: int) -> list[Mapping[str, str]]:
    names = {deal.row: deal.full_name for deal in planned.book.parsed.deals}
    return [
        {"deal": draft.deal, "name": names[draft.row], "subject": draft.subject}
        for draft in due[: max(1, min(limit, MOST))]
    ]


def _why_none(planned: Planned, verdict: Verdict) -> str:
    """Why a run has no follow-up to draft for this deal."""
    past = planned.history.deals.get(verdict.deal, NO_PAST)
    for draft in reversed(past.drafts):
        if draft.state in OPEN_STATES:
            return f"the draft of {draft.on.isoformat()} ({draft.template}) waits for somebody to review and send it"
    return "no follow-up is due to this deal today"


def _check(kind: str, wanted: str, known: Iterable[str]) -> None:
    words = list(known)
    if wanted and not any(_is(wanted, word) for word in words):
        raise SettingsError(f"there is no {kind} {wanted!r}; there are {', '.join(sorted(words)[:MOST])}")


def _is(wanted: str, found: str) -> bool:
    return not wanted or plain(wanted) == plain(found)
