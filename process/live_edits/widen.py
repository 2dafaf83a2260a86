"""How far tables and filters have to reach for the tool's columns to be sorted with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from fivestep.process.model.frame import Frame
from fivestep.process.model.table import column_letters


class Widened(NamedTuple):
    """Up to which column a frame is to reach, or why it can't."""

    frame: Frame
    right: int
    refusal: str = ""

    def __str__(self) -> str:
        """For a person."""
        first = column_letters(self.frame.right + 1)
        return (
            f"{self.frame.name[:1].upper()}{self.frame.name[1:]} ends before this tool's columns ({first} and on), and "
            f"{self.refusal}: when it is sorted they stay behind. Widen it by hand, or sort whole rows"
        )


def widened(
    frames: Collection[Frame], row: int, headers: Sequence[str], anchor: int, own: Collection[int]
) -> Iterator[Widened]:
    """The tables and filters that end left of the tool's columns, with how far they are to reach.

    - `frames`: those of the worksheet.
    - `row`, `headers`: the header row, and its texts.
    - `anchor`: a column of the deals' own, from 0: only frames around it count.
    - `own`: the tool's columns, from 0.
    """
    for frame in frames:
        outside = [column for column in sorted(own) if column > frame.right]
        if frame.top == row and frame.holds(row, anchor) and outside:
            yield Widened(frame, outside[-1], _refusal(frame, headers, outside))


def _refusal(frame: Frame, headers: Sequence[str], outside: Sequence[int]) -> str:
    if frame.fixed:
        return frame.fixed
    if outside != list(range(frame.right + 1, frame.right + 1 + len(outside))):
        return "other columns stand in between"
    blocked = [reason for column, reason in sorted(frame.blocked.items()) if column <= outside[-1]]
    if blocked:
        return blocked[0]
    names = {name.casefold() for name in frame.names}
    for column in outside:
        name = headers[column].casefold()
        if frame.names and (not name.strip() or name in names):
            return f"it has a column {headers[column]!r} of its own" if name.strip() else "a header is blank"
        names.add(name)
    return ""
