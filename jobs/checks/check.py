"""One thing that the doctor tried."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """One thing that was tried."""

    name: str
    ok: bool | None
    """None: a run works, but somebody should look at it."""
    message: str
    fix: str = ""
