"""From a table to deals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter
from typing import Any

from fivestep.process.cells import Reading, clean, quote
from fivestep.process.columns import Column, Dialect, read_column
from fivestep.process.deal import KINDS, Deal
from fivestep.process.definition import Process
from fivestep.process.layout import Headers, Layout
from fivestep.process.problem import Problem
from fivestep.process.rows import deal_rows
from fivestep.process.table import Table, column_letters, shown


@dataclass(frozen=True)
class Parsed:
    """The deals in the order of the sheet, and what could not be read."""

    deals: list[Deal]
    """With the ID cell's text as ID, empty where it is blank."""
    problems: list[Problem]
    """By row. Each with the ID cell's text, as the deals have not got their IDs yet."""


def parse(table: Table, layout: Layout, process: Process, reading: Reading, stage_words: Mapping[str, str]) -> Parsed:
    """The deals of a table. `stage_words` are the settings' words for stages: the sheet's word to the process's stage.

    A cell that can't be read becomes a problem, and the rest of its row counts. Never raises.
    """
    rows = deal_rows(table, layout, reading.words)
    dialect = Dialect(reading, process, stage_words)
    columns = {field: read_column(field, rows.columns[index], dialect) for field, index in layout.columns.items()}
    ids = [text or "" for text in columns["id"].values] if "id" in columns else [""] * len(rows.numbers)
    problems = _duplicate_headers(layout)
    for field, column in columns.items():
        problems.extend(_problems(field, column, layout, rows.numbers, ids))
    problems.sort(key=attrgetter("row"))
    return Parsed(_deals(rows.numbers, ids, columns), problems)


def _deals(numbers: Sequence[int], ids: Sequence[str], columns: Mapping[str, Column]) -> list[Deal]:
    values: dict[str, Iterable[Any]] = {f: column.values for f, column in columns.items() if f in KINDS}
    own = {f: column.values for f, column in columns.items() if f not in KINDS}
    if "stage" in columns:
        values["stage_word"] = _stage_words(columns["stage"])
    if "amount" in columns and columns["amount"].currencies:
        values["currency"] = _currencies(columns["amount"].currencies, values.get("currency", repeat(None)))
    if own:
        values["extra"] = [
            {field: value for field, value in zip(own, row, strict=True) if value is not None}
            for row in zip(*own.values(), strict=True)
        ]
    values |= {"row": numbers, "id": ids}
    in_order = [
        values[field] if field in values else repeat(Deal._field_defaults.get(field)) for field in Deal._fields
    ]
    return list(map(Deal._make, zip(*in_order, strict=False)))


def _stage_words(column: Column) -> list[str | None]:
    """What each row calls its stage, whether that is known or not."""
    words = {cell: clean(shown(cell)) or None for cell in set(column.cells)}
    return [words[cell] for cell in column.cells]


def _currencies(beside: Iterable[str | None], own: Iterable[str | None]) -> list[str | None]:
    """The currency column's, and where that is blank or not there, what stands beside the amount."""
    return [in_column or named for named, in_column in zip(beside, own, strict=False)]


def _problems(field: str, column: Column, layout: Layout, numbers: Sequence[int], ids: Sequence[str]) -> list[Problem]:
    if not column.faults:
        return []
    letters, header = column_letters(layout.columns[field]), layout.header(field)
    found = []
    for number, given, cell in zip(numbers, ids, column.cells, strict=True):
        if cell in column.faults:
            fault = column.faults[cell]
            text = f" {quote(cell)}" if shown(cell).strip() else ""
            message = f"{letters}{number}:{text} {fault.what}"
            found.append(Problem(given, number, header, fault.rule, fault.severity, message, fault.fix))
    return found


def _duplicate_headers(layout: Layout) -> list[Problem]:
    headers = Headers(layout.headers)
    found = []
    for field, index in layout.columns.items():
        header = layout.header(field)
        same = headers.all(header)
        if len(same) > 1:
            places = " and ".join(map(column_letters, same))
            message = f"The columns {places} are both called {quote(header)}; {column_letters(index)} is read"
            fix = "Rename the column that is not meant"
            found.append(Problem("", layout.header_row, header, "sheet.duplicate_header", "warning", message, fix))
    return found
