"""What became of follow-ups, by the text that they were drafted from."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.history import DealHistory, DraftRecord, DraftState, History
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.spells import KnownDeal, TeamPast
from fivestep.process.results.proportion import Proportion

ANSWER_DAYS = 10
"""Working days after a draft's day in which an answer, or a deal that moves on, is put down to it."""

_NEVER_MADE: frozenset[DraftState] = frozenset({"intended", "failed"})


class TextResult(NamedTuple):
    """What became of the follow-ups from one text."""

    template: str
    drafted: int
    """Those that the mailbox refused are not counted."""
    sent: int
    """As far as the mailbox tells."""
    answered: Proportion
    """Within the ten working days, of the sent ones for which these are over."""
    moved_on: Proportion
    """Their deal came into a later stage, or was won, within those days: whether because of it, nobody knows."""


def text_results(
    history: History, past: TeamPast, stages: Mapping[str, Stage], calendar: Calendar, today: dt.date
) -> list[TextResult]:
    """One for each text that anything was drafted from, the most drafted first.

    - `history`: what the ledger knows of the drafts.
    - `past`: when deals came into which stage.
    - `stages`: the process's, in its order.
    - `calendar`, `today`: the team's working days, and the day up to which is told.
    """
    moves = _Moves(past, stages)
    found: defaultdict[str, list[DraftRecord]] = defaultdict(list)
    for told in history.deals.values():
        for draft in told.drafts:
            if draft.state not in _NEVER_MADE and draft.on <= today:
                found[draft.template].append(draft)
    results = []
    for template, drafts in found.items():
        sent = [draft for draft in drafts if draft.state == "sent"]
        over = [(draft, last) for draft in sent if (last := calendar.add(draft.on, ANSWER_DAYS)) < today]
        answered = sum(draft.answered_on is not None and draft.answered_on <= last for draft, last in over)
        moved = sum(moves.went_on(draft, history.deals[draft.deal], last) for draft, last in over)
        results.append(
            TextResult(template, len(drafts), len(sent), Proportion(answered, len(over)), Proportion(moved, len(over)))
        )
    return sorted(results, key=lambda result: (-result.drafted, result.template))


class _Moves:
    """Tells whether a deal went on after a draft."""

    def __init__(self, past: TeamPast, stages: Mapping[str, Stage]) -> None:
        self._deals = {deal.deal: deal for deal in past.deals}
        self._order = {name: place for place, name in enumerate(stages)}
        self._stages = stages

    def went_on(self, draft: DraftRecord, told: DealHistory, last: dt.date) -> bool:
        """Whether the deal came into a later stage, or was won, after the draft's day and until the last one."""
        deal = self._deals.get(draft.deal)
        if deal is None:
            return False
        before = self._stage_at(draft, told, deal)
        return any(
            draft.on < day <= last and self._is_later(stage, before)
            for stage, day in zip(deal.stages, deal.days, strict=True)
        )

    def _stage_at(self, draft: DraftRecord, told: DealHistory, deal: KnownDeal) -> str:
        """The stage that the draft was about: as the run saw it, else as it is known by its day."""
        if 0 < draft.entry <= len(told.entries):
            return told.entries[draft.entry - 1].stage
        known = deal.known_on(draft.on)
        return deal.stages[known - 1] if known else ""

    def _is_later(self, stage: str, before: str) -> bool:
        if stage not in self._stages or self._stages[stage].kind == "lost" or self._stages[stage].parked:
            return False
        return self._order[stage] > self._order.get(before, len(self._order))
