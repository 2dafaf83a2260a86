"""One owner's Gmail mailbox during one run; nothing is read twice."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from fivestep.connectors.google.account import COMPOSING, GoogleAccount
from fivestep.connectors.mailboxes.gmail.api import GmailApi, SendAs
from fivestep.connectors.mailboxes.gmail.mail import GmailMessage, message_of
from fivestep.errors import CredentialsError

log = logging.getLogger(__name__)


class GmailOwner:
    """The mailbox of one login."""

    def __init__(self, account: GoogleAccount, *, read_mail: bool) -> None:
        """`read_mail`: whether mails may be looked at, as far as the login allows it."""
        self.api = GmailApi(account.session, account.who, account.again)
        self.reads = read_mail and account.reads_mail
        self._account = account
        self._mails: dict[str, GmailMessage | None] = {}
        self._drafted: dict[str, GmailMessage | None] = {}
        self._threads: dict[str, list[GmailMessage]] = {}

    @property
    def address(self) -> str:
        """The mailbox's own address, in lower case."""
        return self.api.address

    def check(self) -> None:
        """Raise CredentialsError where this login can't make drafts, NoAccountError where it has no mailbox."""
        if COMPOSING.isdisjoint(self._account.scopes):
            raise CredentialsError(
                f"the login of {self._account.who} was not allowed to make drafts in Gmail: {self._account.again}, and "
                "leave the box for drafts ticked"
            )
        _ = self.address

    @cached_property
    def own(self) -> frozenset[str]:
        """Every known address that the owner writes from."""
        return frozenset({self.address, *(one.address for one in self._send_as)})

    def signature(self, sender: str) -> str:
        """The HTML signature for mails of this address; empty where there is none that can be read."""
        default = next((one for one in self._send_as if one.is_default), None)
        chosen = next((one for one in self._send_as if one.address == sender), default)
        return chosen.signature if chosen else ""

    def mails(self, ids: Sequence[str]) -> list[GmailMessage]:
        """Those of these messages that still exist, in this order."""
        unread = [one for one in dict.fromkeys(ids) if one not in self._mails]
        raw = self.api.mails(unread)
        self._mails |= {one: message_of(raw[one]) if one in raw else None for one in unread}
        return _there(self._mails[one] for one in ids)

    def threads(self, ids: Collection[str]) -> list[GmailMessage]:
        """All messages of those of these conversations that there are."""
        unread = [one for one in dict.fromkeys(ids) if one not in self._threads]
        for one in unread:
            self._threads[one] = []
        for raw in self.api.threads(unread):
            mail = self._mails[raw.id] = message_of(raw)
            self._threads.setdefault(raw.thread, []).append(mail)
        return [mail for one in dict.fromkeys(ids) for mail in self._threads[one]]

    def draft_mails(self, ids: Sequence[str]) -> dict[str, GmailMessage]:
        """The messages of those of these drafts that still exist, by draft ID."""
        unread = [one for one in ids if one not in self._drafted]
        raw = self.api.draft_mails(unread)
        self._drafted |= {one: message_of(raw[one]) if one in raw else None for one in unread}
        return {one: mail for one in ids if (mail := self._drafted[one]) is not None}

    @cached_property
    def _send_as(self) -> list[SendAs]:
        if not self._account.reads_mail:
            return []
        try:
            return self.api.send_as()
        except CredentialsError as fault:
            log.warning("the signature and other addresses of %s can't be read: %s", self._account.who, fault)
            return []


def _there(mails: Iterable[GmailMessage | None]) -> list[GmailMessage]:
    return [mail for mail in mails if mail is not None]
