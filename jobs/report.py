"""The report: one HTML file for the morning, that needs no network and prints well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.jobs.running.planning import Planned, make_plan
from fivestep.jobs.showing.report_past import PastShown, forecast_section, limits_section
from fivestep.jobs.showing.report_results import lessons_section, results_sections
from fivestep.jobs.showing.report_today import (
    ages_section,
    deals_asking,
    figure_cards,
    findings_section,
    follow_ups_section,
    funnel_section,
    owners_section,
    referrals_section,
)
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_DEAL, OPEN_STATES, DraftRecord
from fivestep.process.model.plan import Plan
from fivestep.process.prognosis.by_month import OpenDeal, expected_by_month
from fivestep.process.results.results import results_of
from fivestep.process.results.top import Targets
from fivestep.process.wording.html import Html, element, joined_html, page, text
from fivestep.process.wording.show import plural, value_text

_STYLE = Path(__file__).with_name("showing") / "report.css"


def report_on(pipeline: Pipeline, today: dt.date) -> str:
    """The page about this pipeline on this day. Changes nothing."""
    planned = make_plan(pipeline, today, without_mailbox=True)
    return report_page(planned.plan, planned.deals, _waiting(pipeline, planned), _past(pipeline, planned))


def report_page(
    plan: Plan, deals: Mapping[str, Deal], waiting: Sequence[DraftRecord] = (), past: PastShown | None = None
) -> str:
    """The page.

    - `plan`: what a run would do.
    - `deals`: the plan's, by ID; they know the owners and the amounts.
    - `waiting`: the drafts of earlier runs that nobody has sent or deleted yet.
    - `past`: what the past says; None: nothing of it is told.
    """
    body = joined_html(
        [
            element("h1", text(plan.pipeline)),
            element("p", text(f"The pipeline on {value_text(plan.as_of)}: {plural(len(plan.verdicts), 'deal')}")),
            figure_cards(plan),
            *deals_asking(plan, deals),
            follow_ups_section(plan, deals, waiting),
            findings_section(plan),
            referrals_section(plan),
            funnel_section(plan),
            ages_section(plan),
            owners_section(plan, deals),
            *_told_of_the_past(plan, past),
        ]
    )
    return page(f"{plan.pipeline}, {plan.as_of}", _STYLE.read_text("utf-8"), body)


def save(html: str, path: Path) -> None:
    """Write the report.

    Raises SettingsError where the name is not that of a web page, so that no slip overwrites the sheet, and
    UnreachableError where it can't be written.
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise SettingsError(
            f"the report is a web page: name it such as {path.with_suffix('.html').name!r}, not {path.name!r}"
        )
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as fault:
        raise UnreachableError(f"the report can't be written to {path}: {fault.strerror}") from fault


def _told_of_the_past(plan: Plan, past: PastShown | None) -> Iterator[Html]:
    if past is not None:
        yield forecast_section(plan, past)
        yield limits_section(past)
        yield results_sections(past.results)
        yield lessons_section(past.results)


def _past(pipeline: Pipeline, planned: Planned) -> PastShown:
    """What the past says of this plan's deals, and of all before them."""
    learning, targets = planned.learning, pipeline.settings.targets
    tested, today = learning.tested, planned.plan.as_of
    months = expected_by_month(learning.past, tested.prognosis, _open_deals(planned))
    results = results_of(
        learning.past,
        learning.deals_today(),
        planned.history,
        planned.process,
        learning.calendar,
        months,
        Targets(planned.process.new_leads_per_week, targets.won_per_month, targets.currency or ""),
        today,
    )
    return PastShown(learning.prognosis, tested, months, results)


def _open_deals(planned: Planned) -> Iterator[OpenDeal]:
    """Today's open deals, as far as somebody knows how old they are."""
    for verdict in planned.plan.verdicts:
        deal = planned.deals.get(verdict.deal)
        if deal is not None and verdict.since is not None and planned.process.stages[verdict.stage].kind == "open":
            age = (planned.plan.as_of - verdict.since).days
            yield OpenDeal(verdict.stage, age, deal.amount or 0.0, deal.currency or "")


def _waiting(pipeline: Pipeline, planned: Planned) -> list[DraftRecord]:
    """Follow-ups of earlier runs that still wait, as far as the mailboxes could be asked."""
    drafts = {draft.record.key: draft.record for draft in pipeline.ledger.open_drafts(pipeline.name)}
    drafts |= {settlement.record.key: settlement.record for settlement in planned.settlements}
    return [draft for draft in drafts.values() if draft.deal != NO_DEAL and draft.state in OPEN_STATES]
