"""A Google account that is logged in, as sheets and mailboxes use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from requests import Session

SHEETS_SCOPE = "https://www.googleapis.com/auth/spreadsheets"
COMPOSE = "https://www.googleapis.com/auth/gmail.compose"
READ_MAIL = "https://www.googleapis.com/auth/gmail.readonly"
MODIFY_MAIL = "https://www.googleapis.com/auth/gmail.modify"
ALL_MAIL = "https://mail.google.com/"

READING: Set[str] = frozenset({READ_MAIL, MODIFY_MAIL, ALL_MAIL})
"""Each of these lets messages and the settings of signatures be read."""

COMPOSING: Set[str] = frozenset({COMPOSE, MODIFY_MAIL, ALL_MAIL})
"""Each of these lets drafts be made and listed."""


@dataclass(frozen=True)
class GoogleAccount:
    """One login."""

    who: str
    """What messages call it: the address where it is known, else the file of the login."""
    session: Session
    """Authorised; every call through it goes by the one transport, with its time limit, retries and rate."""
    scopes: Set[str]
    """What was granted."""
    again: str
    """What a person does where the login does not hold, such as `fivestep login`."""
    share_with: str = ""
    """The address that a sheet has to be shared with; empty where it is not known."""

    @property
    def reads_mail(self) -> bool:
        """Whether messages can be read."""
        return not READING.isdisjoint(self.scopes)


class NoAccountError(Exception):
    """This sender has no mailbox here; the text says what to do."""


class GoogleAccounts(Protocol):
    """The logins of one pipeline."""

    calls: Counter[str]
    """Calls made so far, by host."""

    def main(self) -> GoogleAccount:
        """The login that reads the sheet. Raises CredentialsError, with what to do, where there is none."""

    def of(self, sender: str) -> GoogleAccount:
        """The account with this sender's mailbox.

        The address is in lower case; empty means the main login's own.

        Raises NoAccountError where this sender has none, CredentialsError where the login is broken.
        """
