"""Writing to a sheet that people are working in, where no call can say "only if nobody has touched it".

Look, write, look again: rows are found by their deals right before the write, and right after it the sheet is held
against what it should be. What has landed in the wrong place, because rows or columns moved in between, is put back and
written where it belongs. What was about to be written is kept in the journal until that is certain, so that a run that
is killed in the middle is put right by the next one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol

from fivestep.connectors.sheet import WriteRequest, Written
from fivestep.errors import FivestepError, LostAnswerError, UnreachableError
from fivestep.process.landing import Formula, Landing, landing
from fivestep.process.locate import Located, Place, locate
from fivestep.process.plan import Change
from fivestep.process.table import Cell, CellError, Table, shown

ROUNDS = 6
"""How often the sheet is looked at and put right after one write."""

_ATTEMPTS = 4

Cells = Mapping[int, Mapping[int, Cell | Formula]]
"""By the sheet's row (from 1) and column (from 0)."""


class OutdatedError(FivestepError):
    """The write was refused as a whole, because the tab has another shape than was thought; nothing was written."""


class Grid(Protocol):
    """A tab that people are working in, as a write needs it."""

    @property
    def name(self) -> str:
        """What messages call the spreadsheet."""

    def look(self, *, values: bool) -> Table:
        """The tab as it is now. Without `values`, a formula's cell holds the formula instead of what it shows."""

    def hindrance(self, row: int, column: int) -> str:
        """Why this cell can't be written; empty where it can."""

    def make_room(self, cells: Cells) -> bool:
        """Let the tab grow to where these cells are, and return whether it had to."""

    def put(self, cells: Cells) -> None:
        """Write these cells in one call. Texts stay texts, whatever they begin with.

        Raises OutdatedError and UnreachableError with nothing written, LostAnswerError where that is not known.
        """


class _Step(NamedTuple):
    """One write, and the sheet right before it."""

    before: Table
    header_row: int
    cells: Mapping[int, Mapping[int, Cell]]


def write(grid: Grid, request: WriteRequest) -> list[Written]:
    """Carry out the changes, as `connectors.sheet.Sheet.write` says."""
    for _ in range(_ATTEMPTS):
        now = grid.look(values=_needs_values(request))
        located = locate(request.base, request.header_row, request.id_column, request.new_columns, request.changes, now)
        hindered = _hindered(grid, located)
        cells = _cells(located, request.changes, hindered)
        if not any(place.action == "write" for place in located.places) or not cells:
            return [_outcome(place, hindered) for place in located.places]
        if grid.make_room(cells):
            continue  # the look has to be the last thing before the write
        step = _Step(now, located.header_row or request.header_row, cells)
        request.journal.open(_packed([step]))
        try:
            grid.put(cells)
        except OutdatedError:
            request.journal.close()
            continue
        except UnreachableError:
            request.journal.close()
            raise
        except LostAnswerError:
            pass  # looking again tells
        return _verified(grid, request, step, located, hindered)
    raise UnreachableError(f"{grid.name} is being changed again and again; nothing was written, try again later")


def settle(grid: Grid, content: bytes) -> None:
    """Put right what writes have left astray that were cut off, as `connectors.sheet.SharedSheet.settle` says."""
    # The last one first: what it was to mend is still for the one before it to see.
    for step in reversed(_unpacked(content)):
        after = grid.look(values=False)
        repairs = landing(step.before, step.header_row, step.cells, after, long_ago=True).repairs
        if repairs:
            grid.make_room(repairs)
            grid.put(repairs)


def _needs_values(request: WriteRequest) -> bool:
    """Whether more has to be looked at than the formulas: IDs that are calculated, or old texts that look like one."""
    if any(change.old.startswith("=") for change in request.changes):
        return True
    header = request.base.rows[request.header_row - 1]
    ids = [column for column, cell in enumerate(header) if shown(cell).strip() == request.id_column]
    return any(column in columns for columns in request.base.formulas.values() for column in ids)


def _hindered(grid: Grid, located: Located) -> dict[tuple[int, int], str]:
    """Why cells that should be written can't be, by row and column."""
    spots = [(place.row, place.column) for place in located.places if place.action == "write"]
    if located.header_row is not None:
        spots += [(located.header_row, column) for column in located.new_columns.values()]
    return {spot: reason for spot in spots if (reason := grid.hindrance(*spot))}


