"""One term of a search, such as `from:ana@x.example`, as a test of a message."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.fakes.google.gmail_labels import HIDDEN
from tests.fakes.google.gmail_message import Message, words

PACIFIC = ZoneInfo("America/Los_Angeles")
"""The API guide: all dates are midnight on that date in the PST timezone."""
HEADERS = {"from": ("from",), "to": ("to", "cc", "bcc"), "cc": ("cc",), "bcc": ("bcc",), "subject": ("subject",)}
"""`to:` finds those who got a copy too, as people found out (webapps.stackexchange.com/q/18713)."""
LONGEST = {"d": 365_000, "m": 12_000, "y": 1_000}
"""An age beyond this is any age."""
EVERYTHING = ("subject", "from", "to", "cc", "bcc", "body")


class View(NamedTuple):
    """What a search needs to know beside the message."""

    now: dt.datetime
    me: frozenset[str]
    """The account's addresses in lower case."""
    labels: Mapping[str, str]
    """The IDs of the labels by what `label:` calls them."""


Test = Callable[[Message, View], bool]


def always(message: Message, view: View) -> bool:
    """True: nothing is asked."""
    return True


def term(operator: str, text: str) -> Test:
    """The test of `operator:text`, or of a plain word; what is no operand of its operator is looked for as a word."""
    reader = OPERATORS.get(operator)
    return (reader and reader(text)) or partial(_says, EVERYTHING, words(f"{operator} {text}"))


def asks_for_hidden(operator: str, text: str) -> bool:
    """It names trash or spam, or all places."""
    return operator in {"in", "is", "label"} and text.upper() in {*HIDDEN, "ANYWHERE"}


def _says(names: tuple[str, ...], phrase: str, message: Message, view: View) -> bool:
    return not phrase.strip() or phrase in message.words(*names)


def _in_headers(names: tuple[str, ...], text: str) -> Test:
    """Words split at all that is no letter, digit or underscore; an address only counts whole.

    Found by trying, sensefulsolutions.com/2010/07/how-gmail-filter-email-matching-works.html: `john.smith@gmail` does
    not match john.smith@gmail.com, `@gmail.com` and `smith` do.
    """
    value = text.strip("<>").casefold()
    if value == "me" and names != HEADERS["subject"]:
        return lambda message, view: any(f" {mine} " in message.words(*names) for mine in view.me)
    whole = re.search(r"\w@\w", value) and " " not in value and names != HEADERS["subject"]
    return partial(_says, names, f" {value} " if whole else words(value))


def _in_place(text: str) -> Test | None:
    if text.casefold() == "anywhere":
        return always
    return (
        _with_label(text) if text.casefold() in {"inbox", "sent", "draft", "drafts", "trash", "spam", "chats"} else None
    )


def _in_state(text: str) -> Test | None:
    if text.casefold() == "read":
        return lambda message, view: "UNREAD" not in message.labels
    states = {"unread", "starred", "important", "sent", "draft", "inbox", "trash", "spam", "chat"}
    return _with_label(text) if text.casefold() in states else None


def _with_label(text: str) -> Test:
    name = re.sub(r"[\s/]", "-", text.casefold())
    return lambda message, view: view.labels.get(name) in message.labels


def _has(text: str) -> Test | None:
    if text.casefold() != "attachment":
        return None
    return lambda message, view: any(part.get_filename() for part in message.mime.walk())


def _by_message_id(text: str) -> Test:
    wanted = f"<{text.strip('<>')}>"
    return lambda message, view: message.message_id == wanted


def _by_age(newer: bool, text: str) -> Test | None:
    age = re.fullmatch(r"(\d+)([dmy])", text.casefold())
    if not age:
        return None
    count, unit = int(age[1]), age[2]
    return lambda message, view: (message.at >= _back(view.now, count, unit)) == newer


def _back(now: dt.datetime, count: int, unit: str) -> dt.datetime:
    if count > LONGEST[unit]:
        return dt.datetime(1, 1, 2, tzinfo=dt.UTC)
    if unit == "d":
        return now - dt.timedelta(days=count)
    months = now.year * 12 + now.month - 1 - count * (12 if unit == "y" else 1)
    year, month = months // 12, months % 12 + 1
    return now.replace(year=year, month=month, day=min(now.day, calendar.monthrange(year, month)[1]))


def _by_date(after: bool, text: str) -> Test | None:
    moment = _moment(text)
    return None if moment is None else lambda message, view: (message.at >= moment) == after


def _moment(text: str) -> dt.datetime | None:
    if re.fullmatch(r"\d{9,11}", text):
        return dt.datetime.fromtimestamp(int(text), dt.UTC)
    date = re.fullmatch(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", text)
    try:
        return date and dt.datetime(int(date[1]), int(date[2]), int(date[3]), tzinfo=PACIFIC)
    except ValueError:
        return None


OPERATORS: Mapping[str, Callable[[str], Test | None]] = {
    **{name: partial(_in_headers, headers) for name, headers in HEADERS.items()},
    "in": _in_place,
    "is": _in_state,
    "label": _with_label,
    "has": _has,
    "rfc822msgid": _by_message_id,
    "newer_than": partial(_by_age, True),
    "older_than": partial(_by_age, False),
    "after": partial(_by_date, True),
    "newer": partial(_by_date, True),
    "before": partial(_by_date, False),
    "older": partial(_by_date, False),
}
