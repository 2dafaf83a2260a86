"""Which column of a sheet is which after a write that may have landed in any of them.

A header that is there once tells it, unless the write has to do with that header. For the other columns, what they hold
tells it: people insert, delete, drag and rename columns, but what stood in a column and was not written over stands
there still, in whichever row. So of all ways to pair the columns the one is taken that leaves least unexplained.
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
"""What counts as so many cells that nothing explains. A new name is likelier than that one column went and one came."""
_MANY = 5_000_000
"""So many comparisons of cells would take too long; columns are then paired from left to right."""

_Texts = Counter[str]


def align_columns(before: Table, header_row: int, written: Texts, after: Table, header_now: int) -> dict[int, int]:
    """Columns of before to columns of now; new ones, whose headers are written, included: each has or gets a place."""
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
    """Those that a header of their own tells, or all that they hold; what this write may have brought tells nothing."""
    headings = {heading(text) for text in ours}
    told = {
        column: place
        for column, place in was.headers.paired(now.headers).items()
        if not headings & {was.headers.text(column), now.headers.text(place)}
    }
    taken = set(told.values())
    return {**only_ones(was.contents(told, ours), now.contents(taken, ours)), **told}


def _ends(was: _Side, now: _Side, hit: int) -> tuple[int, int]:
    """How many columns of before and of now there are to be told apart: the empty ones that both end with are not."""
    width, width_now = max(was.width, hit), now.width
    many, many_now = was.table.columns, now.table.columns
    if many is None or many_now is None:
        return width, width_now
    empty = min(many - width, many_now - width_now)
    return max(many - empty, width), max(many_now - empty, width_now)


def _with_new_ones(found: Mapping[int, int], titles: Mapping[int, str], was: _Side, now: _Side) -> dict[int, int]:
    """New columns too: where they were written, unless another column has come to stand there."""
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
    """A table of the two, by its columns."""

    def __init__(self, table: Table, header_row: int) -> None:
        self.table = table
        self.headers = Headers(table.rows[header_row - 1])
        self.width = table.width
        self._header_row = header_row
        self._columns: dict[int, _Texts] = {}

    def contents(self, besides: Container[int], ours: Set[str]) -> dict[int, frozenset[tuple[str, int]]]:
        """What other columns hold with their headers, without those that hold nothing, or a text of ours."""
        columns = [column for column in range(self.width) if column not in besides]
        held = {column: self.texts(column) for column in columns}
        return {
            column: frozenset({*texts.items(), (self.headers.text(column), -1)})
            for column, texts in held.items()
            if texts and not ours & texts.keys()
        }

    def holds(self, column: int) -> bool:
        """Whether anything stands in a column."""
        return bool(self.headers.text(column) or self.texts(column))

    def texts(self, column: int) -> _Texts:
        """What a column holds below and above its header, and how often."""
        if column not in self._columns:
            rows = (row for row in range(1, len(self.table.rows) + 1) if row != self._header_row)
            cells = (without_references(shown(self.table.at(row, column))) for row in rows)
            self._columns[column] = Counter(text for text in cells if text)
        return self._columns[column]


@dataclass(frozen=True)
class _Landed:
    """What was written into one column."""

    header: str | None
    """None where the header was not."""
    texts: _Texts
    cells: int
    """How many, emptied ones included."""

    @classmethod
    def of(cls, written: Texts, header_row: int, column: int) -> _Landed:
        title = written.get(header_row, {}).get(column)
        texts = [of[column] for row, of in written.items() if row != header_row and column in of]
        return cls(
            None if title is None else heading(title),
            Counter(without_references(text) for text in texts if text),
            len(texts),
        )


_NOTHING = _Landed(None, Counter(), 0)


class _Pairs:
    """Pairs the columns that no header tells."""

    def __init__(self, was: _Side, now: _Side, landed: Mapping[int, _Landed], end: int, end_now: int) -> None:
        self._was = was
        self._now = now
        self._landed = [_NOTHING, *landed.values()]
        self._end = end
        self._end_now = end_now

    def found(self, told: Mapping[int, int]) -> dict[int, int]:
        """First those that stand between the same columns as before, then those that were dragged."""
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
        """Columns to places in the same order, at the least cost; of equal ones the leftmost places."""
        if not columns or not places:
            return {}
        if len(columns) * len(places) * len(self._now.table.rows) > _MANY:
            return dict(zip(columns, places, strict=False))
        return self._cheapest(columns, places)

    def _cheapest(self, columns: Sequence[int], places: Sequence[int]) -> dict[int, int]:
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
        """Whether it is known how many columns there are, so that an empty one can't come or go for nothing."""
        return self._was.table.columns is not None and self._now.table.columns is not None

    def _gone(self, column: int) -> float:
        """What it costs that somebody has deleted a column."""
        held = self._was.texts(column).total() + bool(self._was.headers.text(column))
        return held + _DELETED if held or self._counted else 0

    def _come(self, place: int) -> float:
        """What it costs that somebody has inserted a column."""
        header, texts = self._now.headers.text(place), self._now.texts(place)
        if not header and not texts:
            return _INSERTED if self._counted else 0
        return _INSERTED + min(
            (bool(header) and header != landed.header) + (texts - landed.texts).total() + _short(landed, texts)
            for landed in self._landed
        )

    def _pair(self, column: int, place: int) -> float:
        """What it costs that a column is at a place by now: what has gone from it, and what came that is not ours."""
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
    """What tells against texts having landed in a column: those that do not stand there."""
    return (landed.texts - texts).total() / 2 + (landed is not _NOTHING) / 8


def only_ones(then: Mapping[int, Hashable], now: Mapping[int, Hashable]) -> dict[int, int]:
    """Rows or columns of before to those of now that hold the same, and no others do."""
    many, many_now = Counter(then.values()), Counter(now.values())
    places = {content: place for place, content in now.items()}
    return {one: places[content] for one, content in then.items() if many[content] == 1 == many_now[content]}


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs whose second numbers rise as the first do: columns that nobody has dragged."""
    ends: list[int] = []
    chains: list[list[tuple[int, int]]] = []
    for pair in pairs:
        at = bisect_left(ends, pair[1])
        chain = [*(chains[at - 1] if at else ()), pair]
        ends[at : at + 1], chains[at : at + 1] = [pair[1]], [chain]
    return chains[-1] if chains else []
