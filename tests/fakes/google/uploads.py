"""Bodies of uploads: what is sent as media is made into the body that the same method takes without it."""

from __future__ import annotations

import base64
import email
import json
from typing import TYPE_CHECKING, Any

from tests.fakes.google.answers import Raw

if TYPE_CHECKING:
    from tests.fakes.google.discovery import Method
    from tests.fakes.google.wire import Request


def parsed(method: Method, request: Request) -> Any:
    """The body of an upload; a mail becomes the `raw` of its message, a file stays as it is."""
    kind = request.headers.get("content-type", "")
    if method.api.name == "drive":
        return Raw(request.body, kind)
    if kind.startswith("multipart/"):
        whole = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.body)
        parts: Any = whole.get_payload()
        described, media = parts
        body = json.loads(described.get_payload(decode=True))
        content = media.get_payload(decode=True) or media.get_payload()[0].as_bytes()
    else:
        body, content = {}, request.body
    message = body.setdefault("message", {}) if method.request == "Draft" else body
    message["raw"] = base64.urlsafe_b64encode(content).decode()
    return body
