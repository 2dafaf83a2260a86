"""`evaluate`: from a sheet that was read and a past that is known to the plan.

A pure function: the same arguments give the same plan, and `today` is one of them.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from fivestep.process.judging.brakes import brakes
from fivestep.process.judging.clocks import ClockReader
from fivestep.process.judging.deal_ids import Identities, identified, identify
from fivestep.process.judging.findings import Findings
from fivestep.process.judging.funnel import funnel, referred_leads
from fivestep.process.judging.judge import Judge
from fivestep.process.judging.outcomes import with_ends
from fivestep.process.judging.own_columns import OwnColumns
from fivestep.process.judging.sequence import due_text, waiting_text
from fivestep.process.mails.follow_ups import plan_drafts
from fivestep.process.mails.merge_values import MergeSource
from fivestep.process.mails.refusals import in_the_cell
from fivestep.process.model.address import bare_address
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import History, Mail
from fivestep.process.model.mail_text import Text
from fivestep.process.model.plan import STATUSES, Draft, Plan, Verdict
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.problem import Problem
from fivestep.process.model.prognosis import NO_PROGNOSIS, Prognosis
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Table
from fivestep.process.reading.layout import Layout
from fivestep.process.reading.parse import Parsed


@dataclass(frozen=True)
class Book:
    """A sheet as it was read: the table, where the fields stand in it, and its deals."""

    table: Table
    layout: Layout
    parsed: Parsed


class KnownDeals(NamedTuple):
    """The deals of a sheet on one day, each told which it is."""

    deals: Sequence[Deal]
    """With their IDs; those that are over in the stage of their end."""
    read: Sequence[Deal]
    """The same, with the IDs that stand in the sheet."""
    identities: Identities
    doubts: Sequence[Problem]
    """What is unclear about how deals ended."""


def known_deals(book: Book, process: Process, policy: Policy, history: History, today: dt.date) -> KnownDeals:
    """Which deals a sheet holds.

    - `book`, `process`: the sheet as it was read, and the team's process.
    - `policy`: whose IDs they are.
    - `history`: the deals of earlier runs.
    - `today`: the day.
    """
    read, doubts = with_ends(book.parsed.deals, process, book.layout, today)
    identities = identify(read, history.deals, own_id=policy.own_id, column=policy.id_column)
    return KnownDeals(identified(read, identities), read, identities, doubts)


def evaluate(
    book: Book,
    process: Process,
    texts: Mapping[str, Text],
    policy: Policy,
    history: History,
    mail: Mail,
    today: dt.date,
    prognosis: Prognosis = NO_PROGNOSIS,
) -> Plan:
    """Everything that a run on this day would do.

    - `book`: the sheet as it was read, and where the fields stand in it.
    - `process`, `texts`: the team's process, and its texts by name.
    - `policy`: what the settings say of writing and drafting.
    - `history`: what the ledger knows of earlier runs.
    - `mail`: what the mailboxes say.
    - `today`: the day, in the team's time zone.
    - `prognosis`: what the team's own past says of open deals.
    """
    past = history.deals
    deals, read, identities, doubts = known_deals(book, process, policy, history, today)
    findings = Findings([*book.parsed.problems, *doubts], process, book.layout, today)
    findings.of_the_sheet(map(attrgetter("row"), deals))
    clocks = ClockReader(
        policy.calendar,
        today,
        process.stages,
        notes_contacts=process.notes_contacts,
        first_run=history.first_run,
    )
    judge = Judge(process, book.layout, findings, mail.correspondence, clocks, prognosis)
    judge.judge(deals, past)
    source = MergeSource(book.table, book.layout, policy)
    people = judge.people(history)
    drafts = plan_drafts(judge.dues(), texts, people, policy, history.drafts_today, source, mail, today)
    cells = OwnColumns(deals, book.table, book.layout, policy, past, identities)
    needs = _with_drafts(judge, drafts, policy, mail, today)
    _write_back(cells, judge, needs, policy)
    problems = [*identities.problems, *findings.problems, *cells.problems]
    problems.sort(key=attrgetter("row"))
    return Plan(
        pipeline=policy.pipeline,
        as_of=today,
        verdicts=judge.verdicts,
        problems=problems,
        changes=sorted(cells.changes, key=attrgetter("row")),
        drafts=drafts,
        funnel=funnel(deals, process, book.layout, today),
        new_columns=cells.new_columns,
        new_leads=referred_leads(deals, process),
        sightings=judge.sightings,
        answers=judge.answers,
        brakes=brakes(read, judge.moved, history, policy),
        summary=_summary(judge.verdicts, problems, drafts),
    )


def _with_drafts(judge: Judge, drafts: Sequence[Draft], policy: Policy, mail: Mail, today: dt.date) -> dict[int, str]:
    """Bring verdicts and follow-ups up to what the drafts make of them.

    - `judge`: has judged the deals; its verdicts and follow-ups are changed.
    - `drafts`: those of the plan, made or skipped.
    - `policy`, `today`: the settings, and the day of the plan.
    - `mail`: what the mailboxes say, such as why one can't be used.

    Returns by position the key of the draft without which they do not hold.
    """
    by_row = {draft.row: draft for draft in drafts}
    needs: dict[int, str] = {}
    for position, standing in judge.due.items():
        draft = by_row[standing.deal.row]
        if draft.skipped:
            judge.follow_ups[position] = f"No draft: {in_the_cell(draft.skipped, bare_address(draft.sender), mail)}"
            continue
        state = standing.follow_up
        if not policy.drafting:
            judge.follow_ups[position] = due_text(state.step, state.steps)
            continue
        judge.follow_ups[position] = waiting_text(state.step, state.steps, today, today)
        judge.verdicts[position] = standing.verdict(state._replace(waiting=True))
        needs[position] = draft.key
    return needs


def _write_back(cells: OwnColumns, judge: Judge, needs: Mapping[int, str], policy: Policy) -> None:
    """Collect the cells to be written."""
    cells.put_ids()
    cells.clear_rows_without_deals()
    cells.put(policy.status, [verdict.status_text for verdict in judge.verdicts], {})
    cells.put(policy.next_step, [verdict.next_step for verdict in judge.verdicts], needs)
    cells.put(policy.follow_up, judge.follow_ups, needs)


def _summary(verdicts: Sequence[Verdict], problems: Sequence[Problem], drafts: Sequence[Draft]) -> dict[str, int]:
    by_status = Counter(map(attrgetter("status"), verdicts))
    by_severity = Counter(map(attrgetter("severity"), problems))
    made = sum(not draft.skipped for draft in drafts)
    return {
        "deals": len(verdicts),
        **{status: by_status[status] for status in STATUSES},
        "past every win": sum(map(attrgetter("past_wins"), verdicts)),
        "errors": by_severity["error"],
        "warnings": by_severity["warning"],
        "infos": by_severity["info"],
        "drafts": made,
        "drafts skipped": len(drafts) - made,
    }
