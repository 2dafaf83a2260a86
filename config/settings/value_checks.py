"""What a single setting must be beyond its type.

Each check returns the value, or raises ValueError for people.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from fivestep.config.settings.cron import NEVER_DUE, Cron
from fivestep.process.live_edits.a1 import read_spot
from fivestep.process.model.address import local_and_domain, split_address
from fivestep.process.wording.spelling import did_you_mean

_OF_SEVERAL = frozenset('@,;:"')
_URL = re.compile(r"[A-Za-z]\w*(?:\+\w+)?://")


def time_zone(name: str) -> str:
    """The name of a time zone that this machine knows."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        hint = did_you_mean(name, available_timezones())
        raise ValueError(f"must be the name of a time zone, such as Europe/Berlin{hint}") from None
    return name


def text_encoding(name: str | None) -> str | None:
    """The name of an encoding that a text can be in."""
    if name is not None:
        try:
            # Not `codecs.lookup`, which also knows what is no text, such as base64.
            "a".encode(name)
        except (LookupError, ValueError):
            raise ValueError("must be an encoding that Python knows, such as cp1250") from None
    return name


def with_holidays(code: str | None) -> str | None:
    """The code of a country, or of a part of one, whose public holidays are known."""
    if code is not None:
        # Late: the countries' calendars take a while to import.
        from fivestep.config.settings.public_holidays import public_holidays

        public_holidays(code, ())
    return code


def some_working_day(weekend: tuple[str, ...]) -> tuple[str, ...]:
    """A weekend that leaves at least one working day."""
    if len(set(weekend)) == 7:
        raise ValueError("must leave at least one working day")
    return weekend


def one_sender(sender: str | None) -> str | None:
    """One mail address, alone or in angle brackets after a name."""
    if sender is None:
        return None
    text = sender.strip(" ")
    named = split_address(text)
    # Without quotes a comma parts two people, of whom the first has no address.
    sure = named is None or text.startswith('"') or _OF_SEVERAL.isdisjoint(named.name)
    if not sure or not text.isprintable() or local_and_domain(named.address if named else text) is None:
        raise ValueError("must be one address, such as ana@northwind.example or Ana Sommer <ana@northwind.example>")
    return sender


def one_cell(name: str) -> str:
    """A cell's name, with or without its tab's."""
    if name and read_spot(name) is None:
        raise ValueError('must name one cell, such as "Pipeline!Z1" or "Z1"')
    return name


def cron_or_off(expression: str | None) -> str | None:
    """A cron expression, in one way of writing it, or `off`."""
    if expression is None:
        return None
    if expression.strip().casefold() in ("", NEVER_DUE):
        return NEVER_DUE
    return Cron(expression).expression


def ledger_url(url: str) -> str:
    """A database's URL."""
    if not _URL.match(url):
        raise ValueError('must be the URL of a database, such as "sqlite:///fivestep.db"')
    return url


def server_root(root: str) -> str:
    """The root of a server that stands in for Google's; without encryption only on this machine."""
    if not root:
        return root
    try:
        parts = urlsplit(root)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise ValueError('must be the root of a server, such as "http://127.0.0.1:8080"')
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("must begin with https:// unless the server is on this machine (127.0.0.1, ::1, localhost)")
    return root.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether this is a name or an address of this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
