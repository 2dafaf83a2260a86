"""What follow-up drafts need to know, and a sheet may not tell."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

_TELLING_SILENCE = frozenset({"last_contact", "last_reply", "modified", "stage_since", "next_contact"})
"""The fields any of which tells how long nothing has happened, or when something is to."""


class Lack(NamedTuple):
    """One thing that nobody has told."""

    name: str
    consequence: str
    fix: str


AGES = Lack(
    "ages",
    "no date says how long deals have been silent: none is followed up before runs have watched it for weeks",
    'add a column for the day of the last contact, and under [columns]: last_contact = "Last contact"',
)
ADDRESS = Lack(
    "addresses",
    "no draft can be made: no column holds the contacts' e-mail addresses",
    'add such a column, and under [columns]: email = "E-mail"',
)
SENDER = Lack(
    "sender",
    "no draft can be made: nobody is named who would send it",
    "set from under [drafts], or map a column to owner_email",
)
REPLIES = Lack(
    "replies",
    "nobody can know who wrote last: somebody who has answered may be followed up all the same",
    'add a column for the day of their last reply, and under [columns]: last_reply = "Their last reply"',
)
SPARED = Lack(
    "do not contact",
    "nobody can be spared: every contact may be followed up",
    'add a column that says yes where nobody is to write, and under [columns]: do_not_contact = "Do not contact"',
)


def lacking(fields: Collection[str], *, sender: bool, reads_mail: bool) -> list[Lack]:
    """What is lacking where these fields have a column.

    `sender` is whether the settings name one, `reads_mail` whether the mailbox knows by itself who wrote last.
    """
    silence = reads_mail or not _TELLING_SILENCE.isdisjoint(fields)
    if "email" not in fields:
        return [ADDRESS] if silence else [AGES, ADDRESS]
    given = {
        AGES: silence,
        SENDER: sender or "owner_email" in fields,
        REPLIES: reads_mail or "last_reply" in fields,
        SPARED: "do_not_contact" in fields,
    }
    return [lack for lack, there in given.items() if not there]
