"""Dates as people write them, and the order of day and month, which is never guessed cell by cell."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from fivestep.process.reading.cells import CellFault, DateOrder, Filled, Reading, narrow
from fivestep.process.wording.show import MONTHS
from fivestep.process.wording.vocabulary import Words, plain

_EPOCH = dt.date(1899, 12, 30)
_FIRST, _LAST = dt.date(1950, 1, 1), dt.date(2150, 12, 31)
_FIRST_SERIAL, _LAST_SERIAL = (_FIRST - _EPOCH).days, (_LAST - _EPOCH).days + 1
_LONGEST = 80
_FIX = "Type the day as year-month-day, such as 2025-04-03"

NOT_A_DATE = CellFault("cell.date", "is not a date", _FIX)
_NO_DAY = CellFault("cell.date", "does not name one day of one year", _FIX)
_FAR_OFF = CellFault("cell.date", f"is not between {_FIRST.year} and {_LAST.year}", _FIX)

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_TIME = re.compile(
    r"[T,\s]\s*\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\s*(?:[ap]\.?\s?m\.?)?\s*(?:Z|UTC|GMT)?\s*(?:[+-]\d\d:?\d\d)?"
    r"(?:\s*\([^)]*\)|\s[A-Z]{2,5})?$",
    re.ASCII | re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"(\d{4}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{1,2})\.?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d\d)\.?", re.ASCII)
_CJK = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]?(?: ?\(?\w{1,3}\)?)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_COMPACT = re.compile(r"(19|20|21)\d{6}", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+")
_EDGE_OF_DIGITS = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")


class TwoNumbers(NamedTuple):
    """A date of which one number is the day and one is the month."""

    first: int
    second: int
    year: int
    dotted: bool

    def read(self, order: DateOrder) -> dt.date | None:
        """The date in this order; None where there is no such day."""
        day, month = (self.first, self.second) if order == "day-month" else (self.second, self.first)
        return _date(self.year, month, day)

    @property
    def gives_away(self) -> DateOrder | None:
        """The only order in which there is such a day; None where both orders make one, or neither."""
        day_first, month_first = self.read("day-month"), self.read("month-day")
        if (day_first is None) == (month_first is None):
            return None
        return "month-day" if day_first is None else "day-month"


def date_reader(cells: Collection[Filled], reading: Reading) -> Callable[[Filled], dt.date | CellFault | None]:
    """The reader of a column of dates, of which these are the cells. A time of day is dropped: the day counts.

    `3/4/2025` depends on the order of the settings, or else on that of the other cells; without either it is a fault.
    Dotted dates are a custom of those who put the day first, and taken so unless other dotted cells say otherwise.
    Five digits are a serial number, as a sheet exports it. Zero is blank: it is what a reference to a blank cell shows.
    """
    pairs = two_numbers((cell for cell in cells if isinstance(cell, str)), reading.words)
    order = reading.date_order or written_order(pair for pair in pairs if not pair.dotted)
    dotted = [pair for pair in pairs if pair.dotted]
    silent = not any(pair.gives_away for pair in dotted)
    dotted_order = reading.date_order or ("day-month" if silent else written_order(dotted))

    def read(cell: Filled) -> dt.date | CellFault | None:
        found = _text(cell, reading.words) if isinstance(cell, str) else _value(cell)
        if isinstance(found, TwoNumbers):
            found = _resolved(found, dotted_order if found.dotted else order)
        if isinstance(found, dt.date) and not _FIRST <= found <= _LAST:
            return _FAR_OFF
        return found

    return read


def written_order(pairs: Iterable[TwoNumbers]) -> DateOrder | None:
    """The order that these dates give away; None where they give none away, or contradict each other."""
    orders = {pair.gives_away for pair in pairs} - {None}
    return orders.pop() if len(orders) == 1 else None


def two_numbers(texts: Iterable[str], words: Words) -> list[TwoNumbers]:
    """Those of the texts whose date depends on the order of day and month."""
    return [pair for text in texts if isinstance(pair := _text(text, words), TwoNumbers)]


def from_serial(number: float) -> dt.date | CellFault | None:
    """The day of a spreadsheet's serial number, which counts from the end of 1899; None for zero.

    A number such as 20250403 is a date that lost its shape on the way.
    """
    if number == 0:
        return None
    if _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return _EPOCH + dt.timedelta(days=math.floor(number))
    if 19_000_000 < number < 22_000_000 and number == int(number):
        return _compact(str(int(number)))
    return NOT_A_DATE


def _value(cell: Filled) -> dt.date | CellFault | None:
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date):
        # A sheet shows the serial number 0 as the last day but one, or the last, of 1899.
        return None if _EPOCH <= cell <= dt.date(1900, 1, 1) else cell
    if isinstance(cell, int | float):
        return from_serial(cell)
    return None if cell == dt.time() else NOT_A_DATE


def _text(text: str, words: Words) -> dt.date | TwoNumbers | CellFault | None:
    """A date as far as the text alone tells."""
    if match := _ISO.fullmatch(text):
        return _date(int(match[1]), int(match[2]), int(match[3])) or NOT_A_DATE
    if len(text) > _LONGEST:
        return NOT_A_DATE
    text = _TIME.sub("", narrow(text)).strip()
    if _SERIAL.fullmatch(text):
        return from_serial(float(text))
    if _COMPACT.fullmatch(text):
        return _compact(text)
    return _in_numbers(text) or _in_words(text, words)


def _in_numbers(text: str) -> dt.date | TwoNumbers | CellFault | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return _date(int(match[1]), int(match[3]), int(match[4])) or NOT_A_DATE
    if match := _CJK.fullmatch(text):
        return _date(int(match[1]), int(match[2]), int(match[3])) or NOT_A_DATE
    if match := _YEAR_LAST.fullmatch(text):
        return TwoNumbers(int(match[1]), int(match[3]), _year(match[4]), match[2] == ".")
    return None


def _in_words(text: str, words: Words) -> dt.date | TwoNumbers | CellFault:
    """A date with the month's name, or with words around it that say nothing, such as the day of the week."""
    tokens = [t for t in plain(_EDGE_OF_DIGITS.sub(" ", text)).split() if t not in words.date_words]
    numbers = [token for token in tokens if token.isdecimal()]
    named = " ".join(token for token in tokens if not token.isdecimal())
    if not named:
        bare = _WORD.sub("", text).strip(" .,()")
        return (bare != text and _in_numbers(bare)) or NOT_A_DATE
    month = words.months.get(named)
    if month is None:
        return NOT_A_DATE
    if len(numbers) != 2:
        return _NO_DAY
    day, year = reversed(numbers) if len(numbers[0]) == 4 else numbers
    if len(day) > 2 or len(year) not in {2, 4}:
        return NOT_A_DATE
    return _date(_year(year), month, int(day)) or NOT_A_DATE


def _resolved(pair: TwoNumbers, order: DateOrder | None) -> dt.date | CellFault:
    day_first, month_first = pair.read("day-month"), pair.read("month-day")
    if day_first is None or month_first is None or day_first == month_first:
        return day_first or month_first or NOT_A_DATE
    if order is None:
        return CellFault(
            "cell.date",
            f"is {_day(day_first)} or {_day(month_first)}, and nothing in the column tells which",
            f'Set date_order = "day-month" or "month-day" under [pipeline], or type {day_first} or {month_first}',
        )
    return day_first if order == "day-month" else month_first


def _day(date: dt.date) -> str:
    return f"{date.day} {MONTHS[date.month - 1]}"


def _year(digits: str) -> int:
    """Two digits mean 1980 to 2079, as in a spreadsheet's own reading of them."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 80 else 1900)


def _compact(digits: str) -> dt.date | CellFault:
    return _date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) or NOT_A_DATE


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
