"""A logged-in way to the test server, as connectors have it, that waits for nothing and remembers how long it would."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import requests
from google.oauth2.credentials import Credentials as UserCredentials

from fivestep.connectors.google.account import COMPOSE, READ_MAIL, SHEETS_SCOPE
from fivestep.connectors.google.errors import Login
from fivestep.connectors.google.quota import OwnMemory, Quota
from fivestep.connectors.google.session import GoogleSession
from fivestep.connectors.google.transport import GoogleTransport
from tests.fakes.google.server import GoogleServer

ANA = "ana@northwind.example"
SCOPES = (SHEETS_SCOPE, COMPOSE, READ_MAIL)
SHEETS_API = "https://sheets.googleapis.com/v4/spreadsheets"
GMAIL_API = "https://gmail.googleapis.com/gmail/v1/users/me"


class Way:
    """A session with its transport. `root` empty: the way to Google itself, which `responses` has to block."""

    def __init__(
        self, root: str, login: dict[str, Any], scopes: Sequence[str] = SCOPES, quota: Quota | None = None
    ) -> None:
        self.pauses: list[float] = []
        self.counted: Counter[str] = Counter()
        self.transport = GoogleTransport(root, quota or Quota(OwnMemory()), self.counted, pause=self.pauses.append)
        self.credentials = UserCredentials.from_authorized_user_info(login)
        self.login = Login("oauth", "google-token.json", ANA, "", tuple(scopes), "run `fivestep login`")
        self.session = GoogleSession(self.credentials, self.transport, self.login)

    def get(self, url: str, **how: Any) -> requests.Response:
        return self.session.get(url, **how)

    def post(self, url: str, body: object) -> requests.Response:
        return self.session.post(url, json=body)


def way_to(server: GoogleServer, quota: Quota | None = None) -> Way:
    """Ana's, with a token already asked for."""
    way = Way(server.root, server.tokens.authorized_user(ANA, SCOPES), quota=quota)
    way.session.log_in()
    server.calls.clear()
    way.counted.clear()
    return way


def everything_said(record: logging.LogRecord) -> str:
    """All that a handler could write of a record: its text, its arguments, what was attached to it, its traceback."""
    trace = logging.Formatter().format(record)
    return "\n".join((record.getMessage(), trace, *map(repr, vars(record).values()), json.dumps(str(vars(record)))))
