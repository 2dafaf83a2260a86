"""Files with a row for each deal, and the days of its stages beside each other, as a CRM exports them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from fivestep.jobs.importing.past_rows import PastRows, RowEntry
from fivestep.process.model.deal import DealOutcome
from fivestep.process.model.sales_process import StageKind

_Days = Sequence[dt.date | None]


def of_deal_rows(rows: PastRows) -> Iterator[RowEntry]:
    """The entries of each deal: by columns of the stages' own, and by its beginning and its end.

    A deal that stands in a stage without a day is left out: nobody knows when it left the one before. The closing date
    counts where the deal is over, elsewhere it is a plan.
    """
    stages, outcomes = rows.read("stage", "stage"), rows.read("outcome", "outcome").values
    since, created, closed = rows.days("since"), rows.days("created"), rows.days("closed", needed=False)
    ends: Mapping[StageKind, _Days] = {"won": rows.days("won_on"), "lost": rows.days("lost_on")}
    entered = _entered(rows)
    for at, deal in enumerate(rows.deals):
        stage, word = stages.values[at], stages.beside[at]
        if deal and stage is None and word:
            rows.unknown[word] += 1
        if not deal or (stage is None and word):
            continue
        days = {name: day for name, column in entered.items() if (day := column[at]) is not None}
        end = _end(rows, stage, outcomes[at])
        if end is not None:
            ended = ends.get(rows.process.stages[end].kind, closed)[at] or closed[at]
            stage, day = end, days.get(end) or ended
        else:
            day = days.get(stage or "") or since[at]
        if stage is not None and day is not None:
            days[stage] = day
        yield from _in_order(rows, at, stage, _with_beginning(rows, days, stage, created[at]))


def _end(rows: PastRows, stage: str | None, outcome: DealOutcome | None) -> str | None:
    """The stage in which a deal ended; None where it is open."""
    if stage is not None and rows.process.stages[stage].kind != "open":
        return stage
    return rows.end(outcome) or None if outcome in ("won", "lost") else None


def _with_beginning(
    rows: PastRows, days: Mapping[str, dt.date], stage: str | None, created: dt.date | None
) -> Mapping[str, dt.date]:
    """The days, with that of the creation for the first stage, where nothing speaks against it.

    - `rows`: those of the file.
    - `days`, `stage`: the days of one deal's stages, and the one that it is in.
    - `created`: when it was created. Who came into a later stage on that very day was never in the first one.
    """
    first, kinds = rows.end("open"), rows.process.stages
    if created is None or first in days or (not days and stage != first):
        return days
    if any(day < created or (day == created and kinds[name].kind == "open") for name, day in days.items()):
        return days
    return {first: created, **days}


def _in_order(rows: PastRows, at: int, stage: str | None, days: Mapping[str, dt.date]) -> Iterator[RowEntry]:
    """The entries of one deal, in the order of their days and, within a day, of the process.

    - `rows`, `at`: those of the file, and the position of this one.
    - `stage`, `days`: the stage that the deal is in, which comes last, and the days of its stages.
    """
    places = {name: place for place, name in enumerate(rows.process.stages)}
    told = sorted(days, key=lambda name: (days[name], name == stage, places[name]))
    if told and stage is not None and told[-1] != stage:
        rows.left_out += 1
        return
    for name in told:
        if (entry := rows.entry(at, name, None, days[name])) is not None:
            yield entry


def _entered(rows: PastRows) -> Mapping[str, _Days]:
    """The days of each stage that has a column; where it has several, as one for each pipeline, the first day."""
    found: dict[str, _Days] = {}
    words = rows.columns.entered
    stages = rows.read_cells("stage", list(words.values())).values
    for (column, word), stage in zip(words.items(), stages, strict=True):
        days = rows.days_in(column)
        if stage is not None:
            before = found.get(stage, days)
            found[stage] = [min(filter(None, pair), default=None) for pair in zip(before, days, strict=True)]
        elif filled := sum(day is not None for day in days):
            rows.unknown[word] += filled
    return found
