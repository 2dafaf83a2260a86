"""What holds for any cell of any type in any column."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fivestep.config.vocabulary.words import load_words
from fivestep.process.model.deal import KINDS, Deal, FieldKind
from fivestep.process.model.sales_process import Choice, Process, Stage
from fivestep.process.model.table import Cell, CellError, Table
from fivestep.process.reading.cells import CHECKBOX, CellFault, Reading, fill
from fivestep.process.reading.column_reader import Dialect, ReadColumn, column_reader
from fivestep.process.reading.email_cell import read_email
from fivestep.process.reading.layout import find_layout
from fivestep.process.reading.parse import parse
from fivestep.process.reading.yes_no import answer_reader

READING = Reading(load_words())
PROCESS = Process(
    "Test",
    {name: Stage(name) for name in ("Lead", "Won")},
    {"own_" + kind: kind for kind in set(KINDS.values())},
    choices={"source": Choice({"web": "inbound"}), "own_choice": Choice({}, scales=((5, {1: "bad", 4: "good"}),))},
)

FIELDS = ["stage", *[field for field in KINDS if field != "stage"], *PROCESS.kinds]

_TYPED = """3/4/2025|04.03.2025|$12,500|12.500,00 €|1.2M|40%|x|✓|yes 3.4.2025|TRUE|#REF!|tbd|Ana <a@b.example>|Lead
1 - Lead|Total|ana@b.example|| |3 Apr 2025|2025年3月4日|4/5|Err:502|E|?!|-""".replace("\n", "|").split("|")
_EDGES = ["\u200b", "\u00a0", "\n", "\u202b", "\u00ad"]

TEXTS = st.one_of(
    st.sampled_from(_TYPED),
    st.text(max_size=12),
    st.text(alphabet="0123456789.,-/ '%€$kM()", max_size=10),
    st.text(alphabet="0123456789 .-:TZ年月日aprilmä", max_size=14),
    st.builds(lambda text, edge: edge + text + edge, st.sampled_from(_TYPED), st.sampled_from(_EDGES)),
)
CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=-3, max_value=60000),
    st.floats(),
    TEXTS,
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.builds(CellError, st.text(max_size=8)),
)
DIALECT = Dialect(READING, PROCESS, {})


def read_column(field: str, *parts: list[Cell]) -> ReadColumn:
    reader = column_reader(field, DIALECT)
    for part in parts:
        reader.take(part)
    return reader.column()


ROWS = st.lists(st.lists(CELLS, max_size=len(FIELDS) + 2), max_size=8)


def _table(rows: list[list[Cell]]) -> Table:
    return Table("Deals", [list(FIELDS), *rows])


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_no_cells_stop_the_reading_and_every_problem_names_a_deal(rows: list[list[Cell]]) -> None:
    table = _table(rows)
    layout = find_layout(table, {field: field for field in FIELDS}, ["Status"])
    first = parse(table, layout, PROCESS, READING, {"Talking": "Lead"})
    numbers = {deal.row for deal in first.deals}
    assert all(problem.row in numbers and problem.column in FIELDS for problem in first.problems)
    assert all(type(deal) is Deal and 2 <= deal.row <= len(table.rows) for deal in first.deals)
    assert first == parse(table, layout, PROCESS, READING, {"Talking": "Lead"}) or _has_nan(rows)


def _has_nan(rows: list[list[Cell]]) -> bool:
    return any(isinstance(cell, float) and math.isnan(cell) for row in rows for cell in row)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(TEXTS, CELLS, CELLS, CELLS), min_size=1, max_size=6))
def test_what_is_not_mapped_changes_nothing(rows: list[tuple[str, Cell, Cell, Cell]]) -> None:
    columns = {"stage": "stage", "deal": "deal", "amount": "amount"}
    header: list[Cell] = ["deal", "amount", "stage", "notes"]
    with_notes = Table("Deals", [header, *[["a", amount, "Won", notes] for _, amount, _, notes in rows]])
    without = Table("Deals", [header, *[["a", amount, "Won", None] for _, amount, _, _ in rows]])
    assert repr(_parsed(with_notes, columns)) == repr(_parsed(without, columns))


def _parsed(table: Table, columns: dict[str, str]) -> object:
    return parse(table, find_layout(table, columns, []), PROCESS, READING, {})


KIND_OF_VALUE: dict[FieldKind, tuple[type, ...]] = {
    "text": (str,), "answer": (str,), "email": (str,), "amount": (int, float), "percent": (float,), "date": (dt.date,),
    "milestone": (bool, dt.date), "flag": (bool,), "choice": (str,), "stage": (str,), "people": (tuple,),
    "outcome": (str,),
}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(PROCESS.kinds)), st.lists(CELLS, max_size=8))
def test_a_value_is_of_its_kind_or_there_is_a_fault(field: str, cells: list[Cell]) -> None:
    column = read_column(field, cells)
    kind = PROCESS.kinds[field]
    faulty = {position for position, _, _ in column.faults}
    assert len(column.values) == len(cells)
    for position, value in enumerate(column.values):
        assert value is None or (type(value) in KIND_OF_VALUE[kind] and position not in faulty)
        if kind in {"amount", "percent"} and value is not None:
            assert math.isfinite(value)


@given(st.sampled_from(sorted(PROCESS.kinds)), st.lists(CELLS, max_size=8), st.integers(0, 8))
def test_it_makes_no_difference_in_which_parts_a_column_is_taken(field: str, cells: list[Cell], cut: int) -> None:
    assert repr(read_column(field, cells[:cut], cells[cut:])) == repr(read_column(field, cells))


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_texts_that_are_taken_as_they_stand_are_what_reading_them_would_give(text: str) -> None:
    filled = fill(text, READING.words.blanks)
    for field, read in (
        ("own_email", read_email),
        ("own_answer", answer_reader(READING.words)),
        ("own_text", lambda t: t),
    ):
        column = read_column(field, [text])
        expected = read(filled) if isinstance(filled, str) else None
        assert column.values == [None if isinstance(expected, CellFault) else expected]


@given(st.sampled_from(sorted(CHECKBOX)), st.sampled_from([str.lower, str.upper, str.title]))
def test_a_box_is_the_same_as_its_text(box: str, how: type[str]) -> None:
    for field in PROCESS.kinds:
        if field not in {"own_text", "own_people", "own_stage"}:
            ticked = read_column(field, [CHECKBOX[box]]).values
            assert read_column(field, [how(box)]).values == ticked
