"""Drafts in the Drafts folder of each owner's IMAP mailbox. There is nothing here that sends."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from fivestep.config.settings.model import Settings
from fivestep.connectors.mailbox import Fate, Found, Known, MailboxCapabilities, Message, RefusedError
from fivestep.connectors.mailboxes.imap.account import Header, ImapAccount
from fivestep.connectors.mailboxes.imap.conversations import imap_exchanges
from fivestep.connectors.mailboxes.imap.logins import read_logins
from fivestep.connectors.mailboxes.imap.stored import StoredMail
from fivestep.connectors.mailboxes.mime.address import address_in_headers
from fivestep.connectors.mailboxes.mime.draft_claims import mail_of_each_draft
from fivestep.connectors.mailboxes.mime.message import as_eml
from fivestep.errors import CredentialsError, FivestepError, LostAnswerError
from fivestep.process.mails.exchange import Exchange, correspondence_of
from fivestep.process.model.address import bare_address
from fivestep.process.model.history import Correspondence


class ImapMailbox:
    """A draft's ID is its token, as its number changes with every edit."""

    capabilities = MailboxCapabilities(reads_mail=True, in_flight=dt.timedelta(seconds=5))

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError where `[imap]` lacks something."""
        logins = read_logins(settings)
        self._zone = settings.zone
        self._first = ImapAccount(logins[0])
        accounts = [self._first, *(ImapAccount(login) for login in logins[1:])]
        self._accounts = {sender: account for account in accounts for sender in account.login.senders}

    @property
    def name(self) -> str:
        """The server's name."""
        return self._first.login.host

    def check(self) -> None:
        """Raise CredentialsError, SettingsError or UnreachableError where the first login takes no drafts now."""
        _ = self._first.places

    def refusal(self, sender: str) -> str:
        """Why this sender has no mailbox here; empty where they have one."""
        if not sender or sender in self._accounts:
            return ""
        return f'{sender} has no mailbox here: add [imap.people."{sender}"] with user and password_file'

    def create(self, message: Message) -> str:
        """Make the draft, once, and return its ID."""
        content = as_eml(message, for_a_mail_program=False)
        account = self._of(message.sender)
        try:
            account.append(content, message.date)
        except LostAnswerError:
            if not _is_there(account, message):
                raise
        return message.token

    def trace(self, drafts: Sequence[Known]) -> list[Found | None]:
        """What became of each draft; whose mailbox can't be opened for its login's sake is not asked."""
        found: dict[str, Found | None] = {}
        owners: dict[str, list[Known]] = {}
        for draft in drafts:
            owners.setdefault(bare_address(draft.sender), []).append(draft)
        for sender, own in owners.items():
            if self.refusal(sender):
                found.update({draft.token: Found(draft.draft_id, "unasked") for draft in own})
                continue
            try:
                found.update(zip((draft.token for draft in own), _traced(self._of(sender), own), strict=True))
            except CredentialsError:
                found.update({draft.token: Found(draft.draft_id, "unasked") for draft in own})
        return [found[draft.token] for draft in drafts]

    def correspondence(self, people: Mapping[str, Collection[str]]) -> Mapping[str, Correspondence]:
        """The last mails with each of these people, over the mailboxes of all their senders."""
        asked: defaultdict[ImapAccount, list[tuple[str, str]]] = defaultdict(list)
        for person, senders in people.items():
            for sender in sorted(senders):
                if not self.refusal(sender):
                    asked[self._of(sender)].append((person, sender))
        team = {sender for senders in people.values() for sender in senders}
        told: defaultdict[str, list[tuple[str, Exchange[StoredMail]]]] = defaultdict(list)
        blind: dict[str, str] = {}
        for account, pairs in asked.items():
            headers = {person: address_in_headers(person) for person, _ in pairs}
            try:
                found = imap_exchanges(account, set(headers.values()), team)
            except CredentialsError:
                blind |= {
                    person: f"the mailbox of {account.login.who} can't be read with its login" for person, _ in pairs
                }
                continue
            for person, sender in pairs:
                told[person].append((sender, found[headers[person]]))
        return {person: correspondence_of(told[person], self._zone, blind.get(person, "")) for person in people}

    def _of(self, sender: str) -> ImapAccount:
        address = bare_address(sender)
        if reason := self.refusal(address):
            raise RefusedError(reason)
        return self._accounts.get(address, self._first)


def _is_there(account: ImapAccount, message: Message) -> bool:
    """Whether the draft was made, as far as a look tells: of a server that is away it stays unknown."""
    try:
        found = account.headers(account.places.drafts or "", message.date.date())
    except FivestepError:
        return False
    return any(one.token == message.token for one in found)


def _traced(account: ImapAccount, drafts: Sequence[Known]) -> list[Found | None]:
    """What became of one mailbox's drafts, found by their tokens, else by what they look like."""
    places, earliest = account.places, min(draft.since for draft in drafts).astimezone(dt.UTC).date()
    waiting = account.headers(places.drafts or "", earliest)
    sent = account.headers(places.sent, earliest) if places.sent else []
    fates: dict[int, Fate] = {}
    sent_at: dict[int, dt.datetime] = {}
    looks: list[tuple[Fate, Sequence[Header]]] = [
        ("sent", [mail for mail in sent if mail.token]),
        ("created", [mail for mail in waiting if mail.token]),
        ("sent", sent),
        ("edited", waiting),
    ]
    for fate, mails in looks:
        wanted = [at for at in range(len(drafts)) if at not in fates]
        became = mail_of_each_draft(drafts, wanted, mails)
        fates |= dict.fromkeys(became, fate)
        if fate == "sent":
            sent_at |= {at: dt.datetime.fromtimestamp(mail.at / 1000, dt.UTC) for at, mail in became.items()}
    gone: Fate = "unknown" if places.sent is None else "deleted"
    return [
        Found(draft.token, fates.get(at, gone), sent_at.get(at)) if at in fates or draft.draft_id else None
        for at, draft in enumerate(drafts)
    ]
