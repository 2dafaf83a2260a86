"""The last mails between one owner and people: the newest ones by a list, older ones by search.

A search does not see the mails of the last minutes, a list does. Reading a message takes four times as much of
the quota as a search: so of what a search finds the newest is read first, and more only where that one does not count.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Set
from typing import NamedTuple

from fivestep.connectors.mailboxes.gmail.mail import SENT_LABEL, GmailMessage
from fivestep.connectors.mailboxes.gmail.owner import GmailOwner
from fivestep.connectors.mailboxes.gmail.search import Way, is_plain, query
from fivestep.connectors.system.chunks import chunks

NEWEST = 60
"""How many of the newest mails are read without a search, the tool's and other drafts aside."""

SINGLE = 150
"""Up to so many people are searched for one by one; more of them in groups."""

GROUP = 25
_LAG = 20 * 60 * 1000
"""Milliseconds for which a mail may not be found by a search."""

_LISTED = 500
_FOUND = GROUP
_DEPTHS = (1, 4, _FOUND)
_NEVER = 2**63
_UNSEARCHABLE = "Gmail can't be asked for mails from this address"
_CROWDED = f"the last {_FOUND} mails from this address are all automatic"
_WAYS: tuple[Way, ...] = ("from", "to")


class Talk(NamedTuple):
    """The last mails with one person in one mailbox."""

    theirs: GmailMessage | None = None
    ours: GmailMessage | None = None
    unknown: str = ""
    """Why they may have written later; empty where all was looked through that may be newer than these."""


def talks(owner: GmailOwner, people: Collection[str]) -> dict[str, Talk]:
    """The last mails with each of these people (addresses in lower case)."""
    asked = _Asked(owner.own, frozenset(people))
    asked.since = _note_newest(owner, asked)
    for way in _WAYS:
        left = [one for one in people if asked.last[way].get(one) is None and is_plain(one)]
        _search(owner, way, left, asked)
    return {one: asked.talk(one) for one in people}


class _Asked:
    """The last mail in each direction with each person, as far as mails were read."""

    def __init__(self, own: Set[str], people: Set[str]) -> None:
        self.last: Mapping[Way, dict[str, GmailMessage]] = {"from": {}, "to": {}}
        self.since = 0
        """Since when all mails were read, in milliseconds since 1970."""
        self.crowded: dict[str, int] = {}
        """Who wrote more mails than were read, none of which counts, and since when all of theirs were."""
        self._own = own
        self._people = people

    def note(self, mail: GmailMessage) -> None:
        """Take a mail into account."""
        for way in _WAYS:
            for one in self.partners(mail, way):
                if one not in self.last[way] or mail.at > self.last[way][one].at:
                    self.last[way][one] = mail

    def talk(self, person: str) -> Talk:
        """What is known of one person."""
        theirs, ours = self.last["from"].get(person), self.last["to"].get(person)
        unread = self.crowded.get(person, 0) if is_plain(person) else self.since
        last = latest((theirs, ours))
        if unread <= (last.at if last else 0):
            return Talk(theirs, ours)
        return Talk(theirs, ours, _CROWDED if is_plain(person) else _UNSEARCHABLE)

    def partners(self, mail: GmailMessage, way: Way) -> Set[str]:
        """Those of the people for whom the mail counts as one from them, or to them."""
        if not mail.counts:
            return frozenset()
        ours = SENT_LABEL in mail.labels or mail.sender in self._own
        if way == "to":
            return mail.to & self._people if ours and not mail.by_itself else frozenset()
        return {mail.sender} & self._people if not ours and not mail.automatic else frozenset()


def _note_newest(owner: GmailOwner, asked: _Asked) -> int:
    """Take the newest mails into account, those at least that a search may not see yet.

    Returns since when all mails were read, in milliseconds since 1970.
    """
    drafts = {ref.message for ref in owner.api.drafts()}
    newest = owner.api.newest(_LISTED)
    ids = deque(one for one in newest.ids if one not in drafts)
    mails = owner.mails(_taken(ids, NEWEST))
    while ids and mails and mails[0].at - mails[-1].at < _LAG:
        mails += owner.mails(_taken(ids, NEWEST))
    for mail in mails:
        asked.note(mail)
    return min((mail.at for mail in mails), default=0) if ids or newest.more else 0


class _Pile(NamedTuple):
    """What a search found that is still to be read, newest first."""

    people: tuple[str, ...]
    ids: deque[str]
    more: bool
    """Whether there are older ones than these."""


def _search(owner: GmailOwner, way: Way, people: Collection[str], asked: _Asked) -> None:
    piles = _piles(owner, way, people)
    for depth in _DEPTHS:
        # Of one person only the newest mail matters, if it counts; of a group all have to be read.
        heads = [_taken(pile.ids, depth if len(pile.people) == 1 else _FOUND) for pile in piles]
        read = {mail.id: mail for mail in owner.mails([one for head in heads for one in head])}
        for mail in read.values():
            asked.note(mail)
        fruitless = [
            (pile, head)
            for pile, head in zip(piles, heads, strict=True)
            if not any(one in read and pile.people[0] in asked.partners(read[one], way) for one in head)
        ]
        piles = [pile for pile, _ in fruitless if pile.ids]
        if way == "from":
            asked.crowded |= {
                pile.people[0]: min((read[one].at for one in head if one in read), default=_NEVER)
                for pile, head in fruitless
                if pile.more and not pile.ids
            }


def _piles(owner: GmailOwner, way: Way, people: Collection[str]) -> list[_Pile]:
    """What the searches find. A group that has much is searched for in halves: of one person little has to be read."""
    size = 1 if len(people) <= SINGLE else GROUP
    groups = [tuple(some) for some in chunks(people, size)]
    piles = []
    while groups:
        found = owner.api.search([query(way, group) for group in groups], _FOUND)
        halves = []
        for group, page in zip(groups, found, strict=True):
            if len(group) == 1 or (len(page.ids) <= len(group) and not page.more):
                piles.append(_Pile(group, deque(page.ids), page.more))
            else:
                halves += [group[: len(group) // 2], group[len(group) // 2 :]]
        groups = halves
    return [pile for pile in piles if pile.ids]


def _taken(ids: deque[str], most: int) -> list[str]:
    return [ids.popleft() for _ in range(min(most, len(ids)))]


def latest(mails: Iterable[GmailMessage | None]) -> GmailMessage | None:
    """The last of these mails."""
    return max((mail for mail in mails if mail is not None), key=lambda mail: mail.at, default=None)
