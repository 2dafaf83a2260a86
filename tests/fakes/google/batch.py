"""Many calls in one: multipart/mixed, each part a request of its own, answered one by one in the same shape."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.google import discovery
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.wire import Reply, Request, as_json

MOST = 100
BOUNDARY = "batch_answer"
REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found"}


def is_batch(host: str, path: str) -> bool:
    """Whether a path takes batches."""
    return host in discovery.hosts() and (path == "batch" or path.startswith("batch/"))


def answered(request: Request, carry_out: Callable[[Request], Reply]) -> Reply:
    """The answers to the parts of a batch, in the order of the parts."""
    parts = split(request)
    if len(parts) > MOST:
        raise GoogleError(400, "badRequest", f"The batch request exceeds the limit of {MOST} calls.")
    pieces = []
    for name, part in parts:
        reply = carry_out(part)
        pieces.append(_piece(name, _without_accident(reply)))
    body = b"".join(f"--{BOUNDARY}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return Reply(200, body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/mixed; boundary={BOUNDARY}")


def split(request: Request) -> list[tuple[str, Request]]:
    """The parts of a batch: their Content-ID and the request that each holds; 400 for what is no batch."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/mixed"):
        raise GoogleError(400, "badRequest", "Failed to parse batch request, error: The boundary is not specified.")
    head = b"Content-Type: " + kind.encode() + b"\r\n\r\n"
    whole = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    parts: Any = whole.get_payload()
    if isinstance(parts, str) or not parts:
        raise GoogleError(400, "badRequest", "Failed to parse batch request, error: Batch has no parts.")
    return [(part.get("Content-ID", ""), _request(part.get_payload(), request)) for part in parts]


def _request(text: str, whole: Request) -> Request:
    """The request in a part. It has the batch's host and, unless it brings its own, the batch's login."""
    first, _, rest = text.lstrip().replace("\r\n", "\n").partition("\n")
    http, target = first.split(" ")[:2]
    headers, _, body = rest.partition("\n\n")
    own = {
        name.strip().lower(): value.strip()
        for name, colon, value in (line.partition(":") for line in headers.split("\n"))
        if colon
    }
    url = urlsplit(target)
    inherited = {name: value for name, value in whole.headers.items() if name == "authorization"}
    query = parse_qsl(url.query, keep_blank_values=True)
    content = body.rstrip("\n").encode("utf-8", "surrogateescape")
    return Request(http, whole.host, url.path.lstrip("/"), query, inherited | own, content)


def _without_accident(reply: Reply) -> Reply:
    """A part has no connection of its own that could be cut: what would have cut it is an error of the part."""
    if not reply.cut:
        return reply
    error = GoogleError(500, "backendError", "Internal error encountered.")
    return Reply(500, as_json(error.body(with_errors=True)))


def _piece(name: str, reply: Reply) -> bytes:
    answered_as = f"<response-{name[1:]}" if name.startswith("<") else f"response-{name}"
    lines = [
        "Content-Type: application/http",
        *([f"Content-ID: {answered_as}"] if name else []),
        "",
        f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Error')}",
        f"Content-Type: {reply.content_type}",
        *(f"{key}: {value}" for key, value in reply.headers.items()),
        f"Content-Length: {len(reply.body)}",
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + reply.body
