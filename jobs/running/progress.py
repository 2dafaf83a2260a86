"""How a job tells what it is doing."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str], None]
"""Is told what is being done, such as `reading pipeline.xlsx`."""


def no_progress(_what: str) -> None:
    """Tell nobody."""
