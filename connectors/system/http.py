"""Calls by HTTP, for every connector: one time limit, one retry policy, one rate, one way to stop.

What reaches the callers is an answer of status 2xx or 4xx, or one of two faults: `UnreachableError`, where the call was
certainly not carried out, and `LostAnswerError`, where nobody knows. Neither is worth another try at once.
"""

from __future__ import annotations

import email.utils
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from ssl import SSLCertVerificationError
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as ConnectionFault
from requests.exceptions import ConnectTimeout, ProxyError, RequestException
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay
from urllib3.exceptions import MaxRetryError, NewConnectionError

from fivestep.connectors.system import stopping
from fivestep.errors import LostAnswerError, UnreachableError

TIME_LIMIT = (10.0, 60.0)
"""Seconds: to connect, and to wait for the next part of an answer."""

LONGEST = 150.0
"""Seconds after which no call is tried again."""

ATTEMPTS_OFFLINE, ATTEMPTS_FAILING, ATTEMPTS_OVER_QUOTA = 4, 6, 8
"""How often a call is made in all: without a connection, where the service fails, where it is asked too often."""

_LONGEST_WAIT = 32.0
_PARSED_TWICE = 100_000
"""Bytes up to which an answer is tried out; of a longer one only the ends are looked at."""

log = logging.getLogger(__name__)


class HttpTransport(HTTPAdapter):
    """Carries the calls to one service; mounted into a session of `requests`.

    A service with rules of its own derives from it: what it is called, what may be repeated, what an answer means.
    """

    def __init__(
        self, service: str, pace: Callable[[], None] = lambda: None, pause: Callable[[float], None] = stopping.pause
    ) -> None:
        """`service` is what messages call it; `pace` waits until another call may be made, see `Pace`."""
        super().__init__(pool_maxsize=4)
        self._service = service
        self._pace = pace
        self._pause = pause
        self.ahead: float | None = None
        """Seconds by which this machine's clock was before the service's at the last answer; None before that."""

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - an answer is always read whole, so that one cut off is a fault of the call
        timeout: object = None,  # noqa: ARG002 - there is one for all
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer, of status 2xx or 4xx. Raises UnreachableError or LostAnswerError as said above."""
        for attempt in Retrying(
            retry=retry_if_exception_type(_AgainError), stop=_enough, wait=_wait, sleep=self._pause, reraise=True
        ):
            with attempt:
                return self._once(request, verify, cert, proxies)
        raise AssertionError("it either returns or raises")

    def _once(
        self,
        request: PreparedRequest,
        verify: bool | str,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None,
        proxies: Mapping[str, str] | None,
    ) -> Response:
        self.admit(request)
        stopping.stop_if_asked()
        self.count(request)
        began, host = time.monotonic(), host_of(request)
        try:
            response = super().send(
                self.addressed(request),
                stream=True,
                timeout=self.time_limit(request),
                verify=verify,
                cert=cert,
                proxies=proxies,
            )
            _ = response.content
        except RequestException as fault:
            raise self._fault_of(request, fault) from None
        self.ahead = _seconds_ahead(response)
        log.debug("%s %s: %d after %.2f s", request.method, host, response.status_code, time.monotonic() - began)
        fault_told = self._told(request, response)
        if fault_told is not None:
            raise fault_told
        response.url = request.url or ""
        return response

    # What a service may have rules of its own for

    def called(self, _request: PreparedRequest) -> str:
        """What messages call the service that this call goes to."""
        return self._service

    def later(self, _request: PreparedRequest) -> str:
        """What to do where the service is away."""
        return "try again later"

    def admit(self, _request: PreparedRequest) -> None:
        """Wait until the call may be made."""
        self._pace()

    def count(self, _request: PreparedRequest) -> None:
        """Take note of a call that is made now, a repeated one as well."""

    def addressed(self, request: PreparedRequest) -> PreparedRequest:
        """The call as it really goes out."""
        return request

    def time_limit(self, _request: PreparedRequest) -> tuple[float, float]:
        """Seconds, as `TIME_LIMIT`."""
        return TIME_LIMIT

    def attempts_offline(self, _request: PreparedRequest) -> int:
        """How often the call is made in all where nobody answers."""
        return ATTEMPTS_OFFLINE

    def repeatable(self, request: PreparedRequest) -> bool:
        """Whether the call may be carried out twice: it only reads."""
        return request.method in ("GET", "HEAD")

    def over_quota(self, response: Response) -> bool:
        """Whether the service has had too many calls, and did not carry this one out."""
        return response.status_code == 429

    def whole(self, _request: PreparedRequest, response: Response) -> bool:
        """Whether the service may have given this answer: JSON or nothing, no page of a proxy."""
        if response.status_code == 204:
            return True
        body = response.content.strip()
        if len(body) > _PARSED_TWICE:
            return (body[:1], body[-1:]) in ((b"{", b"}"), (b"[", b"]"))
        try:
            return isinstance(json.loads(body), dict | list)
        except ValueError:
            return False

    def _fault_of(self, request: PreparedRequest, fault: RequestException) -> Exception:
        """What a broken connection means for the call."""
        service, attempts, cause = self.called(request), self.attempts_offline(request), _cause(fault)
        if _was_never_sent(fault):
            return _AgainError(f"{service} can't be reached ({cause}); {self.later(request)}", attempts)
        if self.repeatable(request):
            return _AgainError(f"{service} did not answer ({cause}); {self.later(request)}", attempts)
        return LostAnswerError(f"{service} did not answer ({cause}): whether it did what was asked is not known")

    def _told(self, request: PreparedRequest, response: Response) -> Exception | None:
        """The fault that an answer tells of; None where it is for the caller."""
        service, status = self.called(request), response.status_code
        if self.over_quota(response):
            message = f"{service} has had too many calls by this login for now; try again in a minute"
            return _AgainError(message, ATTEMPTS_OVER_QUOTA, _retry_after(response))
        if status >= 500 or status == 408:
            what = f"{service} is out of order (it answered {status})"
        elif status < 300 and not self.whole(request, response):
            what = f"{service} gave an answer that can't be read"
        else:
            return None
        if self.repeatable(request):
            return _AgainError(f"{what}; {self.later(request)}", ATTEMPTS_FAILING, _retry_after(response))
        return LostAnswerError(f"{what}: whether it did what was asked is not known")


class Pace:
    """Spaces the calls of this process to a service evenly."""

    def __init__(
        self,
        per_second: float,
        pause: Callable[[float], None] = stopping.pause,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gap = 1 / per_second
        self._pause = pause
        self._clock = clock
        self._turn = threading.Lock()
        self._next = 0.0

    def __call__(self) -> None:
        """Wait until it is this call's turn."""
        with self._turn:
            now = self._clock()
            wait = max(0.0, self._next - now)
            self._next = now + wait + self._gap
        if wait:
            self._pause(wait)


