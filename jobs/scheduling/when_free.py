"""Waits for a pipeline that another run holds: a clock may begin two jobs in the same minute."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from fivestep.connectors.system import stopping
from fivestep.errors import BusyError

TRY_AGAIN = 2.0
"""Seconds between two tries."""

log = logging.getLogger(__name__)

_T = TypeVar("_T")


def when_free(work: Callable[[], _T], minutes: float, pause: Callable[[float], None] = stopping.pause) -> _T:
    """What `work` returns, tried again for so many minutes while another run holds the pipeline.

    Raises BusyError where it is held even then, and whatever else `work` raises at once.
    """
    left = minutes * 60
    while True:
        try:
            return work()
        except BusyError as busy:
            if left <= 0:
                raise
            log.info("waiting: %s", busy)
        pause(min(TRY_AGAIN, left))
        left -= TRY_AGAIN
