"""One thing that the doctor tried, and who brings such things along.

A connector that has more to look at than whether it can be used is `Examined`: the doctor asks it, and knows nothing of
what it looks at. A kind of login has checks of its own (`connectors.login`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol, runtime_checkable


class Check(NamedTuple):
    """One thing that was tried."""

    name: str
    ok: bool | None
    """None: a run works, but somebody should look at it."""
    message: str
    fix: str = ""


@runtime_checkable
class Examined(Protocol):
    """A sheet or a mailbox that brings checks of its own."""

    def checks(self) -> Iterable[Check]:
        """What it looks at; whatever is raised as a FivestepError is a failed check as well."""
