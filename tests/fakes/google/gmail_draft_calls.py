"""`users.drafts.*`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.google import gmail_formats, gmail_lookups
from tests.fakes.google.gmail_box import Box
from tests.fakes.google.gmail_pages import page_of
from tests.fakes.google.gmail_search import Search
from tests.fakes.google.gmail_uploads import check_sendable, invalid, raw_of

Params = Mapping[str, Any]


def create(box: Box, params: Params, body: Any) -> Any:
    return _saved(box, box.create_draft(*_upload(box, body)))


def get(box: Box, params: Params, body: Any) -> Any:
    message = gmail_lookups.draft(box, params["id"])
    return {"id": params["id"], "message": gmail_formats.shown(message, params.get("format") or "full")}


def find(box: Box, params: Params, body: Any, search: Search) -> Any:
    """A page of `drafts.list`; of a message no more than its IDs."""
    drafts = {message.id: draft_id for draft_id, message in box.drafts.items()}
    found = (message for message in search.messages() if message.id in drafts)
    messages, said = page_of(found, params)
    listed = [{"id": drafts[message.id], "message": gmail_formats.short(message)} for message in messages]
    return {**({"drafts": listed} if listed else {}), **said}


def update(box: Box, params: Params, body: Any) -> Any:
    gmail_lookups.draft(box, params["id"])
    box.update_draft(params["id"], *_upload(box, body))
    return _saved(box, params["id"])


def delete(box: Box, params: Params, body: Any) -> Any:
    gmail_lookups.draft(box, params["id"])
    box.delete_draft(params["id"])


def send(box: Box, params: Params, body: Any) -> Any:
    draft_id = (body or {}).get("id", "")
    gmail_lookups.draft(box, draft_id)
    if (body.get("message") or {}).get("raw"):
        box.update_draft(draft_id, *_upload(box, body))
    check_sendable(box.drafts[draft_id].raw)
    return gmail_formats.labelled(box.send_draft(draft_id))


def _upload(box: Box, body: Any) -> tuple[bytes, str | None]:
    """The mail in a draft resource, and the thread that it is to join, which has to exist."""
    message = (body or {}).get("message")
    if message is None:
        raise invalid("Missing draft message")
    raw = raw_of(message, "draft.message.raw")
    thread_id = message.get("threadId") or None
    if thread_id:
        gmail_lookups.thread(box, thread_id)
    return raw, thread_id


def _saved(box: Box, draft_id: str) -> dict[str, Any]:
    return {"id": draft_id, "message": gmail_formats.labelled(box.drafts[draft_id])}
