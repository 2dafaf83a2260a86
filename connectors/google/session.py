"""A session that is logged in: every call carries the token, and every fault says how to mend it."""

from __future__ import annotations

import os
from typing import Any

from google.auth.credentials import Credentials
from google.auth.environment_vars import CREDENTIALS
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from requests import Response, Session

from fivestep.connectors.google.errors import Login, no_credentials, refused_login
from fivestep.connectors.google.transport import GoogleTransport
from fivestep.errors import CredentialsError, UnreachableError


class GoogleSession(AuthorizedSession):
    """`requests.Session` for one account, over the one transport."""

    def __init__(self, credentials: Credentials, transport: GoogleTransport, login: Login) -> None:
        super().__init__(credentials, auth_request=Request(plain_session(transport)))
        self._login = login
        self._transport = transport
        _mount(self, transport)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """The answer. Raises CredentialsError where the login does not hold, and what the transport raises."""
        try:
            answer: Response = super().request(method, url, *args, **kwargs)
        except GoogleAuthError as fault:
            raise fault_of_login(fault, self._login) from None
        return answer

    @property
    def ahead(self) -> float | None:
        """Seconds by which this machine's clock is before Google's; None where no call has been made."""
        return self._transport.ahead

    def log_in(self) -> None:
        """Ask for a token now. Raises CredentialsError where the login does not hold."""
        try:
            self.credentials.refresh(self._auth_request)
        except GoogleAuthError as fault:
            raise fault_of_login(fault, self._login) from None


class SearchRequest(Request):
    """What google-auth looks for default credentials with: where nobody answers, it looks elsewhere."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The answer. Raises TransportError where there is none."""
        try:
            return super().__call__(*args, **kwargs)
        except UnreachableError as fault:
            raise TransportError(str(fault)) from fault


def plain_session(transport: GoogleTransport) -> Session:
    """A session without a login, for asking for one."""
    session = Session()
    _mount(session, transport)
    return session


def fault_of_login(fault: GoogleAuthError, login: Login) -> CredentialsError | UnreachableError:
    """What a fault of google-auth means for a person."""
    if isinstance(fault, DefaultCredentialsError):
        return no_credentials(os.environ.get(CREDENTIALS, ""))
    if isinstance(fault, TransportError) or getattr(fault, "retryable", False):
        return UnreachableError("Google's login service can't be reached; your login is not the cause; try again later")
    told = fault.args[1] if isinstance(fault, RefreshError) and len(fault.args) > 1 else str(fault)
    return refused_login(told if isinstance(told, dict) else str(fault.args[0] if fault.args else fault), login)


def _mount(session: Session, transport: GoogleTransport) -> None:
    for scheme in ("https://", "http://"):
        session.mount(scheme, transport)
