"""The report: one HTML file for the morning, that needs no network and prints well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.reporting.deal_lists import asking_sections, drafts_section, findings_section, new_leads_section
from fivestep.jobs.reporting.forecast_section import forecast_section
from fivestep.jobs.reporting.limits_section import limits_section
from fivestep.jobs.reporting.pipeline_now import ages_section, cards_section, funnel_section, owners_section
from fivestep.jobs.reporting.results_section import results_section, three_findings_section
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.jobs.running.planning import Planned, make_plan
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_DEAL, OPEN_STATES, DraftRecord
from fivestep.process.model.plan import Plan
from fivestep.process.results.outlook import LearnedPast
from fivestep.process.results.top import Targets
from fivestep.process.results.what_works import WhatWorks, what_works
from fivestep.process.wording.html import Html, element, joined_html, page, text
from fivestep.process.wording.show import plural, value_text

_STYLE = Path(__file__).with_name("reporting") / "report.css"


def report_on(pipeline: Pipeline, today: dt.date) -> str:
    """The page about this pipeline on this day. Changes nothing."""
    planned = make_plan(pipeline, today, without_mailbox=True)
    return report_page(planned.plan, planned.deals, _waiting(pipeline, planned), _what_works(pipeline, planned))


def report_page(
    plan: Plan, deals: Mapping[str, Deal], waiting: Sequence[DraftRecord] = (), works: WhatWorks | None = None
) -> str:
    """The page.

    - `plan`, `deals`: the plan, and its deals by ID; they know the owners and the amounts.
    - `waiting`: the drafts of earlier runs that nobody has sent or deleted yet.
    - `works`: what came of the deals so far; None: the page is about today only.
    """
    body = joined_html(
        [
            element("h1", text(plan.pipeline)),
            element("p", text(f"The pipeline on {value_text(plan.as_of)}: {plural(len(plan.verdicts), 'deal')}")),
            cards_section(plan),
            asking_sections(plan, deals),
            drafts_section(plan, deals, waiting),
            findings_section(plan),
            new_leads_section(plan),
            funnel_section(plan),
            ages_section(plan),
            owners_section(plan, deals),
            _past(works, plan.as_of) if works is not None else Html(""),
        ]
    )
    return page(f"{plan.pipeline}, {plan.as_of}", _STYLE.read_text("utf-8"), body)


def _past(works: WhatWorks, today: dt.date) -> Html:
    """What is learned from the past, the shortest of it last."""
    return joined_html(
        [
            forecast_section(works, today),
            limits_section(works, today),
            results_section(works, today),
            three_findings_section(works),
        ]
    )


def _what_works(pipeline: Pipeline, planned: Planned) -> WhatWorks:
    aims, learning = pipeline.settings.targets, planned.learning
    return what_works(
        learning.deals_today(),
        planned.process,
        planned.history,
        LearnedPast(learning.past, learning.prognosis, learning.tested),
        learning.calendar,
        Targets(planned.process.new_leads_per_week, aims.won_per_month, aims.currency),
        planned.plan.as_of,
    )


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


def _waiting(pipeline: Pipeline, planned: Planned) -> list[DraftRecord]:
    """Follow-ups of earlier runs that still wait, as far as the mailboxes could be asked."""
    drafts = {draft.record.key: draft.record for draft in pipeline.ledger.open_drafts(pipeline.name)}
    drafts |= {settlement.record.key: settlement.record for settlement in planned.settlements}
    return [draft for draft in drafts.values() if draft.deal != NO_DEAL and draft.state in OPEN_STATES]
