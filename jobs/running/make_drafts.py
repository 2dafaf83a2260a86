"""Drafts, made: each intent is in the ledger before the mailbox hears of it."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Collection, Sequence

from fivestep.connectors.mailbox import BatchMailbox, Message
from fivestep.connectors.system import stopping
from fivestep.errors import FivestepError
from fivestep.jobs.running import run_refusals
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.jobs.running.reports import Drafted
from fivestep.process.model.plan import Draft

log = logging.getLogger(__name__)


def make_drafts(
    pipeline: Pipeline,
    run: int,
    drafts: Sequence[Draft],
    today: dt.date,
    without_id: Collection[str] = (),
) -> list[Drafted]:
    """What became of each of these drafts, in their order.

    - `pipeline`, `run`: the open pipeline, and the run's ID.
    - `drafts`: what the plan wants made.
    - `today`: the day.
    - `without_id`: deals that have no ID in the sheet yet, and get no draft before they have.
    """
    due = [draft for draft in drafts if not draft.skipped and draft.deal not in without_id]
    made: dict[str, Drafted] = {}
    mailbox = pipeline.mailbox
    at_once = mailbox.at_once if isinstance(mailbox, BatchMailbox) else 1
    for begin in range(0, len(due), at_once):
        stopping.stop_if_asked()
        some = due[begin : begin + at_once]
        pipeline.tell(f"drafting to {some[0].to}" if len(some) == 1 else f"making {len(some)} drafts")
        made.update(make(pipeline, run, some, today))
    return [
        Drafted("skipped", draft.skipped) if draft.skipped else made.get(draft.key, run_refusals.NO_ID_IN_SHEET)
        for draft in drafts
    ]


def put_off(drafts: Sequence[Draft]) -> list[Drafted]:
    """What is said of each of these drafts, in their order, where a run makes none."""
    return [Drafted("skipped", draft.skipped) if draft.skipped else run_refusals.LEFT_TO_FOLLOW_UP for draft in drafts]


def make(pipeline: Pipeline, run: int, drafts: Sequence[Draft], today: dt.date) -> dict[str, Drafted]:
    """What became of some drafts, at most as many as the mailbox makes at once, by key."""
    messages = []
    results = dict.fromkeys((draft.key for draft in drafts), run_refusals.OVERTAKEN)
    for draft in drafts:
        token, now = uuid.uuid4().hex, dt.datetime.now(pipeline.settings.zone)
        if pipeline.ledger.intend(pipeline.name, run, draft, token, pipeline.settings.drafts.to, today, now):
            messages.append(_message(draft, token, now))
    for message, made in zip(messages, _create(pipeline, messages), strict=True):
        results[message.key] = _settled(pipeline, message.key, made, today)
    return results


def _message(draft: Draft, token: str, now: dt.datetime) -> Message:
    return Message(
        token=token,
        key=draft.key,
        deal=draft.deal,
        sender=draft.sender,
        to=draft.to,
        subject=draft.subject,
        plain=draft.plain,
        html=draft.html,
        date=now,
        conversation=draft.conversation,
    )


def _create(pipeline: Pipeline, messages: Sequence[Message]) -> list[str | FivestepError]:
    """For each message the draft's ID, or why there is none."""
    mailbox = pipeline.mailbox
    if isinstance(mailbox, BatchMailbox):
        return mailbox.create_all(messages) if messages else []
    made: list[str | FivestepError] = []
    for message in messages:
        try:
            made.append(mailbox.create(message))
        except FivestepError as error:
            made.append(error)
    return made


def _settled(pipeline: Pipeline, key: str, made: str | FivestepError, today: dt.date) -> Drafted:
    """What became of one draft, written down as far as it is known."""
    if isinstance(made, str):
        pipeline.ledger.settle(pipeline.name, key, "created", today, made)
        return Drafted("created")
    if run_refusals.never_made(made):
        pipeline.ledger.settle(pipeline.name, key, "failed", today)
    else:
        log.warning("whether %s was drafted is not known: %s", key, made)
    return run_refusals.not_drafted(made)
