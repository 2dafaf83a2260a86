"""Finds the mails in a mailbox that earlier drafts have become.

Nothing identifies a draft for sure: a mail program may leave out the token of a draft that it saves or sends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence, Set
from typing import Protocol, TypeVar

from fivestep.connectors.mailbox import Known
from fivestep.process.model.subject import topic

SLACK = dt.timedelta(minutes=2)
"""How far this machine's clock may be ahead of the mailbox's."""


class Stored(Protocol):
    """A mail in a mailbox, with what a draft is recognized by."""

    @property
    def token(self) -> str:
        """The draft's token; empty where the mail has none."""

    @property
    def to(self) -> Set[str]:
        """The addresses of all recipients, in lower case."""

    @property
    def subject(self) -> str:
        """As it stands there."""

    @property
    def at(self) -> int:
        """When it was made or sent, in milliseconds since 1970."""


S = TypeVar("S", bound=Stored)


def mail_of_each_draft(drafts: Sequence[Known], wanted: Collection[int], mails: Sequence[S]) -> dict[int, S]:
    """The mail that each of the wanted drafts became, where one is found.

    A mail with a token is its draft's. One without is given to one draft with that person and subject: the latest made
    by then, as no two of them wait at a time.

    Of several drafts to a person with one subject such a mail is the latest's by then, as no two wait at a time.
    """
    at_token = {drafts[at].token: at for at in wanted}
    found: dict[int, S] = {}
    nameless = []
    for mail in sorted(mails, key=lambda mail: mail.at):
        if mail.token:
            if mail.token in at_token:
                found.setdefault(at_token[mail.token], mail)
        else:
            nameless.append(mail)
    open_ones = set(wanted) - found.keys()
    for mail in nameless:
        fitting = [at for at, draft in enumerate(drafts) if _fits(mail, draft)]
        latest = max((since(drafts[at]) for at in fitting), default=0)
        free = [at for at in fitting if since(drafts[at]) == latest and at in open_ones]
        if free:
            found[free[0]] = mail
            open_ones.remove(free[0])
    return found


def since(draft: Known) -> int:
    """The earliest time at which the draft can have been made, in milliseconds since 1970."""
    return int((draft.since - SLACK).timestamp() * 1000)


def _fits(mail: Stored, draft: Known) -> bool:
    if draft.gone_by is not None and mail.at > int(draft.gone_by.timestamp() * 1000):
        return False
    return mail.at >= since(draft) and draft.to.casefold() in mail.to and topic(mail.subject) == topic(draft.subject)
