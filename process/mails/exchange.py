"""The mails exchanged with each of many people, by address and by conversation.

An answer counts by the conversation: whoever answers from outside in a thread in which we wrote to a person answers
for that person, from whatever address.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from fivestep.process.mails.mail_kind import Meaning
from fivestep.process.model.history import Conversation, Correspondence

Direction = Literal["from", "to"]
"""Whether a mail is from a person, or to them."""

DIRECTIONS: tuple[Direction, ...] = ("from", "to")


class Exchanged(Protocol):
    """A mail in a mailbox, drafts and what was thrown away left out."""

    @property
    def id(self) -> str:
        """Names it in its mailbox."""

    @property
    def thread(self) -> str:
        """Names its conversation in that mailbox."""

    @property
    def at(self) -> int:
        """When it came or was sent, in milliseconds since 1970."""

    @property
    def sender(self) -> str:
        """The address in lower case; empty where there is none."""

    @property
    def to(self) -> Set[str]:
        """Everybody in To and Cc, in lower case."""

    @property
    def is_sent(self) -> bool:
        """Whether the mailbox has it as one that its owner sent."""

    @property
    def meaning(self) -> Meaning:
        """What it is."""

    @property
    def conversation(self) -> Conversation:
        """The one that an answer to it goes on with."""


M = TypeVar("M", bound=Exchanged)


class Exchange(NamedTuple, Generic[M]):
    """The last mails of each kind with one person in one mailbox; None for what there is not."""

    theirs: M | None = None
    """Their last word, or that of somebody who answered for them."""
    ours: M | None = None
    accepted: M | None = None
    """Their last yes to an invitation."""
    bounced: M | None = None
    """The last report that a mail to them was lost."""
    away: M | None = None
    """Their last automatic reply that says until when they are away."""
    asked_out: M | None = None
    """Their last word that asks for no more mails."""
    alive: M | None = None
    """The last mail that came from their address, whoever wrote it."""
    unknown: str = ""
    """Why they may have written later; empty where all was looked through that may be newer than these."""


class Exchanges(Generic[M]):
    """Sorts the mails of one mailbox by the people they were exchanged with."""

    def __init__(self, own: Set[str], team: Set[str], people: Iterable[str], free_mail: Set[str]) -> None:
        """Whom the mails are sorted for; all addresses in lower case.

        `own`: those that the mailbox's owner writes from. `team`: those of everybody who drafts are from.
        `people`: those who are asked about. `free_mail`: domains that people of any firm share.
        """
        self._own = own
        self._team = own | team
        self._at_home = {_domain(address) for address in self._team} - free_mail
        self._people: defaultdict[str, set[str]] = defaultdict(set)
        for person in people:
            self._people[same_person(person)].add(person)
        self._mails: dict[str, M] = {}
        self._last: Mapping[Direction, dict[str, M]] = {"from": {}, "to": {}}
        self._sent: defaultdict[str, dict[str, M]] = defaultdict(dict)
        self._received: defaultdict[str, dict[str, M]] = defaultdict(dict)
        self._threads: defaultdict[str, dict[str, M]] = defaultdict(dict)
        self._bounces: dict[str, M] = {}

    def note(self, mail: M) -> None:
        """Take a mail into account; one that is noted again changes nothing."""
        if mail.id in self._mails:
            return
        self._mails[mail.id] = mail
        self._threads[mail.thread][mail.id] = mail
        if mail.meaning.kind == "bounce":
            self._bounces[mail.id] = mail
        for way in DIRECTIONS:
            for person in self.partners(mail, way):
                last = self._last[way].get(person)
                if last is None or mail.at > last.at:
                    self._last[way][person] = mail
        if self._is_ours(mail):
            for person in self._among(mail.to):
                self._sent[person][mail.id] = mail
        else:
            for person in self._among({mail.sender}):
                self._received[person][mail.id] = mail

    def last(self, way: Direction, person: str) -> M | None:
        """The last word from this address, or of ours to it, conversations aside."""
        return self._last[way].get(person)

    def partners(self, mail: M, way: Direction) -> Set[str]:
        """Those of the people for whom the mail is a word from them, or to them, by its addresses."""
        ours, kind = self._is_ours(mail), mail.meaning.kind
        if way == "to":
            return self._among(mail.to) if ours and not mail.meaning.by_itself else frozenset()
        return self._among({mail.sender}) if not ours and kind == "word" else frozenset()

    def exchange(self, person: str) -> Exchange[M]:
        """The last mails with one person."""
        direct = self._received[person].values()
        answers = {mail.id: (mail, alone) for mail, alone in self._answers(person)}
        theirs = [*direct, *(mail for mail, _ in answers.values())]
        # What says something about a person, and not about the deal, is theirs alone.
        personal = [*direct, *(mail for mail, alone in answers.values() if alone)]
        return Exchange(
            theirs=latest(mail for mail in theirs if mail.meaning.kind == "word"),
            ours=self._last["to"].get(person),
            accepted=latest(mail for mail in theirs if mail.meaning.kind == "accepted"),
            bounced=latest(self._lost(person, [mail for mail, alone in answers.values() if alone])),
            away=latest(mail for mail in personal if mail.meaning.away_until is not None),
            asked_out=latest(mail for mail in personal if mail.meaning.asks_out),
            alive=latest(mail for mail in direct if mail.meaning.kind != "bounce"),
        )

    def _answers(self, person: str) -> Iterator[tuple[M, bool]]:
        """What came after a mail of ours to the person, in its thread; and whether they alone had got it."""
        begun: dict[str, int] = {}
        others: defaultdict[str, set[str]] = defaultdict(set)
        for mail in self._sent[person].values():
            begun[mail.thread] = min(mail.at, begun.get(mail.thread, mail.at))
            others[mail.thread] |= {one for one in mail.to - self._team if same_person(one) != same_person(person)}
        for thread, since in begun.items():
            for mail in self._threads[thread].values():
                if mail.at >= since and self._may_answer_for(mail, person):
                    yield mail, not others[thread]

    def _may_answer_for(self, mail: M, person: str) -> bool:
        """Whether it came from outside: a colleague of ours who says something in the thread answers nothing."""
        if self._is_ours(mail) or mail.sender in self._team:
            return False
        if same_person(mail.sender) == same_person(person):
            return True
        return _domain(mail.sender) not in self._at_home or _domain(mail.sender) == _domain(person)

    def _lost(self, person: str, answers: Iterable[M]) -> Iterator[M]:
        """The reports that a mail to this very address was lost."""
        yield from (mail for mail in self._bounces.values() if person in mail.meaning.failed)
        yield from (mail for mail in answers if mail.meaning.kind == "bounce" and not mail.meaning.failed)

    def _is_ours(self, mail: M) -> bool:
        return mail.is_sent or mail.sender in self._own

    def _among(self, addresses: Collection[str]) -> Set[str]:
        """Those of the people whose these addresses are."""
        return frozenset(person for one in addresses for person in self._people.get(same_person(one), ()))


def same_person(address: str) -> str:
    """One form for all writings of an address: without what stands behind a `+`, and Gmail's dots.

    `k.lee+offers@googlemail.com` is `klee@gmail.com`.
    """
    local, _, domain = address.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"


def correspondence_of(parts: Sequence[tuple[str, Exchange[M]]], zone: dt.tzinfo, blind: str = "") -> Correspondence:
    """What several mailboxes say about one person, each under its sender's address.

    `zone` is the team's: a mail's day is told in it. `blind`: why other mailboxes can't say anything.
    """
    exchanges = [exchange for _, exchange in parts]
    theirs = latest(one.theirs for one in exchanges)
    ours = latest(one.ours for one in exchanges)
    accepted = latest(one.accepted for one in exchanges)
    alive = latest(one.alive for one in exchanges)
    bounced = latest(one.bounced for one in exchanges)
    away = latest(one.away for one in exchanges)
    replied = max((mail.at for mail in (ours, accepted) if mail), default=0)
    return Correspondence(
        theirs=_day(theirs, zone),
        ours=_day(ours, zone),
        they_wrote_last=theirs is not None and theirs.at >= replied,
        conversations={sender: talk for sender, exchange in parts if (talk := _conversation(exchange)) is not None},
        unknown=blind or next((one.unknown for one in exchanges if one.unknown), ""),
        accepted=_day(accepted, zone),
        bounced=_day(_unless_later(bounced, alive), zone),
        away_until=still.meaning.away_until if (still := _unless_later(away, theirs)) else None,
        asked_out=_day(latest(one.asked_out for one in exchanges), zone),
        alive=_day(alive, zone),
    )


def latest(mails: Iterable[M | None]) -> M | None:
    """The last of these mails."""
    return max((mail for mail in mails if mail is not None), key=lambda mail: mail.at, default=None)


def _unless_later(mail: M | None, other: M | None) -> M | None:
    return None if mail is None or (other is not None and other.at > mail.at) else mail


def _day(mail: M | None, zone: dt.tzinfo) -> dt.date | None:
    return dt.datetime.fromtimestamp(mail.at / 1000, zone).date() if mail else None


def _conversation(exchange: Exchange[M]) -> Conversation | None:
    """Where a follow-up belongs: an answer needs a mail that has a name."""
    last = latest(mail for mail in (exchange.theirs, exchange.ours) if mail and mail.conversation.message_id)
    return last.conversation if last else None


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
