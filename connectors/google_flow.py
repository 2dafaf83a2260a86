"""A person logs in at Google, in a browser, once: the installed-app flow."""

from __future__ import annotations

import os
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from google.auth.exceptions import GoogleAuthError
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from fivestep.connectors.google_transport import GoogleTransport
from fivestep.errors import CredentialsError

PATIENCE = 600
"""Seconds that a person has for it."""

ELSEWHERE = "http://localhost:8914/"
"""Where another machine's browser comes out: nothing answers there, and its address holds what is needed."""

_DONE = "You are logged in. You may close this window, and go back to fivestep."
_RELAXED = "OAUTHLIB_RELAX_TOKEN_SCOPE"


def log_in(
    client: Mapping[str, Any],
    scopes: Sequence[str],
    transport: GoogleTransport,
    *,
    address: str,
    tell: Callable[[str], None],
    ask: Callable[[str], str] | None,
) -> Credentials:
    """The login that a person has granted, with the scopes that they left in.

    `address` is the account that the page should offer; empty for none. `tell` is given the page's address. Without
    `ask` the page is opened in a browser here, and its answer comes by a loopback port; with it, the address at which a
    browser elsewhere came out is asked for. Raises CredentialsError where it was not granted.
    """
    flow: Any = InstalledAppFlow.from_client_config(client, scopes)
    for scheme in ("https://", "http://"):
        flow.oauth2session.mount(scheme, transport)
    offered = {"prompt": "consent", "access_type": "offline", **({"login_hint": address} if address else {})}
    with _faults(), _fewer_scopes_are_fine():
        if ask is None:
            return _by_loopback(flow, offered, transport, tell)
        flow.redirect_uri = ELSEWHERE
        page, _ = flow.authorization_url(**offered)
        tell(transport.rewritten(page))
        came_out = ask("The address at which the browser came out").strip()
        # The library insists on an encrypted address; this one never leaves the machine.
        flow.fetch_token(authorization_response=came_out.replace("http://", "https://", 1))
        found: Credentials = flow.credentials
        return found


def _by_loopback(
    flow: Any, offered: Mapping[str, str], transport: GoogleTransport, tell: Callable[[str], None]
) -> Credentials:
    page_of = flow.authorization_url

    def open_page(**parameters: str) -> tuple[str, str]:
        page, state = page_of(**parameters)
        page = transport.rewritten(page)
        tell(page)
        webbrowser.open(page)
        return page, state

    flow.authorization_url = open_page
    found: Credentials = flow.run_local_server(
        bind_addr="127.0.0.1",
        port=0,
        open_browser=False,
        authorization_prompt_message=None,
        success_message=_DONE,
        timeout_seconds=PATIENCE,
        **offered,
    )
    return found


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except WSGITimeoutError:
        raise CredentialsError("nobody has logged in for ten minutes: run `fivestep login` again") from None
    except OAuth2Error as fault:
        raise CredentialsError(f"the login was not granted ({fault.error}): run `fivestep login` again") from None
    except (GoogleAuthError, ValueError) as fault:
        raise CredentialsError(f"the login failed ({fault}): run `fivestep login` again") from None


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
