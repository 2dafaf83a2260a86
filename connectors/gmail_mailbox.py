"""Drafts in the Gmail of each deal's owner, threaded into their latest conversation with the person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from fivestep.connectors.eml_address import one_address
from fivestep.connectors.eml_message import as_eml
from fivestep.connectors.gmail_create import create_drafts
from fivestep.connectors.gmail_draft_id import read_draft_id
from fivestep.connectors.gmail_mail import Mail
from fivestep.connectors.gmail_owner import GmailOwner
from fivestep.connectors.gmail_talks import Talk, latest, talks
from fivestep.connectors.gmail_trace import trace
from fivestep.connectors.google_account import GoogleAccount, GoogleAccounts, NoAccountError
from fivestep.connectors.mailbox import Found, Known, MailboxCapabilities, Message, RefusedError
from fivestep.errors import CredentialsError, FivestepError, SettingsError, UnreachableError
from fivestep.process.history import Conversation, Correspondence
from fivestep.process.merge_source import bare_address

T = TypeVar("T")


class GmailMailbox:
    """The mailboxes of one pipeline's owners; implements `connectors.mailbox.BatchMailbox`."""

    name = "Gmail"

    def __init__(self, accounts: GoogleAccounts, zone: ZoneInfo, read_mail: bool) -> None:
        """`zone`: in which a mail's day is told. `read_mail`: whether mails may be read at all."""
        self._accounts = accounts
        self._zone = zone
        self._read_mail = read_mail
        self._owners: dict[int, tuple[GoogleAccount, GmailOwner]] = {}

    @cached_property
    def capabilities(self) -> MailboxCapabilities:
        """What the setting and the main login allow; another login may allow less, and its people are left out then."""
        reads = self._read_mail
        with suppress(NoAccountError, FivestepError):  # `check` says what is wrong with it
            reads = self._owner("").reads
        return MailboxCapabilities(reads_mail=reads, tells_sent=reads, at_once=10, in_flight=dt.timedelta(seconds=10))

    def check(self) -> None:
        """Raise UnreachableError or CredentialsError, with what to do, where a draft could not be made by now."""
        try:
            self._owner("").check()
        except NoAccountError:
            return  # there are only the owners' own mailboxes, and of those `refusal` tells

    def refusal(self, sender: str) -> str:
        """Why no draft of this sender can be made here; empty where one can.

        Raises CredentialsError where it is the login of the whole pipeline that does not hold.
        """
        try:
            self._owner(sender).check()
        except NoAccountError as missing:
            return str(missing)
        except CredentialsError as fault:
            if sender and self._main_holds():
                return str(fault)
            raise
        return ""

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
                fit.append((at, self._owner(bare_address(message.sender))))
            except RefusedError as fault:
                made[at] = fault
            except (NoAccountError, FivestepError) as fault:
                made[at] = UnreachableError(str(fault))  # certainly not made
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
        """The last mails with each of these people, over the mailboxes that may be read."""
        asked: list[tuple[tuple[str, str], GmailOwner]] = []
        for person, senders in people.items():
            for sender in sorted(senders):
                owner = self._reader(sender)
                if owner is not None:
                    asked.append(((person, sender), owner))
        told: defaultdict[str, list[tuple[str, Talk]]] = defaultdict(list)
        for owner, pairs in _by_owner(asked):
            headers = {person: _in_headers(person) for person, _ in pairs}
            found = talks(owner, list(dict.fromkeys(headers.values())))
            for person, sender in pairs:
                told[person].append((sender, found[headers[person]]))
        return {person: self._correspondence(parts) for person, parts in told.items()}

    def _correspondence(self, parts: Sequence[tuple[str, Talk]]) -> Correspondence:
        """What several mailboxes say about one person."""
        theirs = latest(talk.theirs for _, talk in parts)
        ours = latest(talk.ours for _, talk in parts)
        conversations = {sender: talk_ for sender, talk in parts if (talk_ := _conversation(talk)) is not None}
        wrote_last = theirs is not None and (ours is None or theirs.at >= ours.at)
        return Correspondence(self._day(theirs), self._day(ours), wrote_last, conversations)

    def _day(self, mail: Mail | None) -> dt.date | None:
        return dt.datetime.fromtimestamp(mail.at / 1000, self._zone).date() if mail else None

    def _owner(self, sender: str) -> GmailOwner:
        """The mailbox of a sender. Raises NoAccountError and what the login raises."""
        account = self._accounts.of(sender)
        if id(account) not in self._owners:
            self._owners[id(account)] = (account, GmailOwner(account, read_mail=self._read_mail))
        return self._owners[id(account)][1]

    def _owner_of(self, draft: Known) -> GmailOwner | None:
        """The mailbox that the draft was put into; None where nothing can be asked there now."""
        where = read_draft_id(draft.draft_id)
        if draft.draft_id and where is None:
            return None
        senders = [bare_address(draft.sender), *([where.address] if where else [])]
        for sender in dict.fromkeys(senders):
            try:
                owner = self._owner(sender)
                if where is None or owner.address == where.address:
                    return owner
            except (NoAccountError, CredentialsError, SettingsError):
                continue
        return None

    def _reader(self, sender: str) -> GmailOwner | None:
        """The mailbox of a sender, where it can be read."""
        try:
            owner = self._owner(sender)
            return owner if owner.reads and owner.address else None
        except NoAccountError:
            return None
        except CredentialsError:
            if sender and self._main_holds():
                return None
            raise

    def _main_holds(self) -> bool:
        """Whether the pipeline's own login can be used: then a fault is one of an owner's login."""
        try:
            self._owner("").check()
        except NoAccountError:
            return True
        except CredentialsError:
            return False
        return True


def _by_owner(asked: Iterable[tuple[T, GmailOwner]]) -> list[tuple[GmailOwner, list[T]]]:
    owners: dict[int, tuple[GmailOwner, list[T]]] = {}
    for one, owner in asked:
        owners.setdefault(id(owner), (owner, []))[1].append(one)
    return list(owners.values())


def _in_headers(person: str) -> str:
    """The address as headers have it, its domain in ASCII; as it is where it is none."""
    try:
        return one_address(person).casefold()
    except RefusedError:
        return person


def _conversation(talk: Talk) -> Conversation | None:
    """Where a follow-up belongs: an answer needs a mail that has a name."""
    last = latest(mail for mail in talk if mail and mail.message_id)
    return last.conversation if last else None
