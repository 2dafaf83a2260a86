"""Finds the columns of a sheet again after a write that may have landed in any of them.

A header that is there once finds its column, unless the write has to do with that header. The other columns are found
by what they hold: people insert, delete, drag and rename columns, but what stood in a column and was not written over
still stands there, in whichever row. Of all ways to pair the columns, the one is taken that leaves the fewest cells
unexplained.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import inf

from fivestep.process.live_edits.formulas import without_references
from fivestep.process.model.table import Table, shown
from fivestep.process.reading.headers import Headers, heading

Texts = Mapping[int, Mapping[int, str]]
"""What is written, as text: by the sheet's row (from 1) and column (from 0)."""

_INSERTED, _DELETED, _RENAMED = 1, 3, 2
"""The costs, in cells that nothing explains. A new name is likelier than one column deleted and one inserted."""
_MANY = 5_000_000
"""Above so many comparisons of cells, which would take too long, columns are paired from left to right."""

_Texts = Counter[str]


def align_columns(before: Table, header_row: int, written: Texts, after: Table, header_now: int) -> dict[int, int]:
    """Each column before with its place now; what was deleted is left out.

    New columns, whose headers are being written, are included: each has a place, or is given one.

    - `before`, `header_row`: the table right before the write, and its header row, from 1.
    - `written`: the texts of the write, by row and column of `before`.
    - `after`, `header_now`: the table as it is now, and its header row.
    """
    was, now = _Side(before, header_row), _Side(after, header_now)
    titles = {column: heading(text) for column, text in written.get(header_row, {}).items()}
    hit = {column for columns in written.values() for column in columns}
    told = _told(was, now, {text for texts in written.values() for text in texts.values() if text})
    landed = {column: _Landed.of(written, header_row, column) for column in hit}
    pairs = _Pairs(was, now, landed, *_ends(was, now, max(hit, default=-1) + 1))
    new = {column for column in titles if not was.headers.text(column)}
    found = {column: place for column, place in {**told, **pairs.found(told)}.items() if column not in new}
    return _with_new_ones(found, titles, was, now)


def _told(was: _Side, now: _Side, ours: Set[str]) -> dict[int, int]:
    """The columns that a unique header or unique content finds; texts of this write don't count."""
    headings = {heading(text) for text in ours}
    told = {
        column: place
        for column, place in was.headers.paired(now.headers).items()
        if not headings & {was.headers.text(column), now.headers.text(place)}
    }
    taken = set(told.values())
    return {**only_ones(was.contents(told, ours), now.contents(taken, ours)), **told}


def _ends(was: _Side, now: _Side, hit: int) -> tuple[int, int]:
    """How many columns to compare before and now, without the empty ones on the right of both."""
    width, width_now = max(was.width, hit), now.width
    many, many_now = was.table.columns, now.table.columns
    if many is None or many_now is None:
        return width, width_now
    empty = min(many - width, many_now - width_now)
    return max(many - empty, width), max(many_now - empty, width_now)


def _with_new_ones(found: Mapping[int, int], titles: Mapping[int, str], was: _Side, now: _Side) -> dict[int, int]:
    """The columns found, and the new ones: where they were written, or further right where that is taken."""
    columns = {place: column for column, place in found.items()}
    taken = {place for place, column in columns.items() if was.holds(column) or now.holds(place)}
    end = max([now.width, len(was.headers.texts), *(column + 1 for column in titles)])
    for column, header in sorted(titles.items()):
        if column in found:
            continue
        named = now.headers.all(header)
        places = [place for place in (column, *named[-1:]) if place not in taken]
        place = next((place for place in places if place in named or not now.headers.text(place)), end)
        end += place == end
        taken.add(place)
        columns[place] = column
    return {column: place for place, column in columns.items()}


class _Side:
    """One of the two tables, by its columns."""

    def __init__(self, table: Table, header_row: int) -> None:
        self.table = table
        self.headers = Headers(table.rows[header_row - 1])
        self.width = table.width
        self._header_row = header_row
        self._columns: dict[int, _Texts] = {}

    def contents(self, besides: Container[int], ours: Set[str]) -> dict[int, frozenset[tuple[str, int]]]:
        """What columns hold, with their headers; empty ones and `besides` are left out.

        So are those that hold a text of `ours`.
        """
        columns = [column for column in range(self.width) if column not in besides]
        held = {column: self.texts(column) for column in columns}
        return {
            column: frozenset({*texts.items(), (self.headers.text(column), -1)})
            for column, texts in held.items()
            if texts and not ours & texts.keys()
        }

    def holds(self, column: int) -> bool:
        """Whether anything stands in a column, or as its header."""
        return bool(self.headers.text(column) or self.texts(column))

    def texts(self, column: int) -> _Texts:
        """The texts of a column without its header, and how often each stands there."""
        if column not in self._columns:
            rows = (row for row in range(1, len(self.table.rows) + 1) if row != self._header_row)
            cells = (without_references(shown(self.table.at(row, column))) for row in rows)
            self._columns[column] = Counter(text for text in cells if text)
        return self._columns[column]


@dataclass(frozen=True)
class _Landed:
    """The texts of one written column."""

    header: str | None
    """None where the header was not."""
    texts: _Texts
    cells: int
    """How many, emptied ones included."""

    @classmethod
    def of(cls, written: Texts, header_row: int, column: int) -> _Landed:
        """What the write holds for one column."""
        title = written.get(header_row, {}).get(column)
        texts = [of[column] for row, of in written.items() if row != header_row and column in of]
        return cls(
            None if title is None else heading(title),
            Counter(without_references(text) for text in texts if text),
            len(texts),
        )


