"""Finds the rows and columns of a sheet again that people edit during a write.

Rows are found by what people typed into them, columns by their headers. Cells that the write may have reached don't
count: a text that belongs elsewhere may stand in them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fivestep.process.live_edits.match_columns import Texts, align_columns, only_ones
from fivestep.process.model.table import Cell, Table, shown
from fivestep.process.reading.headers import find_header

_ALIKE = 0.5
"""The share of its filled cells by which a row that was edited meanwhile is still known."""
_FEW = 300
"""Up to so many rows that are left over, or hold the same, are compared each with each."""


@dataclass(frozen=True)
class Alignment:
    """Where the rows (from 1) and columns (from 0) are now; deleted ones are left out."""

    rows: Mapping[int, int]
    columns: Mapping[int, int]
    """New columns, whose headers are among the written cells, included: each has its place, or gets one."""

    @cached_property
    def rows_before(self) -> Mapping[int, int]:
        """Each row now with the row it was before."""
        return {now: then for then, now in self.rows.items()}

    @cached_property
    def columns_before(self) -> Mapping[int, int]:
        """Each column now with the column it was before."""
        return {now: then for then, now in self.columns.items()}


def align(before: Table, header_row: int, written: Texts, after: Table) -> Alignment | None:
    """Where rows and columns are now; None where the header row is gone, without which nothing is found."""
    header_now = find_header(before, header_row, after)
    if header_now is None:
        return None
    hit = {column for columns in written.values() for column in columns}
    columns = align_columns(before, header_row, written, after, header_now)
    out, out_now = hit.union(*before.formulas.values()), hit.union(*after.formulas.values())
    compared = [(then, now) for then, now in columns.items() if then not in out and now not in out_now]
    rows = _Rows(before, header_row, after, header_now, compared, written, columns).found()
    return Alignment({header_row: header_now, **rows}, columns)


class _Rows:
    """Finds rows by what they hold."""

    def __init__(
        self,
        before: Table,
        header_before: int,
        after: Table,
        header_now: int,
        compared: Sequence[tuple[int, int]],
        written: Texts,
        columns: Mapping[int, int],
    ) -> None:
        """Prepare to find rows.

        - `before`, `header_before`: the table right before the write, and its header row.
        - `after`, `header_now`: the table as it is now, and its header row.
        - `compared`: the columns, before and now, by which rows are compared.
        - `written`: the texts of the write, by row and column of `before`.
        - `columns`: each column before with its place now.
        """
        self._before = before
        self._after = after
        self._written = written
        self._columns = columns
        self._header_before = header_before
        self._header_now = header_now
        self._texts = {text for texts in written.values() for text in texts.values()}
        self._hit = {column for texts in written.values() for column in texts if column in columns}
        self._then = _contents(before, [then for then, _ in compared], header_before)
        self._now = _contents(after, [now for _, now in compared], header_now)

    def found(self) -> dict[int, int]:
        """Each row before with its place now."""
        rows = dict(self._alike())
        then = [row for row in self._then if row not in rows]
        taken = set(rows.values())
        now = [row for row in self._now if row not in taken]
        rows.update(self._edited(then, now, rows))
        rows.update(self._bare(rows))
        return rows

    def _alike(self) -> Iterator[tuple[int, int]]:
        """Rows that hold exactly the same before and now."""
        places: defaultdict[tuple[Cell, ...], list[int]] = defaultdict(list)
        for row, content in self._now.items():
            places[content].append(row)
        groups: defaultdict[tuple[Cell, ...], list[int]] = defaultdict(list)
        for row, content in self._then.items():
            groups[content].append(row)
        for content, rows in groups.items():
            twins = places.get(content, [])
            if len(rows) == len(twins) == 1:
                yield rows[0], twins[0]
            elif twins:
                yield from self._twins(rows, twins)

    def _twins(self, rows: Sequence[int], places: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Places for rows that all hold the same, each where its other cells can be explained.

        First come places in which a row's own texts have landed.
        """
        known = {}
        if len(places) <= _FEW:
            known = matched({row: self._choices(row, places) for row in rows})
            yield from known.items()
        taken = set(known.values())
        left = [row for row in rows if row not in known]
        yield from zip(left, [place for place in places if place not in taken], strict=False)

    def _choices(self, then: int, places: Sequence[int]) -> list[int]:
        """The places where a row may be, the likeliest first, by the columns that were written to."""
        fitting = [now for now in places if self._can_show(then, now)]
        return sorted(fitting, key=lambda now: (not self._has_landed(then, now), now != then))

    def _can_show(self, then: int, now: int) -> bool:
        """Whether each written column shows its old text or one of this write, which may land in any row."""
        return all(
            (shows := shown(self._after.at(now, self._columns[column]))) in self._texts
            or shows == shown(self._before.at(then, column))
            for column in self._hit
        )

    def _has_landed(self, then: int, now: int) -> bool:
        """Whether the row's own new texts stand at this place."""
        return all(
            shown(self._after.at(now, self._columns[column])) == text
            for column, text in self._written.get(then, {}).items()
            if column in self._columns
        )

    def _edited(self, then: Sequence[int], now: Sequence[int], known: Mapping[int, int]) -> Iterator[tuple[int, int]]:
        """Rows that somebody edited meanwhile, found by the half of their cells that is still the same.

        `then` and `now` are the rows that are still to be paired, `known` those that are found already.
        """
        if len(then) <= _FEW and len(now) <= _FEW:
            yield from self._most_alike(then, now)
            return
        free = set(now)
        shift = 0
        for row in sorted([*then, *known]):
            if row in known:
                shift = known[row] - row
            elif row + shift in free and self._likeness(row, row + shift) >= _ALIKE:
                free.discard(row + shift)
                yield row, row + shift

    def _bare(self, known: Mapping[int, int]) -> dict[int, int]:
        """Places of rows that are empty but for the written columns, found by those or by their neighbours."""
        columns = sorted(self._hit)
        then = _contents(self._before, columns, self._header_before)
        now = _contents(self._after, [self._columns[column] for column in columns], self._header_now)
        found = only_ones(
            {row: content for row, content in then.items() if row not in self._then},
            {row: content for row, content in now.items() if row not in self._now},
        )
        order = sorted({**known, self._header_before: self._header_now}.items())
        taken = {*known.values(), *found.values(), self._header_now, *self._now}
        for row in sorted(then.keys() - self._then.keys() - found.keys()):
            place = _between(order, row)
            if place is not None and place not in taken:
                found[row] = place
                taken.add(place)
        return found

    def _most_alike(self, then: Sequence[int], now: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Pairs of rows, the most alike first, as long as half of the cells are the same."""
        pairs = ((self._likeness(row, place), -abs(row - place), row, place) for row in then for place in now)
        rows, places = set(then), set(now)
        for likeness, _, row, place in sorted(pairs, reverse=True):
            if likeness < _ALIKE:
                return
            if row in rows and place in places:
                rows.discard(row)
                places.discard(place)
                yield row, place

    def _likeness(self, then: int, now: int) -> float:
        """The share of filled cells that are still the same, from 0 to 1."""
        # Where a text of this write has landed, nobody can tell what stood there.
        pairs = [
            (was, is_)
            for was, is_ in zip(self._then[then], self._now[now], strict=True)
            if was != "" and (is_ == was or is_ not in self._texts)
        ]
        return sum(was == is_ for was, is_ in pairs) / len(pairs) if pairs else 0.0


def _contents(table: Table, columns: Sequence[int], header: int) -> dict[int, tuple[Cell, ...]]:
    """What these columns hold, by row; rows without anything there are left out."""
    last = max(columns, default=-1) + 1
    padding: list[Cell] = [""] * last
    found: dict[int, tuple[Cell, ...]] = {}
    for number, row in enumerate(table.rows, 1):
        cells = [*row, *padding[len(row) :]] if len(row) < last else row
        content = tuple("" if (cell := cells[column]) is None else cell for column in columns)
        if number != header and any(cell != "" for cell in content):
            found[number] = content
    return found


def _between(known: Sequence[tuple[int, int]], row: int) -> int | None:
    """Where a row is whose neighbours above and below are found; None where they moved apart.

    The neighbours may have changed places: then the row is looked for in that order.
    """
    at = bisect_left(known, (row, 0))
    if at == 0:
        return None
    (above, above_now), *below = known[at - 1 : at + 1]
    if not below or below[0][1] - above_now == below[0][0] - above:
        return above_now + row - above
    return above_now - row + above if below[0][1] - above_now == above - below[0][0] else None


def matched(choices: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """One of its choices for each, no choice twice, for as many as can be; earlier choices are preferred."""
    holders: dict[int, int] = {}

    def place(one: int, tried: set[int]) -> bool:
        for choice in choices[one]:
            if choice not in tried:
                tried.add(choice)
                if choice not in holders or place(holders[choice], tried):
                    holders[choice] = one
                    return True
        return False

    for one in choices:
        place(one, set())
    return {one: choice for choice, one in holders.items()}
