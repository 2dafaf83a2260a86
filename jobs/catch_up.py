"""What has become of the drafts of earlier runs, before anything new is drafted.

Drafts that seemed gone are asked for again for some weeks: a file may only have been away, in a folder that was
not synchronised or in the trash.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from fivestep.connectors.ledger import Ledger, OpenDraft
from fivestep.connectors.mailbox import Found, Known, Mailbox
from fivestep.process.history import NO_DEAL, OPEN_STATES, DealHistory, DraftRecord, History

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


def settle(
    drafts: Sequence[OpenDraft],
    mailboxes: Callable[[str], Mailbox],
    today: dt.date,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> list[Settlement]:
    """Ask about every draft whose story has not ended, in the mailbox that it was made in.

    `mailboxes` gives the mailbox of a name as the settings write it. Where a run was killed a moment ago, this waits
    until a request that it may have sent has taken effect or never will.
    """
    settlements = []
    for name in dict.fromkeys(draft.mailbox for draft in drafts):
        mailbox = mailboxes(name)
        for draft, found in _traced([draft for draft in drafts if draft.mailbox == name], mailbox, pause):
            if (settlement := _settlement(draft, found, today)) is not None:
                settlements.append(settlement)
    order = {draft.record.key: position for position, draft in enumerate(drafts)}
    return sorted(settlements, key=lambda settlement: order[settlement.record.key])


def _traced(
    drafts: Sequence[OpenDraft], mailbox: Mailbox, pause: Callable[[float], None]
) -> list[tuple[OpenDraft, Found | None]]:
    found = mailbox.trace([_known(draft) for draft in drafts])
    youngest = max((draft.since for draft, one in zip(drafts, found, strict=True) if one is None), default=None)
    if youngest is not None:
        wait = (youngest + mailbox.capabilities.in_flight - dt.datetime.now(dt.UTC)).total_seconds()
        if wait > 0:
            # A clock that was set back must not make this wait for longer.
            pause(min(wait, mailbox.capabilities.in_flight.total_seconds()))
            found = mailbox.trace([_known(draft) for draft in drafts])
    return list(zip(drafts, found, strict=True))


def _known(draft: OpenDraft) -> Known:
    return Known(draft.token, draft.draft_id, draft.sender, draft.record.person, draft.subject, draft.since)


def _settlement(draft: OpenDraft, found: Found | None, today: dt.date) -> Settlement | None:
    """What has changed for a draft; None where nothing has. An intent that left no draft has failed."""
    if found is None:
        return Settlement(draft.record._replace(state="failed", changed_on=today), None)
    fate = found.fate
    if fate == "unasked":
        return None
    if fate == draft.record.state:
        return None
    return Settlement(draft.record._replace(state=fate, changed_on=today), found.draft_id)


def record(settlements: Iterable[Settlement], ledger: Ledger, pipeline: str) -> None:
    """Write down what was learned."""
    for record_, draft_id in settlements:
        ledger.settle(pipeline, record_.key, record_.state, record_.changed_on, draft_id)


def settled(history: History, settlements: Sequence[Settlement], today: dt.date) -> History:
    """The history as it is with these settlements, whether or not they have been written down."""
    if not settlements:
        return history
    now = {settlement.record.key: settlement.record for settlement in settlements}
    history = dataclasses.replace(history, digests=tuple(now.get(draft.key, draft) for draft in history.digests))
    settlements = [settlement for settlement in settlements if settlement.record.deal != NO_DEAL]
    changed = {settlement.record.deal for settlement in settlements}
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
    return dataclasses.replace(
        history,
        deals=deals,
        open_people=(history.open_people | waiting) - done_with,
        drafts_today=sum(draft.on == today and draft.state != "failed" for draft in drafts),
    )
