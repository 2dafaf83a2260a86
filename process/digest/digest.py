"""The digest: what one owner, or the lead, should know about a week of the pipeline.

A pure function of a plan and what it was made from. Nothing is judged here: statuses, next steps, days and sums are
the plan's.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from fivestep.process.digest.figures import OwnerShare, Sums, shares, sum_of
from fivestep.process.digest.readers import Reader, Readers
from fivestep.process.judging.status import what_is_missing
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_PAST, History
from fivestep.process.model.plan import Plan, Verdict
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.stage_day import day_in_sheet

DigestKind = Literal["owner", "lead"]

Part = Literal["your_turn", "follow_up", "stalled", "past_wins", "due", "missing", "unknown_stage", "won", "lost"]

PARTS: tuple[Part, ...] = get_args(Part)
"""`past_wins` has the stalled deals that are older than any that was won: one list, to be closed or revived."""

WEEK = dt.timedelta(days=7)

STILL_NEWS = dt.timedelta(days=30)
"""How long ago a deal may have been won or lost that a run has seen closed only this week, and still be news."""


class Line(NamedTuple):
    """One deal in one part."""

    verdict: Verdict
    deal: Deal
    day: dt.date | None = None
    """When it is due, or was won or lost."""
    cells: str = ""
    """The columns in which something is missing or can't be read."""


@dataclass(frozen=True)
class Digest:
    """What one reader is told."""

    kind: DigestKind
    reader: Reader
    parts: Mapping[Part, Sequence[Line]]
    """Every part that has a line, with all its lines, the most urgent first."""
    owners: Sequence[OwnerShare]
    """One share for each owner of the deals that it is about."""

    @property
    def open(self) -> int:
        """How many open deals it is about."""
        return sum(share.kinds["open"] for share in self.owners)

    @property
    def amounts(self) -> Sums:
        """What these are worth."""
        return sum_of(share.amounts for share in self.owners)


def digests(
    plan: Plan, deals: Iterable[Deal], stages: Mapping[str, Stage], history: History, readers: Readers, *, owners: bool
) -> list[Digest]:
    """One digest for each owner, if `owners` are wanted, and one for the lead; empty ones are left out.

    - `plan`, `deals`: what is to be told, and the rows that the plan is about.
    - `stages`: the process's, by name.
    - `history`: what the ledger knows of the deals.
    - `readers`: to whom the digests go.

    A lead who owns every deal gets the owner's digest alone. What is past every win is told to the lead and not to the
    owners, where there is a lead to tell.
    """
    by_row = {deal.row: deal for deal in deals}
    closings = _Closings(stages, history, plan.as_of)
    errors = _errors(plan.problems)
    told = [
        _Told(verdict, by_row[verdict.row], _parts_of(verdict, by_row[verdict.row], errors, closings, stages))
        for verdict in plan.verdicts
    ]
    to_the_lead = readers.lead is not None and not (owners and readers.all_are_the_leads)
    found = []
    if owners:
        of_owner: defaultdict[Reader, list[_Told]] = defaultdict(list)
        for one in told:
            if (reader := readers.of(one.deal)) is not None:
                of_owner[reader].append(one)
        parts = [part for part in PARTS if part != "past_wins" or not to_the_lead]
        found = [_digest("owner", reader, parts, mine, plan) for reader, mine in of_owner.items()]
    if readers.lead is not None and to_the_lead:
        found.append(_digest("lead", readers.lead, PARTS, told, plan))
    return [digest for digest in found if digest.parts]


class _Told(NamedTuple):
    """One deal, and the parts that it belongs to."""

    verdict: Verdict
    deal: Deal
    lines: Mapping[Part, Line]


def _digest(kind: DigestKind, reader: Reader, parts: Sequence[Part], told: Sequence[_Told], plan: Plan) -> Digest:
    """What one reader is told.

    - `kind`, `reader`: whose digest it is.
    - `parts`: those that such a reader gets.
    - `told`: their deals.
    - `plan`: of which they are.
    """
    lines = {part: sorted((one.lines[part] for one in told if part in one.lines), key=_ORDER[part]) for part in parts}
    return Digest(
        kind,
        reader,
        {part: found for part, found in lines.items() if found},
        shares(((one.verdict, one.deal) for one in told), plan),
    )


