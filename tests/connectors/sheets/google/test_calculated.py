"""Which cells are calculated, told by what was typed and what shows."""

from __future__ import annotations

import pytest

from fivestep.connectors.sheets.google.calculated import CellRow, calculated

HEADER: CellRow = ["Deal", "Size", "Double"]


def test_a_formula_is_calculated() -> None:
    assert calculated([HEADER, ["Alpha", 2, 4]], [HEADER, ["Alpha", 2, "=B2*2"]]) == {2: {2}}


@pytest.mark.parametrize("typed", [3, "two", ""])
def test_two_moments_are_not_mixed(typed: str | int) -> None:
    assert calculated([HEADER, ["Alpha", 2]], [HEADER, ["Alpha", typed]]) is None


@pytest.mark.parametrize("typed", [3, "two", ""])
def test_of_a_sheet_that_stands_still_whatever_differs_is_calculated(typed: str | int) -> None:
    assert calculated([HEADER, ["Alpha", 2]], [HEADER, ["Alpha", typed]], still=True) == {2: {1}}
