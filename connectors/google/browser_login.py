"""A person logs in at Google, in a browser, once: the installed-app flow."""

from __future__ import annotations

import os
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from google.auth.exceptions import GoogleAuthError
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from fivestep.connectors.google.transport import GoogleTransport
from fivestep.errors import CredentialsError

LOGIN_PATIENCE = 600
"""Seconds that a person has for it."""

ELSEWHERE = "http://localhost:8914/"
"""Where another machine's browser comes out: nothing answers there, and its address holds what is needed."""

_RELAXED = "OAUTHLIB_RELAX_TOKEN_SCOPE"
_WORDS = {
    "access_denied": "access was not granted",
    "invalid_grant": "it took too long, or the address was used before",
    "mismatching_state": "that is not the whole address at which the browser came out, or that of another login",
    "missing_code": "that is not the whole address at which the browser came out",
}
_GRANTED = "You are logged in at Google. Close this window, and go back to fivestep: it says what comes of it."
_REFUSED = "You are not logged in, as access was not granted. Close this window, and go back to fivestep."
_STRANGE = "There is nothing here."


def log_in_by_browser(
    client: Mapping[str, Any],
    scopes: Sequence[str],
    transport: GoogleTransport,
    *,
    address: str,
    again: str,
    tell: Callable[[str], None],
    ask: Callable[[str], str] | None,
) -> Credentials:
    """The login that a person has granted, with the scopes that they left in.

    - `client`, `scopes`: the OAuth client as Google's file has it, and what is asked for.
    - `transport`: by which Google is reached.
    - `address`: the account that the page should offer; empty for none.
    - `again`: what begins a new login, for messages.
    - `tell`: is given the page's address.
    - `ask`: asks for the address at which a browser elsewhere came out. Without it the page is opened in a browser
      here, and its answer comes by a loopback port.

    Raises CredentialsError where the login was not granted.
    """
    with _faults(again), _fewer_scopes_are_fine():
        flow: Any = InstalledAppFlow.from_client_config(client, scopes)
        for scheme in ("https://", "http://"):
            flow.oauth2session.mount(scheme, transport)

        def page() -> tuple[str, str]:
            hint = {"login_hint": address} if address else {}
            url, state = flow.authorization_url(prompt="consent", access_type="offline", **hint)
            return transport.rewritten(url), state

        query = _from_here(flow, page, tell) if ask is None else _from_elsewhere(flow, page, tell, ask)
        if query is None:
            raise CredentialsError(f"nobody has logged in for ten minutes: {again}")
        # The library insists on an encrypted address; this one never leaves the machine.
        flow.fetch_token(authorization_response=f"https://localhost/?{query}")
        found: Credentials = flow.credentials
        return found


def _from_here(flow: Any, page: Callable[[], tuple[str, str]], tell: Callable[[str], None]) -> str | None:
    with _Loopback() as loopback:
        flow.redirect_uri = loopback.address
        url, state = page()
        tell(url)
        # Browsers that run in a terminal come back only when they are closed.
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        return loopback.answer(state, LOGIN_PATIENCE)


def _from_elsewhere(
    flow: Any, page: Callable[[], tuple[str, str]], tell: Callable[[str], None], ask: Callable[[str], str]
) -> str:
    flow.redirect_uri = ELSEWHERE
    tell(page()[0])
    came_out = ask("The address at which the browser came out")
    # Browsers show addresses without `http://`, so only what follows the question mark counts.
    return came_out.strip().partition("?")[2].partition("#")[0]


class _Loopback:
    """Where a browser on this machine comes out: a port that only this machine reaches, for one answer.

    A context manager: listens from __enter__ to __exit__.
    """

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.set_app(self._page)
        self._state = ""
        self._query: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()

    @property
    def address(self) -> str:
        """Where it listens. A number, as the name `localhost` may lead to another program's port."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def answer(self, state: str, patience: float) -> str | None:
        """The query with which the browser came out; None where it did not within so many seconds.

        Whatever does not bring this login's `state` is no answer to it: browsers ask for icons, too, and other
        programs for whatever they find.
        """
        self._state = state
        end = time.monotonic() + patience
        while self._query is None and (left := end - time.monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        return self._query

    def _page(self, environ: Mapping[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        query = str(environ.get("QUERY_STRING", ""))
        told = dict(parse_qsl(query))
        if told.get("state") == self._state:
            self._query = query
            status, text = "200 OK", _GRANTED if "code" in told else _REFUSED
        else:
            status, text = "404 Not Found", _STRANGE
        start(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [text.encode()]


class _Server(WSGIServer):
    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Nothing: a browser that connects and says nothing is no event."""


class _Handler(WSGIRequestHandler):
    timeout = 2.0
    """Seconds: browsers keep connections ready on which they say nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the address holds a secret."""


@contextmanager
def _faults(again: str) -> Iterator[None]:
    try:
        yield
    except OAuth2Error as fault:
        raise CredentialsError(f"the login failed ({_WORDS.get(fault.error, fault.error)}): {again}") from None
    except (GoogleAuthError, ValueError) as fault:
        raise CredentialsError(f"the login failed ({fault}): {again}") from None


@contextmanager
def _fewer_scopes_are_fine() -> Iterator[None]:
    """Let a person leave out a scope, which the library would refuse: what needs it is then off."""
    before = os.environ.get(_RELAXED)
    os.environ[_RELAXED] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_RELAXED]
        else:
            os.environ[_RELAXED] = before
