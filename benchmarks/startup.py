"""How long the command line takes to say anything."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping

_TIMES = 5
"""One start is too short to be timed."""


def starts() -> Mapping[str, Callable[[], None]]:
    """Python alone, and `fivestep --help`, each several times."""
    return {"python": _start("-c", "pass"), "help": _start("-m", "fivestep", "--help")}


def per_start(seconds: float) -> float:
    """The seconds of one start."""
    return seconds / _TIMES


def _start(*arguments: str) -> Callable[[], None]:
    def start() -> None:
        for _ in range(_TIMES):
            subprocess.run([sys.executable, *arguments], capture_output=True, check=True)

    return start
