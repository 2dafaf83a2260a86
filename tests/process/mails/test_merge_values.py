"""What merge fields stand for that no column says as it is."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from fivestep.config.vocabulary.names import load_names
from fivestep.config.vocabulary.words import load_words
from fivestep.process.mails.merge_values import MergeSource, columns_displayed
from fivestep.process.model.calendar import Calendar
from fivestep.process.model.deal import KINDS, Deal
from fivestep.process.model.mail_text import Text
from fivestep.process.model.merged_cells import MergedCells
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.table import Cell, Table
from fivestep.process.model.template import Merge
from fivestep.process.reading.layout import find_layout

HEADER: list[Cell] = ["Deal", "Amount", "Prob", "Close", "Zip", "Meeting", "Since"]
COLUMNS = {"deal": "Deal", "stage": "Stage", "amount": "Amount", "probability": "Prob", "expected_close": "Close"}
POLICY = Policy(
    "p", Calendar(frozenset(), ()), "Deal ID", True, "", "", "", None, 1, 1, load_names(), blanks=load_words().blanks
)


def source(*cells: Cell, **table: object) -> MergeSource:
    """Looks up in a table of which these are the cells of row 2."""
    whole = dataclasses.replace(Table("Deals", [HEADER, list(cells), []]), **table)  # type: ignore[arg-type]
    return MergeSource(whole, find_layout(whole, {"deal": "Deal", **COLUMNS}, (), 1), POLICY)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (15551234567, "15551234567"),
        ("N/A", None),
        ("(null)", None),
        ("{{Product}}", None),
        ("[Product]", None),
        ("=B2", None),
        ("---", None),
        ("[Pump] 3", "[Pump] 3"),
        (34.3, "34.3"),
        (0.15, "0.15"),
        (dt.datetime(2026, 12, 3, 14, 30), "3 December 2026, 14:30"),  # noqa: DTZ001
        (dt.datetime(2026, 12, 3), "3 December 2026"),  # noqa: DTZ001
        (dt.date(2026, 12, 3), "3 December 2026"),
        (dt.time(14, 30), "14:30"),
        (dt.time(1, 5, 9), "1:05:09"),
        (dt.timedelta(hours=26), "26:00"),
        (" 007 ", "007"),
        ("$34.30", "$34.30"),
        (True, "yes"),
        ("", None),
        ("#REF!", None),
    ],
)
def test_a_column_that_is_not_mapped_reads_as_in_the_sheet(cell: Cell, text: str | None) -> None:
    assert source("a", "", "", "", cell).value(Deal(2), "zip") == text


def test_a_number_reads_in_its_cells_format() -> None:
    here = source("a", 34.3, 0.4, "", 1234, displayed={2: {1: "$34.30", 2: "40.0%", 4: "01234"}})
    deal = Deal(2, amount=34.3, currency="USD", probability=0.4)
    assert [here.value(deal, name) for name in ("Amount", "prob", "Zip")] == ["$34.30", "40.0%", "01234"]
    assert here.value(Deal(2), "Amount") is None


def test_a_format_that_leaves_the_currency_out_says_too_little() -> None:
    here = source("a", 12500, 0.4, displayed={2: {1: "12500", 2: "0.4"}})
    deal = Deal(2, amount=12500.0, currency="EUR", probability=0.4)
    assert [here.value(deal, name) for name in ("Amount", "Prob")] == ["12,500 EUR", "40%"]
    assert source("a").value(deal._replace(amount=34.3), "amount") == "34.30 EUR"


def test_what_is_merged_over_rows_is_a_value_of_each() -> None:
    merged = [MergedCells(2, 4, 3, 4), MergedCells(2, 6, 3, 6)]
    here = source("a", "", "", "", 1234, "", "May", merged=merged, displayed={2: {4: "01234"}})
    assert [here.value(Deal(3), name) for name in ("Zip", "Since")] == ["01234", "May"]


def test_formats_are_asked_for_only_where_a_text_names_a_column_with_numbers() -> None:
    text = Text("t", Merge("{{Amount}}"), Merge("{{Close}} {{zip}} {{Deal}} {{company|you}}"), Merge("{{Meeting}}"))
    table = Table("Deals", [HEADER, ["a", 5, 0.4, 46000, "x", 46359.6, 1]])
    assert columns_displayed([text], table, find_layout(table, COLUMNS, (), 1), KINDS) == {1, 5}
