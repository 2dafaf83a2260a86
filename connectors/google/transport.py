"""The one way to Google: every call goes through here, with one time limit, one retry policy, one rate, one count.

What reaches the callers is an answer of status 2xx or 4xx, or one of two faults: `UnreachableError`, where the call was
certainly not carried out, and `LostAnswerError`, where nobody knows. Neither is worth another try at once.
"""

from __future__ import annotations

import email.utils
import json
import logging
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from ssl import SSLCertVerificationError
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as ConnectionFault
from requests.exceptions import ConnectTimeout, ProxyError, RequestException
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay
from urllib3.exceptions import MaxRetryError, NewConnectionError

from fivestep.connectors.google.quota import Quota, cost_of
from fivestep.connectors.system import stopping
from fivestep.errors import LostAnswerError, UnreachableError

TIME_LIMIT = (10.0, 60.0)
"""Seconds: to connect, and to wait for the next part of an answer."""

LONGEST = 150.0
"""Seconds after which no call is tried again."""

_ATTEMPTS_OFFLINE, _ATTEMPTS_FAILING, _ATTEMPTS_OVER_QUOTA = 4, 6, 8
_LONGEST_WAIT = 32.0
_PARSED_TWICE = 100_000
"""Bytes up to which an answer is tried out; of a longer one only the ends are looked at."""
_QUOTA = re.compile(
    rb"rateLimitExceeded|quotaExceeded|RATE_LIMIT_EXCEEDED|RESOURCE_EXHAUSTED|quota exceeded", re.IGNORECASE
)
_TOKEN_PATHS = ("/token", "/oauth2/v4/token")
_SENDS = re.compile(rb"/(?:messages|drafts)/send$")
_PART = re.compile(rb"^[A-Z]+ ([^\s?]+)", re.MULTILINE)
_CHANGES = re.compile(rb"^(POST|PUT|PATCH|DELETE) ", re.MULTILINE)
_NEAR = frozenset({"169.254.169.254", "metadata.google.internal"})
"""What tells a machine in Google's cloud who it is. Elsewhere nobody answers there, which is soon believed."""

_NEAR_TIME_LIMIT = (3.0, 10.0)
_LOGINS = "Google's login service"
_SERVICES = {
    "sheets.googleapis.com": "Google Sheets",
    "gmail.googleapis.com": "Gmail",
    "oauth2.googleapis.com": _LOGINS,
}

log = logging.getLogger(__name__)


