"""Columns of dates: the order of day, month and year, which is never guessed cell by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from fivestep.process.reading.cells import CellFault, DateOrder, Filled, Reading
from fivestep.process.reading.date_texts import (
    EPOCH,
    FIRST,
    FIX,
    LAST,
    NO_DATES,
    NOT_A_DATE,
    Stamp,
    TwoNumbers,
    date_text,
    from_serial,
    leads_with_year,
)
from fivestep.process.wording.show import MONTHS
from fivestep.process.wording.vocabulary import Words

_FAR_OFF = CellFault("cell.date", f"is not between {FIRST.year} and {LAST.year}", FIX)
_WAYS: tuple[DateOrder, ...] = ("day-month", "month-day", "year-month-day")
_NEAR = 5
"""Years from today: beyond them a year of two digits rather is a day."""


def date_reader(cells: Collection[Filled], reading: Reading) -> Callable[[Filled], dt.date | CellFault | None]:
    """The reader of a column of dates, given its cells; times of day are dropped.

    `3/4/2025` depends on the order of the settings, or else on that of the other cells; without either it is a fault.
    Dotted dates are a custom of those who put the day first, and taken so unless other dotted cells say otherwise.
    `27-01-15` may begin with the year or end with it: see `_years_lead`. A stamp that names its clock is the day in the
    team's time zone, unless all of the column are midnights: then a program keeps days so. Five digits are a serial
    number, as a sheet exports it. What stands for no date in an export, such as 0 or 0000-00-00, is blank.
    """
    texts = [cell for cell in cells if isinstance(cell, str)]
    found = [date_text(text, reading.words) for text in texts]
    stamps = [one for one in found if isinstance(one, Stamp)]
    zone = None if all(stamp.midnight for stamp in stamps) else reading.zone
    pairs = _pairs(found)
    years_lead = _years_lead(pairs, any(map(leads_with_year, texts)), reading)
    if years_lead is False:
        pairs = [pair._replace(year_first=None) for pair in pairs]
    told = None if reading.date_order == "year-month-day" else reading.date_order
    order = told or written_order(pair for pair in pairs if not pair.dotted)
    dotted = [pair for pair in pairs if pair.dotted]
    silent = not any(pair.gives_away for pair in dotted)
    dotted_order = told or ("day-month" if silent else written_order(dotted))

    def resolved(day: dt.date | TwoNumbers | CellFault) -> dt.date | CellFault | None:
        if isinstance(day, TwoNumbers):
            day = _resolved(day, told, dotted_order if day.dotted else order, years_lead)
        if day in NO_DATES:
            return None
        return _FAR_OFF if isinstance(day, dt.date) and not FIRST <= day <= LAST else day

    def read(cell: Filled) -> dt.date | CellFault | None:
        said = date_text(cell, reading.words) if isinstance(cell, str) else _value(cell)
        if not isinstance(said, Stamp):
            return resolved(said)
        day = resolved(said.day)
        return said.day_in(zone, day) if zone is not None and isinstance(day, dt.date) else day

    return read


def written_order(pairs: Iterable[TwoNumbers]) -> DateOrder | None:
    """The order that these dates give away; None where they give none away, or contradict each other.

    One such as `27-01-15` gives nothing away, as it may begin with the year.
    """
    orders = {pair.gives_away for pair in pairs if pair.sign != "-" or pair.year_first is None} - {None}
    return orders.pop() if len(orders) == 1 else None


def two_numbers(texts: Iterable[str], words: Words) -> list[TwoNumbers]:
    """Those of the texts whose date depends on the order of day and month."""
    return _pairs(date_text(text, words) for text in texts)


def _pairs(found: Iterable[dt.date | TwoNumbers | Stamp | CellFault]) -> list[TwoNumbers]:
    days = (one.day if isinstance(one, Stamp) else one for one in found)
    return [day for day in days if isinstance(day, TwoNumbers)]


def _years_lead(pairs: Sequence[TwoNumbers], whole_years_lead: bool, reading: Reading) -> bool | None:
    """Whether the dates of three times two digits begin with the year; None where nothing tells.

    The settings tell; a cell that makes no day in one of the ways; other dates of the column, with all four digits of
    the year in front; and that the years of only one way are near today. Where both ways make sense, year first is
    possible among hyphens only, as in ISO 8601; with points and strokes it is no custom, and in doubt only where the
    custom makes no sense.
    """
    short = [pair for pair in pairs if pair.short]
    if not short or any(pair.year_first is None for pair in short):
        return False
    hyphens = all(pair.sign == "-" for pair in short)
    if reading.date_order is not None:
        as_told = all(pair.read(reading.date_order) for pair in short)
        return reading.date_order == "year-month-day" or (False if as_told or not hyphens else None)
    if any(pair.read("day-month") is None and pair.read("month-day") is None for pair in short):
        return True
    if hyphens and any(pair.sign == "-" and not pair.short for pair in pairs):
        return False
    if hyphens and whole_years_lead:
        return True
    first_fits = all(_is_near(pair.year_first, reading.today) for pair in short)
    last_fits = all(_is_near(dt.date(pair.year, 1, 1), reading.today) for pair in short)
    if first_fits != last_fits:
        return (True if hyphens else None) if first_fits else False
    return None if hyphens else False


def _is_near(day: dt.date | None, today: dt.date | None) -> bool:
    return day is not None and (today is None or abs(day.year - today.year) <= _NEAR)


def _value(cell: Filled) -> dt.date | CellFault:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float):
        return from_serial(cell)
    return EPOCH if cell == dt.time() else NOT_A_DATE


def _resolved(
    pair: TwoNumbers, told: DateOrder | None, order: DateOrder | None, years_lead: bool | None
) -> dt.date | CellFault:
    """The day by the order that is told, else by that of the column; a fault where two remain."""
    ways = {way: day for way in _WAYS if (day := pair.read(way)) is not None}
    if told in ways:
        return ways[told]
    if years_lead and "year-month-day" in ways:
        return ways["year-month-day"]
    if years_lead is False:
        ways.pop("year-month-day", None)
    if order in ways:
        ways = {way: day for way, day in ways.items() if way in {order, "year-month-day"}}
    days = dict.fromkeys(ways.values())
    return _in_doubt(ways) if len(days) > 1 else next(iter(days), NOT_A_DATE)


def _in_doubt(ways: Mapping[DateOrder, dt.date]) -> CellFault:
    days = list(dict.fromkeys(ways.values()))
    same_year = len({day.year for day in days}) == 1
    said = " or ".join(f"{day.day} {MONTHS[day.month - 1]}" + ("" if same_year else f" {day.year}") for day in days)
    orders = " or ".join(f'"{way}"' for way in ways)
    return CellFault(
        "cell.date",
        f"is {said}, and nothing in the column tells which",
        f"Set date_order = {orders} under [pipeline], or type {' or '.join(map(str, days))}",
    )
