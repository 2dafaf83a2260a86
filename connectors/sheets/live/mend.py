"""Looks at a sheet after a write, and repairs it until every text stands where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fivestep.connectors.sheet import Journal
from fivestep.connectors.sheets.live.grid import CallRefusedError, Grid
from fivestep.connectors.sheets.live.journal import WriteStep, packed
from fivestep.errors import LostAnswerError
from fivestep.process.live_edits.repair import Entry, Formula, Landing, Stray, TabEntries, landing
from fivestep.process.model.table import Table, column_letters, shown
from fivestep.process.wording.show import in_quotes

ROUNDS = 6
"""How often the sheet is looked at and put right after one write."""

_UNSURE = "rows or columns were moved at that moment, so it is not certain how the formula should read now"
_QUOTED = 60

GridPlace = tuple[int, int]
"""A row (from 1) and a column (from 0)."""


class HeaderGoneError(LostAnswerError):
    """The header row is gone, so nothing that was written can be found again."""


class Left(NamedTuple):
    """A cell that can't be repaired, and why."""

    stray: Stray
    reason: str

    @property
    def spot(self) -> GridPlace:
        """Its row and column."""
        return self.stray.row, self.stray.column

    def __str__(self) -> str:
        """What a person has to do about it."""
        cell = f"{column_letters(self.stray.column)}{self.stray.row}"
        belongs = self.stray.belongs.text if isinstance(self.stray.belongs, Formula) else shown(self.stray.belongs)
        what = f"put {in_quotes(belongs, _QUOTED)} into" if belongs else "empty"
        return f"{what} the cell {cell}, in which {in_quotes(self.stray.shows, _QUOTED)} has landed: {self.reason}"


class Mended(NamedTuple):
    """The sheet once nothing more can be repaired."""

    now: Table
    spots: Sequence[GridPlace | None]
    """Where the cells are by now that were asked about; None where a row or a column is gone."""
    left: Sequence[Left]


class _Known(NamedTuple):
    """A step of the write, and where the asked cells and the broken ones were right before it."""

    step: WriteStep
    spots: Sequence[GridPlace | None]
    left: Sequence[Left]


class _Found(NamedTuple):
    """What one look at the sheet has shown."""

    header_row: int
    spots: Sequence[GridPlace | None]
    repairs: Sequence[Stray]
    left: Sequence[Left]


def mend(
    grid: Grid,
    journal: Journal,
    steps: Sequence[WriteStep],
    spots: Sequence[GridPlace | None] = (),
    *,
    long_ago: bool = False,
) -> Mended:
    """The sheet after the last step's stray texts are repaired, as far as they can be.

    - `grid`: the tab.
    - `journal`: kept up to date, and left open for the caller to close.
    - `steps`: the write, and repairs that were begun after it; the last one is looked after.
    - `spots`: cells whose places the caller wants to know in the end.
    - `long_ago`: an earlier run was cut off in the last step.

    Raises LostAnswerError where people edit faster than it repairs, HeaderGoneError, UnreachableError; the next run has
    to look then.
    """
    begin = latest = _Known(steps[-1], spots, ())
    before, refusals = begin, 0
    for _ in range(ROUNDS):
        now = grid.look()
        if latest is not begin and now.version and now.version == latest.step.before.version:
            latest = before  # the repair never came
        found = _found(grid, latest, now, long_ago=long_ago and latest is begin)
        if not found.repairs:
            return Mended(now, found.spots, found.left)
        repair = WriteStep(now, found.header_row, _cells(found.repairs), repairs=True)
        before, latest = latest, _Known(repair, found.spots, found.left)
        try:
            if grid.make_room(latest.step.cells):
                latest = before
                continue  # the look has to tell how many columns there were right before the write
            journal.open(packed(grid.place, [*steps, latest.step]))
            grid.put(latest.step.cells)
        except CallRefusedError as error:
            if not _has_formulas(latest.step.cells):
                latest = before  # else its texts may have been written, which go first
            refusals += 1
            if refusals > 1:  # the shape of the tab has been asked for anew meanwhile, and is not the reason
                return Mended(now, found.spots, [*found.left, *(Left(stray, str(error)) for stray in found.repairs)])
        except LostAnswerError:
            pass  # looking again tells
    raise LostAnswerError(
        f"{grid.name} was changed again and again during the write, so it is not known which texts are in place; "
        "the next run checks"
    )


def _found(grid: Grid, known: _Known, now: Table, *, long_ago: bool) -> _Found:
    """What can be repaired, and what can't."""
    step = known.step
    found = landing(step.before, step.header_row, step.cells, now, long_ago=long_ago, repairs=step.repairs)
    if found.headless:
        raise HeaderGoneError(
            f"the header row of {grid.name} disappeared during the write, so it is not known which texts are in place; "
            "put it back, and the next run checks"
        )
    left = [one._replace(stray=stray) for one in known.left if (stray := _moved(one.stray, found))]
    left += [Left(stray, _UNSURE) for stray in found.unsure]
    hindered = [(stray, grid.hindrance(stray.row, stray.column)) for stray in found.repairs]
    left += [Left(stray, reason) for stray, reason in hindered if reason]
    header = found.place(step.header_row, 0) or (step.header_row, 0)
    repairs = [stray for stray, reason in hindered if not reason]
    return _Found(header[0], [spot and found.place(*spot) for spot in known.spots], repairs, left)


def _moved(stray: Stray, found: Landing) -> Stray | None:
    place = found.place(stray.row, stray.column)
    return place and stray._replace(row=place[0], column=place[1])


def _cells(strays: Sequence[Stray]) -> TabEntries:
    cells: dict[int, dict[int, Entry]] = {}
    for stray in strays:
        cells.setdefault(stray.row, {})[stray.column] = stray.belongs
    return cells


def _has_formulas(cells: TabEntries) -> bool:
    return any(isinstance(cell, Formula) for of in cells.values() for cell in of.values())
