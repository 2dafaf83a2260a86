"""Reads the last mails between one owner and people: the newest by a list, older ones by search.

A search does not see the mails of the last minutes, a list does. Reading a message takes four times as much of the
quota as a search: so of what a search finds the newest is read first, and more only where that one does not count. Of
what we wrote the whole conversation is read at once, as anybody may have answered in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Set
from typing import NamedTuple

from fivestep.config.vocabulary.mail_words import load_mail_words
from fivestep.connectors.mailboxes.gmail.mail import GmailMessage
from fivestep.connectors.mailboxes.gmail.owner import GmailOwner
from fivestep.connectors.mailboxes.gmail.search import BOUNCES, is_plain, query
from fivestep.connectors.system.chunks import chunks
from fivestep.process.mails.exchange import DIRECTIONS, Direction, Exchange, Exchanges, latest

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


def gmail_exchanges(owner: GmailOwner, people: Collection[str], team: Set[str]) -> dict[str, Exchange[GmailMessage]]:
    """The last mails with each of these people.

    `team` is everybody whose drafts are made. Addresses are in lower case.
    """
    asked = _Asked(owner, people, team)
    asked.read_newest()
    for way in DIRECTIONS:
        asked.search(way, [one for one in people if asked.sorted.last(way, one) is None and is_plain(one)])
    if asked.since:
        asked.read_bounces()
    return {one: asked.exchange(one) for one in people}


class _Asked:
    """The mails with some people, as far as they were read."""

    def __init__(self, owner: GmailOwner, people: Collection[str], team: Set[str]) -> None:
        self.sorted: Exchanges[GmailMessage] = Exchanges(owner.own, team, people, load_mail_words().free_mail)
        self.since = 0
        """Since when all mails were read, in milliseconds since 1970."""
        self._owner = owner
        self._crowded: dict[str, int] = {}
        """Who wrote more mails than were read, none of which counts, and since when all of theirs were."""

    def exchange(self, person: str) -> Exchange[GmailMessage]:
        """What is known of one person."""
        found = self.sorted.exchange(person)
        unread = self._crowded.get(person, 0) if is_plain(person) else self.since
        last = latest((found.theirs, found.ours))
        if unread <= (last.at if last else 0):
            return found
        return found._replace(unknown=_CROWDED if is_plain(person) else _UNSEARCHABLE)

    def read_newest(self) -> None:
        """Take the newest mails into account, those at least that a search may not see yet."""
        drafts = {ref.message for ref in self._owner.api.drafts()}
        newest = self._owner.api.newest(_LISTED)
        ids = deque(one for one in newest.ids if one not in drafts)
        mails = self._owner.mails(_taken(ids, NEWEST))
        while ids and mails and mails[0].at - mails[-1].at < _LAG:
            mails += self._owner.mails(_taken(ids, NEWEST))
        self._note(mails)
        if ids or newest.more:
            self.since = min((mail.at for mail in mails), default=0)

    def read_bounces(self) -> None:
        """Take the last reports on lost mails into account, in whatever conversation they came."""
        [found] = self._owner.api.search([BOUNCES], _FOUND)
        self._note(self._owner.mails(found.ids))

    def search(self, way: Direction, people: Collection[str]) -> None:
        """Take the last words in one direction into account."""
        piles = _piles(self._owner, way, people)
        for depth in _DEPTHS:
            # Of one person only the newest mail matters, if it counts; of a group all have to be read.
            heads = [_taken(pile.ids, depth if len(pile.people) == 1 else _FOUND) for pile in piles]
            read = self._read(
                way, [(one, pile.threads[one]) for pile, head in zip(piles, heads, strict=True) for one in head]
            )
            fruitless = [
                (pile, head)
                for pile, head in zip(piles, heads, strict=True)
                if not any(one in read and pile.people[0] in self.sorted.partners(read[one], way) for one in head)
            ]
            piles = [pile for pile, _ in fruitless if pile.ids]
            if way == "from":
                self._crowded |= {
                    pile.people[0]: min((read[one].at for one in head if one in read), default=_NEVER)
                    for pile, head in fruitless
                    if pile.more and not pile.ids
                }

    def _read(self, way: Direction, found: Collection[tuple[str, str]]) -> dict[str, GmailMessage]:
        """The messages of these IDs and threads that there are; of ours their whole threads."""
        if way == "to":
            mails = self._owner.threads([thread for _, thread in found])
        else:
            mails = self._owner.mails([one for one, _ in found])
        self._note(mails)
        return {mail.id: mail for mail in mails if mail.counts}

    def _note(self, mails: Collection[GmailMessage]) -> None:
        for mail in mails:
            if mail.counts:
                self.sorted.note(mail)


class _Pile(NamedTuple):
    """What a search found that is still to be read, newest first."""

    people: tuple[str, ...]
    ids: deque[str]
    more: bool
    """Whether there are older ones than these."""
    threads: Mapping[str, str]
    """Each one's conversation."""


def _piles(owner: GmailOwner, way: Direction, people: Collection[str]) -> list[_Pile]:
    """What the searches find.

    A group with many mails is searched in halves, as of one person little has to be read.
    """
    size = 1 if len(people) <= SINGLE else GROUP
    groups = [tuple(some) for some in chunks(people, size)]
    piles = []
    while groups:
        found = owner.api.search([query(way, group) for group in groups], _FOUND)
        halves = []
        for group, page in zip(groups, found, strict=True):
            if len(group) == 1 or (len(page.ids) <= len(group) and not page.more):
                piles.append(_Pile(group, deque(page.ids), page.more, page.threads))
            else:
                halves += [group[: len(group) // 2], group[len(group) // 2 :]]
        groups = halves
    return [pile for pile in piles if pile.ids]


def _taken(ids: deque[str], most: int) -> list[str]:
    return [ids.popleft() for _ in range(min(most, len(ids)))]
