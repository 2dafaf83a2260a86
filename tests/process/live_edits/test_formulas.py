"""Formulas put back where rows and columns have moved: they refer to what they referred to, or nobody knows."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from fivestep.process.live_edits.formulas import Moves
from tests.fakes.google.people import Person
from tests.fakes.google.server import GoogleServer

SAME = {n: n for n in range(20)}
INSERTED_COLUMN = Moves(SAME, {0: 0, 1: 2, 2: 3, 3: 4}, "Deals")  # beside A
INSERTED_ROW = Moves({1: 1, 2: 3, 3: 4, 4: 5}, SAME, "Deals")  # above row 2
SORTED = Moves({1: 1, 2: 4, 3: 2, 4: 3}, SAME, "Deals")
DRAGGED_COLUMN = Moves(SAME, {0: 0, 1: 3, 2: 1, 3: 2}, "Deals")  # B behind D


@pytest.mark.parametrize(
    ("moves", "formula", "expected"),
    [
        (INSERTED_COLUMN, "=B2*$C$2", "=C2*$D$2"),
        (INSERTED_COLUMN, "=SUM(A2:C2)", "=SUM(A2:D2)"),
        (INSERTED_COLUMN, "=SUM(b:b)", "=SUM(C:C)"),
        (INSERTED_COLUMN, '=IF(B2="B2 ""B2""",LOG10(C2),"")', '=IF(C2="B2 ""B2""",LOG10(D2),"")'),
        (INSERTED_COLUMN, "=Rates!B2+'It''s B2'!C2+deals!C2", "=Rates!B2+'It''s B2'!C2+deals!D2"),
        (INSERTED_COLUMN, "=SUM(Deals[B2])+ROW()+TODAY()", "=SUM(Deals[B2])+ROW()+TODAY()"),
        (INSERTED_COLUMN, "=Z2", None),
        (INSERTED_ROW, "=C3-C2", "=C4-C3"),
        (INSERTED_ROW, "=SUM(C$2:C$4)", "=SUM(C$3:C$5)"),
        (INSERTED_ROW, "=SUM(C2:C)", "=SUM(C3:C)"),
        (INSERTED_ROW, "=SUM(C:C)+SUM(2:3)", "=SUM(C:C)+SUM(3:4)"),
        (INSERTED_ROW, "=SUM(C2:C100)", None),
        (SORTED, "=C2*D2", "=C4*D4"),
        (SORTED, "=C2*D$1", "=C4*D$1"),
        (SORTED, "=C3", None),
        (SORTED, "=C$2", None),
        (SORTED, "=SUM(C2:C4)", None),
        (SORTED, "=SUM(A2:D2)", "=SUM(A4:D4)"),
        (DRAGGED_COLUMN, "=B2*C2", "=D2*B2"),
        (DRAGGED_COLUMN, "=SUM(C2:D2)", "=SUM(B2:C2)"),
        (DRAGGED_COLUMN, "=SUM(A2:D2)", None),
        (Moves(SAME, SAME), "=Z99", "=Z99"),
    ],
)
def test_a_formula_of_row_2_refers_to_the_same_cells(moves: Moves, formula: str, expected: str | None) -> None:
    assert moves.formula(formula, 2) == expected


FORMULAS = ["=B{n}*C{n}", "=SUM(B{n}:D{n})", "=$B{n}+B$1", "=B{n}-B{m}", "=SUM(B$2:B{n})", "=SUM(B:B)"]


def test_what_is_certain_is_what_the_spreadsheet_makes_of_it() -> None:
    certain = 0
    with GoogleServer() as server:
        for seed in range(150):
            certain += _compared(server, random.Random(seed))
    assert certain > 600


def _compared(server: GoogleServer, dice: random.Random) -> int:
    """How many formulas could be told after an edit; each of them is what the spreadsheet has made of it."""
    tab = server.sheets.add("P", tab="Deals", row_count=12, column_count=8).tabs[0]
    tab.write("A1", [[f"{row + 1} {column}" for column in range(6)] for row in range(8)])
    for row in range(2, 9):
        tab.write(f"F{row}", [[tab.entered(dice.choice(FORMULAS).format(n=row, m=row - 1))]])
    before = {row + 1: tab.formula(row, 5) for row in range(1, 8)}
    person = Person(tab)
    edits: list[Callable[[], object]] = [
        lambda: person.insert_row(dice.randint(1, 8), []),
        lambda: person.insert_column(dice.randint(0, 4), "new"),
        person.reverse,
        lambda: person.move_row(dice.randint(1, 7), dice.randint(1, 8)),
        lambda: person.move_column(dice.randint(0, 4), dice.randint(0, 4)),
        lambda: person.delete_row(dice.randint(2, 7)),
    ]
    dice.choice(edits)()
    rows, columns = {}, {5: tab.column("1 5")}
    for row, cells in enumerate(tab.values(), 1):
        for column, cell in enumerate(cells):
            if column != columns[5] and " " in str(cell):
                then, across = map(int, str(cell).split())
                rows[then], columns[across] = row, column
    told = {row: Moves(rows, columns).formula(text or "", row) for row, text in before.items() if row in rows}
    for row, formula in told.items():
        assert formula in (None, tab.formula(rows[row] - 1, columns[5])), (before[row], person.log.edits)
    return sum(formula is not None for formula in told.values())
