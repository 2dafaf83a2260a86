"""Runs that wait for nothing: a retry follows at once, and what may still be under way is looked for at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from fivestep.connectors.google.transport import GoogleTransport
from fivestep.connectors.mailboxes.gmail import api
from fivestep.jobs.running import settle_drafts


@contextmanager
def impatient() -> Iterator[None]:
    """Within, no pause lasts. Each is patched where it is kept: `time.sleep` was bound when its module was imported."""
    set_up = GoogleTransport.__init__

    def without_pause(self: GoogleTransport, *args: Any, **kwargs: Any) -> None:
        set_up(self, *args, **kwargs)
        self._pause = _no_pause

    with (
        mock.patch.object(settle_drafts.settle_drafts, "__kwdefaults__", {"pause": _no_pause}),
        mock.patch.object(api, "_pause", _no_pause),
        mock.patch.object(GoogleTransport, "__init__", without_pause),
    ):
        yield


def _no_pause(_seconds: float) -> None:
    pass
