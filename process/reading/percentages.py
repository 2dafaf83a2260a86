"""Percentages: `40%`, `40 %`, 0.4 and 40."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fivestep.process.reading.cells import CellFault, Filled
from fivestep.process.reading.numbers import finite, read_number

_FIX = "Type a percentage such as 40%"
_NOT_A_PERCENTAGE = CellFault("cell.percent", "is not a percentage", _FIX)
_OUT_OF_RANGE = CellFault("cell.percent", "is not between 0% and 100%", _FIX)
_IN_DOUBT = CellFault("cell.percent", "can be read in two ways, as other cells of the column are above 1", _FIX)
_A_WORD = CellFault("cell.percent", "is a word, not a percentage", _FIX, "warning")


def share_reader(cells: Collection[Filled]) -> Callable[[Filled], float | CellFault]:
    """The reader of a column of percentages, of which these are the cells: it gives 0.4 for 40 %.

    Numbers without a sign are shares of 1 where none is above 1; else they are percentages, and those between
    0 and 1 are in doubt.
    """
    bare = [number for cell in cells if (number := _number(cell, "")) is not None]
    in_percent = any(number > 1 for number in bare)

    def read(cell: Filled) -> float | CellFault:
        number = _number(cell, "")
        if number is None:
            return _with_sign(cell)
        if in_percent and 0 < number < 1:
            return _IN_DOUBT
        return _checked(number / 100 if in_percent else number)

    return read


def _with_sign(cell: Filled) -> float | CellFault:
    if isinstance(cell, str) and not any(map(str.isdecimal, cell)):
        return _A_WORD
    number = _number(cell, "%")
    return _NOT_A_PERCENTAGE if number is None else _checked(number / 100)


def _number(cell: Filled, sign: str) -> float | None:
    """The number beside a percent sign; None where anything else stands there.

    A mark in it is decimal: nobody has thousands of percent.
    """
    if not isinstance(cell, str):
        return None if sign else finite(cell)
    written = read_number(cell)
    if written is None or (written.before + written.after).replace("٪", "%") != sign:
        return None
    number = written.number
    return number.value if number.otherwise is None else number.otherwise


def _checked(share: float) -> float | CellFault:
    return share if 0 <= share <= 1 else _OUT_OF_RANGE
