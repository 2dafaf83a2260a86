"""Whose login is used for what: the sheet's, and each owner's mailbox."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from google.auth import default as default_credentials
from google.auth.credentials import Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.oauth2.service_account import Credentials as KeyCredentials

from fivestep.config.settings.model import Settings
from fivestep.connectors.google.account import (
    COMPOSE,
    COMPOSING,
    READ_MAIL,
    READING,
    SHEETS_SCOPE,
    GoogleAccount,
    NoAccountError,
)
from fivestep.connectors.google.address import GMAIL, spreadsheet_name
from fivestep.connectors.google.credentials import KEY, account_of, read_json, service_key, stored_login
from fivestep.connectors.google.errors import Login
from fivestep.connectors.google.quota import FileMemory, Memory, OwnMemory, Quota
from fivestep.connectors.google.session import GoogleSession, SearchRequest, fault_of_login, plain_session
from fivestep.connectors.google.transport import GoogleTransport
from fivestep.connectors.system import stopping
from fivestep.errors import CredentialsError, FivestepError, SettingsError
from fivestep.process.model.address import bare_address

_PROFILE = "https://gmail.googleapis.com/gmail/v1/users/me/profile"
_ALIASES = "https://gmail.googleapis.com/gmail/v1/users/me/settings/sendAs"


def sheet_scopes(settings: Settings) -> list[str]:
    """The least that the settings' sheet needs."""
    return [SHEETS_SCOPE] if spreadsheet_name(settings.pipeline.sheet) else []


def mail_scopes(settings: Settings) -> list[str]:
    """The least that the settings' drafts need."""
    if settings.drafts.to.lower() != GMAIL:
        return []
    return [COMPOSE, *([READ_MAIL] if settings.google.read_mail else [])]


def token_file(settings: Settings, person: str = "") -> Path:
    """Where a login is stored: the team's, or that of one person beside it."""
    file = settings.path(settings.google.token)
    return file.with_name(f"{file.stem}.{_in_a_name(person)}{file.suffix}") if person else file


def again(person: str = "") -> str:
    """What renews a login."""
    return f"run `fivestep login --for {person}`" if person else "run `fivestep login`"


