"""What the headers of a mail say: who wrote it to whom, what it is about, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from fivestep.process.model.address import mailed_addresses

MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
"""A Message-ID that another mail can refer to."""

_ADDRESSES = ("from", "to", "cc")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def decoded_header(value: str) -> str:
    """A header's value with its encoded words read; as it is where they are broken."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value


def addresses(value: str) -> list[str]:
    """The addresses in a From, To or Cc header, in lower case; one in a display name is none."""
    found: list[str] = []
    for one in _QUOTED.sub(" ", value).split(","):
        angles = one.rpartition("<")
        found += mailed_addresses(angles[2] if angles[1] else one)[:1]
    return found


def writer(value: str) -> str:
    """The address in a From header, whatever the display name before it holds; empty where there is none."""
    _, angle, rest = value.rpartition("<")
    return next(iter(addresses(rest if angle else value)), "")


def references(headers: Mapping[str, str]) -> str:
    """The Message-IDs that a mail refers to, apart by spaces; `headers` by name in lower case."""
    named = f"{headers.get('references', '')} {headers.get('in-reply-to', '')}"
    return " ".join(dict.fromkeys(MESSAGE_ID.findall(named)))


def by_name(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers by name in lower case, decoded.

    Of one that is there twice the first counts, of To and Cc both.
    """
    headers: dict[str, str] = {}
    for written, value in fields:
        name = written.casefold()
        # A name with a comma in it is quoted only as long as it is not decoded.
        plain = value if name in _ADDRESSES else decoded_header(value)
        if name in ("to", "cc") and name in headers:
            headers[name] += f", {plain}"
        else:
            headers.setdefault(name, plain)
    return headers
