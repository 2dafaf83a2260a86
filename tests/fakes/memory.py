"""A sheet and a ledger in memory: what is left of a plan when it has been carried out."""

from __future__ import annotations

import dataclasses

from fivestep.process.model.history import DealHistory, DraftRecord, History, StageEntry
from fivestep.process.model.plan import Plan
from fivestep.process.model.table import Cell, Table


def written(table: Table, header_row: int, plan: Plan) -> Table:
    """The table with the plan's new columns and changes in it."""
    rows = [list(row) for row in table.rows]
    width = table.width
    header = rows[header_row - 1]
    for column, name in enumerate(plan.new_columns, width):
        _put(header, column, name)
    columns = {str(name): index for index, name in reversed(list(enumerate(header))) if name}
    for change in plan.changes:
        _put(rows[change.row - 1], columns[change.column], change.new)
    return dataclasses.replace(table, rows=rows)


def remembered(history: History, plan: Plan, *, drafted: bool = True) -> History:
    """The history after a run that carried out the whole plan, or all but its drafts."""
    deals = dict(history.deals)
    for seen in plan.sightings:
        past = deals.get(seen.deal, DealHistory())
        entries = list(past.entries)
        if seen.entered:
            entries.append(StageEntry(seen.stage, plan.as_of, seen.dated))
        elif entries:
            entries[-1] = entries[-1]._replace(stage=seen.stage or entries[-1].stage, dated=seen.dated)
        deals[seen.deal] = dataclasses.replace(past, entries=entries, waits=seen.waits, fingerprint=seen.fingerprint)
    texts: dict[str, dict[str, tuple[str, ...]]] = {}
    for change in plan.changes:  # a deal's texts may be written beside it and taken away where it stood
        cells = texts.setdefault(change.deal, {})
        cells[change.column] = (*cells.get(change.column, ()), change.new)
    for deal, cells in texts.items():
        past = deals.get(deal, DealHistory())
        deals[deal] = dataclasses.replace(past, written={**past.written, **cells})
    made = [
        DraftRecord(d.key, d.deal, d.to.casefold(), d.entry, d.step, d.template, "created", plan.as_of, plan.as_of)
        for d in plan.drafts
        if drafted and not d.skipped
    ]
    for draft in made:
        past = deals[draft.deal]
        deals[draft.deal] = dataclasses.replace(past, drafts=[*past.drafts, draft])
    return History(deals, history.open_elsewhere, history.drafts_today + len(made))


def _put(row: list[Cell], column: int, value: str) -> None:
    row.extend([""] * (column + 1 - len(row)))
    row[column] = value
