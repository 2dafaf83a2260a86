"""How values look in a spreadsheet's language, and what is made of what a person types."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from tests.fakes.google.sheets_cells import Cell, Content, Plain, tidy

DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - serial numbers know no time zone
MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
PATTERN_PART = re.compile(
    r'"[^"]*"|\\.|\[[^\]]*\]|y+|m+|d+|h+|s+|am/pm|a/p|[^ymdhs"\\\[]',
    re.IGNORECASE,
)
DIGITS = re.compile(r"[#0][#0,]*(?:\.([0#]+))?")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([AaPp][Mm]))?")
GIVES_A_DAY = re.compile(r"=\s*(?:TODAY|DATE)\(", re.IGNORECASE)
NAMED_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})|(\d{1,2})[ -]([A-Za-z]{3,9})\.?[ -](\d{4})")


@dataclass(frozen=True)
class Locale:
    """What differs between languages; `order` is that of day, month and year."""

    decimal: str
    group: str
    order: str
    between: str
    day_pattern: str
    true: str = "TRUE"
    false: str = "FALSE"
    currency: str = "$"


ENGLISH = Locale(".", ",", "mdy", "/", "m/d/yyyy")
LOCALES = {
    "en_US": ENGLISH,
    "en_GB": Locale(".", ",", "dmy", "/", "dd/mm/yyyy", currency="£"),
    "de_DE": Locale(",", ".", "dmy", ".", "dd.mm.yyyy", "WAHR", "FALSCH", "€"),
    "fr_FR": Locale(",", "\u202f", "dmy", "/", "dd/mm/yyyy", "VRAI", "FAUX", "€"),
}


def locale_of(name: str) -> Locale:
    """The conventions of a locale; English ones where it is not known here."""
    return LOCALES.get(name, ENGLISH)


def is_date(pattern: str) -> bool:
    """Whether a number format shows a date or a time."""
    bare = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", pattern)
    return bool(re.search(r"[ymdhs]", bare, re.IGNORECASE)) and "0" not in bare and "#" not in bare


def pattern_kind(pattern: str) -> str:
    """The type that goes with a number format in the API."""
    if pattern == "@":
        return "TEXT"
    if is_date(pattern):
        dated = re.search(r"[yd]", pattern, re.IGNORECASE)
        timed = re.search(r"[hs]", pattern, re.IGNORECASE)
        return "DATE_TIME" if dated and timed else "DATE" if dated else "TIME"
    if pattern.endswith("%"):
        return "PERCENT"
    return "CURRENCY" if re.search(r"[$€£]", pattern) else "NUMBER"


def shown(value: Plain, pattern: str, locale: Locale) -> str:
    """A value as it is seen in its cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return locale.true if value else locale.false
    if not pattern or pattern == "@":
        return general(value, locale)
    if is_date(pattern):
        return shown_date(value, pattern)
    return _shown_number(value, pattern, locale)


def general(value: float, locale: Locale) -> str:
    """A number that has no format: ten digits of it."""
    if isinstance(value, int) or value.is_integer():
        if abs(value) >= 1e15:
            return f"{value:.5E}".replace(".00000", "").replace("E+0", "E+")
        return str(int(value))
    text = f"{value:.10g}"
    if "e" in text:
        text = f"{value:.10f}".rstrip("0") if abs(value) >= 1e-5 else text.upper()
    return text.replace(".", locale.decimal)


def moment(serial: float) -> dt.datetime:
    """The day and time that a serial number stands for."""
    return DAY_ZERO + dt.timedelta(seconds=round(serial * 86400))


def serial_of(when: dt.date) -> int | float:
    """The serial number of a day, or of a day and time."""
    if not isinstance(when, dt.datetime):
        return (when - DAY_ZERO.date()).days
    return tidy((when - DAY_ZERO).total_seconds() / 86400)


def shown_date(serial: float, pattern: str) -> str:
    """A serial number as a date or a time."""
    when = moment(serial)
    parts = PATTERN_PART.findall(pattern)
    noon = any(part.lower() in {"am/pm", "a/p"} for part in parts)
    return "".join(_date_part(part, _is_minute(parts, index), noon, when) for index, part in enumerate(parts))


def _is_minute(parts: list[str], index: int) -> bool:
    """Whether an m is a minute: the nearest letter before it is an hour, or the one after it a second."""
    before = [part[0].lower() for part in parts[:index] if part[0].isalpha()]
    after = [part[0].lower() for part in parts[index + 1 :] if part[0].isalpha()]
    return before[-1:] == ["h"] or after[:1] == ["s"]


def _date_part(part: str, minute: bool, noon: bool, when: dt.datetime) -> str:
    letter, count = part[0].lower(), len(part)
    if part.lower() in {"am/pm", "a/p"}:
        return "AM" if when.hour < 12 else "PM"
    if letter == "m" and minute:
        return f"{when.minute:0{min(count, 2)}d}"
    if letter == "m" and count > 2:
        return MONTHS[when.month - 1][: 3 if count == 3 else None]
    if letter == "y":
        return f"{when.year:04d}" if count > 2 else f"{when.year % 100:02d}"
    if letter == "d" and count > 2:
        return when.strftime("%a" if count == 3 else "%A")
    hour = (when.hour % 12 or 12) if noon else when.hour
    numbers = {"m": when.month, "d": when.day, "h": hour, "s": when.second}
    if letter in numbers:
        return f"{numbers[letter]:0{min(count, 2)}d}"
    return _literal(part)


