"""How values read in a cell, a message or a mail."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from decimal import Decimal

from fivestep.process.model.deal import Deal

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff]+")

CELL_LIMIT = 500
"""Characters: a cell that says more is not read by anybody."""

QUOTED = 40
"""Characters of a cell that a message repeats."""

Shown = str | float | bool | dt.date | tuple[str, ...] | None


@functools.lru_cache(maxsize=4096)
def day(date: dt.date, today: dt.date) -> str:
    """`3 Nov`, and `3 Nov 2025` where the year is not today's."""
    short = f"{date.day} {MONTHS[date.month - 1][:3]}"
    return short if date.year == today.year else f"{short} {date.year}"


def moment(time: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> str:
    """`3 Nov 09:30`, as the clock in this zone has it."""
    local = time.astimezone(zone)
    return f"{day(local.date(), now.astimezone(zone).date())} {local:%H:%M}"


def number(value: float) -> str:
    """`12,500`, `0.75`: thousands grouped, no digits that say nothing, at most two behind the point."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def plain_number(value: float) -> str:
    """`15551234567`, `34.3`, `0.15`: no groups, and no more digits than a cell shows."""
    return format(Decimal(f"{value or 0:.15g}"), "f")


def _amount_text(value: float) -> str:
    """`12,500`, `34.30`: thousands grouped, and cents where there are any."""
    return f"{value:,.2f}".removesuffix(".00")


def _percent_text(share: float) -> str:
    """`40%`, `12.5%` of a share of 1."""
    return f"{plain_number(round(share * 100, 2))}%"


def clock_text(time: dt.time | dt.timedelta) -> str:
    """`14:30`, `1:30`, with seconds where there are any; a span may be longer than a day."""
    if isinstance(time, dt.time):
        time = dt.timedelta(hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond)
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def money(sums: Mapping[str, float]) -> str:
    """`12,500 EUR + 4,000 USD`, the largest first, without cents."""
    largest = sorted(sums.items(), key=lambda item: -abs(item[1]))
    return " + ".join(f"{amount:,.0f} {currency}".strip() for currency, amount in largest if amount) or "0"


def value_text(value: Shown) -> str | None:
    """A field's value as a person would write it in a mail; None for a blank."""
    match value:
        case None | "" | ():
            return None
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case dt.date():
            return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
        case tuple():
            return ", ".join(value)
        case _:
            return plain_number(value)


def field_value(deal: Deal, name: str) -> Shown:
    """What the deal holds under a field's name; None for a blank and for a name it does not know."""
    value: Shown = getattr(deal, name) if name in Deal._fields else deal.extra.get(name)
    return value


def field_text(deal: Deal, name: str) -> str | None:
    """`field_value` as a person would write it; an amount with its currency, a probability in percent."""
    value = field_value(deal, name)
    if type(value) is str:
        return value or None
    if name == "amount" and deal.amount is not None:
        return f"{_amount_text(deal.amount)} {deal.currency or ''}".rstrip()
    if name == "probability" and deal.probability is not None:
        return _percent_text(deal.probability)
    return value_text(value)


@functools.lru_cache(maxsize=4096)
def cell_text(text: str) -> str:
    """The text as it may stand in a cell: one line, and never to be taken for a formula.

    A spreadsheet that opens a `.csv` takes a leading `=`, `+`, `-` or `@` for a formula (OWASP, "CSV injection").
    """
    line = one_line(text)
    return "'" + line if line.startswith(("=", "+", "-", "@")) else line


@functools.lru_cache(maxsize=4096)
def one_line(text: str) -> str:
    """The text in one line, and not endless."""
    line = _SPACE.sub(" ", text).strip()
    return cut(line, CELL_LIMIT)


def cut(text: str, longest: int) -> str:
    """The text, ended by `…` where it has more characters than that."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def in_quotes(text: str, longest: int = QUOTED) -> str:
    """The text in quotation marks for a message, cut where it is long, and unseen characters made visible."""
    return repr(cut(text, longest))


def plural(count: int, noun: str) -> str:
    """`1 working day`, `9 working days`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
