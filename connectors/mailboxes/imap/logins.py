"""Whose IMAP mailbox is whose: the logins that the settings describe, and their passwords."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from fivestep.config.settings.model import ImapPerson, Settings
from fivestep.config.settings.value_checks import is_loopback
from fivestep.errors import CredentialsError, Mistake, SettingsError
from fivestep.process.model.address import bare_address

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True)
class ImapLogin:
    """One mailbox, and how to get into it."""

    host: str
    port: int
    security: Security
    user: str
    secret: SecretStr | Path
    """The password, or the file that holds it."""
    drafts: str | None
    sent: str | None
    senders: Set[str]
    """The addresses whose mailbox it is, in lower case."""

    @property
    def who(self) -> str:
        """What messages call it."""
        return f"{self.user} at {self.host}"

    def password(self) -> str:
        """The password. Raises CredentialsError where its file does not give it."""
        if isinstance(self.secret, SecretStr):
            return self.secret.get_secret_value()
        try:
            text = self.secret.read_text("utf-8-sig").strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = "is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
            raise CredentialsError(
                f"the password of {self.who} can't be read from {self.secret} ({why}): put it there, in one line"
            ) from None
        if not text or "\n" in text or "\0" in text:
            raise CredentialsError(f"{self.secret} must hold the password of {self.who} in one line, and nothing else")
        return text


def read_logins(settings: Settings) -> list[ImapLogin]:
    """The login of `[imap]` itself, where it has one, and then each person's.

    Raises SettingsError with all that is missing or does not fit.
    """
    imap, mistakes = settings.imap, list[Mistake]()
    logins = []
    if imap.user or not imap.people:
        logins.append(_login(settings, "imap", imap, imap.password, _own_senders(settings), mistakes))
    for address, person in imap.people.items():
        over = person.model_dump(exclude_none=True)
        shared = {"host": imap.host, "port": imap.port, "security": imap.security, "drafts": imap.drafts}
        whole = ImapPerson(**{**shared, "sent": imap.sent, "user": address, **over})
        logins.append(_login(settings, f'imap.people."{address}"', whole, None, {address.casefold()}, mistakes))
    if mistakes:
        raise SettingsError(list(dict.fromkeys(mistakes)))
    return logins


def _own_senders(settings: Settings) -> set[str]:
    """The addresses that the login of `[imap]` itself serves: the senders, and its user's name."""
    own = {bare_address(settings.drafts.sender or ""), (settings.imap.user or "").casefold()} - {""}
    return own - {address.casefold() for address in settings.imap.people}


def _login(
    settings: Settings,
    place: str,
    given: ImapPerson,
    password: SecretStr | None,
    senders: Set[str],
    mistakes: list[Mistake],
) -> ImapLogin:
    """One login; what is missing or does not fit is added to `mistakes`.

    - `settings`: of the whole pipeline.
    - `place`: the table of the settings in which the login stands.
    - `given`, `password`: what that table says, and the password; None where there is none.
    - `senders`: the addresses whose drafts go into this mailbox.
    """
    security, host = given.security or "tls", given.host or ""

    def wrong(name: str, expected: str) -> None:
        mistakes.append(Mistake(settings.file, f"{place}.{name}", "", expected))

    if not host:
        wrong("host", 'is missing: the name of the mail server, such as "imap.northwind.example"')
    elif security == "none" and not is_loopback(host):
        wrong("security", "must be tls or starttls: without, anybody on the way could read the password")
    if not given.user:
        wrong("user", "is missing: the name to log in with, often the address")
    if password is None and not given.password_file:
        wrong("password_file", "is missing: a file with the password in one line")
    return ImapLogin(
        host=host,
        port=given.port or (993 if security == "tls" else 143),
        security=security,
        user=given.user or "",
        secret=password or settings.path(given.password_file or ""),
        drafts=given.drafts,
        sent=given.sent,
        senders=frozenset(senders),
    )
