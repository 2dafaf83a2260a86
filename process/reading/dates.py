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
_FIRST_STAMP = dt.date(1800, 1, 1)
_NEAR = 5
"""Years from today: beyond them a year of two digits rather is a day."""


def date_reader(cells: Collection[Filled], reading: Reading) -> Callable[[Filled], dt.date | CellFault | None]:
    """The reader of a column of dates, given its cells; times of day are dropped.

    `3/4/2025` depends on the order of the settings, or else on that of the other cells; without either it is a fault.
    Dotted dates are a custom of those who put the day first, and taken so unless other dotted cells say otherwise.
    `27-01-15` may begin with the year or end with it: see `_years_lead`. A stamp that names its clock is the day in the
    team's time zone, unless all of the column are midnights: then a program keeps days so. Five digits are a serial
    number, as a sheet exports it. What stands for no date in an export, such as 0 or 0000-00-00, is blank, also where
    a program's own clock has moved it by some hours.
    """
    texts = [cell for cell in cells if isinstance(cell, str)]
    found = [date_text(text, reading.words) for text in texts]
    stamps = [one for one in found if isinstance(one, Stamp)]
    zone = None if all(stamp.midnight for stamp in stamps) else reading.zone
    pairs = _pairs(found)
    year_leads = _leads_by_sign(pairs, any(map(leads_with_year, texts)), reading)
    pairs = _without_year_first(pairs, year_leads)
    told = None if reading.date_order == "year-month-day" else reading.date_order
    order = told or written_order(pair for pair in pairs if not pair.dotted)
    dotted = [pair for pair in pairs if pair.dotted]
    silent = not any(pair.gives_away for pair in dotted)
    dotted_order = told or ("day-month" if silent else written_order(dotted))

    def settled(day: dt.date | TwoNumbers | CellFault) -> dt.date | CellFault:
        if isinstance(day, TwoNumbers):
            return _resolved(day, told, dotted_order if day.dotted else order, year_leads[day.sign], reading.today)
        return day

    def read(cell: Filled) -> dt.date | CellFault | None:
        said = date_text(cell, reading.words) if isinstance(cell, str) else _value(cell)
        day = settled(said.day if isinstance(said, Stamp) else said)
        if isinstance(said, Stamp) and zone is not None and isinstance(day, dt.date) and _FIRST_STAMP <= day <= LAST:
            nowhere = day in NO_DATES or said.day_in(dt.UTC, day) in NO_DATES
            day = EPOCH if nowhere else said.day_in(zone, day)
        if day in NO_DATES:
            return None
        return _FAR_OFF if isinstance(day, dt.date) and not FIRST <= day <= LAST else day

    return read


def written_order(pairs: Iterable[TwoNumbers]) -> DateOrder | None:
    """The order that these dates give away; None where they give none away, or contradict each other.

    One such as `27-01-15` gives nothing away, as it may begin with the year.
    """
    orders = {pair.gives_away for pair in pairs if pair.sign != "-" or pair.year_first is None} - {None}
    return orders.pop() if len(orders) == 1 else None


def column_order(texts: Sequence[str], words: Words, today: dt.date | None) -> DateOrder | None:
    """The order that a column of these dates gives away, as `date_reader` reads them.

    Dotted ones tell years only.
    """
    pairs = two_numbers(texts, words)
    leads = _leads_by_sign(pairs, any(map(leads_with_year, texts)), Reading(words, today=today))
    if True in leads.values():
        return "year-month-day"
    return written_order(pair for pair in _without_year_first(pairs, leads) if not pair.dotted)


def two_numbers(texts: Iterable[str], words: Words) -> list[TwoNumbers]:
    """Those of the texts whose date depends on the order of day and month."""
    return _pairs(date_text(text, words) for text in texts)


def _pairs(found: Iterable[dt.date | TwoNumbers | Stamp | CellFault]) -> list[TwoNumbers]:
    days = (one.day if isinstance(one, Stamp) else one for one in found)
    return [day for day in days if isinstance(day, TwoNumbers)]


