"""Credentials from the files in which they are kept, and back into them."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from google.auth.exceptions import GoogleAuthError
from google.auth.transport import Request
from google.oauth2.credentials import Credentials as UserCredentials
from google.oauth2.service_account import Credentials as KeyCredentials

from fivestep.connectors.google.errors import broken_file, missing_file
from fivestep.errors import CredentialsError, UnreachableError

STORED = "a stored login (google-auth's authorized-user file)"
KEY = "the key of a service account (JSON)"
CLIENT = "an OAuth client of the type Desktop app (client_secret….json)"


_CLIENT_KEYS = ("client_id", "client_secret", "auth_uri", "token_uri")

log = logging.getLogger(__name__)


class StoredLogin(UserCredentials):
    """A login from a file. Where Google gives it a new refresh token, the file gets it as well."""

    file: Path

    def refresh(self, request: Request) -> None:
        """Ask for an access token."""
        before = self.refresh_token
        super().refresh(request)
        if self.refresh_token == before:
            return
        try:
            store_login(self.file, self, account_of(self.file), self.scopes or ())
        except UnreachableError as fault:
            log.warning("Google gave this login a new token, and %s: the next run may have to log in again", fault)


def stored_login(file: Path, again: str) -> StoredLogin:
    """The login that `fivestep login` stored.

    Raises CredentialsError where there is none, or it can't be read.
    """
    content = read_json(file, STORED, again)
    try:
        found: StoredLogin = StoredLogin.from_authorized_user_info(content)
    except (ValueError, TypeError, AttributeError, GoogleAuthError):
        raise broken_file(str(file), STORED, again) from None
    if not found.refresh_token:
        raise broken_file(str(file), STORED, again)
    found.file = file
    return found


def account_of(file: Path) -> str:
    """The address that a stored login belongs to, in lower case; empty where the file does not say."""
    with suppress(OSError, ValueError, AttributeError):
        return str(json.loads(file.read_text(encoding="utf-8")).get("account") or "").casefold()
    return ""


def service_key(file: Path, scopes: Sequence[str]) -> KeyCredentials:
    """The service account of a key file. Raises CredentialsError where there is none, or something else."""
    how = "create a key for the service account, and put it there (docs/google.md, service account)"
    content = read_json(file, KEY, how)
    try:
        found: KeyCredentials = KeyCredentials.from_service_account_info(content, scopes=scopes)
    except (ValueError, TypeError, AttributeError, GoogleAuthError):
        raise broken_file(str(file), KEY, how) from None
    return found


def client_of(file: Path) -> Mapping[str, Any]:
    """The OAuth client in a file. Raises CredentialsError where there is none, or something else."""
    how = "download it from the Google console and put it there (docs/google.md, step 4)"
    content = read_json(file, CLIENT, how)
    own = content.get("installed")
    if isinstance(own, Mapping) and all(isinstance(own.get(key), str) for key in _CLIENT_KEYS):
        return content
    if "web" in content:
        how = "it is a web client; make one of the type Desktop app (docs/google.md, step 4)"
    elif content.get("type") == "service_account":
        how = f'it is {KEY}; set login = "service-account" under [google]'
    raise broken_file(str(file), CLIENT, how)


def read_json(file: Path, what: str, how: str) -> dict[str, Any]:
    """The object in a file of a login; its content is never repeated in a message."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise missing_file(str(file), what, how) from None
    except OSError as fault:
        raise CredentialsError(f"{file}, which should be {what}, can't be read: {fault.strerror or fault}") from None
    except (ValueError, RecursionError):
        raise broken_file(str(file), what, how) from None
    if not isinstance(content, dict):
        raise broken_file(str(file), what, how)
    return content


def store_login(file: Path, credentials: UserCredentials, account: str, scopes: Collection[str]) -> None:
    """Keep a login for later runs: a file that only its owner may read, replaced whole.

    Raises UnreachableError where it can't be written.
    """
    # The access token ends within the hour; what is not in the file is not found there.
    content = {**json.loads(credentials.to_json(strip=("token", "expiry"))), "scopes": sorted(scopes)}
    if account:
        content["account"] = account
    target = file.resolve()
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as opened:
                json.dump(content, opened, indent=2)
                opened.flush()
                os.fsync(opened.fileno())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as fault:
        raise UnreachableError(f"{file} can't be written ({fault.strerror}); the login was not stored") from fault
