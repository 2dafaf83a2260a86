"""Which messages a list shows: labels, the query, and the index that lags behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.google import gmail_query
from tests.fakes.google.gmail_box import Box
from tests.fakes.google.gmail_labels import HIDDEN
from tests.fakes.google.gmail_message import Message
from tests.fakes.google.gmail_uploads import invalid


class Search:
    """What a list is asked for. Only a query sees the mailbox as it was `lag` ago."""

    def __init__(self, box: Box, params: Mapping[str, Any], lag: dt.timedelta) -> None:
        self._view = box.view()
        self._box = box
        self.labels = _labels(box, params)
        self._query = gmail_query.parse(params.get("q") or "")
        self._indexed = box.now() - lag if params.get("q") else None
        self._everywhere = bool(params.get("includeSpamTrash")) or self._query.everywhere

    def messages(self) -> Iterator[Message]:
        """The messages that fit, newest first."""
        return (each for each in self._box.store.newest_first() if each.labels >= self.labels and self.fits(each))

    def threads(self) -> Iterator[Message]:
        """The newest message of each thread that has a message that fits, and all the labels between its messages."""
        seen = set()
        for newest in self._box.store.newest_first():
            if newest.thread_id not in seen:
                seen.add(newest.thread_id)
                thread = self._box.threads[newest.thread_id]
                if set().union(*(each.labels for each in thread)) >= self.labels and any(map(self.fits, thread)):
                    yield newest

    def fits(self, message: Message) -> bool:
        """Whether the query, and trash and spam being left out, let the message through."""
        if not self._everywhere and not self.labels & HIDDEN and message.labels & HIDDEN:
            return False
        if self._indexed is not None and message.at > self._indexed:
            return False
        return self._query.matches(message, self._view)


def _labels(box: Box, params: Mapping[str, Any]) -> set[str]:
    labels = set(params.get("labelIds") or ())
    for label in sorted(labels):
        if label not in box.store.labels.names:
            raise invalid(f"Invalid label: {label}")
    return labels
