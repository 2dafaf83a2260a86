"""What is known of a team's past: which deal came into which stage, and when."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_PAST, History, StageEntry
from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Process
from fivestep.process.prognosis.stage_day import day_in_sheet

_NEAR = dt.timedelta(days=7)
"""A move that happened between the last imported day of all deals and a first sight so soon after it counts from that
sight, as it does between two weekly runs."""


def lines_of(
    deals: Iterable[Deal], history: History, imported: Iterable[StageLine], process: Process, today: dt.date
) -> list[StageLine]:
    """Every stage entry that is known by today, the earliest first.

    - `deals`: those of the sheet, with their IDs, and those that are over in the stage of their end.
    - `history`: what runs saw. A run that finds a deal in another stage dates the move, unless the sheet does.
    - `imported`: the imported entries, by deal in their order. They tell of a deal until its last one of them.
    - `process`, `today`: the team's process, and the day; nothing of later is told.

    Of a deal that was not imported, the sheet tells what was before the first run: its stages by their own date columns
    and by `stage_since`, its end, and `created` as its entry into the first open stage.

    Left out is what would be invented: a stage of which nobody knows when it began, such as that of the first run; what
    came before such a stage, as nobody knows when that ended; and a deal of which the sheet and the runs know nothing
    but the end.
    """
    kept: defaultdict[str, list[StageLine]] = defaultdict(list)
    for line in imported:
        if line.on <= today:
            kept[line.deal].append(line)
    reach = max((line.on for lines in kept.values() for line in lines), default=None)
    in_sheet: dict[str, Deal] = {}
    for deal in deals:
        in_sheet.setdefault(deal.id, deal)
    teller = _Teller(process, history.first_run, reach, today)
    found: list[StageLine] = []
    for name in dict.fromkeys((*in_sheet, *history.deals, *kept)):
        past = history.deals.get(name, NO_PAST)
        found += teller.lines(name, in_sheet.get(name), past.entries, kept.get(name, ()))
    found.sort(key=attrgetter("on"))
    return found


class _Teller:
    """Puts together what is known of one deal after the other."""

    def __init__(self, process: Process, first_run: dt.date | None, reach: dt.date | None, today: dt.date) -> None:
        self._stages = process.stages
        self._entrance = next((stage.name for stage in process.stages.values() if stage.kind == "open"), "")
        self._first_run = first_run or today
        self._reach = reach
        self._today = today

    def lines(
        self, name: str, deal: Deal | None, entries: Sequence[StageEntry], imported: Sequence[StageLine]
    ) -> list[StageLine]:
        """All lines of the deal with this ID, in order."""
        sights = self._sights(deal, entries)
        days = self._days(deal, sights)
        if imported:
            return self._continued(deal, imported, sights, days)
        known = [(sight.stage, day) for sight, day in zip(sights, days, strict=True) if day is not None]
        if deal is not None and days and days[0] is not None:
            known = [*self._before(deal, sights[0], days[0]), *known]
        if not any(self._is_open(stage) for stage, _ in known):
            return []
        amount = deal.amount if deal is not None else None
        return [StageLine(name, stage, day, amount) for stage, day in known]

    def _is_open(self, stage: str) -> bool:
        return stage in self._stages and self._stages[stage].kind == "open"

    def _sights(self, deal: Deal | None, entries: Sequence[StageEntry]) -> list[StageEntry]:
        """The stages in which runs saw the deal, and the one that the sheet shows today."""
        sights = [entry for entry in entries if entry.on <= self._today]
        if deal is None or deal.stage is None or len(sights) < len(entries):
            return sights
        last = sights[-1] if sights else None
        # A stage that the process does not have is one that was renamed.
        if last is not None and (last.stage == deal.stage or last.stage not in self._stages):
            sights[-1] = StageEntry(deal.stage, last.on, deal.stage_since or last.dated)
        else:
            sights.append(StageEntry(deal.stage, self._today, deal.stage_since))
        return sights

    def _days(self, deal: Deal | None, sights: Sequence[StageEntry]) -> list[dt.date | None]:
        """When each of these stages began; None where nobody knows."""
        days: list[dt.date | None] = []
        earliest = dt.date.min
        for number, sight in enumerate(sights):
            left = sights[number + 1].on if number + 1 < len(sights) else self._today
            day = self._told(deal, sight, sights[number - 1] if number else None, earliest, left)
            if day is None and (number or sight.on > self._first_run):
                day = sight.on
            days.append(day)
            earliest = day or earliest
        return days

    def _told(
        self, deal: Deal | None, sight: StageEntry, before: StageEntry | None, earliest: dt.date, latest: dt.date
    ) -> dt.date | None:
        """When a stage began, as the sheet tells; None where it does not, or contradicts what was seen.

        - `deal`, `sight`: the deal, and the stage in which it was seen.
        - `before`: the sight before it; a date that has stood there since then is stale.
        - `earliest`, `latest`: between these days it must have begun.
        """
        stage = self._stages.get(sight.stage)
        column = day_in_sheet(deal, stage, latest) if deal is not None and stage is not None else None
        stale = before is not None and before.dated == sight.dated
        for told in (column, None if stale else sight.dated):
            if told is not None and earliest <= told <= latest:
                return told
        created = deal.created if deal is not None and before is None and sight.stage == self._entrance else None
        return created if created is not None and created <= sight.on else None

    def _before(self, deal: Deal, first: StageEntry, began: dt.date) -> list[tuple[str, dt.date]]:
        """What the sheet tells of the time before the first sight of the deal, whose stage began on that day."""
        days = [
            (day, stage.name)
            for stage in self._stages.values()
            if stage.kind == "open" and stage.name != first.stage
            if (day := day_in_sheet(deal, stage, began)) is not None
        ]
        days.sort(key=lambda told: told[0])
        then, stage = days[0] if days else (began, first.stage)
        # A new deal that a run found in a later stage came in there; so did one of which both are of one day.
        seen_new = not days and began == first.on > self._first_run
        came_there = self._is_open(stage) and (seen_new or deal.created == then)
        if deal.created is not None and deal.created <= then and stage != self._entrance and not came_there:
            days.insert(0, (deal.created, self._entrance))
        return [(stage, day) for day, stage in days]

    def _continued(
        self,
        deal: Deal | None,
        imported: Sequence[StageLine],
        sights: Sequence[StageEntry],
        days: Sequence[dt.date | None],
    ) -> list[StageLine]:
        """The imported lines, and what has been seen since the last of them."""
        last = imported[-1]
        amount = deal.amount if deal is not None else None
        lines = [line if line.amount is not None else line._replace(amount=amount) for line in imported]
        amount = last.amount if amount is None else amount
        of_that_day = {line.stage for line in imported if line.on == last.on}
        at = last.on
        for sight, day in zip(sights, days, strict=True):
            if sight.on < last.on or (sight.on == last.on and sight.stage in of_that_day):
                continue
            if lines and sight.stage == lines[-1].stage:
                continue
            began = day if day is not None and day >= at else self._seen(sight)
            if began is None:
                # It has left the last imported stage, and nobody knows when.
                lines = []
                continue
            lines.append(StageLine(last.deal, sight.stage, began, amount))
            at = began
        return lines

    def _seen(self, sight: StageEntry) -> dt.date | None:
        """The day of a sight, where it is soon enough after what was known before."""
        near = self._reach is not None and sight.on - self._reach <= _NEAR
        return sight.on if near or sight.on > self._first_run else None
