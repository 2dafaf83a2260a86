"""What one text says about a day, before its column tells what is meant."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import NamedTuple

from fivestep.process.reading.cells import CellFault, DateOrder, narrow
from fivestep.process.wording.vocabulary import Words, plain

EPOCH = dt.date(1899, 12, 30)
FIRST, LAST = dt.date(1950, 1, 1), dt.date(2150, 12, 31)
_FIRST_SERIAL, _LAST_SERIAL = (FIRST - EPOCH).days, (LAST - EPOCH).days + 1
_LONGEST = 80

FIX = "Type the day as year-month-day, such as 2025-04-03"
NOT_A_DATE = CellFault("cell.date", "is not a date", FIX)
_NO_DAY = CellFault("cell.date", "does not name one day of one year", FIX)

NO_DATES = frozenset(
    {EPOCH, dt.date(1899, 12, 31), dt.date(1900, 1, 1), dt.date(1904, 1, 1)}
    | {dt.date(1, 1, 1), dt.date(1601, 1, 1), dt.date(1753, 1, 1), dt.date(1970, 1, 1)}
)
"""The days that programs put where there is none: a spreadsheet's zero; the first of .NET, Windows, SQL and Unix."""

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"[T,\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?\s*(?:(?P<half>[ap])\.?\s?m\.?)?"
    r"\s*(?P<utc>\(?(?:Z|UTC|GMT)\)?)?\s*(?:(?P<ahead>[+-]\d{1,2}?)(?::?(?P<beside>\d\d))?)?"
    r"(?:\s*\([^)]*\)|\s*\[[^\]]*\]|\s(?P<clock>[A-Z]{2,5}))?$",
    re.ASCII | re.IGNORECASE,
)
_CLOCKS = {
    "EST": -5, "EDT": -4, "CDT": -5, "MDT": -6, "PST": -8, "PDT": -7, "WEST": 1, "CET": 1, "CEST": 2, "MEZ": 1,
    "MESZ": 2, "EET": 2, "EEST": 3, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
}  # fmt: skip
"""Hours ahead of UTC of the clocks whose short name is nowhere another's."""

