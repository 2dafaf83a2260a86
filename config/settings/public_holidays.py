"""The public holidays of a country or a part of it. The only module that imports `holidays`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import holidays

from fivestep.process.wording.spelling import did_you_mean


def public_holidays(code: str, years: Iterable[int]) -> frozenset[dt.date]:
    """The public holidays of these years, for a code such as `DE` or `DE-BE`.

    Raises ValueError, which says what is known instead, for a code of no country or part of one.
    """
    country, _, part = (piece.strip() for piece in code.partition("-"))
    try:
        return frozenset(holidays.country_holidays(country.upper(), part or None, years=years))
    except NotImplementedError:
        raise ValueError(_expected(country.upper(), part)) from None


def _expected(country: str, part: str) -> str:
    known = holidays.list_supported_countries()
    if country not in known:
        return f"must be a country's two letters, alone or with a part of it: DE, DE-BE{did_you_mean(country, known)}"
    if not known[country]:
        return f"must be {country} alone: its public holidays are the same everywhere"
    parts = ", ".join(known[country])
    return f"must be {country}, or {country} and one of its parts ({parts}){did_you_mean(part, known[country])}"
