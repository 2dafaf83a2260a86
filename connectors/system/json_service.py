"""A service that answers in JSON, for connectors that need no library for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from requests import PreparedRequest, Response, Session

from fivestep.config.settings.value_checks import server_root
from fivestep.connectors.system import stopping
from fivestep.connectors.system.http import HttpTransport, Pace
from fivestep.errors import CredentialsError, FivestepError, SettingsError, UnreachableError

_LONGEST_REASON = 200


class JsonService:
    """Makes the calls to one service with one login, and says what a refusal means.

    Each call returns the answer's JSON. It raises UnreachableError where it was certainly not carried out,
    LostAnswerError where nobody knows, CredentialsError where the login does not hold, SettingsError where there is
    nothing at that address.
    """

    def __init__(
        self,
        name: str,
        root: str,
        headers: Mapping[str, str],
        *,
        again: str,
        per_second: float = 0,
        pause: Callable[[float], None] = stopping.pause,
    ) -> None:
        """Prepare the calls to one service.

        - `name`: what messages call it.
        - `root`: what every address begins with, such as `https://api.example/v1`.
        - `headers`: those of every call, the login's among them.
        - `again`: what a person does where the login is refused.
        - `per_second`: how many calls it takes in a second; 0 for any number.
        - `pause`: how waiting is done, by seconds.

        Raises SettingsError where `root` is no address, or one without encryption that is not on this machine.
        """
        try:
            self._root = server_root(root or "nowhere")
        except ValueError as fault:
            raise SettingsError(f"{name}: {root!r} {fault}") from None
        self._name = name
        self._again = again
        self._session = Session()
        # As its `auth`, so that a login in a file `.netrc` of this machine is not taken instead.
        self._session.auth = _Headers(headers)
        transport = HttpTransport(name, Pace(per_second, pause) if per_second else _at_once, pause)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, transport)

    def get(self, path: str, **query: str) -> Any:
        """What is there; tried again where the service fails."""
        return self._asked("GET", path, params=query)

    def post(self, path: str, body: object) -> Any:
        """Make something there."""
        return self._asked("POST", path, json=body)

    def patch(self, path: str, body: object) -> Any:
        """Change something there."""
        return self._asked("PATCH", path, json=body)

    def _asked(self, method: str, path: str, **how: Any) -> Any:
        response = self._session.request(method, self._root + path, **how)
        if not response.ok:
            raise self._refusal(response, f"{method} {path}")
        return response.json() if response.content.strip() else None

    def _refusal(self, response: Response, call: str) -> FivestepError:
        reason = _reason(response)
        match response.status_code:
            case 401:
                return CredentialsError(f"{self._name} does not accept the login ({reason}): {self._again}")
            case 403:
                return CredentialsError(f"{self._name} does not allow this to the login ({reason}): {self._again}")
            case 404:
                return SettingsError(f"{self._name} has nothing at {call.split()[1]} ({reason}): mend the settings")
            case status:
                return UnreachableError(f"{self._name} refused {call} ({status}: {reason})")


class _Headers:
    """Puts these headers on a call."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers.update(self._headers)
        return request


def _at_once() -> None:
    """Wait for nothing."""


def _reason(response: Response) -> str:
    """What the service says of its refusal, in whichever of the usual shapes it does."""
    try:
        told = response.json()
    except ValueError:
        told = None
    for name in ("error", "message"):
        if isinstance(told, Mapping) and told.get(name):
            told = told[name]
    if isinstance(told, Mapping):
        told = told.get("type")
    return told[:_LONGEST_REASON] if isinstance(told, str) and told else "no reason given"
