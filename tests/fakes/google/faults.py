"""Faults on demand: what goes wrong between a call and its answer, before the deed or after it."""

from __future__ import annotations

import random as dice
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING

from tests.fakes.google.answers import GoogleError
from tests.fakes.google.quotas import gmail_quota_error, sheets_quota_error

if TYPE_CHECKING:
    from tests.fakes.google.server import Call

BAD_GATEWAY = b"""<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That\xe2\x80\x99s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.
"""
GARBAGE = b'{"spreadsheetId": "1AbC", "replies": [{'

KINDS = {
    "rate_limit": "429, with Retry-After if told",
    "quota": "403 in the shape of the API",
    "internal": "500",
    "bad_gateway": "502 with a page for people",
    "unavailable": "503, with Retry-After if told",
    "unauthorized": "401, as if the token had run out",
    "invalid_grant": "400 at the token endpoint",
    "cut": "the connection ends before any byte of an answer",
    "cut_body": "the connection ends in the middle of the body",
    "garbage": "200 with a body that is no JSON",
    "slow": "the answer comes late",
}
DONE_BY_NATURE = frozenset({"cut_body", "garbage", "slow"})
"""Kinds that come after the deed unless it is said otherwise."""
MAY_BE_DONE = ("internal", "bad_gateway", "unavailable", "cut", *sorted(DONE_BY_NATURE))
MIXTURE = ("rate_limit", "quota", *MAY_BE_DONE)


@dataclass
class Fault:
    """One kind of fault and the calls that it befalls; `after` means that the call was carried out all the same."""

    kind: str
    at: int = 1
    method: str | None = None
    where: Callable[[Call], bool] | None = None
    times: int | None = 1
    after: bool = False
    retry_after: int | str | None = None
    seconds: float = 0.5
    seen: int = 0

    def befalls(self, call: Call) -> bool:
        """Whether it happens to this call; counts the calls that it could have happened to."""
        if self.method is not None and call.method_id != self.method:
            return False
        if self.where is not None and not self.where(call):
            return False
        self.seen += 1
        return self.seen >= self.at and (self.times is None or self.seen < self.at + self.times)

    def error(self, call: Call) -> GoogleError | None:
        """The error that is answered, in the shape of the API that was called; None for other kinds of fault."""
        headers = self._headers()
        if self.kind in {"rate_limit", "quota"}:
            return _quota_error(self.kind, call, headers)
        if self.kind == "internal":
            return GoogleError(500, "backendError", "Internal error encountered.", headers=headers)
        if self.kind == "unavailable":
            return GoogleError(503, "backendError", "The service is currently unavailable.", headers=headers)
        if self.kind == "unauthorized":
            return GoogleError(401, "authError", "Request had invalid authentication credentials.", headers=headers)
        return None

    def _headers(self) -> dict[str, str]:
        if self.retry_after == "date":
            import time

            return {"Retry-After": formatdate(time.time() + self.seconds, usegmt=True)}
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


@dataclass
class Faults:
    """The faults that are to happen. They happen in the order in which they were added, one to a call."""

    waiting: list[Fault] = field(default_factory=list)
    happened: list[tuple[int, str, str]] = field(default_factory=list)
    """What has happened: the call's number, its method, and the kind; `+` behind it: after the deed."""
    _random: tuple[dice.Random, float, tuple[str, ...], Collection[str] | None] | None = None

    def add(
        self,
        kind: str,
        *,
        at: int = 1,
        method: str | None = None,
        where: Callable[[Call], bool] | None = None,
        times: int | None = 1,
        after: bool | None = None,
        retry_after: int | str | None = None,
        seconds: float = 0.5,
    ) -> Fault:
        """Let a fault of KINDS happen to the `at`-th call from now that fits, and to `times` of them in a row.

        `times=None` never ends. `method` is a discovery id, "oauth2.token" or "batch"; `retry_after` is seconds, or
        "date" for the date that is `seconds` from now.
        """
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind}; there are {', '.join(KINDS)}")
        done = kind in DONE_BY_NATURE if after is None else after
        fault = Fault(kind, at, method, where, times, done, retry_after, seconds)
        self.waiting.append(fault)
        return fault

    def random(
        self, seed: int, share: float, kinds: Collection[str] = MIXTURE, methods: Collection[str] | None = None
    ) -> None:
        """Let a mixture of faults happen to a share of the calls from now on, the same for the same seed."""
        self._random = (dice.Random(seed), share, tuple(kinds), methods)

    def clear(self) -> None:
        """From now on all goes well."""
        self.waiting.clear()
        self._random = None

    def choose(self, number: int, call: Call) -> Fault | None:
        """The fault that happens to a call, if any."""
        befallen = [fault for fault in self.waiting if fault.befalls(call)]
        fault = befallen[0] if befallen else self._draw(call)
        if fault is not None:
            self.happened.append((number, call.method_id, fault.kind + "+" * fault.after))
        return fault

    def _draw(self, call: Call) -> Fault | None:
        if self._random is None:
            return None
        generator, share, kinds, methods = self._random
        if generator.random() >= share or (methods is not None and call.method_id not in methods):
            return None
        if call.method_id == "oauth2.token":
            kinds = tuple(kind for kind in kinds if kind in MAY_BE_DONE) or MAY_BE_DONE
        kind = generator.choice(kinds)
        done = kind in DONE_BY_NATURE or (kind in MAY_BE_DONE and generator.random() < 0.5)
        retry_after = generator.choice([None, None, 0, "date"]) if kind in {"rate_limit", "unavailable"} else None
        return Fault(kind, after=done, retry_after=retry_after, seconds=0.01)


def _quota_error(kind: str, call: Call, headers: dict[str, str]) -> GoogleError:
    if kind == "rate_limit" and call.method_id.startswith("sheets."):
        return sheets_quota_error("read" if call.http == "GET" else "write", "minute per user", headers)
    if kind == "rate_limit":
        return gmail_quota_error(1, headers)
    if call.method_id.startswith("sheets."):
        message = "Quota exceeded for quota group 'default' of service 'sheets.googleapis.com'."
        return GoogleError(403, "rateLimitExceeded", message, "PERMISSION_DENIED", headers=headers)
    return gmail_quota_error(0, headers)
