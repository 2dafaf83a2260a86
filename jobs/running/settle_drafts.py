"""What has become of the drafts of earlier runs, before anything new is drafted.

Drafts that seemed gone are asked for again for some weeks: a file may only have been away, in a folder that was
not synchronised or in the trash.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from fivestep.connectors.ledger import Ledger, OpenDraft
from fivestep.connectors.mailbox import Found, Known, Mailbox
from fivestep.connectors.system import stopping
from fivestep.process.model.address import bare_address
from fivestep.process.model.history import NO_DEAL, OPEN_STATES, DealHistory, DraftRecord, DraftState, History

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


class Settled(NamedTuple):
    """What became of the drafts of earlier runs."""

    settlements: Sequence[Settlement] = ()
    unasked: Sequence[OpenDraft] = ()
    """Those that wait, as far as is known, in mailboxes that can't be looked into now."""

    @property
    def notices(self) -> list[str]:
        """What a person should know."""
        told = [settlement.notice for settlement in self.settlements if settlement.notice]
        return told + [
            f"The mailbox of {bare_address(draft.sender) or draft.mailbox} can't be looked into, where a draft to "
            f"{draft.record.person} ({draft.record.deal}) was put: it counts as waiting, and they get no other, until "
            "that mailbox has a login again"
            for draft in self.unasked
        ]


def settle_drafts(
    drafts: Sequence[OpenDraft],
    mailboxes: Callable[[str], Mailbox],
    today: dt.date,
    *,
    zone: dt.tzinfo = dt.UTC,
    pause: Callable[[float], None] = stopping.pause,
) -> Settled:
    """What became of every draft whose story has not ended, asked in the mailbox that it was made in.

    - `drafts`: those drafts.
    - `mailboxes`: gives the mailbox of a name as the settings write it.
    - `today`, `zone`: the day, and the team's time zone.
    - `pause`: how waiting is done, by seconds.

    Where a run was killed a moment ago, this waits until a request that it may have sent has taken effect or never
    will.
    """
    settlements, unasked = [], []
    for name in dict.fromkeys(draft.mailbox for draft in drafts):
        mailbox = mailboxes(name)
        for draft, found in _traced([draft for draft in drafts if draft.mailbox == name], mailbox, pause):
            state = _state(found)
            if state is None:
                waits = draft.record.state in OPEN_STATES and draft.record.deal != NO_DEAL
                unasked += [draft] if waits else []
            elif state != draft.record.state:
                now = draft.record._replace(state=state, changed_on=_changed_on(draft, found, today, zone))
                settlements.append(Settlement(now, found.draft_id if found else None))
    order = {draft.record.key: position for position, draft in enumerate(drafts)}
    return Settled(sorted(settlements, key=lambda settlement: order[settlement.record.key]), unasked)


def _changed_on(draft: OpenDraft, found: Found | None, today: dt.date, zone: dt.tzinfo) -> dt.date:
    """The day on which it was sent, as far as the mailbox tells, and not that on which it is seen."""
    if found is None or found.sent_at is None:
        return today
    return min(today, max(draft.record.on, found.sent_at.astimezone(zone).date()))


def _traced(
    drafts: Sequence[OpenDraft], mailbox: Mailbox, pause: Callable[[float], None]
) -> list[tuple[OpenDraft, Found | None]]:
    """What was found of each; what was not is looked for twice.

    When the request for a draft was sent, nobody knows: it may have waited its turn for minutes after the intent. But
    whoever sent it held the pipeline until then, which is held here by now.
    """
    known, in_flight = [_known(draft) for draft in drafts], mailbox.capabilities.in_flight
    found = mailbox.trace(known)
    if in_flight and None in found:
        pause(in_flight.total_seconds())
        found = mailbox.trace(known)
    return list(zip(drafts, found, strict=True))


def _known(draft: OpenDraft) -> Known:
    record = draft.record
    # The ledger knows the day where the team works, which begins and ends up to half a day apart from that of UTC.
    gone_by = None
    if record.state not in OPEN_STATES:
        gone_by = dt.datetime.combine(record.changed_on, dt.time(), dt.UTC) + dt.timedelta(days=1.5)
    return Known(draft.token, draft.draft_id, draft.sender, record.person, draft.subject, draft.since, gone_by)


def _state(found: Found | None) -> DraftState | None:
    """The draft's state after this; None where it tells nothing.

    An intent that left no draft has failed.
    """
    if found is None:
        return "failed"
    return None if found.fate == "unasked" else found.fate


def record(settlements: Iterable[Settlement], ledger: Ledger, pipeline: str) -> None:
    """Write down what was learned."""
    for record_, draft_id in settlements:
        ledger.settle(pipeline, record_.key, record_.state, record_.changed_on, draft_id)


def settled(history: History, settlements: Sequence[Settlement], today: dt.date) -> History:
    """The history as it is with these settlements, whether or not they have been written down."""
    if not settlements:
        return history
    now = {settlement.record.key: settlement.record for settlement in settlements}
    history = dataclasses.replace(
        history, to_the_team=tuple(now.get(draft.key, draft) for draft in history.to_the_team)
    )
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
    return dataclasses.replace(
        history, deals=deals, drafts_today=sum(draft.on == today and draft.state != "failed" for draft in drafts)
    )
