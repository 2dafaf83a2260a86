"""A word on standard error about what is under way, for people who wait for more than a moment."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator

SHOWN_AFTER = 1.0
"""Seconds before anything is shown."""


@contextlib.contextmanager
def progress_shown() -> Iterator[Callable[[str], None]]:
    """What to call with each step as it begins; where nobody would see it, nothing comes of that."""
    if not sys.stderr.isatty():
        yield lambda _what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=None)
    later = threading.Timer(SHOWN_AFTER, bar.start)
    later.daemon = True
    later.start()
    try:
        yield lambda what: bar.update(task, description=what)
    finally:
        later.cancel()
        later.join()
        bar.stop()
