"""Until when somebody is away, as their automatic reply says."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from fivestep.process.mails.mail_words import MailWords, spoken

LONGEST_ABSENCE = dt.timedelta(days=200)
"""A day further ahead is no end of an absence, but a typing error or something else."""

_REACH = 60
"""How many letters before and behind a date are looked at."""


class _Named(NamedTuple):
    """A date in a text."""

    begin: int
    end: int
    year: int | None
    month: int
    day: int
    ends: bool = False
    """It is written as the end of a range of days: `16-27 Nov`."""


def away_until(text: str, written: dt.date, words: MailWords) -> dt.date | None:
    """The day they are back, or the last one away; None where the text is not unmistakable.

    `text` is subject and first words. A date counts where a word beside it says that the absence ends then; of several
    such dates the last one. `3/4` is two dates, and so is none.
    """
    text = spoken(text)
    days = [
        day
        for named in _named(text, words)
        if _ends_it(text, named, words)
        if (day := _resolved(named, written)) is not None
    ]
    return max(days, default=None)


def _ends_it(text: str, named: _Named, words: MailWords) -> bool:
    """Whether a word beside this date says that the absence ends then."""
    before = text[max(0, named.begin - _REACH) : named.begin]
    if words.until.search(before) or words.until_behind.match(text[named.end : named.end + _REACH]):
        return True
    return named.ends and words.automatic.search(before) is not None


def _resolved(named: _Named, written: dt.date) -> dt.date | None:
    """The date in its year: the next one where none is named. None where it is no day ahead, or too far."""
    years = (named.year,) if named.year else (written.year, written.year + 1)
    for year in years:
        try:
            day = dt.date(year if year > 99 else 2000 + year, named.month, named.day)
        except ValueError:
            continue
        if written < day <= written + LONGEST_ABSENCE:
            return day
    return None


def _named(text: str, words: MailWords) -> Iterator[_Named]:
    for found in _dates(tuple(words.months)).finditer(text):
        # A group's name has its place in the pattern behind it: `day1` to `day9`.
        parts = {name.rstrip("123456789"): value for name, value in found.groupdict().items() if value}
        if "one" in parts:
            month, day = _without_order(int(parts["one"]), int(parts["other"]))
        else:
            month, day = words.months.get(parts.get("name", "")) or int(parts.get("month", 0)), int(parts["day"])
        year = int(parts["year"]) if "year" in parts else None
        yield _Named(found.start(), found.end(), year, month, day, ends="from" in parts)


def _without_order(one: int, other: int) -> tuple[int, int]:
    """Month and day of `one/other`; no date where either order would do."""
    if one == other or (one <= 12 < other):
        return one, other
    return (other, one) if other <= 12 < one else (0, 0)


@functools.lru_cache(maxsize=4)
def _dates(months: tuple[str, ...]) -> re.Pattern[str]:
    """Dates as people write them."""
    name = "|".join(sorted((re.escape(month) for month in months if len(month) > 1), key=len, reverse=True))
    nth = r"st|nd|rd|th|\."
    ways = (
        r"(?<![\d-])(?P<year1>20\d\d)-(?P<month1>\d\d)-(?P<day1>\d\d)(?!\d)",
        r"(?:(?P<year2>20\d\d) ?[年년] ?)?(?<!\d)(?P<month2>\d{1,2}) ?[月월] ?(?P<day2>\d{1,2}) ?[日일]",
        r"(?<![\d.])(?P<day3>\d{1,2})\. ?(?P<month3>\d{1,2})\.(?: ?(?P<year3>20\d\d|\d\d)(?!\d))?",
        r"(?<![\d/])(?P<one>\d{1,2})/(?P<other>\d{1,2})(?:/(?P<year4>20\d\d|\d\d))?(?![\d/])",
        r"(?<![\d-])(?P<day7>\d{1,2})-(?P<month7>\d{1,2})-(?P<year7>20\d\d)(?!\d)",
        rf"(?<![\d.])(?P<from8>\d{{1,2}})(?:{nth})? ?[-–—] ?(?P<day8>\d{{1,2}})(?:{nth})? (?P<name8>{name})(?!\w)\.?"
        r"(?:,? (?P<year8>20\d\d))?",
        rf"(?<!\w)(?P<name9>{name})\.? (?P<from9>\d{{1,2}}) ?[-–—] ?(?P<day9>\d{{1,2}})(?!\d)"
        r"(?:,? (?P<year9>20\d\d))?",
        rf"(?<!\d)(?P<day5>\d{{1,2}})(?:st|nd|rd|th|er|e|\.|º|ª|o)? ?(?:of |de |di |d['’])?(?P<name5>{name})(?!\w)\.?"
        r"(?:,? (?:de |del )?(?P<year5>20\d\d))?",
        rf"(?<!\w)(?P<name6>{name})\.? (?P<day6>\d{{1,2}})(?:st|nd|rd|th|\.)?(?!\d)(?:,? (?P<year6>20\d\d))?",
    )
    return re.compile("|".join(ways))
