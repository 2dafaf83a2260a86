"""`evaluate`: from a sheet that was read and a past that is known to the plan.

A pure function: the same arguments give the same plan, and `today` is one of them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from fivestep.process.brakes import brakes
from fivestep.process.clocks import ClockReader
from fivestep.process.definition import Process
from fivestep.process.drafting import make_drafts
from fivestep.process.findings import Findings
from fivestep.process.follow_up import FollowUpState, waiting_text
from fivestep.process.funnel import funnel, referred_leads
from fivestep.process.history import NO_PAST, Correspondence, History
from fivestep.process.identity import fingerprint, identify
from fivestep.process.judge import Judge, Standing, sighting
from fivestep.process.layout import Layout
from fivestep.process.merge_source import MergeSource
from fivestep.process.next_step import next_step
from fivestep.process.parse import Parsed
from fivestep.process.plan import STATUSES, Draft, Plan, Verdict
from fivestep.process.policy import Policy
from fivestep.process.problem import Problem
from fivestep.process.table import Table
from fivestep.process.text import Text
from fivestep.process.write_back import Cells


@dataclass(frozen=True)
class Book:
    """A sheet as it was read: the table, where the fields stand in it, and its deals."""

    table: Table
    layout: Layout
    parsed: Parsed


def evaluate(
    book: Book,
    process: Process,
    texts: Mapping[str, Text],
    policy: Policy,
    history: History,
    correspondence: Mapping[str, Correspondence],
    today: dt.date,
) -> Plan:
    """Everything that a run on this day would do.

    `correspondence` has the last mails by address in lower case; it may be empty.
    """
    past = history.deals
    identities = identify(book.parsed.deals, past, own_id=policy.own_id, column=policy.id_column)
    deals = [
        deal if deal.id == given else deal._replace(id=given)
        for deal, given in zip(book.parsed.deals, identities.ids, strict=True)
    ]
    findings = Findings(book.parsed.problems, process, book.layout, today)
    findings.of_the_sheet(deal.row for deal in deals)
    judge = Judge(process, book.layout, findings, history, correspondence, ClockReader(policy.calendar, today))
    standings = [judge.standing(deal, past.get(deal.id, NO_PAST)) for deal in deals]
    source = MergeSource(book.table, book.layout, policy)
    drafts = make_drafts(judge.dues(standings), texts, judge.people(standings), policy, history.drafts_today, source)
    cells = Cells(deals, book.table, book.layout, policy, past, identities)
    verdicts = _write_back(cells, standings, drafts, policy)
    problems = [*identities.problems, *findings.problems, *cells.problems]
    problems.sort(key=attrgetter("row"))
    sightings = (sighting(standing, fingerprint(standing.deal)) for standing in standings)
    return Plan(
        pipeline=policy.pipeline,
        as_of=today,
        verdicts=verdicts,
        problems=problems,
        changes=sorted(cells.changes, key=attrgetter("row")),
        drafts=drafts,
        funnel=funnel(deals, process, past, today),
        new_columns=cells.new_columns,
        new_leads=referred_leads(deals, process),
        sightings=[seen for seen in sightings if seen is not None],
        brakes=brakes(standings, history, policy),
        summary=_summary(verdicts, problems, drafts),
    )


def _write_back(cells: Cells, standings: Sequence[Standing], drafts: Sequence[Draft], policy: Policy) -> list[Verdict]:
    """Collect the cells to be written, and return the verdicts in the order of the sheet."""
    by_row = {draft.row: draft for draft in drafts}
    verdicts: list[Verdict] = []
    follow_ups: list[str] = []
    needs: dict[int, str] = {}
    for position, standing in enumerate(standings):
        state = standing.follow_up
        draft = by_row.get(standing.deal.row)
        if draft is not None and draft.skipped:
            state = state._replace(cell=f"No draft: {draft.skipped}")
        elif draft is not None:
            text = waiting_text(draft.step, state.steps, standing.facts.today, standing.facts.today)
            state = state._replace(cell=text, waiting=True)
            needs[position] = draft.key
        follow_ups.append(state.cell)
        verdicts.append(_verdict(standing, state))
    cells.put_ids()
    cells.put(policy.status, (verdict.status_text for verdict in verdicts), {})
    cells.put(policy.next_step, (verdict.next_step for verdict in verdicts), needs)
    cells.put(policy.follow_up, follow_ups, needs)
    return verdicts


def _verdict(standing: Standing, follow_up: FollowUpState) -> Verdict:
    deal, _past, stage, clocks, facts, status, reason, errors, _before_drafting = standing
    step = next_step(deal, stage, status, clocks, facts, errors, follow_up)
    return Verdict(
        deal.id, deal.row, deal.stage or "", status, reason, step,
        facts.days_in_stage, facts.days_since_contact, deal.name,
    )  # fmt: skip


def _summary(verdicts: Sequence[Verdict], problems: Sequence[Problem], drafts: Sequence[Draft]) -> dict[str, int]:
    by_status = Counter(verdict.status for verdict in verdicts)
    by_severity = Counter(problem.severity for problem in problems)
    made = sum(not draft.skipped for draft in drafts)
    return {
        "deals": len(verdicts),
        **{status: by_status[status] for status in STATUSES},
        "errors": by_severity["error"],
        "warnings": by_severity["warning"],
        "infos": by_severity["info"],
        "drafts": made,
        "drafts skipped": len(drafts) - made,
    }
