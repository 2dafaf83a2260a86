"""One IMAP mailbox: its connection, its folders, and what goes wrong with either, in words for people."""

from __future__ import annotations

import datetime as dt
import imaplib
import re
import ssl
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxAppendError, MailboxLoginError

from fivestep.connectors.mailboxes.imap.folders import Folder, Places, find_places
from fivestep.connectors.mailboxes.imap.logins import ImapLogin
from fivestep.connectors.mailboxes.imap.stored import ASKED_HEADERS, Outside, outside_of
from fivestep.connectors.mailboxes.mime.message import TOKEN
from fivestep.connectors.system.chunks import chunks
from fivestep.errors import CredentialsError, FivestepError, LostAnswerError, SettingsError, UnreachableError

IMAP_TIME_LIMIT = 30.0
"""Seconds for one answer."""

_AWAY = ("[unavailable]", "[serverbug]", "[inuse]", "[limit]")
_UID = re.compile(rb"\bUID (\d+)")
_AT_ONCE = 500
"""Mails that are asked for in one call."""
_BEGINNING = 32_768
"""Bytes of a mail that are read where its first words matter."""
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

    def outsides(self, folder: str, since: dt.date, *, is_sent: bool) -> list[Outside]:
        """The headers of every mail in a folder that came there on that day or later. Marks none as read."""
        asked = f"(UID INTERNALDATE BODY.PEEK[HEADER.FIELDS ({' '.join(ASKED_HEADERS)})])"
        with self._faults("can't be read"):
            connection = self._connected()
            connection.folder.set(folder, readonly=True)
            # Where all mails lie in one folder, drafts lie there as well.
            asked_for = (
                AND(date_gte=since, deleted=False) if is_sent else AND(date_gte=since, deleted=False, draft=False)
            )
            uids = connection.uids(asked_for)
            return [
                outside_of(uid, folder, is_sent, came, content)
                for some in chunks(uids, _AT_ONCE)
                for uid, came, content in _fetched(connection, some, asked)
            ]

    def beginnings(self, folder: str, uids: Sequence[str]) -> dict[str, bytes]:
        """How these mails of a folder begin, by UID. Marks none as read."""
        with self._faults("can't be read"):
            connection = self._connected()
            connection.folder.set(folder, readonly=True)
            asked = f"(UID INTERNALDATE BODY.PEEK[]<0.{_BEGINNING}>)"
            return {
                uid: content for some in chunks(uids, _AT_ONCE) for uid, _, content in _fetched(connection, some, asked)
            }

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


def _fetched(connection: BaseMailBox, uids: Sequence[str], asked: str) -> Iterator[tuple[str, dt.datetime, bytes]]:
    """UID, day of arrival and the content that was asked for of each of these mails that there is."""
    kind, parts = connection.client.uid("FETCH", ",".join(uids), asked)
    if kind != "OK":
        raise imaplib.IMAP4.error(f"FETCH was answered by {kind}")
    for part, behind in zip(parts, [*parts[1:], b""], strict=True):
        if not isinstance(part, tuple):
            continue
        about = part[0] + (behind if isinstance(behind, bytes) else b"")
        uid, came = _UID.search(about), imaplib.Internaldate2tuple(about)
        if uid is not None and came is not None:
            yield uid[1].decode("ascii"), dt.datetime.fromtimestamp(time.mktime(came), dt.UTC), part[1]


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
