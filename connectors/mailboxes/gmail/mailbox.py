"""Drafts in the Gmail of each deal's owner, threaded into their latest conversation with the person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from fivestep.connectors.check import Check
from fivestep.connectors.google.account import GoogleAccount, GoogleAccounts, NoAccountError
from fivestep.connectors.mailbox import Found, Known, MailboxCapabilities, Message, RefusedError
from fivestep.connectors.mailboxes.gmail.conversations import gmail_exchanges
from fivestep.connectors.mailboxes.gmail.create import create_drafts
from fivestep.connectors.mailboxes.gmail.draft_id import read_draft_id
from fivestep.connectors.mailboxes.gmail.mail import GmailMessage
from fivestep.connectors.mailboxes.gmail.owner import GmailOwner
from fivestep.connectors.mailboxes.gmail.trace import trace
from fivestep.connectors.mailboxes.mime.address import address_in_headers
from fivestep.connectors.mailboxes.mime.message import as_eml
from fivestep.errors import CredentialsError, FivestepError, SettingsError, UnreachableError
from fivestep.process.mails.exchange import Exchange, correspondence_of
from fivestep.process.model.address import bare_address
from fivestep.process.model.history import Correspondence

_T = TypeVar("_T")


class _Refused(NamedTuple):
    """Why a sender's mailbox can't be used."""

    reason: str
    there_is_one: bool
    """The fault is the login's, and there may be mails in the mailbox."""


