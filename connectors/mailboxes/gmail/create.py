"""Puts drafts into one owner's Gmail: each is asked for once, and looked for if the answer was lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from fivestep.connectors.google.errors import ApiFault
from fivestep.connectors.mailbox import Message, RefusedError
from fivestep.connectors.mailboxes.gmail.api import DraftRef, NewDraft
from fivestep.connectors.mailboxes.gmail.draft_id import as_made
from fivestep.connectors.mailboxes.gmail.owner import GmailOwner
from fivestep.connectors.mailboxes.mime.message import as_eml
from fivestep.connectors.mailboxes.mime.signature import signed
from fivestep.errors import CredentialsError, FivestepError, LostAnswerError, UnreachableError
from fivestep.process.model.address import bare_address

LOOKS = (0.0, 2.0, 5.0)
"""Seconds before each look for a draft whose answer was lost: a request may take effect a moment after that."""

_LOOK_AT = 50
"""How many of the newest drafts are looked at each time: the next run's trace looks at all."""

_pause: Callable[[float], None] = time.sleep


def create_drafts(owner: GmailOwner, messages: Sequence[Message]) -> list[str | FivestepError]:
    """For each message the ID of its draft, or why there is none.

    All are of this owner, and can be mails.

    Raises UnreachableError and CredentialsError only before any of them is asked for.
    """
    address = owner.address
    whole = [signed(one, owner.signature(bare_address(one.sender))) for one in messages]
    wanted = [NewDraft(as_eml(one, for_a_mail_program=False), _thread(one)) for one in whole]
    made = owner.api.create_drafts(wanted)
    # A conversation that was deleted meanwhile, or is none of this mailbox's.
    astray = [at for at, one in enumerate(made) if _unknown_thread(one) and wanted[at].thread]
    if astray:
        again = owner.api.create_drafts([wanted[at]._replace(thread="") for at in astray])
        for at, one in zip(astray, again, strict=True):
            made[at] = one
    lost = [message for message, one in zip(messages, made, strict=True) if isinstance(one, LostAnswerError)]
    found = _look_for({message.token for message in lost}, owner)
    return [
        _told(owner, address, found.get(message.token, outcome))
        for message, outcome in zip(messages, made, strict=True)
    ]


def _thread(message: Message) -> str:
    """The thread of an answer; empty without its headers, as then only the sender would see the thread."""
    return message.conversation.thread if message.conversation and message.conversation.message_id else ""


def _unknown_thread(outcome: object) -> bool:
    return isinstance(outcome, ApiFault) and (
        outcome.status == 404 or (outcome.status == 400 and "thread" in outcome.message.casefold())
    )


def _look_for(tokens: set[str], owner: GmailOwner) -> dict[str, DraftRef]:
    """Those of these drafts that were made after all, by token."""
    found: dict[str, DraftRef] = {}
    for wait in LOOKS:
        if tokens <= found.keys():
            break
        if wait:
            _pause(wait)
        try:
            refs = {ref.id: ref for ref in owner.api.drafts()[:_LOOK_AT]}
            mails = owner.draft_mails(list(refs))
        except (UnreachableError, CredentialsError):
            break  # what is not known now, the next run finds out
        found |= {mail.token: refs[one] for one, mail in mails.items() if mail.token in tokens}
    return found


def _told(owner: GmailOwner, address: str, outcome: DraftRef | ApiFault | FivestepError) -> str | FivestepError:
    """The draft's ID, or the error that the protocol has for it."""
    if isinstance(outcome, DraftRef):
        return str(as_made(address, outcome))
    if isinstance(outcome, ApiFault):
        if outcome.status in (400, 413):
            return RefusedError(f"Gmail does not take this draft: {outcome.message or 'no reason given'}")
        return UnreachableError(str(owner.api.refusal(outcome)))
    # A login that does not hold: certainly nothing was made, which is what this class says.
    return UnreachableError(str(outcome)) if isinstance(outcome, CredentialsError) else outcome
