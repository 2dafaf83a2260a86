"""How values read."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.process.model.deal import Deal
from fivestep.process.wording import show

TODAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        ((), None),
        ("Acme", "Acme"),
        (True, "yes"),
        (False, "no"),
        (12500.0, "12500"),
        (0.4, "0.4"),
        (1234567.891, "1234567.891"),
        (100.0, "100"),
        (dt.date(2026, 11, 3), "3 November 2026"),
        (("Kim", "Lou"), "Kim, Lou"),
    ],
)
def test_values(value: show.Shown, text: str | None) -> None:
    assert show.value_text(value) == text


def test_an_amount_has_its_currency() -> None:
    assert show.field_text(Deal(2, amount=12500.0, currency="EUR"), "amount") == "12,500 EUR"


def test_a_day_names_its_year_where_it_is_another() -> None:
    assert show.day(dt.date(2026, 11, 3), TODAY) == "3 Nov"
    assert show.day(dt.date(2025, 11, 3), TODAY) == "3 Nov 2025"


@pytest.mark.parametrize(("text", "short"), [("", ""), ("abc", "abc"), ("abcd", "ab…")])
def test_a_long_text_is_cut(text: str, short: str) -> None:
    assert show.cut(text, 3) == short
    assert show.in_quotes(text, 3) == f"'{short}'"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  two\nlines\t ", "two lines"),
        ("=1+1", "=1+1"),
        ("a\u2028b\x00c", "a b c"),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert show.one_line(text) == line


@pytest.mark.parametrize(
    ("text", "cell"), [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("\n-1", "'-1"), ("Call 3=3", "Call 3=3")]
)
def test_cell_text(text: str, cell: str) -> None:
    assert show.cell_text(text) == cell


@given(st.text())
def test_a_cell_text_is_one_line_and_no_formula(text: str) -> None:
    line = show.cell_text(text)
    assert len(line.splitlines()) <= 1
    assert not line.startswith(("=", "+", "-", "@"))
    assert len(line) <= show.CELL_LIMIT + 1
    assert show.cell_text(line) == line