_YEAR_FIRST = re.compile(r"(\d{4}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{1,2})\.?", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2}) ?([./-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d\d)\.?", re.ASCII)
_CJK = re.compile(r"(\d{4}) ?[年년] ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]?(?: ?\(?\w{1,3}\)?)?")
_ERA = re.compile(
    r"([RHS]|令和|平成|昭和)\.? ?(\d{1,2}|元) ?[./年-] ?(\d{1,2}) ?[./月-] ?(\d{1,2}) ?日?", re.IGNORECASE
)
_ERAS = {"R": 2018, "令和": 2018, "H": 1988, "平成": 1988, "S": 1925, "昭和": 1925}
"""The year before each Japanese era's first."""
_LETTER_FIRST = re.compile(r"[A-Z]\.? ?\d", re.ASCII | re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_COMPACT = re.compile(r"(19|20|21)\d{6}", re.ASCII)
_ZEROS = re.compile(
    r"0+(?:[.,]0+|(?P<sign>[./-])0+(?P=sign)0+\.?)?|(?:00?:00(?::00)?|12:00(?::00)? ?am)", re.ASCII | re.IGNORECASE
)
_DAY_ZERO = re.compile(
    r"0?1(?P<a>[./-])0?0(?P=a)(?:19)?00|0?0(?P<b>[./-])0?1(?P=b)(?:19)?00|1900(?P<c>[./-])0?1(?P=c)0?0", re.ASCII
)
_WORD = re.compile(r"[^\W\d_]+")
_EDGE_OF_DIGITS = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")


class TwoNumbers(NamedTuple):
    """A date of which one number is the day and one is the month."""

    first: int
    second: int
    year: int
    sign: str
    """What stands between the numbers."""
    short: bool
    """The year has two digits only."""
    year_first: dt.date | None
    """The day if the first number is the year, where first and last have two digits and there is such a day."""

    @property
    def dotted(self) -> bool:
        """Whether points stand between the numbers."""
        return self.sign == "."

    def read(self, order: DateOrder) -> dt.date | None:
        """The date in this order; None where there is no such day."""
        if order == "year-month-day":
            return self.year_first
        day, month = (self.first, self.second) if order == "day-month" else (self.second, self.first)
        return _date(self.year, month, day)

    @property
    def gives_away(self) -> DateOrder | None:
        """The only order in which there is such a day; None where both orders make one, or neither."""
        day_first, month_first = self.read("day-month"), self.read("month-day")
        if (day_first is None) == (month_first is None):
            return None
        return "month-day" if day_first is None else "day-month"


class Stamp(NamedTuple):
    """A day with a time of which the text says how far from UTC its clock goes."""

    day: dt.date | TwoNumbers
    time: dt.time

    @property
    def midnight(self) -> bool:
        """Whether it is the very beginning of the day, as where a program keeps days as stamps."""
        return self.time.replace(tzinfo=None) == dt.time()

    def day_in(self, zone: dt.tzinfo, day: dt.date) -> dt.date:
        """The day that it is in this time zone, where on the stamp's own clock it is this day."""
        return dt.datetime.combine(day, self.time).astimezone(zone).date()


def date_text(text: str, words: Words) -> dt.date | TwoNumbers | Stamp | CellFault:
    """A date as far as the text alone tells; one of `NO_DATES` where a program says that there is none."""
    if match := _ISO.fullmatch(text):
        return _day(match[1], match[2], match[3])
    if len(text) > _LONGEST:
        return NOT_A_DATE
    text = narrow(text)
    timed = _TIME.search(text)
    day = _without_time((text[: timed.start()] if timed else text).strip(), words)
    time = _own_time(timed) if timed else None
    return Stamp(day, time) if time is not None and not isinstance(day, CellFault) else day


def leads_with_year(text: str) -> bool:
    """Whether the text is a date that begins with all four digits of its year."""
    return _YEAR_FIRST.match(text) is not None


def from_serial(number: float) -> dt.date | CellFault:
    """The day of a spreadsheet's serial number, counted from the end of 1899.

    Zero gives one of `NO_DATES`.

    A number such as 20250403 is a date that lost its shape on the way.
    """
    if number == 0:
        return EPOCH
    if _FIRST_SERIAL <= number <= _LAST_SERIAL:
        return EPOCH + dt.timedelta(days=math.floor(number))
    if 19_000_000 < number < 22_000_000 and number == int(number):
        return _compact(str(int(number)))
    return NOT_A_DATE


def _without_time(text: str, words: Words) -> dt.date | TwoNumbers | CellFault:
    if _ZEROS.fullmatch(text) or _DAY_ZERO.fullmatch(text):
        return EPOCH
    if _SERIAL.fullmatch(text):
        return from_serial(float(text))
    if _COMPACT.fullmatch(text):
        return _compact(text)
    if match := _ERA.fullmatch(text):
        year = _ERAS[match[1].upper()] + (1 if match[2] == "元" else int(match[2]))
        return _day(year, match[3], match[4])
    if _LETTER_FIRST.match(text):  # the calendar of an era, but none that is known here
        return NOT_A_DATE
    return _in_numbers(text) or _in_words(text, words)


def _in_numbers(text: str) -> dt.date | TwoNumbers | CellFault | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(match[1], match[3], match[4])
    if match := _CJK.fullmatch(text):
        return _day(match[1], match[2], match[3])
    if match := _YEAR_LAST.fullmatch(text):
        first, sign, second, last = match.groups()
        two_each = len(first) == len(last) == 2
        year_first = _date(_year(first), int(second), int(last)) if two_each else None
        return TwoNumbers(int(first), int(second), _year(last), sign, len(last) == 2, year_first)
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
    if int(day) == 0 and month == 1 and year in {"00", "1900"}:
        return EPOCH
    return _day(_year(year), month, day)


def _own_time(timed: re.Match[str]) -> dt.time | None:
    """The time with its distance from UTC; None where the text has none, or none that exists."""
    clock = _CLOCKS.get((timed["clock"] or "").upper())
    if not timed["utc"] and not timed["ahead"] and clock is None:
        return None
    hour = int(timed["hour"])
    if timed["half"]:
        hour = hour % 12 + (12 if timed["half"] in "pP" else 0)
    hours, minutes = timed["ahead"] or f"{clock or 0:+}", int(timed["beside"] or 0)
    ahead = dt.timedelta(hours=int(hours), minutes=-minutes if hours[0] == "-" else minutes)
    try:
        return dt.time(hour, int(timed["minute"]), int(timed["second"] or 0), tzinfo=dt.timezone(ahead))
    except ValueError:
        return None


def _year(digits: str) -> int:
    """Two digits mean 1980 to 2049, as in a spreadsheet's own reading of them; 0, which no year is, for 50 to 79.

    Those would be half a lifetime from today. They rather are another calendar's: 69 is 2026 in Thailand.
    """
    year = int(digits)
    return year if len(digits) == 4 else year + 2000 if year < 50 else year + 1900 if year >= 80 else 0


def _compact(digits: str) -> dt.date | CellFault:
    return _day(digits[:4], digits[4:6], digits[6:])


def _day(year: str | int, month: str | int, day: str | int) -> dt.date | CellFault:
    if int(year) == 0 and int(month) == 0 and int(day) == 0:
        return EPOCH
    if int(year) == 1900 and int(month) == 1 and int(day) == 0:
        return EPOCH
    return _date(int(year), int(month), int(day)) or NOT_A_DATE


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
