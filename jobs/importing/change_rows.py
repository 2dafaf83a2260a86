"""Files with a row for each change of a deal: of its stage only, or of any of its fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fivestep.config.vocabulary.past_headers import changed_field
from fivestep.jobs.importing.past_columns import Told
from fivestep.jobs.importing.past_rows import PastRows, RowEntry
from fivestep.process.model.deal import DealOutcome
from fivestep.process.model.table import shown


def of_stage_rows(rows: PastRows, stage: Told, on: Told) -> Iterator[RowEntry]:
    """The entries of rows that name the stage that a deal came into.

    - `rows`: those of the file.
    - `stage`, `on`: the columns with the stage and the day.

    Where the first row of a deal names the stage before it, too, that one began when the deal was created.
    """
    stages, days = rows.read(stage, "stage"), rows.days(on)
    before, created = rows.read("from_stage", "stage").values, rows.days("created")
    begun: set[str] = set()
    for at in rows.in_order(days):
        word = stages.beside[at]
        if not rows.deals[at] and not word and days[at] is None:
            continue
        entry = rows.entry(at, stages.values[at], word, days[at])
        if entry is None:
            continue
        since = created[at] if on != "created" else None
        if entry.deal not in begun and before[at] and since is not None and since <= entry.on:
            yield entry._replace(stage=before[at], on=since)
        begun.add(entry.deal)
        yield entry


def of_field_rows(rows: PastRows, on: Told) -> Iterator[RowEntry]:
    """The entries of rows that name a field and its new value; `on` is the column with the day.

    A row may tell of a stage, of the outcome, or of the deal's beginning; one about anything else is passed over.
    """
    days = rows.days(on)
    about = [changed_field(shown(cell)) for cell in rows.cells("field")]
    telling = [at for at in rows.in_order(days) if about[at] is not None]
    moves, ends = ([at for at in telling if about[at] == field] for field in ("stage", "status"))
    into, out_of = _read(rows, "new_value", "stage", moves), _read(rows, "old_value", "stage", moves)
    outcomes = _read(rows, "new_value", "outcome", ends)
    began = {rows.deals[at]: days[at] for at in telling if about[at] == "created"}
    last: dict[str, str] = {}
    for at in telling:
        if about[at] == "stage":
            entry = rows.entry(at, *into[at], days[at])
        else:
            entry = _ended(rows, at, outcomes.get(at, _NOTHING)[0], days[at], last.get(rows.deals[at]))
        if entry is None:
            continue
        if about[at] == "stage":
            first, since = out_of[at][0], began.get(entry.deal)
            if first and since is not None and since <= entry.on and entry.deal not in last:
                yield entry._replace(stage=first, on=since)
            last[entry.deal] = entry.stage
        yield entry


_NOTHING = (None, None)


def _read(rows: PastRows, told: Told, field: str, wanted: Sequence[int]) -> Mapping[int, tuple[Any, str | None]]:
    """The values in these rows of a column, each with its word in the file.

    - `rows`, `told`: the rows of the file, and the column.
    - `field`: as that of which field it is read.
    - `wanted`: the positions of the rows that are asked for.
    """
    cells = rows.cells(told)
    read = rows.read_cells(field, [cells[at] for at in wanted])
    words = read.beside or [None] * len(wanted)
    return dict(zip(wanted, zip(read.values, words, strict=True), strict=True))


def _ended(
    rows: PastRows, at: int, outcome: DealOutcome | None, day: dt.date | None, selling: str | None
) -> RowEntry | None:
    """The entry of a row that names an outcome; None where nothing can be said.

    - `rows`, `at`, `day`: the rows of the file, the position of this one, and its day.
    - `outcome`: what it names; None where that is not known.
    - `selling`: the open stage in which the deal was before: there it is when it is open again.
    """
    stage = None if outcome is None else selling if outcome == "open" else rows.end(outcome)
    return rows.entry(at, stage, None, day) if stage else None