_NOTHING = _Landed(None, Counter(), 0)


class _Pairs:
    """Pairs the columns that no header finds."""

    def __init__(self, was: _Side, now: _Side, landed: Mapping[int, _Landed], end: int, end_now: int) -> None:
        """Prepare to pair columns.

        - `was`, `now`: the tables before the write and now.
        - `landed`: what was written, by the column it was meant for: it may stand in any other.
        - `end`, `end_now`: how many columns to compare before and now.
        """
        self._was = was
        self._now = now
        self._landed = [_NOTHING, *landed.values()]
        self._end = end
        self._end_now = end_now

    def found(self, told: Mapping[int, int]) -> dict[int, int]:
        """Columns before with their places now.

        First those that stayed between the same neighbours are paired, then those that were dragged.
        """
        found: dict[int, int] = {}
        stayed = [(-1, -1), *_longest_rising(sorted(told.items())), (self._end, self._end_now)]
        taken = set(told.values())
        for (left, left_now), (right, right_now) in pairwise(stayed):
            columns = [column for column in range(left + 1, right) if column not in told]
            places = [place for place in range(left_now + 1, right_now) if place not in taken]
            found.update(self._paired(columns, places))
        taken.update(found.values())
        columns = [column for column in range(self._end) if column not in told and column not in found]
        places = [place for place in range(self._end_now) if place not in taken]
        return {**found, **self._paired(columns, places)}

    def _paired(self, columns: Sequence[int], places: Sequence[int]) -> dict[int, int]:
        """Columns with places in the same order, at the least cost; of equal ways the leftmost."""
        if not columns or not places:
            return {}
        if len(columns) * len(places) * len(self._now.table.rows) > _MANY:
            return dict(zip(columns, places, strict=False))
        return self._cheapest(columns, places)

    def _cheapest(self, columns: Sequence[int], places: Sequence[int]) -> dict[int, int]:
        """The pairs with the least cost in sum, by dynamic programming."""
        gone, come = [self._gone(column) for column in columns], [self._come(place) for place in places]
        pair = [[self._pair(column, place) for place in places] for column in columns]
        # cost[i][j]: of what is left from the i-th column and the j-th place on.
        cost = [[0.0] * (len(places) + 1) for _ in range(len(columns) + 1)]
        for i in range(len(columns), -1, -1):
            for j in range(len(places), -1, -1):
                ways = [gone[i] + cost[i + 1][j]] if i < len(columns) else []
                ways += [come[j] + cost[i][j + 1]] if j < len(places) else []
                ways += [pair[i][j] + cost[i + 1][j + 1]] if i < len(columns) and j < len(places) else []
                cost[i][j] = min(ways, default=0.0)
        found, i, j = {}, 0, 0
        while i < len(columns) and j < len(places):
            if cost[i][j] == pair[i][j] + cost[i + 1][j + 1]:
                found[columns[i]] = places[j]
                i, j = i + 1, j + 1
            elif cost[i][j] == come[j] + cost[i][j + 1]:
                j += 1
            else:
                i += 1
        return found

    @cached_property
    def _counted(self) -> bool:
        """Whether both tables say how many columns they have.

        Without that, an empty column may come or go and nobody can see it.
        """
        return self._was.table.columns is not None and self._now.table.columns is not None

    def _gone(self, column: int) -> float:
        """The cost of saying that somebody deleted this column."""
        held = self._was.texts(column).total() + bool(self._was.headers.text(column))
        return held + _DELETED if held or self._counted else 0

    def _come(self, place: int) -> float:
        """The cost of saying that somebody inserted the column at this place."""
        header, texts = self._now.headers.text(place), self._now.texts(place)
        if not header and not texts:
            return _INSERTED if self._counted else 0
        return _INSERTED + min(
            (bool(header) and header != landed.header) + (texts - landed.texts).total() + _short(landed, texts)
            for landed in self._landed
        )

    def _pair(self, column: int, place: int) -> float:
        """The cost of saying that a column is at this place now.

        Every cell counts that was lost from it, or that came and is no text of this write.
        """
        was, now = self._was.texts(column), self._now.texts(place)
        gone, come = was - now, now - was
        header, title = self._was.headers.text(column), self._now.headers.text(place)
        cheapest = inf
        for landed in self._landed:
            over = title != header and title == landed.header
            lost, strange = max(gone.total() - landed.cells, 0), (come - landed.texts).total()
            renamed = title != header and not over
            if renamed and was and lost and lost == was.total():
                continue  # nothing is left of it
            cost = lost + strange + _short(landed, now) + renamed * (_RENAMED + bool(header) + bool(title))
            cheapest = min(cheapest, cost)
        return cheapest


def _short(landed: _Landed, texts: _Texts) -> float:
    """The cost of saying that these texts landed in a column, for those of them that don't stand there."""
    return (landed.texts - texts).total() / 2 + (landed is not _NOTHING) / 8


def only_ones(then: Mapping[int, Hashable], now: Mapping[int, Hashable]) -> dict[int, int]:
    """Rows or columns before with their places now, where only one before and one now hold the same."""
    many, many_now = Counter(then.values()), Counter(now.values())
    places = {content: place for place, content in now.items()}
    return {one: places[content] for one, content in then.items() if many[content] == 1 == many_now[content]}


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs in which both numbers rise: columns that nobody dragged."""
    ends: list[int] = []
    chains: list[list[tuple[int, int]]] = []
    for pair in pairs:
        at = bisect_left(ends, pair[1])
        chain = [*(chains[at - 1] if at else ()), pair]
        ends[at : at + 1], chains[at : at + 1] = [pair[1]], [chain]
    return chains[-1] if chains else []
