"""Credentials from the files in which they are kept, and back into them."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from google.auth.exceptions import GoogleAuthError
from google.oauth2.credentials import Credentials as UserCredentials
from google.oauth2.service_account import Credentials as KeyCredentials

from fivestep.connectors.google_errors import broken_file, missing_file
from fivestep.errors import UnreachableError

STORED = "a stored login (google-auth's authorized-user file)"
KEY = "the key of a service account (JSON)"
CLIENT = "an OAuth client of the type Desktop app (client_secret….json)"


def stored_login(file: Path, again: str) -> UserCredentials:
    """The login that `fivestep login` stored. Raises CredentialsError where there is none, or something else."""
    content = read_json(file, STORED, again)
    try:
        found: UserCredentials = UserCredentials.from_authorized_user_info(content)
    except (ValueError, TypeError, AttributeError, GoogleAuthError):
        raise broken_file(str(file), STORED) from None
    return found


def account_of(file: Path) -> str:
    """The address that a stored login belongs to, in lower case; empty where the file does not say."""
    with suppress(OSError, ValueError, AttributeError):
        return str(json.loads(file.read_text(encoding="utf-8")).get("account", "")).casefold()
    return ""


def service_key(file: Path, scopes: Sequence[str]) -> KeyCredentials:
    """The service account of a key file. Raises CredentialsError where there is none, or something else."""
    how = "create a key for the service account, and put it there (docs/google.md, service account)"
    content = read_json(file, KEY, how)
    try:
        found: KeyCredentials = KeyCredentials.from_service_account_info(content, scopes=scopes)
    except (ValueError, TypeError, AttributeError, GoogleAuthError):
        raise broken_file(str(file), KEY) from None
    return found


def client_of(file: Path) -> Mapping[str, Any]:
    """The OAuth client in a file. Raises CredentialsError where there is none, or something else."""
    content = read_json(file, CLIENT, "download it from the Google console and put it there (docs/google.md, step 4)")
    if not isinstance(content.get("installed"), Mapping):
        what = "a web client; make one of the type Desktop app" if "web" in content else CLIENT
        raise broken_file(str(file), what if what == CLIENT else f"of use, as it is {what}")
    return content


def read_json(file: Path, what: str, how: str) -> dict[str, Any]:
    """The object in a file of a login; its content is never repeated in a message."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise missing_file(str(file), what, how) from None
    except (OSError, ValueError):
        raise broken_file(str(file), what) from None
    if not isinstance(content, dict):
        raise broken_file(str(file), what)
    return content


def store_login(file: Path, credentials: UserCredentials, account: str, scopes: Collection[str]) -> None:
    """Keep a login for later runs: a file that only its owner may read, replaced whole.

    Raises UnreachableError where it can't be written.
    """
    content = {**json.loads(credentials.to_json()), "scopes": sorted(scopes)}
    if account:
        content["account"] = account
    part = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            part.unlink()
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            json.dump(content, opened, indent=2)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(file)
    except OSError as fault:
        raise UnreachableError(f"{file} can't be written ({fault.strerror}); the login was not stored") from fault
