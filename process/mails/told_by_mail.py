"""What a mailbox tells about a person that keeps mails from them: a bounce, a wish to be left alone, an absence."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.history import Correspondence
from fivestep.process.wording import show


class Halt(NamedTuple):
    """Why a person gets no mail for now."""

    reason: str = ""
    """Empty where nothing keeps mails from them."""
    until: dt.date | None = None
    """The day on which it is over by itself; None: somebody has to do something."""


NO_HALT = Halt()


def halt_of(deal: Deal, mail: Correspondence | None, today: dt.date) -> Halt:
    """Why the deal's contact gets no mail for now, as far as their mails tell.

    Whoever asks to be left alone is, until somebody decides: by ticking `do_not_contact`, or by a reason in `override`.
    """
    if mail is None:
        return NO_HALT
    if mail.bounced is not None:
        return Halt(f"mail to {deal.email} bounced on {show.day(mail.bounced, today)}")
    if mail.asked_out is not None and not deal.override:
        return Halt(f"they asked on {show.day(mail.asked_out, today)} to get no more mails")
    if mail.away_until is not None and mail.away_until > today:
        return Halt(
            f"they are away until {show.day(mail.away_until, today)}, says their automatic reply", mail.away_until
        )
    return NO_HALT
