"""The last mails between one owner and people, by the folders in which mails come and go.

Folders are opened for reading only, and no mail is marked as read. Of all mails of some months the headers are read,
of those that may be an answer the beginning too.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set

from fivestep.config.vocabulary.mail_words import load_mail_words
from fivestep.connectors.mailboxes.imap.account import ImapAccount
from fivestep.connectors.mailboxes.imap.stored import Outside, StoredMail, stored_mail, threads_of
from fivestep.process.mails.exchange import Exchange, Exchanges, same_person

LOOKED_BACK = dt.timedelta(days=200)
"""How old a mail may be that is looked at."""

_READ_OF_A_THREAD = 5
"""Of how many mails of a conversation, the newest, more than the headers is read."""


def imap_exchanges(account: ImapAccount, people: Collection[str], team: Set[str]) -> dict[str, Exchange[StoredMail]]:
    """The last mails with each of these people.

    `team` is everybody whose drafts are made. Addresses are in lower case.
    """
    since = dt.datetime.now(dt.UTC).date() - LOOKED_BACK
    outsides = [
        one for folder, is_sent in _folders(account) for one in account.outsides(folder, since, is_sent=is_sent)
    ]
    threads = threads_of(outsides)
    own = frozenset(account.login.senders)
    named = [(one, threads.get(one.name, one.name)) for one in outsides]
    begun = _beginnings(account, _may_matter(named, people, own))
    sorted_: Exchanges[StoredMail] = Exchanges(own, team, people, load_mail_words().free_mail)
    for one, thread in named:
        sorted_.note(stored_mail(one, thread, begun.get((one.folder, one.uid))))
    return {person: sorted_.exchange(person) for person in people}


def _folders(account: ImapAccount) -> Iterator[tuple[str, bool]]:
    """The folders in which mails come and go, each with whether the mails in it are the owner's own."""
    places = account.places
    if places.sent:
        yield places.sent, True
    yield "INBOX", False
    if further := places.everything or places.archive:
        yield further, False


def _may_matter(
    named: Iterable[tuple[Outside, str]], people: Collection[str], own: Set[str]
) -> dict[str, list[Outside]]:
    """By folder, the mails whose text may matter: from the people, or in a conversation with them."""
    asked = frozenset(map(same_person, people))
    by_thread: defaultdict[str, list[Outside]] = defaultdict(list)
    for one, thread in named:
        by_thread[thread].append(one)
    found: defaultdict[str, list[Outside]] = defaultdict(list)
    for mails in by_thread.values():
        came = [one for one in mails if not one.is_sent and one.sender not in own]
        with_them = not asked.isdisjoint(same_person(one) for mail in mails for one in (mail.sender, *mail.to))
        newest = sorted(came, key=lambda one: one.written)[-_READ_OF_A_THREAD:]
        for one in newest if with_them else filter(_is_a_report, newest):
            found[one.folder].append(one)
    return found


def _is_a_report(mail: Outside) -> bool:
    """Whether it may tell of a mail that was lost, which need not be in that mail's conversation."""
    return mail.sender.startswith(("mailer-daemon@", "postmaster@")) or "multipart/report" in mail.headers.get(
        "content-type", ""
    )


def _beginnings(account: ImapAccount, wanted: dict[str, list[Outside]]) -> dict[tuple[str, str], bytes]:
    """How these mails begin, by folder and UID."""
    read: dict[tuple[str, str], bytes] = {}
    for folder, mails in wanted.items():
        uids: Sequence[str] = [one.uid for one in mails]
        read |= {(folder, uid): raw for uid, raw in account.beginnings(folder, uids).items()}
    return read
