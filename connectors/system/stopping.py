"""A wish to stop, which is heeded between two calls to the outside, and the signals that ask for it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fivestep.errors import StoppedError

STOPPING_PATIENCE = 20.0
"""Seconds that a process has for stopping between two steps, before it is ended where it is."""

_SLICE = 0.2
"""Seconds after which a pause looks for the wish again."""


_STOPS = [getattr(signal, name) for name in ("SIGTERM", "SIGBREAK") if hasattr(signal, name)]
"""What asks a process to stop. Windows has the second, Ctrl-Break, and nobody there sends the first."""

ASKS = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)
"""What a process is sent that is to stop: on Windows SIGTERM would end it wherever it is."""


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
    """From now on SIGTERM, which by itself would end this process anywhere, is such a wish.

    On Windows that is Ctrl-Break.
    """
    for number in _STOPS:
        signal.signal(number, lambda *_: _wished.set())


@contextmanager
def when_asked(heard: Callable[[], object]) -> Iterator[None]:
    """Inside the block this is called when the process is asked to end, Ctrl-C included.

    Only the main thread can listen.
    """
    before = {number: signal.signal(number, lambda *_: heard()) for number in (*_STOPS, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