def _cells(
    located: Located, changes: Sequence[Change], hindered: Mapping[tuple[int, int], str]
) -> dict[int, dict[int, Cell]]:
    cells: dict[int, dict[int, Cell]] = {}
    for row, texts in located.cells(changes).items():
        allowed: dict[int, Cell] = {c: text for c, text in texts.items() if (row, c) not in hindered}
        if allowed:
            cells[row] = allowed
    return cells


def _outcome(place: Place, hindered: Mapping[tuple[int, int], str]) -> Written:
    if (place.row, place.column) in hindered and place.action == "write":
        return Written("failed", place.row, hindered[place.row, place.column])
    return Written("skipped" if place.action == "skip" else "written", place.row, place.reason)


def _verified(
    grid: Grid,
    request: WriteRequest,
    first: _Step,
    located: Located,
    hindered: Mapping[tuple[int, int], str],
) -> list[Written]:
    """Look again, and put right what went astray, until everything stands where it belongs."""
    spots: dict[int, tuple[int, int] | None] = {
        number: (place.row, place.column)
        for number, place in enumerate(located.places)
        if place.action == "write" and (place.row, place.column) not in hindered
    }
    step = first
    try:
        for _ in range(ROUNDS):
            after = grid.look(values=False)
            found = landing(step.before, step.header_row, step.cells, after)
            spots = {number: spot and found.place(*spot) for number, spot in spots.items()}
            if not found.repairs:
                break
            step = _mended(grid, request, first, step, found, after)
    except (UnreachableError, OutdatedError) as error:
        raise LostAnswerError(f"what was written to {grid.name} is not known, the next run looks: {error}") from error
    request.journal.close()
    results = [_outcome(place, hindered) for place in located.places]
    for number, spot in spots.items():
        results[number] = _landed(request.changes[number], spot, after, pending=bool(found.repairs))
    return results


def _mended(grid: Grid, request: WriteRequest, first: _Step, step: _Step, found: Landing, after: Table) -> _Step:
    """Write the repairs, and return them as the step that is to be looked at next."""
    header = found.place(step.header_row, 0) or (step.header_row, 0)
    texts = {row: {c: _plain(cell) for c, cell in cells.items()} for row, cells in found.repairs.items()}
    mending = _Step(after, header[0], texts)
    request.journal.open(_packed([first, mending]))
    with suppress(LostAnswerError):  # looking again tells
        grid.make_room(found.repairs)
        grid.put(found.repairs)
    return mending


def _landed(change: Change, spot: tuple[int, int] | None, now: Table, *, pending: bool) -> Written:
    """What became of one change in the end."""
    if spot is None:
        return Written("skipped", change.row, "its row or its column went away while it was written")
    text = shown(now.at(*spot))
    if text == change.new:
        return Written("written", spot[0])
    if pending:
        return Written("failed", spot[0], "the sheet was changed again and again while it was written")
    return Written("skipped", spot[0], f"the cell shows {text!r} by now")


def _plain(cell: Cell | Formula) -> Cell:
    return cell.text if isinstance(cell, Formula) else cell


def _packed(steps: Sequence[_Step]) -> bytes:
    """The steps as bytes, for the journal."""
    content = [
        {
            "rows": [[_json(cell) for cell in row] for row in step.before.rows],
            "formulas": {row: sorted(columns) for row, columns in step.before.formulas.items()},
            "columns": step.before.columns,
            "header_row": step.header_row,
            "cells": [[row, column, _json(cell)] for row, of in step.cells.items() for column, cell in of.items()],
        }
        for step in steps
    ]
    return zlib.compress(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1)


def _unpacked(content: bytes) -> list[_Step]:
    steps = []
    for one in json.loads(zlib.decompress(content).decode("utf-8", "surrogatepass")):
        cells: dict[int, dict[int, Cell]] = {}
        for row, column, cell in one["cells"]:
            cells.setdefault(row, {})[column] = cell
        formulas = {int(row): set(columns) for row, columns in one["formulas"].items()}
        before = Table("", one["rows"], formulas, columns=one.get("columns"))
        steps.append(_Step(before, one["header_row"], cells))
    return steps


def _json(cell: Cell) -> Any:
    return cell.code if isinstance(cell, CellError) else cell
