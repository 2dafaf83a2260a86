"""A person logs in at Google, in a browser, once: the installed-app flow."""

from __future__ import annotations

import os
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from google.auth.exceptions import GoogleAuthError
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from fivestep.connectors.google.loopback import Loopback
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

    `address` is the account that the page should offer; empty for none. `again` is what begins a new login. `tell` is
    given the page's address. Without `ask` the page is opened in a browser here, and its answer comes by a loopback
    port; with it, the address at which a browser elsewhere came out is asked for. Raises CredentialsError where it was
    not granted.
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
    with Loopback() as loopback:
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
    """A person may leave out a scope: what needs it is off then, and the rest works. The library would refuse it."""
    before = os.environ.get(_RELAXED)
    os.environ[_RELAXED] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_RELAXED]
        else:
            os.environ[_RELAXED] = before
