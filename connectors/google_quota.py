"""Keeps the calls of one login below Google's quotas per minute, over all processes that share the login.

The quotas are those of Google's documentation: 60 reads and 60 writes of sheets a minute for each user of a project,
and 6,000 units of Gmail a minute for each user, of which every method has its price.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple
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


class Quota:
    """The calls of the last minute of one login, and the wait until there is room for another."""

    def __init__(
        self,
        memory: Path | None,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`memory` is a file that all processes with this login share; None where this process is alone with it."""
        self._memory = memory
        self._clock = clock
        self._pause = pause
        self._turn = threading.Lock()
        self._spent: dict[str, list[tuple[float, int]]] = {}

    def wait_for(self, cost: Cost) -> None:
        """Take the units, once there is room for them."""
        if not cost.bucket:
            return
        while (wait := self._take(cost)) > 0:
            self._pause(wait)

    def _take(self, cost: Cost) -> float:
        """Take the units and return 0, or the seconds until there may be room."""
        with self._turn:
            if self._memory is None:
                return self._taken(cost)
            try:
                with FileLock(f"{self._memory}.lock", timeout=MINUTE):
                    self._spent = _load(self._memory)
                    wait = self._taken(cost)
                    if not wait:
                        self._memory.write_text(json.dumps(self._spent), encoding="utf-8")
                    return wait
            except OSError:
                # A folder that can't be written to: then this process counts for itself.
                self._memory = None
                return self._taken(cost)

    def _taken(self, cost: Cost) -> float:
        now, limit = self._clock(), PER_MINUTE[cost.bucket]
        # A time that is still to come was written before the clock was set back.
        recent = [one for one in self._spent.get(cost.bucket, ()) if now - MINUTE < one[0] <= now]
        if recent and sum(units for _, units in recent) + cost.units > limit:
            return _until_room(recent, cost.units, limit) + MINUTE - now
        self._spent[cost.bucket] = [*recent, (now, cost.units)]
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


def _load(memory: Path) -> dict[str, list[tuple[float, int]]]:
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
        return {bucket: [(float(at), int(units)) for at, units in calls] for bucket, calls in found.items()}
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}  # none yet, or a damaged one: what was in it is a minute old in a minute
