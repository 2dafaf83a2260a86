"""A wish to stop, which is heeded between two calls to the outside and never within one."""

from __future__ import annotations

import os
import signal
import threading
import time

from fivestep.errors import StoppedError

STOPPING_PATIENCE = 20.0
"""Seconds that a process has for stopping between two steps, before it is ended where it is."""

_SLICE = 0.2
"""Seconds after which a pause looks for the wish again."""


class _Wish:
    """A flag that a signal's handler may set; `threading.Event` has a lock that could block it for ever."""

    def __init__(self) -> None:
        self._there = False

    def set(self) -> None:
        self._there = True

    def clear(self) -> None:
        self._there = False

    def is_set(self) -> bool:
        return self._there


_wished = _Wish()


def heed_signals() -> None:
    """From now on SIGTERM, which by itself would end this process anywhere, is such a wish."""
    signal.signal(signal.SIGTERM, lambda *_: _wished.set())


def no_longer_than(seconds: float) -> None:
    """End this process after so long, and before that wish that it stops: for when nobody else does."""
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    _wished.set()
    time.sleep(STOPPING_PATIENCE)
    os._exit(StoppedError.exit_code)


def stop_if_asked() -> None:
    """Raise StoppedError where this process is to stop; to be called before something is done outside."""
    if _wished.is_set():
        raise StoppedError("stopped on request, between two steps: what was left, the next run does")


def pause(seconds: float) -> None:
    """Wait so long, as for a quota; raises StoppedError as soon as this process is to stop."""
    while seconds > 0:
        stop_if_asked()
        time.sleep(min(_SLICE, seconds))
        seconds -= _SLICE
    stop_if_asked()
