"""A message as the API writes it: full, metadata, minimal or raw."""

from __future__ import annotations

import base64
from collections.abc import Collection
from email.message import Message as Mime
from typing import Any

from tests.fakes.google.gmail_message import Message
from tests.fakes.google.gmail_raw import decoded


def short(message: Message) -> dict[str, str]:
    """What lists say of a message."""
    return {"id": message.id, "threadId": message.thread_id}


def labelled(message: Message) -> dict[str, Any]:
    """What the calls that change a message answer."""
    return {**short(message), "labelIds": sorted(message.labels)}


def shown(message: Message, style: str, names: Collection[str] = ()) -> dict[str, Any]:
    """The message in one of the four formats; `names` are the only headers that `metadata` gives, if there are any."""
    answer = {
        **labelled(message),
        "snippet": message.snippet,
        "sizeEstimate": len(message.raw),
        "historyId": str(message.history_id),
        "internalDate": str(message.key[0]),
    }
    if not message.labels:
        del answer["labelIds"]
    if style == "raw":
        answer["raw"] = urlsafe(message.raw)
    elif style == "metadata":
        answer["payload"] = {"mimeType": message.mime.get_content_type(), "headers": _headers(message, names)}
    elif style == "full":
        answer["payload"] = {**_part(message.mime, ""), "headers": _headers(message, ())}
    return answer


def _headers(message: Message, names: Collection[str]) -> list[dict[str, str]]:
    wanted = {name.casefold() for name in names}
    return [
        {"name": field.name, "value": field.value}
        for field in message.fields
        if field.name and (not wanted or field.name.casefold() in wanted)
    ]


def _part(part: Mime, part_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "partId": part_id,
        "mimeType": part.get_content_type(),
        "filename": part.get_filename() or "",
        "headers": [{"name": name, "value": decoded(str(value))} for name, value in part.items()],
        "body": _body(part, part_id),
    }
    if part.is_multipart():
        inside = part_id and f"{part_id}."
        answer["parts"] = [_part(child, f"{inside}{number}") for number, child in enumerate(part.get_payload())]
    return answer


def _body(part: Mime, part_id: str) -> dict[str, Any]:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return {"size": 0}
    if part.get_filename():
        return {"attachmentId": f"ANGjdJ{part_id or 0}", "size": len(data)}
    return {"size": len(data), "data": urlsafe(data)} if data else {"size": 0}


def urlsafe(data: bytes) -> str:
    """Base64 as the API writes it: for addresses, and padded."""
    return base64.urlsafe_b64encode(data).decode()
