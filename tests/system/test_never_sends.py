"""Nothing here can send a mail: not by its source, not through its transport, and not in all that it does at Google."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from fivestep.config.settings.model import Settings
from fivestep.connectors.google import account
from fivestep.connectors.google.account import COMPOSE, READ_MAIL, SHEETS_SCOPE
from fivestep.connectors.google.accounts import mail_scopes, sheet_scopes
from fivestep.connectors.mailboxes.gmail.api import GmailApi
from tests import ROOT
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_calls import GMAIL_API, SHEETS_API, way_to
from tests.fakes.google_team import ANA, make_google_team
from tests.fakes.shell import Shell

PACKAGES = ("process", "config", "connectors", "jobs", "fivestep")
MODULES = {
    str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
"""Every module, by the name of its file."""

SENDERS = {"smtplib", "aiosmtplib", "smtpd", "aiosmtpd", "yagmail", "sendgrid", "mailjet", "postmark", "boto3"}
PROGRAMS = {"subprocess", "pty", "popen2"}
"""By which a mail program could be started."""

STARTS_ITSELF = {("connectors/system/child.py", "subprocess")}
"""The schedule starts fivestep's own commands, which are looked at here as well."""

CALLS = {"send", "sendmail", "send_message", "sendall", "sendto", "system", "popen", "startfile"}
PATHS = ("messages/send", "drafts/send", "messages.send", "drafts.send", "sendmail", "smtp://", "smtps://")

USED = {
    "sheets.spreadsheets.get",
    "sheets.spreadsheets.values.get",
    "sheets.spreadsheets.values.batchGet",
    "sheets.spreadsheets.values.batchUpdate",
    "sheets.spreadsheets.batchUpdate",
    "gmail.users.getProfile",
    "gmail.users.settings.sendAs.list",
    "gmail.users.drafts.create",
    "gmail.users.drafts.get",
    "gmail.users.drafts.list",
    "gmail.users.messages.get",
    "gmail.users.messages.list",
    "gmail.users.threads.get",
    "batch",
    "oauth2.token",
}
"""All that may be called at Google."""


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for name, module in MODULES.items():
        for node in ast.walk(module):
            yield name, node


def docstrings() -> set[int]:
    """The texts that only people read."""
    found = set()
    for _, node in nodes():
        body = getattr(node, "body", None)
        for one in body if isinstance(body, list) else ():
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                found.add(id(one.value))
    return found


# By its source


def test_every_module_is_looked_at() -> None:
    assert {name.split("/")[0] for name in MODULES} == set(PACKAGES)
    assert len(MODULES) > 150


