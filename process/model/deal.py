"""A deal as the process sees it: one row of the sheet, its cells read into typed fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal, NamedTuple

Milestone = bool | dt.date
"""Something that has happened or not: a ticked box, a yes, or the day on which it did."""

DealOutcome = Literal["open", "won", "lost"]
"""How a deal ended, or that it has not."""

DEAL_OUTCOMES: tuple[DealOutcome, ...] = ("open", "won", "lost")

Value = str | float | bool | dt.date
"""What a field holds once it is read; a blank is None."""

FieldKind = Literal[
    "text",  # words, as typed, without spaces around them
    "answer",  # words that answer a question; "?", "tbd" and the like are no answer
    "email",  # exactly one address
    "amount",  # a number of money, see `currency`
    "percent",  # 0.4 for 40 %
    "date",
    "milestone",  # a tick, a yes or a date: it has happened
    "flag",  # a tick or a yes
    "choice",  # one of the words that the process lists for this field
    "stage",
    "outcome",  # open, won or lost, in any language
    "people",  # names, several in one cell
]


class Deal(NamedTuple):
    """One row. Every field but `row`, `id` and `stage_word` is None where the cell is blank or unread.

    Amounts are plain floats, as in every spreadsheet; `probability` is a share of 1.
    """

    row: int
    """The row as the sheet numbers it."""
    id: str = ""
    """Never empty once the rows have their IDs."""
    deal: str | None = None
    company: str | None = None
    contact: str | None = None
    email: str | None = None
    phone: str | None = None
    owner: str | None = None
    owner_email: str | None = None
    source: str | None = None
    lead_type: str | None = None
    fit: bool | None = None
    industry: str | None = None
    language: str | None = None
    stage: str | None = None
    """The process's own name of the stage; None where the sheet's word is not known."""
    stage_word: str | None = None
    """What the sheet says."""
    outcome: DealOutcome | None = None
    """What a column of its own says about the end of the deal, whatever its stage says."""
    stage_since: dt.date | None = None
    created: dt.date | None = None
    modified: dt.date | None = None
    """When anybody last changed the row, as the sheet tells: less than a contact, more than nothing."""
    last_contact: dt.date | None = None
    last_reply: dt.date | None = None
    next_contact: dt.date | None = None
    """The day for which a person has planned the next word."""
    amount: float | None = None
    currency: str | None = None
    probability: float | None = None
    expected_close: dt.date | None = None
    need: str | None = None
    pain: str | None = None
    challenges: str | None = None
    requirements: str | None = None
    budget: str | None = None
    authority: str | None = None
    timeline: str | None = None
    solution: str | None = None
    value: str | None = None
    case_study: str | None = None
    presented_on: dt.date | None = None
    objection: str | None = None
    objection_answer: str | None = None
    terms: str | None = None
    summary_sent: Milestone | None = None
    proposal_sent: Milestone | None = None
    contract_signed: Milestone | None = None
    payment_received: Milestone | None = None
    onboarding: Milestone | None = None
    won_on: dt.date | None = None
    lost_on: dt.date | None = None
    lost_reason: str | None = None
    first_problems: str | None = None
    satisfaction: str | None = None
    referral_asked: Milestone | None = None
    referrals: tuple[str, ...] | None = None
    referred_by: str | None = None
    waiting_until: dt.date | None = None
    waiting_reason: str | None = None
    do_not_contact: bool | None = None
    override: str | None = None
    notes: str | None = None
    extra: Mapping[str, Value] = {}
    """Fields of the team's own, under the names of the settings."""

    @property
    def name(self) -> str:
        """What a person calls this deal: its own name, else the company, the contact, or the row."""
        return self.deal or self.company or self.contact or f"row {self.row}"

    @property
    def full_name(self) -> str:
        """Its name, and whose it is where the name does not say so."""
        company = self.company or ""
        return self.name if company in self.name else f"{self.name}, {company}"


KINDS: Mapping[str, FieldKind] = {
    "id": "text",
    "deal": "text",
    "company": "text",
    "contact": "text",
    "email": "email",
    "phone": "text",
    "owner": "text",
    "owner_email": "email",
    "source": "choice",
    "lead_type": "choice",
    "fit": "flag",
    "industry": "text",
    "language": "text",
    "stage": "stage",
    "outcome": "outcome",
    "stage_since": "date",
    "created": "date",
    "modified": "date",
    "last_contact": "date",
    "last_reply": "date",
    "next_contact": "date",
    "amount": "amount",
    "currency": "text",
    "probability": "percent",
    "expected_close": "date",
    "need": "answer",
    "pain": "answer",
    "challenges": "answer",
    "requirements": "answer",
    "budget": "answer",
    "authority": "answer",
    "timeline": "answer",
    "solution": "answer",
    "value": "answer",
    "case_study": "answer",
    "presented_on": "date",
    "objection": "choice",
    "objection_answer": "answer",
    "terms": "answer",
    "summary_sent": "milestone",
    "proposal_sent": "milestone",
    "contract_signed": "milestone",
    "payment_received": "milestone",
    "onboarding": "milestone",
    "won_on": "date",
    "lost_on": "date",
    "lost_reason": "answer",
    "first_problems": "answer",
    "satisfaction": "choice",
    "referral_asked": "milestone",
    "referrals": "people",
    "referred_by": "text",
    "waiting_until": "date",
    "waiting_reason": "text",
    "do_not_contact": "flag",
    "override": "text",
    "notes": "text",
}
"""The kind of each field that a column can be mapped to; any other name is a field of the team's own."""