def _literal(part: str) -> str:
    if part[0] == '"':
        return part[1:-1]
    if part[0] == "\\":
        return part[1:]
    if part[0] == "[":
        return part[2:-1].partition("-")[0] if part[1] == "$" else ""
    return part


def _shown_number(value: float, pattern: str, locale: Locale) -> str:
    digits = DIGITS.search(pattern)
    if not digits:
        return general(value, locale)
    percent = pattern.rstrip().endswith("%")
    places = len(digits[1] or "")
    text = f"{abs(value) * (100 if percent else 1):,.{places}f}"
    if "," not in digits[0]:
        text = text.replace(",", "").zfill(digits[0].partition(".")[0].count("0") + places + bool(places))
    if places and "#" in (digits[1] or ""):
        text = text.rstrip("0").rstrip(".")
    text = text.translate({ord(","): locale.group, ord("."): locale.decimal})
    before = "".join(_literal(part) for part in PATTERN_PART.findall(pattern[: digits.start()]))
    after = "".join(_literal(part) for part in PATTERN_PART.findall(pattern[digits.end() :]))
    sign = "-" if value < 0 and text.strip("0.,") else ""
    return f"{sign}{before}{text}{after}"


def entered(text: str, locale: Locale, today: dt.date) -> Content:
    """What becomes of a text that is typed into a cell."""
    if text.startswith("'"):
        return text[1:]
    if text.startswith("=") and len(text) > 1:
        return Cell(formula=text, pattern=locale.day_pattern if GIVES_A_DAY.match(text) else "")
    stripped = text.strip()
    if stripped.upper() in {"TRUE", locale.true}:
        return True
    if stripped.upper() in {"FALSE", locale.false}:
        return False
    for read in (_entered_number, _entered_date):
        found = read(stripped, locale, today)
        if found is not None:
            return found
    return text


@cache
def _number_pattern(locale: Locale) -> re.Pattern[str]:
    group, decimal = re.escape(locale.group), re.escape(locale.decimal)
    return re.compile(
        rf"([-+]?)\s*([$€£]?)\s*((?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{decimal}\d*)?|{decimal}\d+)"
        rf"([eE][-+]?\d+)?\s*(%|[$€£])?"
    )


def _entered_number(text: str, locale: Locale, _today: dt.date) -> Content | None:
    match = _number_pattern(locale).fullmatch(text)
    if not match:
        return None
    sign, money, digits, exponent, after = match.groups()
    grouped = locale.group in digits
    plain = digits.replace(locale.group, "").replace(locale.decimal, ".")
    number = float(plain + (exponent or ""))
    places = len(plain.partition(".")[2])
    if sign == "-":
        number = -number
    if after == "%":
        return Cell(tidy(round(number / 100, 12)), pattern="0.00%" if places else "0%")
    base = ("#,##0" if grouped or money else "0") + ("." + "0" * max(places, 2) if places else "")
    if money or after:
        return Cell(tidy(number), pattern=f"{money}{base}" if money else f"{base}{after}")
    if exponent:
        return Cell(tidy(number), pattern="0.00E+00")
    return Cell(tidy(number), pattern=base) if grouped else tidy(number)


def _entered_date(text: str, locale: Locale, today: dt.date) -> Content | None:
    day_text, _, clock_text = text.partition(" ")
    clock = CLOCK.fullmatch(text)
    if clock:
        return Cell(_time_of_day(clock), pattern="h:mm am/pm" if clock[4] else "hh:mm" + ":ss" * bool(clock[3]))
    named = NAMED_DAY.fullmatch(text)
    if named:
        return _named(named)
    found = _day(day_text, locale, today)
    if found is None:
        return None
    day, pattern = found
    if not clock_text:
        return Cell(serial_of(day), pattern=pattern)
    clock = CLOCK.fullmatch(clock_text.strip())
    if not clock:
        return None
    return Cell(serial_of(day) + _time_of_day(clock), pattern=pattern + " hh:mm" + ":ss" * bool(clock[3]))


def _named(match: re.Match[str]) -> Content | None:
    name, day, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
    months = [month for month in MONTHS if name.lower() in {month.lower(), month[:3].lower()}]
    made = _date(int(year), MONTHS.index(months[0]) + 1, int(day)) if months else None
    if made is None:
        return None
    return Cell(serial_of(made), pattern="mmm d, yyyy" if match[1] else "d mmm yyyy")


def _day(text: str, locale: Locale, today: dt.date) -> tuple[dt.date, str] | None:
    iso = ISO.fullmatch(text)
    if iso:
        made = _date(int(iso[1]), int(iso[2]), int(iso[3]))
        return (made, "yyyy-mm-dd") if made else None
    between = re.escape(locale.between)
    parts = re.fullmatch(rf"(\d{{1,2}}){between}(\d{{1,2}})(?:{between}(\d{{4}}|\d{{2}})?)?", text)
    if not parts:
        return None
    month, day = (int(parts[1]), int(parts[2])) if locale.order == "mdy" else (int(parts[2]), int(parts[1]))
    year = int(parts[3]) if parts[3] else today.year
    made = _date(year + 2000 if year < 100 else year, month, day)
    return (made, locale.day_pattern) if made else None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _time_of_day(match: re.Match[str]) -> float:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower() == "pm" else 0)
    return (hour * 3600 + minute * 60 + second) / 86400