def _parts_of(
    verdict: Verdict,
    deal: Deal,
    errors: Mapping[int, Sequence[Problem]],
    closings: _Closings,
    stages: Mapping[str, Stage],
) -> dict[Part, Line]:
    """The parts of the digest in which a deal stands: one, and `missing` if cells of it are to be mended.

    - `verdict`, `deal`: what the plan says of the row, and the row.
    - `errors`: the plan's errors, by row.
    - `closings`, `stages`: which deals have lately been closed, and the process's stages by name.
    """
    lines: dict[Part, Line] = {}
    if verdict.status == "Your turn":
        lines["your_turn"] = Line(verdict, deal)
    elif verdict.status == "Unknown stage":
        lines["unknown_stage"] = Line(verdict, deal)
    elif verdict.status == "Follow up":
        lines["follow_up"] = Line(verdict, deal)
    elif verdict.status == "Stalled":
        lines["past_wins" if verdict.past_wins else "stalled"] = Line(verdict, deal)
    elif verdict.status == "Won" and (day := closings.lately(verdict, deal)):
        lines["won"] = Line(verdict, deal, day)
    elif verdict.status == "Lost" and (day := closings.lately(verdict, deal)):
        lines["lost"] = Line(verdict, deal, day)
    elif verdict.stage and stages[verdict.stage].kind == "open" and (day := _due(verdict, deal, closings.today)):
        lines["due"] = Line(verdict, deal, day)
    if verdict.row in errors:
        lines["missing"] = Line(verdict, deal, cells=what_is_missing(errors[verdict.row]))
    return lines


def _due(verdict: Verdict, deal: Deal, today: dt.date) -> dt.date | None:
    """The first day of the next seven, today among them, on which the deal is due or is to be closed."""
    return min((day for day in (verdict.due, deal.expected_close) if day and today <= day < today + WEEK), default=None)


class _Closings:
    """Tells which closed deals are news."""

    def __init__(self, stages: Mapping[str, Stage], history: History, today: dt.date) -> None:
        self.today = today
        self._stages = stages
        self._history = history
        self._first_run = history.first_run or today

    def lately(self, verdict: Verdict, deal: Deal) -> dt.date | None:
        """The day in the last seven on which a closed deal came to its stage; None where there is none.

        The sheet's day where it has one, as for the clocks. What the first run found closed has no other; and what a
        person marked as closed some days late is told all the same, in the week in which a run first saw it.
        """
        since = verdict.since
        if since is None:
            return None
        week_ago = self.today - WEEK
        dated = since in (day_in_sheet(deal, self._stages[verdict.stage], self.today), deal.stage_since)
        entries = self._history.deals.get(verdict.deal, NO_PAST).entries
        moved = not entries or entries[-1].stage != verdict.stage
        seen = self.today if moved else entries[-1].on
        found_at_first = len(entries) + moved == 1 and seen == self._first_run
        if found_at_first and not dated:
            return None
        late = not found_at_first and seen > week_ago and since > self.today - STILL_NEWS
        return since if since > week_ago or late else None


def _errors(problems: Iterable[Problem]) -> dict[int, list[Problem]]:
    """The errors of each row."""
    found: defaultdict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.severity == "error":
            found[problem.row].append(problem)
    return dict(found)


def _largest(line: Line) -> tuple[float, int]:
    return -(line.deal.amount or 0.0), line.deal.row


def _longest(line: Line) -> tuple[int, int]:
    return -(line.verdict.days_since_contact or 0), line.deal.row


def _earliest(line: Line) -> tuple[dt.date, float, int]:
    return line.day or dt.date.max, *_largest(line)


_ORDER = {
    "your_turn": _longest,
    "follow_up": _longest,
    "stalled": _largest,
    "past_wins": _largest,
    "due": _earliest,
    "missing": _largest,
    "unknown_stage": _largest,
    "won": _largest,
    "lost": _largest,
}
"""Who waits for a word comes in the order of waiting, what is due by day, and else the biggest first."""
