"""Rows or columns that are inserted, deleted or moved, and where everything that points to them points afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.google.a1 import Area

if TYPE_CHECKING:
    from tests.fakes.google.sheets_tab import Tab


@dataclass(frozen=True)
class Shift:
    """`count` rows or columns from `start` on. A move's `to` is the place before which they land, as it was before."""

    tab: Tab
    rows: bool
    kind: str
    start: int
    count: int
    to: int = 0

    @property
    def end(self) -> int:
        return self.start + self.count

    def place(self, index: int) -> int | None:
        """Where a row or column is afterwards; None if it was deleted."""
        if self.kind == "insert":
            return index + self.count if index >= self.start else index
        if self.kind == "delete":
            if self.start <= index < self.end:
                return None
            return index - self.count if index >= self.end else index
        return self._moved(index)

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a stretch is afterwards; None if nothing of it is left."""
        if self.kind == "insert":
            return (
                start + self.count if start >= self.start else start,
                end + self.count if end > self.start else end,
            )
        if self.kind == "delete":
            first, last = self._cut(start), self._cut(end)
            return (first, last) if first < last else None
        places = [self._moved(index) for index in (start, end - 1)]
        if places[1] - places[0] == end - 1 - start:
            return places[0], places[1] + 1
        return start, end

    def area(self, area: Area) -> Area | None:
        """Where a block is afterwards; None if nothing of it is left."""
        start, end = (area.top, area.bottom) if self.rows else (area.left, area.right)
        if end is None:
            if start == 0:
                return area
            open_span = self.span(start, max(start, self.start + self.count) + 1)
            first: int | None = open_span[0] if open_span else self.start
            last: int | None = None
        else:
            span = self.span(start, end)
            if span is None:
                return None
            first, last = span
        assert first is not None
        if self.rows:
            return Area(first, area.left, last, area.right)
        return Area(area.top, first, area.bottom, last)

    def _cut(self, index: int) -> int:
        return self.start if self.start <= index < self.end else index - self.count if index >= self.end else index

    def _moved(self, index: int) -> int:
        to = self.to if self.to <= self.start else self.to - self.count
        if self.start <= index < self.end:
            return to + index - self.start
        rest = index - self.count if index >= self.end else index
        return rest + self.count if rest >= to else rest
