"""The one way to Google: `system.http` with one rate per login, a count, and another root for tests.

What would send a mail is refused here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from requests import PreparedRequest, Response

from fivestep.connectors.google.quota import Quota, cost_of
from fivestep.connectors.system import stopping
from fivestep.connectors.system.http import HttpTransport, host_of

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


class GoogleTransport(HttpTransport):
    """Carries the calls of one account; mounted into its session."""

    def __init__(
        self,
        api_root: str,
        quota: Quota,
        calls: Counter[str],
        pause: Callable[[float], None] = stopping.pause,
    ) -> None:
        """`api_root`: another address for all calls, as `<api_root>/<host>/<path>`; empty: Google's own.

        `calls` counts every request by host, the repeated ones among them.
        """
        super().__init__("Google", pause=pause)
        self._root = api_root.rstrip("/")
        self._quota = quota
        self._calls = calls

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer, as `HttpTransport.send` says. Another root is asked without a proxy.

        A mail is never sent: google-api-python-client can call what sends, and this is where it would have to pass.
        """
        if _sends_mail(request):
            raise AssertionError("fivestep makes drafts; it never sends")
        return super().send(request, stream, timeout, verify, cert, None if self._root else proxies)

    def rewritten(self, url: str) -> str:
        """Where a call to this address really goes."""
        if not self._root:
            return url
        parts = urlsplit(url)
        return f"{self._root}/{parts.hostname}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def called(self, request: PreparedRequest) -> str:
        """The product that the call goes to."""
        return _SERVICES.get(host_of(request), "Google")

    def later(self, request: PreparedRequest) -> str:
        """What to do where it is away; a login service that is says nothing about the login."""
        again = super().later(request)
        return f"your login is not the cause; {again}" if self.called(request) == _LOGINS else again

    def admit(self, request: PreparedRequest) -> None:
        """Wait until the quota of the login has room for the call."""
        self._quota.wait_for(cost_of(request))

    def count(self, request: PreparedRequest) -> None:
        """Count the call by its host."""
        self._calls[host_of(request)] += 1

    def addressed(self, request: PreparedRequest) -> PreparedRequest:
        """The call, to the other root where there is one."""
        moved = request.copy()
        moved.url = self.rewritten(request.url or "")
        return moved

    def time_limit(self, request: PreparedRequest) -> tuple[float, float]:
        """Seconds; short where somebody answers at once or not at all."""
        return _NEAR_TIME_LIMIT if _is_near(request) else super().time_limit(request)

    def attempts_offline(self, request: PreparedRequest) -> int:
        """How often the call is made in all where nobody answers."""
        return 1 if _is_near(request) else super().attempts_offline(request)

    def repeatable(self, request: PreparedRequest) -> bool:
        """Whether the call only reads, or only asks for a token; a batch, whether all of its parts do."""
        path = urlsplit(request.url or "").path
        if super().repeatable(request) or (request.method == "POST" and path in _TOKEN_PATHS):
            return True
        is_batch = path.startswith("/batch") and host_of(request).endswith("googleapis.com")
        return is_batch and not _CHANGES.search(_body(request))

    def over_quota(self, response: Response) -> bool:
        """Whether Google says so, which it does with two statuses."""
        return super().over_quota(response) or (
            response.status_code == 403 and _QUOTA.search(response.content) is not None
        )

    def whole(self, request: PreparedRequest, response: Response) -> bool:
        """Whether it is JSON or a batch; what is near speaks in words."""
        is_batch = response.headers.get("Content-Type", "").startswith("multipart/mixed")
        return is_batch or _is_near(request) or super().whole(request, response)


def _is_near(request: PreparedRequest) -> bool:
    return host_of(request) in _NEAR


def _sends_mail(request: PreparedRequest) -> bool:
    """Whether the call, or a part of it where it is a batch, would send a mail."""
    path, body = urlsplit(request.url or "").path.encode(), _body(request)
    parts = _PART.findall(body) if path.startswith(b"/batch") else []
    return any(_SENDS.search(one.rstrip(b"/")) for one in (path, *parts))


def _body(request: PreparedRequest) -> bytes:
    return request.body.encode() if isinstance(request.body, str) else request.body or b""
