"""A wish to stop, which is heeded between two calls to the outside and never within one."""

from __future__ import annotations

import signal
import threading

from fivestep.errors import StoppedError

_wished = threading.Event()


def heed_signals() -> None:
    """From now on SIGTERM, which by itself would end this process anywhere, is such a wish."""
    signal.signal(signal.SIGTERM, lambda *_: _wished.set())


def check() -> None:
    """Raise StoppedError where this process is to stop; to be called before something is done outside."""
    if _wished.is_set():
        raise StoppedError("stopped on request, between two steps: what was left, the next run does")
