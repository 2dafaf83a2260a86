"""`users.getProfile`, `users.labels.*`, `users.history.list` and `users.settings.sendAs.*`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.google import gmail_lookups
from tests.fakes.google.gmail_box import Box
from tests.fakes.google.gmail_labels import SYSTEM
from tests.fakes.google.gmail_pages import page_size
from tests.fakes.google.gmail_uploads import invalid

Params = Mapping[str, Any]


def get_profile(box: Box, params: Params, body: Any) -> Any:
    return {
        "emailAddress": box.account,
        "messagesTotal": len(box.messages),
        "threadsTotal": len(box.threads),
        "historyId": str(box.store.history.last),
    }


def list_labels(box: Box, params: Params, body: Any) -> Any:
    return {"labels": [_label(box, label_id) for label_id in box.store.labels.names]}


def get_label(box: Box, params: Params, body: Any) -> Any:
    """A label with its counts."""
    if params["id"] not in box.store.labels.names:
        raise gmail_lookups.not_found()
    having = [message for message in box.messages.values() if params["id"] in message.labels]
    unread = [message for message in having if "UNREAD" in message.labels]
    return {
        **_label(box, params["id"]),
        "messagesTotal": len(having),
        "messagesUnread": len(unread),
        "threadsTotal": len({message.thread_id for message in having}),
        "threadsUnread": len({message.thread_id for message in unread}),
    }


def _label(box: Box, label_id: str) -> dict[str, Any]:
    kind = "system" if label_id in SYSTEM else "user"
    return {"id": label_id, "name": box.store.labels.names[label_id], "type": kind}


def list_history(box: Box, params: Params, body: Any) -> Any:
    """What changed after `startHistoryId`; 404 for one that is too old or was never given."""
    history = box.store.history
    token = params.get("pageToken") or "0"
    if not token.isdecimal():
        raise invalid("Invalid pageToken")
    if not (params.get("startHistoryId") or "").isdecimal():
        raise invalid("Missing/invalid parameter: startHistoryId")
    start = int(params["startHistoryId"])
    if not history.oldest <= start <= history.last:
        raise gmail_lookups.not_found()
    start = max(start, int(token))
    records = history.since(start, params.get("historyTypes") or (), params.get("labelId") or "")
    page = records[: page_size(params)]
    answer: dict[str, Any] = {"historyId": str(history.last)}
    if page:
        answer["history"] = page
    if len(records) > len(page):
        answer["nextPageToken"] = page[-1]["id"]
    return answer


def list_send_as(box: Box, params: Params, body: Any) -> Any:
    return {"sendAs": [dict(entry) for entry in box.identities]}


def get_send_as(box: Box, params: Params, body: Any) -> Any:
    entry = box.identities.get(params["sendAsEmail"])
    if entry is None:
        raise gmail_lookups.not_found()
    return dict(entry)
