"""Files with a row for each deal, and the days of its stages beside each other, as a CRM exports them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fivestep.jobs.importing.past_rows import PastRows, RowEntry
from fivestep.process.model.deal import DealOutcome
from fivestep.process.model.sales_process import StageKind

_Days = Sequence[dt.date | None]


def of_deal_rows(rows: PastRows) -> Iterator[RowEntry]:
    """The entries of each deal: by columns of the stages' own, and by its beginning and its end.

    A deal that stands in a stage without a day is left out: nobody knows when it left the one before. The closing date
    counts where the deal is over, elsewhere it is a plan.
    """
    columns = _Columns(
        since=rows.days("since"),
        created=rows.days("created"),
        closed=rows.days("closed", needed=False),
        ends={"won": rows.days("won_on"), "lost": rows.days("lost_on")},
        entered=_entered(rows),
    )
    stages, outcomes = rows.read("stage", "stage"), rows.read("outcome", "outcome").values
    for at, deal in enumerate(rows.deals):
        stage, word = stages.values[at], stages.beside[at]
        if deal and stage is None and word:
            rows.unknown[word] += 1
        elif deal:
            yield from _of_deal(rows, columns, at, stage, _end(rows, stage, outcomes[at]))


class _Columns(NamedTuple):
    """The days of all deals."""

    since: _Days
    created: _Days
    closed: _Days
    ends: Mapping[StageKind, _Days]
    entered: Mapping[str, _Days]
    """By stage."""


def _of_deal(rows: PastRows, columns: _Columns, at: int, stage: str | None, end: str | None) -> Iterator[RowEntry]:
    """The entries of one deal, in the order of their days and, within a day, of the process.

    - `rows`, `columns`: those of the file.
    - `at`: the position of the deal's row.
    - `stage`, `end`: the stage that it shows, and the one in which the deal ended; None where it shows none.
    """
    days = {name: day for name, column in columns.entered.items() if (day := column[at]) is not None}
    if stage is not None and (day := days.get(stage) or columns.since[at]) is not None:
        days[stage] = day
    if end is not None:
        ended = columns.ends[rows.process.stages[end].kind][at] or columns.closed[at]
        if (day := days.get(end) or ended) is not None:
            days[end] = day
    _add_beginning(rows, days, stage, columns.created[at])
    places = {name: place for place, name in enumerate(rows.process.stages)}
    last = end or stage
    told = sorted(days, key=lambda name: (days[name], name == last, places[name]))
    if any(name is not None and name not in days for name in (stage, end)) or (last and told[-1] != last):
        rows.left_out += 1
        return
    for name in told:
        if (entry := rows.entry(at, name, None, days[name])) is not None:
            yield entry


def _end(rows: PastRows, stage: str | None, outcome: DealOutcome | None) -> str | None:
    """The stage in which a deal ended; None where it is open."""
    if stage is not None and rows.process.stages[stage].kind != "open":
        return stage
    return rows.end(outcome) or None if outcome in ("won", "lost") else None


def _add_beginning(rows: PastRows, days: dict[str, dt.date], stage: str | None, created: dt.date | None) -> None:
    """Add the day of the creation for the first stage, where nothing speaks against it.

    - `rows`: those of the file.
    - `days`, `stage`: the days of one deal's stages, and the one that it shows.
    - `created`: when it was created. Who came into a later stage on that very day was never in the first one.
    """
    first, kinds = rows.end("open"), rows.process.stages
    if created is None or first in days or (not days and stage != first):
        return
    if all(day > created or (day == created and kinds[name].kind != "open") for name, day in days.items()):
        days[first] = created


def _entered(rows: PastRows) -> Mapping[str, _Days]:
    """The days of each stage that has a column.

    Where it has several, as one for each pipeline, the first day.
    """
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
