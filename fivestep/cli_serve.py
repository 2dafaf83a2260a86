"""The command `serve`: signals, the log, and the last word."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import fivestep
from fivestep import logs

if TYPE_CHECKING:
    from fivestep.listing import Section


def serve(
    places: Sequence[Path], at_once: int, address: tuple[str, int] | None, *, as_json: bool, verbose: bool
) -> Mapping[str, int]:
    """Serve until SIGTERM or SIGINT comes; returns what became of the occasions."""
    logs.set_up(logging.DEBUG if verbose else logging.INFO, as_json=as_json)
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    return fivestep.serve(places, at_once, stop, address)


def sections(done: Mapping[str, int]) -> Iterable[Section]:
    """What was done, in one line."""
    from fivestep.listing import Section

    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.items()))
    return [Section(f"Stopped. Jobs: {counts or 'none was due'}")]
