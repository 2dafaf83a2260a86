"""Numbers as people write them: with points, commas, spaces or apostrophes among the digits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from fivestep.process.reading.cells import DecimalMark, Filled, narrow

_LONGEST = 60
_SHAPE = re.compile(
    r"(?P<before>\D*?)(?P<digits>(?:(?<![^\W\d_])(?<!/)[.,])?\d(?:[\d.,' ]*\d)?)(?:[.,]-{1,2}|/[-=])?(?P<after>\D*)",
    re.ASCII,
)
_MARK = re.compile(r"[.,' ]")
_BY_THREES = re.compile(r"\d{1,3}(?:([.,' ])\d{3}(?:\1\d{3})*)?", re.ASCII)
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}", re.ASCII)


class Number(NamedTuple):
    """A number as it was written."""

    value: float
    """Where there is a doubt: the number if the mark groups thousands."""
    mark: str
    """The decimal mark that the number gives away, or may have; empty where it says nothing about it."""
    otherwise: float | None = None
    """Where a lone mark stands before three digits, as in `12.500`: the number if it is the decimal mark."""

    def under(self, decimal: DecimalMark | None) -> float:
        """The number where this is the decimal mark.

        Money has two decimals: where no mark is known, three digits after a mark are thousands.
        """
        return self.otherwise if self.otherwise is not None and self.mark == decimal else self.value


class WrittenNumber(NamedTuple):
    """A number, and what stands around it without spaces."""

    before: str
    number: Number
    after: str


def read_number(text: str) -> WrittenNumber | None:
    """The one number in the text; None where there is none, several, or wrong grouping.

    The Swiss and German `500.-` and `500,--` are 500, and so are the Indian `500/-` and the Kenyan `500/=`.
    """
    match = _SHAPE.fullmatch(narrow(text).replace("’", "'")) if len(text) <= _LONGEST else None
    number = _number(match["digits"]) if match else None
    if match is None or number is None:
        return None
    return WrittenNumber(match["before"].replace(" ", ""), number, match["after"].replace(" ", ""))


def decimal_mark(numbers: Iterable[Number]) -> DecimalMark | None:
    """The decimal mark that these numbers show; None where they show none, or contradict each other."""
    marks = {number.mark for number in numbers if number.otherwise is None} - {""}
    if len(marks) != 1:
        return None
    return "." if "." in marks else ","


def finite(cell: Filled) -> float | None:
    """The number that a cell holds; None where it holds none, or one beyond all bounds."""
    if not isinstance(cell, int | float):
        return None
    try:
        number = float(cell)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _number(digits: str) -> Number | None:
    marks = _MARK.findall(digits)
    if not marks:
        return Number(float(digits), "")
    last = marks[-1]
    if last in "' " or last in marks[:-1]:
        return _whole(digits, last)
    whole, _, fraction = digits.rpartition(last)
    if len(marks) > 1 and not (_BY_THREES.fullmatch(whole) or (last == "." and _INDIAN.fullmatch(whole))):
        return None
    decimal = float(f"{_MARK.sub('', whole)}.{fraction}")
    if len(marks) == 1 and len(fraction) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0":
        return Number(float(whole + fraction), last, decimal)
    return Number(decimal, last)


def _whole(digits: str, mark: str) -> Number | None:
    """A number without decimals: `1,234,567`, `12'500`, and in India `12,34,567`."""
    if not (_BY_THREES.fullmatch(digits) or _INDIAN.fullmatch(digits)):
        return None
    return Number(float(_MARK.sub("", digits)), {",": ".", ".": ","}.get(mark, ""))
