"""One IMAP mailbox: its connection, its folders, and what goes wrong with either, in words for people."""

from __future__ import annotations

import datetime as dt
import imaplib
import ssl
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxAppendError, MailboxLoginError

from fivestep.connectors.mailboxes.imap.folders import Folder, Places, find_places
from fivestep.connectors.mailboxes.imap.logins import ImapLogin
from fivestep.connectors.mailboxes.mime.message import TOKEN
from fivestep.errors import CredentialsError, FivestepError, LostAnswerError, SettingsError, UnreachableError

IMAP_TIME_LIMIT = 30.0
"""Seconds for one answer."""

_AWAY = ("[unavailable]", "[serverbug]", "[inuse]", "[limit]")
_DRAFT, _SEEN = "\\Draft", "\\Seen"


class Header(NamedTuple):
    """What a stored mail can be known by."""

    token: str
    """Empty where a mail program has left it out."""
    to: frozenset[str]
    """The addresses of all that it goes to, in lower case."""
    subject: str
    at: int
    """In milliseconds since 1970."""


class ImapAccount:
    """Connects when it is first needed, and again where the server has hung up meanwhile."""

    def __init__(self, login: ImapLogin) -> None:
        self.login = login
        self._open: BaseMailBox | None = None
        self._places: Places | None = None
        self._end: Callable[[], object] = lambda: None

    @property
    def places(self) -> Places:
        """The folders that matter. Raises SettingsError where there is none for drafts."""
        if self._places is None:
            with self._faults("can't be read"):
                listed = self._connected().folder.list()
            folders = [Folder(one.name, one.delim, {flag.lower() for flag in one.flags}) for one in listed]
            self._places = find_places(folders, self.login.drafts, self.login.sent)
        if self._places.drafts is None:
            there = ", ".join(repr(name) for name in self._places.names) or "none"
            raise SettingsError(
                f"the mailbox of {self.login.who} has no folder for drafts (there are {there}): name it as drafts "
                "under [imap]"
            )
        return self._places

    def append(self, content: bytes, date: dt.datetime) -> None:
        """Put a draft into its folder.

        Raises UnreachableError where it was certainly not put there, LostAnswerError where nobody knows.
        """
        folder = self.places.drafts or ""
        with self._faults("takes no draft now"):
            connection = self._connected()
        try:
            connection.append(content, folder, date, [_DRAFT, _SEEN])
        except MailboxAppendError as refused:
            raise UnreachableError(f"the mailbox of {self.login.who} took no draft: {_said(refused)}") from None
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as lost:
            self.close()
            raise LostAnswerError(
                f"the mailbox of {self.login.who} did not answer ({_cause(lost)}): whether the draft was made is "
                "not known"
            ) from None

    def headers(self, folder: str, since: dt.date) -> list[Header]:
        """Of every mail in a folder that came there on that day or later and is not marked as deleted."""
        with self._faults("can't be read"):
            connection = self._connected()
            connection.folder.set(folder, readonly=True)
            # A day earlier, as the server counts days by its own clock.
            asked = AND(date_gte=since - dt.timedelta(days=1), deleted=False)
            found = connection.fetch(asked, mark_seen=False, headers_only=True, bulk=True)
            return [
                Header(
                    "".join(mail.headers.get(TOKEN.lower(), ("",))[:1]).strip(),
                    frozenset(address.casefold() for address in (*mail.to, *mail.cc)),
                    mail.subject,
                    _milliseconds(mail.date),
                )
                for mail in found
            ]

    def close(self) -> None:
        """Let go of the connection; it is let go of as well when nobody needs this account any more."""
        self._end()
        self._open = None

    def _connected(self) -> BaseMailBox:
        if self._open is not None:
            try:
                self._open.client.noop()
            except (OSError, imaplib.IMAP4.error):
                self.close()
        if self._open is None:
            self._open = self._logged_in()
        return self._open

    def _dialled(self) -> BaseMailBox:
        connection = self._dial()
        self._end = weakref.finalize(self, _hang_up, connection)
        return connection

    def _logged_in(self) -> BaseMailBox:
        login = self.login
        password = login.password()
        try:
            return self._dialled().login(login.user, password, initial_folder=None)
        except MailboxLoginError as refused:
            said = _said(refused)
            if said.lower().startswith(_AWAY):
                raise UnreachableError(f"the mailbox of {login.who} is out of order: {said}") from None
            raise CredentialsError(
                f"the mailbox of {login.who} refuses the login ({said}): mend user or the password under [imap]; where "
                "two-step verification is on, most providers want an app password"
            ) from None
        except UnicodeEncodeError:
            raise CredentialsError(
                f"the user or the password of {login.who} holds letters that IMAP can't take"
            ) from None

    def _dial(self) -> BaseMailBox:
        login = self.login
        if login.security == "none":
            return MailBoxUnencrypted(login.host, login.port, IMAP_TIME_LIMIT)
        trusted = ssl.create_default_context()
        if login.security == "starttls":
            return MailBoxStartTls(login.host, login.port, IMAP_TIME_LIMIT, ssl_context=trusted)
        return MailBox(login.host, login.port, IMAP_TIME_LIMIT, ssl_context=trusted)

    @contextmanager
    def _faults(self, what: str) -> Iterator[None]:
        try:
            yield
        except FivestepError:
            raise
        except ssl.SSLCertVerificationError as fault:
            self.close()
            raise CredentialsError(
                f"the certificate of {self.login.host} is not trusted here ({fault.verify_message}): name the host as "
                "its certificate does, or have this machine trust it"
            ) from None
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as fault:
            self.close()
            raise UnreachableError(
                f"the mailbox of {self.login.who} {what} ({_cause(fault)}); try again later"
            ) from None


def _milliseconds(date: dt.datetime) -> int:
    """Since 1970; a date without a time zone is taken for one of UTC."""
    return int((date if date.tzinfo else date.replace(tzinfo=dt.UTC)).timestamp() * 1000)


def _hang_up(connection: BaseMailBox) -> None:
    with suppress(OSError, imaplib.IMAP4.error):
        connection.client.shutdown()


def _cause(fault: Exception) -> str:
    if isinstance(fault, ImapToolsError):
        return _said(fault)
    return (fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)) or type(fault).__name__


def _said(fault: ImapToolsError) -> str:
    """What the server answered."""
    result = getattr(fault, "command_result", None)
    parts = result[1] if result and len(result) > 1 else ()
    words = [part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts]
    return " ".join(words) or "no reason given"
