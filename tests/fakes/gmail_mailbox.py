"""Ana's team at the test server's Gmail: its mailbox as a run opens it, and what people do in theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from fivestep.connectors.google.account import COMPOSE, READ_MAIL, GoogleAccount, NoAccountError
from fivestep.connectors.mailboxes.gmail.draft_id import DraftId, read_draft_id
from fivestep.connectors.mailboxes.gmail.mailbox import GmailMailbox
from fivestep.connectors.mailboxes.mime.headers import writer
from fivestep.connectors.testing.mailbox import WHEN
from fivestep.process.model.history import Correspondence
from tests.fakes.google.gmail_box import Box
from tests.fakes.google.gmail_send_as import Identities
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_team import account_at

ANA, BEN, KIM = "ana@northwind.example", "ben@northwind.example", "kim@fabrikam.example"
BERLIN = ZoneInfo("Europe/Berlin")
SCOPES = (COMPOSE, READ_MAIL)


class Own(Identities):
    """Takes a sender's address from the angle brackets, as the name before them may hold commas once it is decoded."""

    def sender(self, written: str) -> str:
        return written if writer(written) in self.addresses() else super().sender(written)


class TeamLogins:
    """Implements `GoogleAccounts`: the main login is Ana's, and each of the others has their own."""

    def __init__(self, logins: dict[str, GoogleAccount | Exception]) -> None:
        self.logins = logins

    def main(self) -> GoogleAccount:
        return self.of("")

    def of(self, sender: str) -> GoogleAccount:
        found = self.logins.get(sender or ANA) or NoAccountError(f"{sender} has no mailbox here")
        if isinstance(found, Exception):
            raise found
        return found


class GmailPlace:
    """Implements the contract's `Place`. Its clock stands still until a test moves `now`."""

    def __init__(self, server: GoogleServer, scopes: Sequence[str] = SCOPES, *, read_mail: bool = True) -> None:
        self.server = server
        self.now = WHEN + dt.timedelta(minutes=5)
        self.read_mail = read_mail
        self.scopes = scopes
        _emptied(server)
        server.gmail.clock = lambda: self.now
        self.logins: dict[str, GoogleAccount | Exception] = {ANA: self.login(ANA)}
        # An alias, whose domain Gmail has in ASCII.
        self.box().set_signature("", "ana@xn--bcher-kva.example", is_default=False)
        self.logins["ana@bücher.example"] = self.logins[ANA]
        self.mailbox = self.reopened()

    def login(self, address: str, scopes: Sequence[str] | None = None) -> GoogleAccount:
        return account_at(self.server, address, self.scopes if scopes is None else scopes)

    def reopened(self) -> GmailMailbox:
        return GmailMailbox(TeamLogins(self.logins), BERLIN, self.read_mail)

    @property
    def tells_sent(self) -> bool:
        """As mail is read, or not."""
        return self.mailbox.capabilities.reads_mail

    def box(self, address: str = ANA) -> Box:
        box: Box = self.server.gmail.mailbox(address)
        if not isinstance(box.identities, Own):
            box.identities = Own(address)
        return box

    def raw(self, draft_id: str) -> bytes:
        where = place_of(draft_id)
        return self.box(where.address).drafts[where.draft].raw

    def count(self) -> int:
        return sum(len(box.drafts) for box in self.server.gmail.boxes.values())

    def delete(self, draft_id: str) -> None:
        where = place_of(draft_id)
        self.box(where.address).delete_draft(where.draft)

    def send(self, draft_id: str, **how: Any) -> Any:
        where = place_of(draft_id)
        self.later(minutes=5)
        return self.box(where.address).send_draft(where.draft, **how)

    def edit(self, draft_id: str, **how: Any) -> None:
        where = place_of(draft_id)
        self.later(minutes=1)
        self.box(where.address).edit_draft(where.draft, **how)

    def deliver(self, raw: bytes, at: dt.datetime, *, sent: bool) -> None:
        self.box()._arrived(raw, ["SENT"] if sent else ["INBOX", "UNREAD"], at)

    def current(self) -> dt.datetime:
        return self.now

    def later(self, **span: float) -> dt.datetime:
        """The time on Gmail's clock, after it went on."""
        self.now += dt.timedelta(**span)
        return self.now

    def talk(self, person: str = KIM, *senders: str) -> Correspondence:
        """What a new run learns about one person."""
        return self.reopened().correspondence({person: senders or (ANA,)})[person]

    def talk_all(self, people: Sequence[str]) -> Mapping[str, Correspondence]:
        """What a new run learns about these people in Ana's mailbox."""
        return self.reopened().correspondence({person: {ANA} for person in people})

    def made(self, method: str) -> int:
        """How many calls of a method the server has seen."""
        return len(self.server.of(f"gmail.users.{method}"))


def place_of(draft_id: str) -> DraftId:
    where = read_draft_id(draft_id)
    assert where is not None
    return where


def _emptied(server: GoogleServer) -> None:
    with server.lock:
        server.gmail.boxes.clear()
        server.gmail.index_lag = dt.timedelta()
        server.gmail.replaces_message_ids = True
        server.faults.clear()
        server.calls.clear()
        server.before = server.after = None
        server.quotas.on = False