def host_of(request: PreparedRequest) -> str:
    """The host that a call is for, in lower case; empty where its address names none."""
    return urlsplit(request.url or "").hostname or ""


class _AgainError(UnreachableError):
    """The call was not carried out, or may be repeated safely."""

    def __init__(self, message: str, attempts: int, after: float | None = None) -> None:
        super().__init__(message)
        self.attempts = attempts
        self.after = after
        """Seconds that the service asks to wait."""


def _enough(state: RetryCallState) -> bool:
    fault = state.outcome.exception() if state.outcome else None
    if not isinstance(fault, _AgainError) or state.attempt_number >= fault.attempts:
        return True
    return state.idle_for + state.upcoming_sleep > LONGEST or stop_after_delay(LONGEST)(state)


def _wait(state: RetryCallState) -> float:
    """Seconds to wait: what the service asks for, else twice as long each time, at random a little more."""
    fault = state.outcome.exception() if state.outcome else None
    wait = min(2.0 ** (state.attempt_number - 1), _LONGEST_WAIT)
    if isinstance(fault, _AgainError) and fault.after is not None:
        wait = fault.after
    jittered: float = wait + random.uniform(0, 0.5 + wait / 4)
    log.info("%s; trying again in %.1f s", fault, jittered)
    return jittered


def _was_never_sent(fault: RequestException) -> bool:
    """Whether there was no connection yet, or no safe one.

    Any other fault of TLS may have come after the request.
    """
    if isinstance(fault, ConnectTimeout | ProxyError) or _is_untrusted(fault):
        return True
    cause = fault.args[0] if fault.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(fault, ConnectionFault) and isinstance(reason, NewConnectionError)


def _is_untrusted(fault: BaseException | None) -> bool:
    """Whether the certificate was refused, as the innermost of the libraries' faults says."""
    while fault is not None and not isinstance(fault, SSLCertVerificationError):
        inner = fault.reason if isinstance(fault, MaxRetryError) else next(iter(fault.args), None)
        fault = inner if isinstance(inner, BaseException) else None
    return fault is not None


def _cause(fault: RequestException) -> str:
    """A word on the cause; no address, and nothing of the request, in which secrets may stand."""
    if _is_untrusted(fault):
        return "its certificate is not trusted here"
    if isinstance(fault, ProxyError):
        return "the proxy refused"
    if _was_never_sent(fault):
        return "no connection"
    return "it took too long" if "timed out" in str(fault).lower() else "the connection was cut"


def _retry_after(response: Response) -> float | None:
    """Seconds from now; None where the answer names none."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, until.timestamp() - time.time())


def _seconds_ahead(response: Response) -> float | None:
    """By how much this machine's clock is before that of the answer's Date; None where it has none."""
    try:
        return time.time() - email.utils.parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except (ValueError, OverflowError):
        return None
