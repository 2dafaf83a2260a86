"""A team on a Google spreadsheet: its folder with settings and login, and the server that stands in for Google."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.oauth2.credentials import Credentials as UserCredentials

import fivestep
from fivestep.config.settings.model import Settings
from fivestep.connectors.google.account import COMPOSE, READ_MAIL, SHEETS_SCOPE, GoogleAccount
from fivestep.connectors.google.errors import Login
from fivestep.connectors.google.quota import OwnMemory, Quota
from fivestep.connectors.google.session import GoogleSession
from fivestep.connectors.google.transport import GoogleTransport
from tests.fakes.google.server import GoogleServer
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.team import ROWS

ANA = "ana@northwind.example"
SCOPES = (SHEETS_SCOPE, COMPOSE, READ_MAIL)

SETTINGS = """
[pipeline]
name = "team"
sheet = "https://docs.google.com/spreadsheets/d/{sheet}/edit#gid=0"
{pipeline}

[columns]
deal = "Deal"
stage = "Stage"
email = "E-mail"
contact = "Contact"
stage_since = "Since"
{columns}

[drafts]
to = "{to}"
from = "Ana Sommer <ana@northwind.example>"

[google]
api_root = "{root}"
{google}
"""


@dataclass(frozen=True)
class GoogleTeam:
    """What a person finds in the folder, and at Google."""

    server: GoogleServer
    book: Spreadsheet
    settings: Settings

    def cells(self) -> list[list[Any]]:
        """What the first tab shows."""
        return self.book.tabs[0].values()

    def column(self, header: str) -> dict[str, str]:
        """A column's cells by the deals' names."""
        top, *rows = self.cells()
        at, name = top.index(header), top.index("Deal")
        return {row[name]: str(row[at]) if at < len(row) else "" for row in rows if len(row) > name}

    def drafts(self, account: str = ANA) -> list[tuple[str, str, str]]:
        """To whom, about what, and the text, of every draft in a mailbox."""
        box = self.server.gmail.mailbox(account)
        return sorted((draft.to, draft.subject, draft.text) for draft in box.drafts.values())


def make_google_team(
    folder: Path,
    server: GoogleServer,
    rows: Sequence[Sequence[Any]] = ROWS,
    *,
    to: str = "gmail",
    pipeline: str = "",
    columns: str = "",
    google: str = "",
    scopes: Sequence[str] = SCOPES,
    **book: Any,
) -> GoogleTeam:
    """A new team in an empty folder, logged in as Ana, who may write to the spreadsheet."""
    made = server.sheets.add("Pipeline", rows, tab="Deals", writers=[ANA], **book)
    (folder / "google-token.json").write_text(json.dumps(server.tokens.authorized_user(ANA, scopes)), "utf-8")
    text = SETTINGS.format(sheet=made.id, to=to, root=server.root, pipeline=pipeline, columns=columns, google=google)
    (folder / "fivestep.toml").write_text(text, "utf-8")
    return GoogleTeam(server, made, fivestep.load_settings(folder / "fivestep.toml"))


def account_at(server: GoogleServer, address: str = ANA, scopes: Sequence[str] = SCOPES) -> GoogleAccount:
    """A login at the server, as connectors get it."""
    credentials = UserCredentials.from_authorized_user_info(server.tokens.authorized_user(address, scopes))
    transport = GoogleTransport(server.root, Quota(OwnMemory()), Counter(), pause=lambda _seconds: None)
    login = Login("oauth", "google-token.json", address, "", tuple(scopes), "run `fivestep login`")
    session = GoogleSession(credentials, transport, login)
    return GoogleAccount(address, session, frozenset(scopes), login.again, address)