class Accounts:
    """The logins of one pipeline, each asked for once.

    Implements `connectors.google.account.GoogleAccounts`.
    """

    def __init__(self, settings: Settings, pause: Callable[[float], None] = stopping.pause) -> None:
        self.calls: Counter[str] = Counter()
        """Requests by host."""
        self._settings = settings
        self._google = settings.google
        self._pause = pause
        self._from = bare_address(settings.drafts.sender or "")
        self._known: dict[str, GoogleAccount] = {}

    def main(self) -> GoogleAccount:
        """The login that reads the sheet."""
        return self._main

    def of(self, sender: str) -> GoogleAccount:
        """The account whose mailbox is this sender's."""
        if sender not in self._known:
            self._known[sender] = self._mailbox_of(sender)
        return self._known[sender]

    def _mailbox_of(self, sender: str) -> GoogleAccount:
        if self._google.login == "service-account":
            return self._delegated(sender) if sender or not self._from else self.of(self._from)
        if sender and self._google.login == "oauth" and _is_there(token_file(self._settings, sender)):
            return self._stored(sender)
        if not sender or sender == self._from or sender in self._own_addresses:
            return self._main
        how = f": {again(sender)}" if self._google.login == "oauth" else ""
        raise NoAccountError(f"{sender} has no mailbox here{how}")

    @cached_property
    def _main(self) -> GoogleAccount:
        match self._google.login:
            case "oauth":
                return self._stored("")
            case "service-account":
                scopes = sheet_scopes(self._settings) or mail_scopes(self._settings)
                key = self._key(scopes)
                email: str = key.service_account_email
                return self._account(key, self._key_login(email, scopes), email, share_with=email)
            case _:
                return self._default()

    def _stored(self, person: str) -> GoogleAccount:
        file = token_file(self._settings, person)
        credentials = stored_login(file, again(person))
        who = account_of(file) or person
        wanted = [*([] if person else sheet_scopes(self._settings)), *mail_scopes(self._settings)]
        login = Login("oauth", str(file), who, "", tuple(wanted), again(person))
        return self._account(credentials, login, who, share_with=who)

    def _default(self) -> GoogleAccount:
        wanted = [*sheet_scopes(self._settings), *mail_scopes(self._settings)]
        login = Login("default", "the application default credentials", "", "", tuple(wanted), "see docs/google.md")
        try:
            credentials, _ = default_credentials(wanted, SearchRequest(plain_session(self.transport(""))))
        except GoogleAuthError as fault:
            raise fault_of_login(fault, login) from None
        except (ValueError, TypeError, AttributeError):  # what google-auth makes of a file that is none of its own
            raise fault_of_login(DefaultCredentialsError(), login) from None
        email = str(getattr(credentials, "service_account_email", ""))
        return self._account(credentials, login, "", share_with=email)

    def _delegated(self, sender: str) -> GoogleAccount:
        """The mailbox of a person for whom the service account acts."""
        if not self._google.delegate:
            raise SettingsError(
                "a service account has no mailbox of its own: set delegate = true under [google], and have it granted "
                "(docs/google.md); or use drafts in a folder"
            )
        if not sender:
            raise NoAccountError("it is not known whose mailbox to use: set from under [drafts]")
        scopes = mail_scopes(self._settings)
        acting = self._key(scopes).with_subject(sender)
        try:
            return self._account(acting, self._key_login(sender, scopes), sender)
        except CredentialsError as fault:
            if sender != self._from and self._grant_holds():
                raise NoAccountError(f"no mailbox of {sender} can be used: {fault}") from None
            raise

    def _grant_holds(self) -> bool:
        """Whether the delegation works for somebody: then what fails for one person is about that person."""
        try:
            return bool(self._from and self.of(self._from))
        except (FivestepError, NoAccountError):
            return False

    def _key(self, scopes: Sequence[str]) -> KeyCredentials:
        return service_key(self._settings.path(self._google.credentials), scopes)

    def _key_login(self, who: str, scopes: Sequence[str]) -> Login:
        file = self._settings.path(self._google.credentials)
        return Login(
            "service-account", str(file), who, _client_id(file), tuple(scopes), "see docs/google.md, service account"
        )

    def _account(self, credentials: Credentials, login: Login, who: str, share_with: str = "") -> GoogleAccount:
        session = GoogleSession(credentials, self.transport(who), login)
        if not credentials.valid:
            session.log_in()
        return GoogleAccount(who or login.file, session, granted(credentials, login.scopes), login.again, share_with)

    def address_of(self, credentials: Credentials, scopes: Sequence[str]) -> str:
        """Whose login this is, in lower case; empty where it may not be asked."""
        login = Login("oauth", self._google.token, "", "", tuple(scopes), again())
        return _address(self._account(credentials, login, ""))

    def transport(self, who: str) -> GoogleTransport:
        """The way to Google for the calls of one account."""
        quota = Quota(self._memory(who), pause=self._pause)
        return GoogleTransport(self._google.api_root, quota, self.calls, self._pause)

    def _memory(self, who: str) -> Memory:
        """Where all with the same login count together; a server of one's own has no such quota."""
        if self._google.api_root or self._google.login == "default":
            return OwnMemory()
        file = self._settings.path(self._google.token if self._google.login == "oauth" else self._google.credentials)
        # Late: the database's library takes a while to import.
        from fivestep.connectors.database.engine import is_postgresql

        if is_postgresql(self._settings.ledger_url):
            from fivestep.connectors.google.quota_in_database import DatabaseMemory

            return DatabaseMemory(self._settings.ledger_url, _login_key(file, who))
        return FileMemory(file.with_name(f"{file.name}.{_in_a_name(who)}.quota" if who else f"{file.name}.quota"))

    @cached_property
    def _own_addresses(self) -> frozenset[str]:
        """Every address that the main login's mailbox sends from, in lower case."""
        account = self._main
        own = {account.who.casefold(), _address(account)}
        if account.reads_mail:
            own.update(
                str(one.get("sendAsEmail", "")).casefold() for one in _asked(account, _ALIASES).get("sendAs", ())
            )
        return frozenset(own)


def granted(credentials: Credentials, wanted: Sequence[str]) -> frozenset[str]:
    """The scopes that a login has, as far as it says; else those that were asked for."""
    told = getattr(credentials, "granted_scopes", None)
    if told is None:
        told = getattr(credentials, "scopes", None) or wanted
    return frozenset(told.split() if isinstance(told, str) else told)


def _address(account: GoogleAccount) -> str:
    """The account's address in lower case; empty where it may not be asked."""
    if (COMPOSING | READING).isdisjoint(account.scopes):
        return ""
    return str(_asked(account, _PROFILE).get("emailAddress", "")).casefold()


def _asked(account: GoogleAccount, url: str) -> dict[str, Any]:
    """The answer; empty where Google refuses it, as without the address only others' drafts are skipped."""
    answer = account.session.get(url)
    found: dict[str, Any] = answer.json() if answer.ok else {}
    return found


def _is_there(file: Path) -> bool:
    """Whether there is such a file; a name that is too long for one has none."""
    with suppress(OSError):
        return file.exists()
    return False


def _in_a_name(address: str) -> str:
    """An address as a part of a file's name: some of what it may hold no file system takes."""
    return re.sub(r'[/\\:*?"<>|%]', lambda found: f"%{ord(found[0]):02X}", address)


def _login_key(file: Path, who: str) -> str:
    """What identifies a login on every machine, without anything that would let somebody in."""
    stored = read_json(file, KEY, "") if file.exists() else {}
    known = str(stored.get("client_email") or stored.get("refresh_token") or file.name)
    return hashlib.sha256(f"{known}\0{who}".encode("utf-8", "surrogatepass")).hexdigest()


def _client_id(file: Path) -> str:
    """What the administrator has to enter for the service account."""
    return str(read_json(file, KEY, "").get("client_id", ""))
