"""Which rows of a table are deals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, zip_longest
from typing import NamedTuple

from fivestep.process.model.table import Cell, Table
from fivestep.process.reading.layout import Layout
from fivestep.process.reading.no_deals import Asides, LeftOut, nothing_said, repeated_headers, totals
from fivestep.process.wording.vocabulary import Words

_AT_ONCE = 512
"""Rows turned into columns at once: few enough to stay in the processor's cache."""


class DealRows(NamedTuple):
    """Some rows of deals, column by column."""

    numbers: Sequence[int]
    """As the sheet numbers them."""
    columns: Mapping[int, Sequence[Cell]]
    """By column index, for every mapped column; what a row does not reach is the empty text."""
    left_out: Sequence[LeftOut]
    """The rows among them that say something and are taken for no deals all the same."""


def deal_rows(table: Table, layout: Layout, words: Words, *, blank_is_a_stage: bool = False) -> Iterator[DealRows]:
    """Part by part, the rows below the header that say something in a column that makes a deal.

    What is merged over several rows counts for each that says something besides. Left out are rows of totals, header
    rows that were pasted in again, and, named, what stands beside the deals: legends, titles, placeholders.
    `blank_is_a_stage`: the team's words give a stage to deals that name none.
    """
    asides = Asides(table, layout, words, blank_is_a_stage=blank_is_a_stage)
    with_merged = table.rows_with_merged
    for start in range(layout.header_row, len(table.rows), _AT_ONCE):
        rows = table.rows[start : start + _AT_ONCE]
        numbers = range(start + 1, start + 1 + len(rows))
        merged = [number for number in numbers if number in with_merged] if with_merged else []
        seen = _as_seen(table, rows, merged, start)
        columns = _columns(seen, layout)
        dropped = nothing_said(columns, layout) | repeated_headers(columns, layout)
        dropped |= totals(rows, columns, layout, words)
        dropped |= {number - start - 1 for number in merged if not asides.filled(rows[number - start - 1])}
        left_out = asides.left_out(rows, columns, start + 1, dropped)
        dropped |= {aside.row - start - 1 for aside in left_out}
        if not dropped:
            yield DealRows(numbers, columns, ())
            continue
        kept = [position not in dropped for position in range(len(rows))]
        of_deals = {index: list(compress(cells, kept)) for index, cells in columns.items()}
        yield DealRows(list(compress(numbers, kept)), of_deals, left_out)


def _as_seen(
    table: Table, rows: Sequence[Sequence[Cell]], merged: Sequence[int], start: int
) -> Sequence[Sequence[Cell]]:
    """The rows behind `start`, with what is merged over several rows in each."""
    if not merged:
        return rows
    seen = list(rows)
    for number in merged:
        seen[number - start - 1] = table.seen(number)
    return seen


def _columns(rows: Sequence[Sequence[Cell]], layout: Layout) -> dict[int, Sequence[Cell]]:
    columns = list(zip_longest(*rows, fillvalue=""))
    empty = ("",) * len(rows)
    return {index: columns[index] if index < len(columns) else empty for index in layout.columns.values()}
