"""What has become of the drafts of earlier runs, before anything new is drafted.

Drafts that seemed gone are asked for again for some weeks: a file may only have been away, in a folder that was
not synchronised or in the trash.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from fivestep.connectors.ledger import Ledger, OpenDraft
from fivestep.connectors.mailbox import Mailbox
from fivestep.process.history import OPEN_STATES, DealHistory, DraftRecord, DraftState, History

LOOK_BACK = dt.timedelta(days=30)
"""How long a draft that is gone may still come back."""


class Settlement(NamedTuple):
    """One draft whose state turned out to be another than the ledger has."""

    record: DraftRecord
    """As it is now."""
    draft_id: str | None
    """Where it was found; None where it was not."""

    @property
    def notice(self) -> str:
        """What a person may want to know; empty where all went its usual way."""
        if self.record.state == "failed":
            return f"The draft {self.record.key} was never made: an earlier run was cut off before it"
        return ""


def settle(drafts: Iterable[OpenDraft], mailboxes: Callable[[str], Mailbox], today: dt.date) -> list[Settlement]:
    """Ask about every draft whose story has not ended, in the mailbox that it was made in.

    `mailboxes` gives the mailbox of a name as the settings write it.
    """
    settlements = []
    mailbox_of = functools.cache(mailboxes)
    for draft in drafts:
        state, draft_id = _now(draft, mailbox_of(draft.mailbox))
        if state != draft.record.state:
            settlements.append(Settlement(draft.record._replace(state=state, changed_on=today), draft_id))
    return settlements


def _now(draft: OpenDraft, mailbox: Mailbox) -> tuple[DraftState, str | None]:
    """What has become of a draft, and its ID where one was found. An intent that left no draft has failed."""
    if draft.record.state != "intended":
        return mailbox.fate(draft.draft_id), draft.draft_id
    found = mailbox.find(draft.token)
    return ("failed", None) if found is None else (found.fate, found.draft_id)


def record(settlements: Iterable[Settlement], ledger: Ledger, pipeline: str) -> None:
    """Write down what was learned."""
    for record_, draft_id in settlements:
        ledger.settle(pipeline, record_.key, record_.state, record_.changed_on, draft_id)


def settled(history: History, settlements: Sequence[Settlement], today: dt.date) -> History:
    """The history as it is with these settlements, whether or not they have been written down."""
    if not settlements:
        return history
    now = {settlement.record.key: settlement.record for settlement in settlements}
    changed = {record_.deal for record_ in now.values()}
    deals: Mapping[str, DealHistory] = {
        **history.deals,
        **{
            deal: dataclasses.replace(past, drafts=[now.get(draft.key, draft) for draft in past.drafts])
            for deal in changed
            if (past := history.deals.get(deal)) is not None
        },
    }
    drafts = [draft for past in deals.values() for draft in past.drafts]
    waiting = {draft.person for draft in drafts if draft.state in OPEN_STATES}
    done_with = {settlement.record.person for settlement in settlements} - waiting
    return History(
        deals,
        (history.open_people | waiting) - done_with,
        sum(draft.on == today and draft.state != "failed" for draft in drafts),
    )
