"""What follow-ups come to: for each text how many were drafted, sent, answered, and moved a deal on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.history import DealHistory, DraftRecord, History
from fivestep.process.model.sales_process import Stage
from fivestep.process.results.rate import Rate

WITHIN = 10
"""Working days within which an answer, or a move, counts as one to a mail."""


@dataclass
class TextResult:
    """What came of one text."""

    text: str
    drafted: int = 0
    sent: int = 0
    """So says the mailbox."""
    gone: int = 0
    """No longer among the drafts, and the mailbox does not tell whether it was sent."""
    deleted: int = 0
    told: int = 0
    """Sent or gone, and so long ago that an answer would be here by now."""
    answered: int = 0
    """Of these, those with a word of theirs within ten working days."""
    moved_on: int = 0
    """Of these, those whose deal came to a later stage, or was won, within ten working days."""

    @property
    def answer_rate(self) -> Rate:
        """How many were answered of those that can be told."""
        return Rate(self.answered, self.told)


def text_results(history: History, stages: Mapping[str, Stage], calendar: Calendar, today: dt.date) -> list[TextResult]:
    """One result for each text that was drafted, the most used first.

    - `history`: what the ledger knows of drafts and stages.
    - `stages`: the process's, in their order.
    - `calendar`, `today`: the team's working days, and the day.
    """
    order = {name: place for place, name in enumerate(stages)}
    kinds = {name: stage.kind for name, stage in stages.items()}
    found: defaultdict[str, TextResult] = defaultdict(lambda: TextResult(""))
    for past in history.deals.values():
        for draft in past.drafts:
            if draft.state in ("failed", "intended"):
                continue
            result = found[draft.template]
            result.text = draft.template
            _count(result, draft)
            if _is_told(draft, calendar, today):
                result.told += 1
                result.answered += _is_answered(draft, calendar)
                result.moved_on += _moved_on(draft, past, order, kinds, calendar)
    return sorted(found.values(), key=lambda result: (-result.drafted, result.text))


def _count(result: TextResult, draft: DraftRecord) -> None:
    result.drafted += 1
    result.sent += draft.state == "sent"
    result.gone += draft.state == "unknown"
    result.deleted += draft.state == "deleted"


def _is_told(draft: DraftRecord, calendar: Calendar, today: dt.date) -> bool:
    return draft.state in ("sent", "unknown") and calendar.between(draft.on, today) >= WITHIN


def _is_answered(draft: DraftRecord, calendar: Calendar) -> bool:
    return draft.answered_on is not None and calendar.between(draft.on, draft.answered_on) <= WITHIN


def _moved_on(
    draft: DraftRecord, past: DealHistory, order: Mapping[str, int], kinds: Mapping[str, str], calendar: Calendar
) -> bool:
    """Whether the deal has gone on soon after the draft.

    - `draft`, `past`: the draft, and its deal.
    - `order`, `kinds`: of the stages.
    - `calendar`: the team's working days.
    """
    before = past.entries[draft.entry - 1].stage if 0 < draft.entry <= len(past.entries) else ""
    return any(
        entry.on >= draft.on
        and calendar.between(draft.on, entry.on) <= WITHIN
        and kinds.get(entry.stage) != "lost"
        and order.get(entry.stage, -1) > order.get(before, len(order))
        for entry in past.entries[draft.entry :]
    )