def test_nothing_is_imported_that_sends_or_starts_a_program_that_could() -> None:
    found = []
    for name, node in nodes():
        if isinstance(node, ast.Import):
            found += [(name, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(name, f"{node.module}.{alias.name}") for alias in node.names]
    assert len(found) > 500
    assert {one for one in found if {*one[1].split(".")} & (SENDERS | PROGRAMS)} <= STARTS_ITSELF


def test_nothing_is_called_that_sends() -> None:
    found = [
        (name, ast.unparse(node))
        for name, node in nodes()
        if (isinstance(node, ast.Attribute) and node.attr in CALLS) or (isinstance(node, ast.Name) and node.id in CALLS)
    ]
    # An adapter of requests carries every call by a method of that name; in the contract suite a person sends.
    assert set(found) == {
        ("connectors/google/transport.py", "super().send"),
        ("connectors/system/http.py", "super().send"),
        ("connectors/testing/mailbox.py", "place.send"),
    }


def test_no_text_names_what_sends() -> None:
    for_people = docstrings()
    texts = [
        (name, node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value)
        for name, node in nodes()
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in for_people
    ]
    assert len(texts) > 1_000
    assert not [(name, text) for name, text in texts if text in CALLS]
    assert not [(name, text) for name, text in texts if any(path in text.casefold() for path in PATHS)]


# By its rights


@pytest.mark.parametrize("sheet", ["pipeline.csv", "https://docs.google.com/spreadsheets/d/a"])
@pytest.mark.parametrize("to", ["gmail", "Gmail", "drafts/", "imap"])
@pytest.mark.parametrize("read_mail", [True, False])
def test_no_right_is_asked_for_that_could_send_where_it_can_be_avoided(sheet: str, to: str, read_mail: bool) -> None:
    """Of those that let drafts be made, none is without it."""
    data = {"pipeline": {"sheet": sheet}, "drafts": {"to": to}, "google": {"read_mail": read_mail}}
    settings = Settings.model_validate(data)
    expected = ({SHEETS_SCOPE} if "google" in sheet else set()) | ({COMPOSE} if to.casefold() == "gmail" else set())
    expected |= {READ_MAIL} if to.casefold() == "gmail" and read_mail else set()
    assert {*sheet_scopes(settings), *mail_scopes(settings)} == expected


def test_the_rights_that_are_known_stand_in_one_place() -> None:
    named = {
        (name, node.value)
        for name, node in nodes()
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and ("/auth/" in node.value or "mail.google.com" in node.value)
    }
    assert {name for name, _ in named} == {"connectors/google/account.py"}
    assert {scope for _, scope in named} == {SHEETS_SCOPE} | account.READING | account.COMPOSING
    asked = [scope.rpartition("/auth/")[2] for scope in (SHEETS_SCOPE, COMPOSE, READ_MAIL)]
    assert asked == ["spreadsheets", "gmail.compose", "gmail.readonly"]


# Through its transport


@pytest.mark.parametrize("path", ["messages/send", "drafts/send", "messages/send?x=1", "messages/send/"])
def test_the_transport_carries_no_call_that_sends(google: GoogleServer, path: str) -> None:
    way = way_to(google)
    with pytest.raises(AssertionError, match="never sends"):
        way.post(f"{GMAIL_API}/{path}", {"raw": "VG86IGtpbUBhY21lLmV4YW1wbGUNCg0KSGVsbG8"})
    with pytest.raises(AssertionError, match="never sends"):
        way.post(f"https://gmail.googleapis.com/upload/gmail/v1/users/me/{path}", {})
    assert google.calls == []


def test_nor_a_batch_that_sends(google: GoogleServer) -> None:
    way = way_to(google)
    api = GmailApi(way.session, ANA, "")
    calls = [api._messages.send(userId="me", body={"raw": "VG86IGtpbQ"}), api._drafts.list(userId="me")]
    with pytest.raises(AssertionError, match="never sends"):
        api._batch(calls)
    assert google.calls == []


def test_what_only_speaks_of_sending_is_carried(google: GoogleServer) -> None:
    way = way_to(google)
    book = google.sheets.add("Pipeline", [["Deal"]], tab="Deals", writers=[ANA])
    url = f"{SHEETS_API}/{book.id}/values:batchUpdate"
    body = {"valueInputOption": "RAW", "data": [{"range": "Deals!A1", "values": [["POST /drafts/send"]]}]}
    assert way.post(url, body).ok
    assert way.session.post(url, data="POST /drafts/send").status_code == 400


# In all that it does


@pytest.mark.slow
def test_a_team_s_week_calls_nothing_that_sends(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    team = make_google_team(tmp_path, google)
    for command in ("check", "plan", "doctor", "run", "report", "history", "undo"):
        assert shell(command).code in (0, 1)
    box = google.gmail.mailbox(ANA)
    first, second = box.drafts
    box.send_draft(first)
    box.edit_draft(second, text="Hello")
    for command in ("run", "run", "doctor", "undo"):
        assert shell(command).code in (0, 1)
    assert len(team.drafts()) == 1
    assert {call.method_id for call in google.calls} <= USED
    assert {"gmail.users.drafts.create", "gmail.users.messages.list"} <= {call.method_id for call in google.calls}
    assert len([mail for mail in box.messages.values() if "SENT" in mail.labels]) == 1
