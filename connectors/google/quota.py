"""Keeps the calls of one login below Google's quotas per minute, over all processes that share it.

What was spent is kept in a file beside the login; where machines share a ledger, in its database (`sql_quota`).

The quotas are those of Google's documentation: 60 reads and 60 writes of sheets a minute for each user of a project,
and 6,000 units of Gmail a minute for each user, of which every method has its price.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from filelock import FileLock
from requests import PreparedRequest

MINUTE = 60.0
PER_MINUTE = {"sheets read": 54, "sheets write": 54, "gmail": 5_400}
"""A tenth below the quotas: when a call arrives, and when a minute begins, is for Google to say."""

_PRICES = (
    (re.compile(r"/drafts/[^/]+$"), {"GET": 5, "PUT": 15, "DELETE": 10}),
    (re.compile(r"/drafts$"), {"GET": 5, "POST": 10}),
    (re.compile(r"/threads/[^/]+$"), {"GET": 40}),
    (re.compile(r"/threads$"), {"GET": 10}),
    (re.compile(r"/messages/[^/]+$"), {"GET": 20}),
    (re.compile(r"/messages$"), {"GET": 5}),
    (re.compile(r"/profile$|/sendAs$"), {"GET": 1}),
)
_DEAREST = 40
_PART = re.compile(rb"^(GET|POST|PUT|PATCH|DELETE) (\S+)", re.MULTILINE)


class Cost(NamedTuple):
    """What a call takes from which quota."""

    bucket: str
    """Empty where there is none."""
    units: int


def cost_of(request: PreparedRequest) -> Cost:
    """What this call takes; each part of a batch counts."""
    parts = urlsplit(request.url or "")
    method = request.method or "GET"
    if parts.hostname == "sheets.googleapis.com":
        return Cost("sheets read" if method == "GET" else "sheets write", 1)
    if parts.hostname == "gmail.googleapis.com":
        return Cost("gmail", _units(method, parts.path, request.body))
    return Cost("", 0)


def _units(method: str, path: str, body: object) -> int:
    if path.startswith("/batch"):
        content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
        return sum(_price(verb.decode(), urlsplit(target.decode()).path) for verb, target in _PART.findall(content))
    return _price(method, path)


def _price(method: str, path: str) -> int:
    for pattern, prices in _PRICES:
        if pattern.search(path):
            return prices.get(method, _DEAREST)
    return _DEAREST


Spent = dict[str, list[tuple[float, int]]]
"""Bucket to the calls of the last minute: when, and how many units."""

Spending = Callable[[Spent, float], float]
"""Changes what was spent, at a time in seconds; returns 0, or the seconds until it is worth another try."""


class Memory(Protocol):
    """What all that share a login know of its calls."""

    def change(self, step: Spending) -> float:
        """Take one step, while nobody else takes one, and return what it returns."""


class Quota:
    """Lets the calls of one login through once there is room for them."""

    def __init__(self, memory: Memory, pause: Callable[[float], None] = time.sleep) -> None:
        self._memory = memory
        self._pause = pause

    def wait_for(self, cost: Cost) -> None:
        """Take the units, once there is room for them."""
        if not cost.bucket:
            return
        while (wait := self._memory.change(partial(_take, cost))) > 0:
            self._pause(wait)


class OwnMemory:
    """The calls of a login with which this process is alone."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._spent: Spent = {}

    def change(self, step: Spending) -> float:
        """Take one step."""
        with self._turn:
            return step(self._spent, self._clock())


class FileMemory:
    """The calls of a login that processes on one machine share, in a file."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._turn = threading.Lock()
        self._alone = OwnMemory(clock)

    def change(self, step: Spending) -> float:
        """Take one step; for this process alone where the folder can't be written to."""
        try:
            with self._turn, FileLock(f"{self._file}.lock", timeout=MINUTE):
                spent = loaded(_text(self._file))
                wait = step(spent, self._clock())
                if not wait:
                    self._file.write_text(json.dumps(spent), encoding="utf-8")
                return wait
        except OSError:
            return self._alone.change(step)


def loaded(text: str) -> Spent:
    """What was spent, from its JSON; nothing where it is missing or damaged.

    In a minute it would be out of date anyway.
    """
    try:
        found = json.loads(text)
        return {bucket: [(float(at), int(units)) for at, units in calls] for bucket, calls in found.items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _take(cost: Cost, spent: Spent, now: float) -> float:
    """Take the units, or say how long there is no room for them."""
    limit = PER_MINUTE[cost.bucket]
    # A time that is still to come was written before the clock was set back.
    recent = [one for one in spent.get(cost.bucket, ()) if now - MINUTE < one[0] <= now]
    if recent and sum(units for _, units in recent) + cost.units > limit:
        return _until_room(recent, cost.units, limit) + MINUTE - now
    spent[cost.bucket] = [*recent, (now, cost.units)]
    return 0.0


def _until_room(recent: Iterable[tuple[float, int]], units: int, limit: int) -> float:
    """The time of the last call that has to be a minute old before there is room."""
    calls = list(recent)
    spent = sum(one for _, one in calls)
    for at, one in calls:
        spent -= one
        if spent + units <= limit:
            return at + 0.001
    return calls[-1][0] + 0.001
