"""`users.messages.*` and `users.threads.*`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.google import gmail_formats, gmail_lookups
from tests.fakes.google.gmail_box import Box
from tests.fakes.google.gmail_labels import FIXED
from tests.fakes.google.gmail_message import Message
from tests.fakes.google.gmail_pages import page_of
from tests.fakes.google.gmail_search import Search
from tests.fakes.google.gmail_uploads import check_sendable, invalid, raw_of

Params = Mapping[str, Any]


def find(box: Box, params: Params, body: Any, search: Search) -> Any:
    """A page of `messages.list`; `messages` is missing where there are none."""
    messages, said = page_of(search.messages(), params)
    listed = [gmail_formats.short(message) for message in messages]
    return {**({"messages": listed} if listed else {}), **said}


def get(box: Box, params: Params, body: Any) -> Any:
    return _shown(gmail_lookups.message(box, params["id"]), params)


def send(box: Box, params: Params, body: Any) -> Any:
    raw = raw_of(body, "message.raw")
    check_sendable(raw)
    thread_id = body.get("threadId") or None
    if thread_id:
        gmail_lookups.thread(box, thread_id)
    return gmail_formats.labelled(box.send_raw(raw, thread_id))


def trash(box: Box, params: Params, body: Any) -> Any:
    message = gmail_lookups.message(box, params["id"])
    box.trash(message.id)
    return gmail_formats.labelled(message)


def untrash(box: Box, params: Params, body: Any) -> Any:
    message = gmail_lookups.message(box, params["id"])
    box.relabel(message.id, remove={"TRASH"})
    return gmail_formats.labelled(message)


def modify(box: Box, params: Params, body: Any) -> Any:
    message = gmail_lookups.message(box, params["id"])
    added, removed = ((body or {}).get(name) or [] for name in ("addLabelIds", "removeLabelIds"))
    for label in [*added, *removed]:
        if label in FIXED or label not in box.store.labels.names:
            raise invalid(f"Invalid label: {label}")
    box.relabel(message.id, added, removed)
    return gmail_formats.labelled(message)


def find_threads(box: Box, params: Params, body: Any, search: Search) -> Any:
    """A page of `threads.list`, the thread with the newest message first."""
    newest, said = page_of(search.threads(), params)
    listed = [
        {"id": each.thread_id, "snippet": each.snippet, "historyId": _history_id(box.threads[each.thread_id])}
        for each in newest
    ]
    return {**({"threads": listed} if listed else {}), **said}


def get_thread(box: Box, params: Params, body: Any) -> Any:
    """A thread with all its messages, the oldest first, drafts and trash among them."""
    thread = gmail_lookups.thread(box, params["id"])
    messages = [_shown(message, params) for message in thread]
    return {"id": params["id"], "historyId": _history_id(thread), "messages": messages}


def _shown(message: Message, params: Params) -> dict[str, Any]:
    return gmail_formats.shown(message, params.get("format") or "full", params.get("metadataHeaders") or ())


def _history_id(thread: list[Message]) -> str:
    return str(max(message.history_id for message in thread))
