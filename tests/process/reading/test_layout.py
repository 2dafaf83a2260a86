"""The header row is found where people put it, and headers are compared as a person would."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fivestep.process.model.table import Cell, Table
from fivestep.process.reading.layout import NoHeader, find_layout

COLUMNS = {"deal": "Deal", "stage": "Stage", "expected_close": "Close Date"}


def table(*rows: Sequence[Cell]) -> Table:
    return Table("Deals", rows)


def test_header_in_the_first_row() -> None:
    layout = find_layout(table(["Deal", "Stage", "Close Date", "Status"]), COLUMNS, ["Status", "Follow-up"])
    assert layout.header_row == 1
    assert layout.columns == {"deal": 0, "stage": 1, "expected_close": 2}
    assert layout.tools == {"Status": 3}
    assert layout.gone == {}
    assert layout.header("expected_close") == "Close Date"
    assert layout.header("email") == ""


@pytest.mark.parametrize(
    "written",
    [
        "Close Date",
        "  close   date ",
        "Close\nDate",
        "CLOSE\u00a0DATE",
        "Close-Date:",
        "Close Date 📅",
        "\u200bClose date",
    ],
)
def test_headers_compare_without_case_marks_and_line_breaks(written: str) -> None:
    assert find_layout(table(["Stage", written]), COLUMNS, []).columns == {"stage": 0, "expected_close": 1}


def test_an_exact_match_comes_before_one_that_is_only_alike() -> None:
    layout = find_layout(table(["STATUS", "Status", "Stage"]), {"stage": "Stage", "notes": "Status"}, [])
    assert layout.columns["notes"] == 1


def test_headers_of_marks_alone_are_told_apart() -> None:
    layout = find_layout(table(["✓", "#", "Stage"]), {"stage": "Stage", "fit": "✓", "id": "#"}, [])
    assert layout.columns == {"stage": 2, "fit": 0, "id": 1}


def test_titles_and_a_small_table_above_the_header() -> None:
    found = find_layout(
        table(
            ["Sales pipeline 2025"],
            [],
            ["Stage", "Count"],
            ["Pitch", 3],
            [None, "Deal", "Owner", "Stage", "Close Date"],
            [None, "Rollout", "Ana", "Pitch", 45000],
        ),
        COLUMNS,
        [],
    )
    assert found.header_row == 5
    assert found.columns == {"deal": 1, "stage": 3, "expected_close": 4}


def test_the_first_of_equal_rows_and_the_first_of_equal_headers() -> None:
    header: list[Cell] = ["Deal", "Stage", "Stage"]
    layout = find_layout(table(header, header), COLUMNS, [])
    assert (layout.header_row, layout.columns["stage"]) == (1, 1)


def test_a_mapped_header_that_is_gone() -> None:
    layout = find_layout(table(["Deal", "Stage"]), COLUMNS, [])
    assert layout.gone == {"expected_close": "Close Date"}


def test_without_the_stage_half_of_the_headers_will_do() -> None:
    assert find_layout(table(["Deal", "Close Date"]), COLUMNS, []).gone == {"stage": "Stage"}


def test_a_given_row_is_taken_at_its_word() -> None:
    rows = table(["Deal", "Stage", "Close Date"], ["Stage"])
    assert find_layout(rows, COLUMNS, [], header_row=2).columns == {"stage": 0}


def test_no_header_names_the_row_that_comes_closest() -> None:
    with pytest.raises(NoHeader) as caught:
        find_layout(table(["a"], ["Deal", "b"]), COLUMNS, [])
    assert caught.value.row == 2
    assert caught.value.found == ["Deal"]
    assert caught.value.missing == ["Stage", "Close Date"]
    assert "row 2 comes closest, with Deal" in str(caught.value)


@pytest.mark.parametrize("header_row", [None, 1, 99])
def test_no_header_in_a_sheet_without_any(header_row: int | None) -> None:
    with pytest.raises(NoHeader) as caught:
        find_layout(table([]), COLUMNS, [], header_row)
    assert caught.value.row is None


def test_a_header_below_row_fifty_is_not_searched_for_but_may_be_given() -> None:
    rows = table(*[["title"]] * 50, ["Deal", "Stage"])
    with pytest.raises(NoHeader):
        find_layout(rows, COLUMNS, [])
    assert find_layout(rows, COLUMNS, [], header_row=51).header_row == 51
