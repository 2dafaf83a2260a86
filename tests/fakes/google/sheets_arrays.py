"""Array formulas over columns, such as =ARRAYFORMULA(C2:C*D2:D), and the cells that they fill."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.fakes.google.a1 import column_index
from tests.fakes.google.sheets_cells import Cell, ErrorText, Plain, is_empty
from tests.fakes.google.sheets_formulas import computed

if TYPE_CHECKING:
    from tests.fakes.google.sheets_tab import Tab

ARRAY = re.compile(r"=ARRAYFORMULA\((.*)\)", re.IGNORECASE | re.DOTALL)
STRETCH = re.compile(r"([A-Z]{1,2})([1-9][0-9]*):([A-Z]{1,2})([1-9][0-9]*)?", re.IGNORECASE)

Values = dict[tuple[int, int], Plain]


def arrays(tab: Tab) -> Values:
    """What array formulas show, in their own cell and in those below; where one of those is taken, they show #REF!."""
    found: Values = {}
    for row, line in enumerate(tab.rows):
        if Cell not in set(map(type, line)):
            continue
        for column, content in enumerate(line):
            match = isinstance(content, Cell) and content.formula and ARRAY.fullmatch(content.formula)
            if match:
                found |= _filled(match[1], tab, row, column)
    return found


def _filled(inner: str, tab: Tab, row: int, column: int) -> Values:
    last = len(tab.rows)
    heights = [int(match[4] or last) - int(match[2]) + 1 for match in STRETCH.finditer(inner)]
    cells = [(row + down, column) for down in range(max(heights, default=1))]
    if any(not is_empty(tab.content(*cell)) for cell in cells[1:]):
        return {cells[0]: ErrorText("#REF!")}
    return {cell: _value(inner, tab, down, cell) for down, cell in enumerate(cells)}


def _value(inner: str, tab: Tab, down: int, cell: tuple[int, int]) -> Plain:
    def one(match: re.Match[str]) -> str:
        assert column_index(match[1]) == column_index(match[3])
        return f"{match[1]}{int(match[2]) + down}"

    return computed("=" + STRETCH.sub(one, inner), tab, *cell)
