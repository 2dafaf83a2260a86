"""Writes to a sheet that people are working in, where no call can say "only if it is unchanged".

Look, write, look again: rows are found by their deals right before the write, and right after it the sheet is compared
with what it should be. A text that has landed in the wrong place, because rows or columns moved in between, is taken
out and written where it belongs. The write stays in the journal until that is certain, so that the next run can repair
what a killed run has left.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from fivestep.connectors.sheet import Journal, WriteRequest, Written
from fivestep.connectors.sheets.live.grid import CallRefusedError, Grid, Look
from fivestep.connectors.sheets.live.journal import WriteStep, packed, unpacked
from fivestep.connectors.sheets.live.mend import GridPlace, HeaderGoneError, Mended, mend
from fivestep.errors import LostAnswerError, UnreachableError
from fivestep.process.live_edits.locate import Located, Place, locate
from fivestep.process.live_edits.repair import TabEntries
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Table, shown

_ATTEMPTS = 4


def write_live(grid: Grid, request: WriteRequest) -> list[Written]:
    """What became of each change, as `connectors.sheet.Sheet.write` says."""
    refusal = ""
    for _ in range(_ATTEMPTS):
        now = _look(grid, request.base)
        located = locate(
            request.base, request.header_row, request.id_column, request.new_columns, request.changes, now.shown
        )
        hindered = _hindered(grid, located, request.changes)
        cells = _cells(located, request.changes, hindered)
        if not any(place.action == "write" for place in located.places) or not cells:
            return [_outcome(place, hindered) for place in located.places]
        try:
            if grid.make_room(cells):
                continue  # the look has to be the last thing before the write
            step = WriteStep(now.entered, located.header_row or request.header_row, cells)
            _put(grid, request.journal, step)
        except CallRefusedError as error:
            refusal = str(error)
            continue
        return _verified(grid, request, step, located, hindered)
    why = refusal or f"{grid.name} is being changed again and again"
    raise UnreachableError(f"{why}; nothing was written, try again later")


def settle_write(grid: Grid, content: bytes, journal: Journal) -> list[str]:
    """Notices about what an earlier run, cut off while writing, has left; what can be is repaired.

    See `connectors.sheet.SharedSheet.settle`.
    """
    place, steps = unpacked(content)
    if place != grid.place:
        journal.close()
        return [
            "An earlier run was cut off while it wrote to another sheet or tab than the settings name now: check there "
            "that its texts stand in the right cells"
        ]
    notices = list[str]()
    # The last one first: what it was to mend is still for the one before it to see.
    while steps:
        try:
            found = mend(grid, journal, steps, long_ago=True)
        except HeaderGoneError as gone:
            return [*notices, f"Texts that an earlier run may have left in wrong cells can't be looked for: {gone}"]
        notices += [f"An earlier run was cut off, and left a text in a wrong cell: {left}" for left in found.left]
        steps.pop()
    journal.close()
    return notices


def _look(grid: Grid, base: Table) -> Look:
    """The sheet as it is now.

    If nobody has edited it since the plan read it, that reading tells which cells are calculated.
    """
    entered = grid.look()
    if entered.version and entered.version == base.version:
        return Look(base, dataclasses.replace(entered, formulas=base.formulas))
    return grid.look_closely() if entered.formulas else Look(entered, entered)


def _put(grid: Grid, journal: Journal, step: WriteStep) -> None:
    """Write, and keep a journal of it unless certainly nothing was written."""
    journal.open(packed(grid.place, [step]))
    try:
        grid.put(step.cells)
    except LostAnswerError:
        pass  # looking again tells
    except (CallRefusedError, UnreachableError):
        journal.close()
        raise


def _hindered(grid: Grid, located: Located, changes: Sequence[Change]) -> dict[GridPlace, str]:
    """The cells that should be written and can't be, each with the reason.

    Where a new column's header can't be written, none of its cells can.
    """
    row = located.header_row
    headless = {
        header: reason
        for header, column in located.new_columns.items()
        if row is not None and (reason := grid.hindrance(row, column))
    }
    found = {(row, located.new_columns[header]): reason for header, reason in headless.items() if row is not None}
    for place, change in zip(located.places, changes, strict=True):
        if place.action == "write":
            reason = headless.get(change.column) or grid.hindrance(place.row, place.column)
            if reason:
                found[place.row, place.column] = reason
    return found


def _cells(located: Located, changes: Sequence[Change], hindered: Mapping[GridPlace, str]) -> TabEntries:
    cells = {}
    for row, texts in located.cells(changes).items():
        allowed = {column: text for column, text in texts.items() if (row, column) not in hindered}
        if allowed:
            cells[row] = allowed
    return cells


def _outcome(place: Place, hindered: Mapping[GridPlace, str]) -> Written:
    if (place.row, place.column) in hindered and place.action == "write":
        return Written("failed", place.row, hindered[place.row, place.column])
    return Written("skipped" if place.action == "skip" else "written", place.row, place.reason)


def _verified(
    grid: Grid, request: WriteRequest, step: WriteStep, located: Located, hindered: Mapping[GridPlace, str]
) -> list[Written]:
    """What became of each change, once every text stands where it belongs.

    - `grid`, `request`: the tab, and what was asked.
    - `step`: the write that was just made.
    - `located`: where the changes belong.
    - `hindered`: the cells that can't be written, with the reason.
    """
    written = [
        number
        for number, place in enumerate(located.places)
        if place.action == "write" and (place.row, place.column) not in hindered
    ]
    spots = [(located.places[number].row, located.places[number].column) for number in written]
    try:
        found = mend(grid, request.journal, [step], spots)
    except UnreachableError as error:
        raise LostAnswerError(
            f"it is not known what was written to {grid.name}; the next run checks: {error}"
        ) from error
    request.journal.close()
    results = [_outcome(place, hindered) for place in located.places]
    for number, spot in zip(written, found.spots, strict=True):
        results[number] = _landed(request.changes[number], spot, found)
    return results


def _landed(change: Change, spot: GridPlace | None, found: Mended) -> Written:
    """What became of one change in the end."""
    row = change.row if spot is None else spot[0]
    if spot is None:
        return Written("skipped", row, "its row or its column was deleted during the write")
    hindered = next((left.reason for left in found.left if left.spot == spot), "")
    if hindered:
        return Written("failed", row, hindered)
    text = shown(found.now.at(*spot))
    if text == change.new:
        return Written("written", row, next((str(left) for left in found.left if left.stray.shows == text != ""), ""))
    return Written("skipped", row, f"the cell now shows {text!r}")