class GoogleTransport(HTTPAdapter):
    """Carries the calls of one account; mounted into its session."""

    def __init__(
        self,
        api_root: str,
        quota: Quota,
        calls: Counter[str],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`api_root`: another root for all calls, to which they go as `<api_root>/<host>/<path>`; empty: Google's own.

        `calls` counts every request by host, the repeated ones among them.
        """
        super().__init__(pool_maxsize=4)
        self._root = api_root.rstrip("/")
        self._quota = quota
        self._calls = calls
        self._pause = pause
        self.ahead: float | None = None
        """Seconds by which this machine's clock was before Google's at the last answer; None before the first one."""

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002 - an answer is always read whole, so that one cut off is a fault of the call
        timeout: object = None,  # noqa: ARG002 - there is one for all
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer, of status 2xx or 4xx. Raises UnreachableError or LostAnswerError as said above.

        A mail is never sent: google-api-python-client can call what sends, and this is where it would have to pass.
        """
        if _sends_mail(request):
            raise AssertionError("fivestep makes drafts; it never sends")
        for attempt in Retrying(
            retry=retry_if_exception_type(_AgainError), stop=_enough, wait=_wait, sleep=self._pause, reraise=True
        ):
            with attempt:
                return self._once(request, verify, cert, None if self._root else proxies)
        raise AssertionError("it either returns or raises")

    def _once(
        self,
        request: PreparedRequest,
        verify: bool | str,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None,
        proxies: Mapping[str, str] | None,
    ) -> Response:
        host = urlsplit(request.url or "").hostname or ""
        self._quota.wait_for(cost_of(request))
        stopping.stop_if_asked()
        self._calls[host] += 1
        began, limit = time.monotonic(), _NEAR_TIME_LIMIT if host in _NEAR else TIME_LIMIT
        try:
            response = super().send(
                self._sent_to_root(request), stream=True, timeout=limit, verify=verify, cert=cert, proxies=proxies
            )
            _ = response.content
        except RequestException as fault:
            raise _fault_of(request, host, fault) from None
        self.ahead = _seconds_ahead(response)
        log.debug("%s %s: %d after %.2f s", request.method, host, response.status_code, time.monotonic() - began)
        fault_told = _told(request, host, response)
        if fault_told is not None:
            raise fault_told
        response.url = request.url or ""
        return response

    def rewritten(self, url: str) -> str:
        """Where a call to this address really goes."""
        if not self._root:
            return url
        parts = urlsplit(url)
        return f"{self._root}/{parts.hostname}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _sent_to_root(self, request: PreparedRequest) -> PreparedRequest:
        moved = request.copy()
        moved.url = self.rewritten(request.url or "")
        return moved


class _AgainError(UnreachableError):
    """The call was not carried out, or may be repeated safely."""

    def __init__(self, message: str, attempts: int, after: float | None = None) -> None:
        super().__init__(message)
        self.attempts = attempts
        self.after = after
        """Seconds that Google asks to wait."""


def _enough(state: RetryCallState) -> bool:
    fault = state.outcome.exception() if state.outcome else None
    if not isinstance(fault, _AgainError) or state.attempt_number >= fault.attempts:
        return True
    return state.idle_for + state.upcoming_sleep > LONGEST or stop_after_delay(LONGEST)(state)


def _wait(state: RetryCallState) -> float:
    """Seconds: what Google asked for, else twice as long each time; never all callers at the same moment."""
    fault = state.outcome.exception() if state.outcome else None
    wait = min(2.0 ** (state.attempt_number - 1), _LONGEST_WAIT)
    if isinstance(fault, _AgainError) and fault.after is not None:
        wait = fault.after
    jittered: float = wait + random.uniform(0, 0.5 + wait / 4)
    log.info("%s; trying again in %.1f s", fault, jittered)
    return jittered


def _fault_of(request: PreparedRequest, host: str, fault: RequestException) -> Exception:
    """What a broken connection means for the call."""
    service, attempts = _service(host), 1 if host in _NEAR else _ATTEMPTS_OFFLINE
    if _was_never_sent(fault):
        return _AgainError(f"{service} can't be reached ({_cause(fault)}); {_later(host)}", attempts)
    if _repeatable(request, host):
        return _AgainError(f"{service} did not answer ({_cause(fault)}); {_later(host)}", attempts)
    return LostAnswerError(f"{service} did not answer ({_cause(fault)}): whether it did what was asked is not known")


def _told(request: PreparedRequest, host: str, response: Response) -> Exception | None:
    """The fault that an answer tells of; None where it is for the caller."""
    service, status = _service(host), response.status_code
    if status == 429 or (status == 403 and _QUOTA.search(response.content)):
        message = f"{service} has had too many calls by this login for now; try again in a minute"
        return _AgainError(message, _ATTEMPTS_OVER_QUOTA, _retry_after(response))
    if status >= 500 or status == 408:
        what = f"{service} is out of order (it answered {status})"
    elif status < 300 and host not in _NEAR and not _is_whole(response):
        what = f"{service} gave an answer that can't be read"
    else:
        return None
    if _repeatable(request, host):
        return _AgainError(f"{what}; {_later(host)}", _ATTEMPTS_FAILING, _retry_after(response))
    return LostAnswerError(f"{what}: whether it did what was asked is not known")


def _sends_mail(request: PreparedRequest) -> bool:
    """Whether the call, or a part of it where it is a batch, would send a mail."""
    path, body = urlsplit(request.url or "").path.encode(), _body(request)
    parts = _PART.findall(body) if path.startswith(b"/batch") else []
    return any(_SENDS.search(one.rstrip(b"/")) for one in (path, *parts))


def _repeatable(request: PreparedRequest, host: str) -> bool:
    """Whether the call may be carried out twice: it only reads, or only asks for a token."""
    path = urlsplit(request.url or "").path
    if request.method in ("GET", "HEAD") or (request.method == "POST" and path in _TOKEN_PATHS):
        return True
    is_batch = path.startswith("/batch") and host.endswith("googleapis.com")
    return is_batch and not _CHANGES.search(_body(request))


def _body(request: PreparedRequest) -> bytes:
    return request.body.encode() if isinstance(request.body, str) else request.body or b""


def _was_never_sent(fault: RequestException) -> bool:
    """Whether there was no connection yet, or none to be trusted. Any other fault of TLS may be the answer's."""
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


def _is_whole(response: Response) -> bool:
    """Whether this may be an answer of an API: JSON, a batch, or nothing where nothing is announced."""
    body = response.content.strip()
    if response.status_code == 204 or response.headers.get("Content-Type", "").startswith("multipart/mixed"):
        return True
    if len(body) > _PARSED_TWICE:
        return (body[:1], body[-1:]) in ((b"{", b"}"), (b"[", b"]"))
    try:
        return isinstance(json.loads(body), dict | list)
    except ValueError:
        return False


def _later(host: str) -> str:
    """What to do about a service that is away."""
    return "your login is not the cause; try again later" if _service(host) == _LOGINS else "try again later"


def _service(host: str) -> str:
    return _SERVICES.get(host, "Google")