def _leads_by_sign(pairs: Sequence[TwoNumbers], whole_years_lead: bool, reading: Reading) -> dict[str, bool | None]:
    """`_years_lead` by the sign between the numbers: `1/12/26` tells nothing about another's `26-12-01`."""
    dashed = _years_lead([pair for pair in pairs if pair.sign == "-"], whole_years_lead, reading)
    others = _years_lead([pair for pair in pairs if pair.sign != "-"], whole_years_lead, reading)
    return {"-": dashed, ".": others, "/": others}


def _without_year_first(pairs: Iterable[TwoNumbers], leads: Mapping[str, bool | None]) -> list[TwoNumbers]:
    return [pair._replace(year_first=None) if leads[pair.sign] is False else pair for pair in pairs]


def _years_lead(pairs: Sequence[TwoNumbers], whole_years_lead: bool, reading: Reading) -> bool | None:
    """Whether the dates of three times two digits begin with the year; None where nothing tells.

    The settings tell, unless by their order all years are far from today, and none is if it leads. A cell that makes no
    day in one of the ways tells; other dates of the column, with all four digits of the year in front; and that the
    years of only one way are near today. Where both ways make sense, year first is possible among hyphens only, as in
    ISO 8601; with points and strokes it is no custom, and in doubt only where the custom makes no sense.
    """
    short = [pair for pair in pairs if pair.short]
    if not short or any(pair.year_first is None for pair in short):
        return False
    hyphens = all(pair.sign == "-" for pair in short)
    first_fits = all(_is_near(pair.year_first, reading.today) for pair in short)
    last_fits = all(_is_near(dt.date(pair.year, 1, 1), reading.today) for pair in short)
    years_stand_last = hyphens and any(pair.sign == "-" and not pair.short for pair in pairs)
    if reading.date_order is not None:
        as_told = all(pair.read(reading.date_order) for pair in short)
        in_doubt = first_fits and not last_fits and not years_stand_last if as_told else hyphens
        return reading.date_order == "year-month-day" or (None if in_doubt else False)
    if any(pair.read("day-month") is None and pair.read("month-day") is None for pair in short):
        return True
    if years_stand_last:
        return False
    if hyphens and whole_years_lead:
        return True
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
    pair: TwoNumbers,
    told: DateOrder | None,
    order: DateOrder | None,
    year_leads: bool | None,
    today: dt.date | None,
) -> dt.date | CellFault:
    """The day by the order that is told, else by that of the column; a fault where two remain.

    - `pair`: the numbers of the cell.
    - `told`: the order that the settings name; `order`: that of the column.
    - `year_leads`: whether the column's years stand in front; None where that is not known.
    - `today`: the day of the reading, if it is known: a day near it is likelier.
    """
    ways = {way: day for way in _WAYS if (day := pair.read(way)) is not None}
    if told in ways and (year_leads is not None or _is_near(ways[told], today) or not _is_near(pair.year_first, today)):
        return ways[told]
    if year_leads and "year-month-day" in ways:
        return ways["year-month-day"]
    if year_leads is False:
        ways.pop("year-month-day", None)
    if order in ways:
        ways = {way: day for way, day in ways.items() if way in {order, "year-month-day"}}
    days = dict.fromkeys(ways.values())
    return _in_doubt(ways, told, today) if len(days) > 1 else next(iter(days), NOT_A_DATE)


def _in_doubt(ways: Mapping[DateOrder, dt.date], told: DateOrder | None, today: dt.date | None) -> CellFault:
    """That it may be any of these days; an order that would make it one far from today is not offered."""
    days = list(dict.fromkeys(ways.values()))
    same_year = len({day.year for day in days}) == 1
    said = " or ".join(f"{day.day} {MONTHS[day.month - 1]}" + ("" if same_year else f" {day.year}") for day in days)
    near = {way: day for way, day in ways.items() if _is_near(day, today)} or ways
    orders = " or ".join(f'"{way}"' for way in near if way != told)
    typed = " or ".join(map(str, days))
    return CellFault(
        "cell.date",
        f"is {said}, and nothing in the column tells which",
        f"Type {typed}",
        or_settings=f"set date_order = {orders} under [pipeline]" if orders else "",
    )
