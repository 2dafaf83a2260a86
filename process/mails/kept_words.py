"""What was once seen in a mailbox about a person, and holds when the mailbox has forgotten it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import NamedTuple

from fivestep.process.model.history import Correspondence, Mail


class KeptWord(NamedTuple):
    """What keeps mails from a person for longer than a mailbox can be looked through."""

    bounced: dt.date | None = None
    asked_out: dt.date | None = None


NOTHING_KEPT = KeptWord()


def with_kept(mail: Mail, kept: Mapping[str, KeptWord], people: Collection[str]) -> Mail:
    """What the mailboxes say of these people, and have said at earlier runs; addresses in lower case."""
    known = {person: word for person, word in kept.items() if person in people}
    if not known:
        return mail
    told = {**mail.correspondence}
    for person, word in known.items():
        now = told.get(person, Correspondence())
        told[person] = now._replace(
            bounced=now.bounced or _still_lost(word, now), asked_out=now.asked_out or word.asked_out
        )
    return Mail(told, mail.refusals)


def kept_after(mail: Mail, kept: Mapping[str, KeptWord]) -> Mapping[str, KeptWord]:
    """What is to be kept of this and of earlier runs; `mail` is what `with_kept` gave."""
    now = {person: KeptWord(told.bounced, told.asked_out) for person, told in mail.correspondence.items()}
    return {person: word for person, word in {**kept, **now}.items() if word != NOTHING_KEPT}


def _still_lost(word: KeptWord, now: Correspondence) -> dt.date | None:
    """The day of the bounce; None where something has come from the address since."""
    return None if word.bounced is not None and now.alive is not None and now.alive >= word.bounced else word.bounced
