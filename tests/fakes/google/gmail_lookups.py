"""What the IDs in a call stand for, or the error that Gmail answers with."""

from __future__ import annotations

import re

from tests.fakes.google.answers import GoogleError
from tests.fakes.google.gmail_box import Box
from tests.fakes.google.gmail_message import Message
from tests.fakes.google.gmail_uploads import invalid

HEX = re.compile(r"[0-9a-f]{1,16}", re.IGNORECASE)


def not_found() -> GoogleError:
    """The error for what is not in the mailbox."""
    return GoogleError(404, "notFound", "Requested entity was not found.")


def message(box: Box, message_id: str) -> Message:
    """The message; a draft's ID is none, and Gmail says so in other words."""
    if not HEX.fullmatch(message_id):
        raise invalid("Invalid id value")
    if message_id not in box.messages:
        raise not_found()
    return box.messages[message_id]


def thread(box: Box, thread_id: str) -> list[Message]:
    """The messages of the thread."""
    if not HEX.fullmatch(thread_id):
        raise invalid("Invalid thread_id value")
    if thread_id not in box.threads:
        raise not_found()
    return box.threads[thread_id]


def draft(box: Box, draft_id: str) -> Message:
    """The message that is the draft."""
    if draft_id not in box.drafts:
        raise not_found()
    return box.drafts[draft_id]
