"""The public holidays of a country or a part of it. The only module that imports `holidays`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import holidays

from fivestep.process.wording.spelling import did_you_mean


class PartialHoliday(NamedTuple):
    """A day that is free in some parts of a country only."""

    day: dt.date
    name: str
    parts: Sequence[str]
    """Where it is free; the codes of the parts, in order."""
    counts: bool
    """Whether the calendar of the whole country has it."""


def public_holidays(code: str, years: Iterable[int]) -> frozenset[dt.date]:
    """The public holidays of these years, for a code such as `DE` or `DE-BE`.

    Raises ValueError, which says what is known instead, for a code of no country or part of one.
    """
    country, part = _split(code)
    try:
        return frozenset(holidays.country_holidays(country, part or None, years=years))
    except NotImplementedError:
        raise ValueError(_expected(country, part)) from None


def parts_of(code: str) -> Sequence[str]:
    """The parts that a country's calendar can be had for; none where the code names one already."""
    country, part = _split(code)
    return () if part else tuple(holidays.country_holidays(country).subdivisions)


def partial_holidays(code: str, years: Iterable[int]) -> list[PartialHoliday]:
    """The days of these years that are free in some parts of a country only, in order.

    There are none for a code that names a part.
    """
    country, parts, years = _split(code)[0], parts_of(code), tuple(years)
    whole = holidays.country_holidays(country, years=years)
    calendars = {part: holidays.country_holidays(country, part, years=years) for part in parts}
    found = []
    for day in sorted({*whole, *(day for calendar in calendars.values() for day in calendar)}):
        free = [part for part in parts if day in calendars[part]]
        if 0 < len(free) < len(parts):
            name = (whole if day in whole else calendars[free[0]])[day]
            found.append(PartialHoliday(day, name, free, counts=day in whole))
    return found


def _split(code: str) -> tuple[str, str]:
    """The country and the part of it, if there is one."""
    country, _, part = (piece.strip() for piece in code.partition("-"))
    return country.upper(), part


def _expected(country: str, part: str) -> str:
    known = holidays.list_supported_countries()
    if country not in known:
        return f"must be a country's two letters, alone or with a part of it: DE, DE-BE{did_you_mean(country, known)}"
    if not known[country]:
        return f"must be {country} alone: its public holidays are the same everywhere"
    parts = ", ".join(known[country])
    return f"must be {country}, or {country} and one of its parts ({parts}){did_you_mean(part, known[country])}"
