"""What a mailbox tells about a person that stops mails to them: a bounce, an opt-out, an absence."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.history import Correspondence
from fivestep.process.wording import show

BOUNCED = "mail to this address bounced on {}"
ASKED_OUT = "they asked on {} to get no more mails"
AWAY = "they are away until {}, as their automatic reply says"


class Halt(NamedTuple):
    """Why a person gets no mail for now."""

    words: str = ""
    """One of the three above; empty where nothing keeps mails from them."""
    day: dt.date = dt.date.min
    """The day that stands for `{}`."""

    def reason(self, today: dt.date) -> str:
        """The words with their day; empty where there are none."""
        return self.words and self.words.format(show.day(self.day, today))


NO_HALT = Halt()


def halt_of(deal: Deal, mail: Correspondence | None, today: dt.date) -> Halt:
    """Why the deal's contact gets no mail for now, as far as their mails tell.

    Whoever asks to be left alone is, until somebody decides: by ticking `do_not_contact`, or by a reason in `override`.
    """
    if mail is None:
        return NO_HALT
    if mail.bounced is not None:
        return Halt(BOUNCED, mail.bounced)
    if mail.asked_out is not None and not deal.override:
        return Halt(ASKED_OUT, mail.asked_out)
    if mail.away_until is not None and mail.away_until > today:
        return Halt(AWAY, mail.away_until)
    return NO_HALT
