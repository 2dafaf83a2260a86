"""What a person should enter because a mail says so: proposed as the next step, never written."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.history import Correspondence
from fivestep.process.reading.layout import Layout
from fivestep.process.wording import show


class MailProposal(NamedTuple):
    """A next step that a mail gives reason for."""

    text: str = ""
    """Empty where there is none."""
    comes_first: bool = False
    """Before anything else that is to be done about the deal."""


NO_PROPOSAL = MailProposal()


def proposal_of(deal: Deal, mail: Correspondence, layout: Layout, today: dt.date) -> MailProposal:
    """The most urgent of what their mails give reason for."""
    who = deal.contact or deal.company or "the customer"
    if mail.asked_out is not None and not deal.do_not_contact and not deal.override:
        column = layout.header("do_not_contact") or "a column Do not contact"
        asked = show.day(mail.asked_out, today)
        override = layout.header("override")
        unless = f" (if not so, say why in {override})" if override else ""
        text = f"Put yes into {column}: {who} asked on {asked} to get no more mails{unless}"
        return MailProposal(text, comes_first=True)
    if mail.bounced is not None:
        bounced = show.day(mail.bounced, today)
        return MailProposal(
            f"Correct {layout.header('email')}: mail to {deal.email} bounced on {bounced}", comes_first=True
        )
    if _is_away(deal, mail.away_until, today):
        column = layout.header("waiting_until") or "a column Waiting until"
        back = show.day(mail.away_until, today) if mail.away_until else ""
        return MailProposal(f"Put {back} into {column}: {who} is away until then")
    return NO_PROPOSAL


def _is_away(deal: Deal, until: dt.date | None, today: dt.date) -> bool:
    """Whether they are, and the sheet does not say so yet."""
    return until is not None and until > today and (deal.waiting_until is None or deal.waiting_until < until)
