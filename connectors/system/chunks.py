"""Many things, a part at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

_T = TypeVar("_T")


def chunks(things: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """All of them in order, at most `size` at once; no more than these are held."""
    waiting = iter(things)
    while some := list(itertools.islice(waiting, size)):
        yield some
