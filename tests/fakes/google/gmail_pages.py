"""Long lists in pages, newest first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.fakes.google.gmail_message import Message
from tests.fakes.google.gmail_uploads import invalid

USUAL, LARGEST = 100, 500
KNOWN = 201
"""`resultSizeEstimate` counts no further: github.com/openclaw/gogcli/issues/983."""
ORDER_DIGITS = 9


class Page(NamedTuple):
    """The messages of a page, and what the answer says beside them."""

    messages: list[Message]
    said: dict[str, Any]


def page_of(found: Iterable[Message], params: Mapping[str, Any]) -> Page:
    """The page that the parameters ask for.

    It begins after the last message of the page before, whatever came or went in the meantime.
    """
    size = page_size(params)
    after = _position(params.get("pageToken"))
    rest = (message for message in found if after is None or message.key < after)
    listed = list(itertools.islice(rest, max(size, KNOWN) + 1))
    said: dict[str, Any] = {"resultSizeEstimate": min(len(listed), KNOWN)}
    if len(listed) > size:
        milliseconds, order = listed[size - 1].key
        said["nextPageToken"] = f"{milliseconds}{order:0{ORDER_DIGITS}d}"
    return Page(listed[:size], said)


def page_size(params: Mapping[str, Any]) -> int:
    """How many a page holds; more than Google gives is cut down without a word."""
    return max(1, min(int(params.get("maxResults") or USUAL), LARGEST))


def _position(token: str | None) -> tuple[int, int] | None:
    if not token:
        return None
    if not token.isdecimal() or len(token) <= ORDER_DIGITS:
        raise invalid("Invalid pageToken")
    return int(token[:-ORDER_DIGITS]), int(token[-ORDER_DIGITS:])