class GmailMailbox:
    """The mailboxes of one pipeline's owners.

    Implements `BatchMailbox`, and `Examined` of `connectors.check`.
    """

    name = "Gmail"
    at_once = 10

    def __init__(self, accounts: GoogleAccounts, zone: ZoneInfo, read_mail: bool) -> None:
        """`zone`: in which a mail's day is told. `read_mail`: whether mails may be read at all."""
        self._accounts = accounts
        self._zone = zone
        self._read_mail = read_mail
        self._owners: dict[int, tuple[GoogleAccount, GmailOwner]] = {}
        self._resolved: dict[str, GmailOwner | _Refused | CredentialsError | SettingsError] = {}

    @property
    def capabilities(self) -> MailboxCapabilities:
        """What the setting and the main login allow."""
        reads = self._read_mail
        with suppress(FivestepError):  # `check` says what is wrong with it
            main = self._resolve("")
            reads = main.reads if isinstance(main, GmailOwner) else reads
        return MailboxCapabilities(reads_mail=reads, in_flight=dt.timedelta(seconds=10))

    def check(self) -> None:
        """Raise UnreachableError or CredentialsError, with what to do, where a draft could not be made by now."""
        # Where it has no mailbox, there are only the owners' own, and of those `refusal` tells.
        self._resolve("")

    def checks(self) -> Iterator[Check]:
        """Whether mail is read, and if not, who said so."""
        if self.capabilities.reads_mail:
            yield Check("mail", True, "who wrote last, conversations and what became of drafts are read in Gmail")
        elif not self._read_mail:
            message = "mail is not read (read_mail = false): replies, threads and sent drafts are not seen"
            yield Check("mail", None, message)
        else:
            message = "this login may not read mail: replies, threads, signatures and sent drafts are not seen"
            yield Check(
                "mail",
                None,
                message,
                "log in once more with `fivestep login`, and leave the box for reading mail ticked",
            )

    def refusal(self, sender: str) -> str:
        """Why no draft of this sender can be made here; empty where one can.

        Raises CredentialsError where it is the login of the whole pipeline that does not hold.
        """
        found = self._resolve(sender)
        return found.reason if isinstance(found, _Refused) else ""

    def create(self, message: Message) -> str:
        """Make the draft, once, and return its ID."""
        [made] = self.create_all([message])
        if isinstance(made, FivestepError):
            raise made
        return made

    def create_all(self, messages: Sequence[Message]) -> list[str | FivestepError]:
        """Make these drafts; for each its ID, or what `create` would have raised."""
        made: dict[int, str | FivestepError] = {}
        fit: list[tuple[int, GmailOwner]] = []
        for at, message in enumerate(messages):
            try:
                as_eml(message)
                owner = self._resolve(bare_address(message.sender))
            except RefusedError as fault:
                made[at] = fault
            except FivestepError as fault:
                made[at] = UnreachableError(str(fault))  # certainly not made
            else:
                if isinstance(owner, _Refused):
                    made[at] = UnreachableError(owner.reason)
                else:
                    fit.append((at, owner))
        for owner, places in _by_owner(fit):
            try:
                made |= zip(places, create_drafts(owner, [messages[at] for at in places]), strict=True)
            except (UnreachableError, CredentialsError) as fault:
                # Only what comes before the drafts is raised: the signature.
                made |= dict.fromkeys(places, UnreachableError(str(fault)))
        return [made[at] for at in range(len(messages))]

    def trace(self, drafts: Sequence[Known]) -> list[Found | None]:
        """What became of each draft, in the same order; None where there is none, and none has been."""
        found: dict[int, Found | None] = {}
        asked: list[tuple[int, GmailOwner]] = []
        for at, draft in enumerate(drafts):
            if (owner := self._owner_of(draft)) is None:
                found[at] = Found(draft.draft_id, "unasked")
            else:
                asked.append((at, owner))
        for owner, places in _by_owner(asked):
            try:
                found |= zip(places, trace(owner, [drafts[at] for at in places]), strict=True)
            except CredentialsError:
                found |= {at: Found(drafts[at].draft_id, "unasked") for at in places}
        return [found[at] for at in range(len(drafts))]

    def correspondence(self, people: Mapping[str, Collection[str]]) -> Mapping[str, Correspondence]:
        """The last mails with each of these people, over the mailboxes of all their senders."""
        if not self.capabilities.reads_mail:
            return {}
        asked: list[tuple[tuple[str, str], GmailOwner]] = []
        blind: dict[str, str] = {}
        for person, senders in people.items():
            for sender in sorted(senders):
                owner = self._resolve(sender)
                if isinstance(owner, GmailOwner) and owner.reads:
                    asked.append(((person, sender), owner))
                elif isinstance(owner, GmailOwner) or owner.there_is_one:
                    blind[person] = f"the mailbox of {sender or 'the main login'} can't be read with its login"
        team = {sender for senders in people.values() for sender in senders}
        told: defaultdict[str, list[tuple[str, Exchange[GmailMessage]]]] = defaultdict(list)
        for owner, pairs in _by_owner(asked):
            headers = {person: address_in_headers(person) for person, _ in pairs}
            found = gmail_exchanges(owner, list(dict.fromkeys(headers.values())), team)
            for person, sender in pairs:
                told[person].append((sender, found[headers[person]]))
        return {person: correspondence_of(told[person], self._zone, blind.get(person, "")) for person in people}

    def _resolve(self, sender: str) -> GmailOwner | _Refused:
        """The mailbox of a sender, or why it can't be used; found out once.

        Raises CredentialsError and SettingsError where the fault is the whole pipeline's.
        """
        if sender not in self._resolved:
            self._resolved[sender] = self._found_out(sender)
        found = self._resolved[sender]
        if isinstance(found, FivestepError):
            raise found
        return found

    def _found_out(self, sender: str) -> GmailOwner | _Refused | CredentialsError | SettingsError:
        """The mailbox of a sender, or the fault that keeps it from being used."""
        try:
            account = self._accounts.of(sender)
            # Several senders may have one mailbox.
            _, owner = self._owners.setdefault(id(account), (account, GmailOwner(account, read_mail=self._read_mail)))
            owner.check()
        except NoAccountError as missing:
            return _Refused(str(missing), there_is_one=False)
        except CredentialsError as fault:
            return _Refused(str(fault), there_is_one=True) if sender and self._main_holds() else fault
        except SettingsError as fault:
            return fault
        return owner

    def _main_holds(self) -> bool:
        """Whether the pipeline's own login can be used: then a fault is one of an owner's login."""
        try:
            self._resolve("")
        except (CredentialsError, SettingsError):
            return False
        return True

    def _owner_of(self, draft: Known) -> GmailOwner | None:
        """The mailbox that the draft was put into; None where nothing can be asked there now."""
        where = read_draft_id(draft.draft_id)
        if draft.draft_id and where is None:
            return None
        senders = [bare_address(draft.sender), *([where.address] if where else [])]
        for sender in dict.fromkeys(senders):
            with suppress(CredentialsError, SettingsError):
                owner = self._resolve(sender)
                if isinstance(owner, GmailOwner) and (where is None or owner.address == where.address):
                    return owner
        return None


def _by_owner(asked: Iterable[tuple[_T, GmailOwner]]) -> list[tuple[GmailOwner, list[_T]]]:
    owners: dict[int, tuple[GmailOwner, list[_T]]] = {}
    for one, owner in asked:
        owners.setdefault(id(owner), (owner, []))[1].append(one)
    return list(owners.values())
