"""The stage entries that a file tells of, whichever shape it has."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fivestep.jobs.importing.change_rows import of_field_rows, of_stage_rows
from fivestep.jobs.importing.deal_rows import of_deal_rows
from fivestep.jobs.importing.past_columns import PastColumns
from fivestep.jobs.importing.past_rows import PastRows, RowEntry
from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.table import Table
from fivestep.process.reading.column_reader import Dialect


class NoPast(ValueError):  # noqa: N818  (it reads as what happened)
    """The file has no columns that tell of stages; the message says what is missing."""


class PastFile(NamedTuple):
    """What a file tells, and what of it can't be read."""

    lines: Sequence[StageLine]
    """By deal, each one's in their order, and no stage twice in a row."""
    names: Mapping[str, str]
    """A deal to its name, where the file has a column for that."""
    unknown: Mapping[str, int]
    """Words that are no known stage, and in how many cells."""
    bad: Sequence[str]
    """What can't be read, each with its row."""
    left_out: int
    """Deals of which no day tells when they came into the stage that they are in."""


def read_past(table: Table, columns: PastColumns, dialect: Dialect, today: dt.date) -> PastFile:
    """What the file tells. Raises NoPast.

    - `table`, `columns`: the file, and where everything stands in it.
    - `dialect`: how its cells are read.
    - `today`: nothing can have happened after it.
    """
    if columns.deal is None:
        raise NoPast("no column says which deal a line is about: name it Deal or Deal ID")
    rows = PastRows(table, columns, dialect, today)
    lines = list(_lines(_entries(rows)))
    names = {deal: name for deal, name in zip(rows.deals, rows.names, strict=True) if deal and name}
    return PastFile(lines, names, rows.unknown, rows.bad, rows.left_out)


def _entries(rows: PastRows) -> Iterable[RowEntry]:
    """The entries by the shape that the columns give away."""
    told, on = rows.columns.told, rows.day_of_change
    if on is not None and {"field", "new_value"} <= told.keys():
        return of_field_rows(rows, on)
    if on is not None and "to_stage" in told:
        return of_stage_rows(rows, "to_stage", on)
    if rows.columns.entered:
        return of_deal_rows(rows)
    if "stage" in told and on is not None and (on == "on" or rows.is_of_changes):
        return of_stage_rows(rows, "stage", on)
    if not told.keys().isdisjoint({"stage", "outcome"}) and not told.keys().isdisjoint(_OF_A_DEAL):
        return of_deal_rows(rows)
    raise NoPast("it needs a column for the stage, and one for the day on which the deal came into it")


_OF_A_DEAL = {"created", "since", "won_on", "lost_on"}


def _lines(entries: Iterable[RowEntry]) -> Iterable[StageLine]:
    by_deal: defaultdict[str, list[RowEntry]] = defaultdict(list)
    for entry in entries:
        by_deal[entry.deal].append(entry)
    for of_deal in by_deal.values():
        before = ""
        for entry in sorted(of_deal, key=lambda entry: entry.on):
            if entry.stage != before:
                yield StageLine(*entry)
            before = entry.stage
