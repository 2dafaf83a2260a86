"""What a person is told where PostgreSQL, or the way to it, does not work.

Nothing here repeats the URL: it may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from fivestep.errors import CredentialsError, FivestepError, SettingsError, UnreachableError

_BEFORE = re.compile(r"^(connection (failed|is bad): )?(connection to server .* failed: )?((FATAL|ERROR): +)?")
_UNREACHABLE = "try again later, or mend [ledger] url"
_WAYS = (
    (r"password authentication failed|no password supplied|role .* does not exist|no pg_hba\.conf entry|authentication",
     CredentialsError, "mend user and password under [ledger] url, or in FIVESTEP_LEDGER_URL"),
    (r'database ".*" does not exist', SettingsError, "create it, or name another under [ledger] url"),
    (r"invalid connection option|invalid (URI|sslmode|integer|value)|invalid port", SettingsError,
     "mend what follows the ? in [ledger] url"),
    (r"SSL was required|certificate|SSL error", SettingsError, "mend sslmode and certificates in [ledger] url"),
)  # fmt: skip
"""What a server says in English before it lets anybody in; it sends no code for it."""

_CODES: Mapping[str, tuple[type[FivestepError], str]] = {
    "22P05": (SettingsError, "create a database with ENCODING 'UTF8'"),
    "25006": (UnreachableError, "it takes no writes now: name the server that does under [ledger] url"),
    "28": (CredentialsError, "mend user and password under [ledger] url, or in FIVESTEP_LEDGER_URL"),
    "3D": (SettingsError, "create the database, or name another under [ledger] url"),
    "3F": (SettingsError, "create the schema, or name another in [ledger] url"),
    "40": (UnreachableError, "try again"),
    "42501": (CredentialsError, "let the user under [ledger] url own the database"),
    "53100": (UnreachableError, "free some space on the server, and try again"),
    "53300": (UnreachableError, "close some of its connections, or allow more"),
    "53": (UnreachableError, "try again later"),
    "54000": (SettingsError, "an ID of a deal may have 2,000 characters there at most: shorten it in the sheet"),
    "55P03": (UnreachableError, "another program holds its tables: close that, and try again"),
    "57": (UnreachableError, "try again later"),
    "08": (UnreachableError, "try again later"),
}
"""By SQLSTATE, or the class of it."""


@contextmanager
def faults(name: str) -> Iterator[None]:
    """Turns what the driver raises into the fault that a person can mend, where there is one."""
    try:
        yield
    except DBAPIError as error:
        fault = _fault_of(name, error)
        if fault is None:
            raise
        raise fault from None


def _fault_of(name: str, error: DBAPIError) -> FivestepError | None:
    """What a person is told; None where the fault is this program's own."""
    told = _first_line(error)
    code = getattr(error.orig, "sqlstate", None) or ""
    if found := _CODES.get(code) or _CODES.get(code[:2]):
        kind, mend = found
        return kind(f"the ledger {name}: {told}; {mend}")
    if code:
        return None
    for pattern, kind, mend in _WAYS:
        if re.search(pattern, told):
            return kind(f"the ledger {name} can't be opened: {told}; {mend}")
    if error.connection_invalidated or type(error.orig).__name__ == "OperationalError":
        return UnreachableError(f"the ledger {name} can't be reached: {told}; {_UNREACHABLE}")
    return None


def _first_line(error: DBAPIError) -> str:
    """The server's own words, without those that the driver puts before them."""
    return _BEFORE.sub("", str(error.orig).strip().partition("\n")[0])
