"""From a table to deals."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import attrgetter
from typing import Any

from fivestep.process.model.address import name_and_address
from fivestep.process.model.deal import KINDS, Deal
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Table, column_letters, shown
from fivestep.process.model.tuples import tuple_of
from fivestep.process.reading.amounts import currency_in_header
from fivestep.process.reading.cells import Reading, quote
from fivestep.process.reading.column_reader import Dialect, ReadColumn, column_reader
from fivestep.process.reading.deal_rows import deal_rows
from fivestep.process.reading.headers import Headers
from fivestep.process.reading.layout import Layout
from fivestep.process.reading.no_deals import LeftOut


@dataclass(frozen=True)
class Parsed:
    """The deals in the order of the sheet, and what could not be read."""

    deals: list[Deal]
    """With the ID cell's text as ID, empty where it is blank."""
    problems: list[Problem]
    """By row. Each with the ID cell's text, as the deals have not got their IDs yet."""
    left_out: list[LeftOut] = dataclasses.field(default_factory=list)
    """Rows that say something and are taken for no deals all the same."""


def parse(table: Table, layout: Layout, process: Process, reading: Reading, stage_words: Mapping[str, str]) -> Parsed:
    """The deals of a table, and the problems of its cells. Never raises.

    - `table`, `layout`: the table, and where the fields stand in it.
    - `process`: the team's process.
    - `reading`: what the settings say of dates, numbers and blanks.
    - `stage_words`: the settings' words for stages: the sheet's word to the process's stage.

    A cell that can't be read becomes a problem, and the rest of its row counts.
    """
    dialect = Dialect(reading, process, stage_words)
    readers = {field: column_reader(field, dialect) for field in layout.columns}
    numbers: list[int] = []
    left_out: list[LeftOut] = []
    blank_is_a_stage = any(not word.strip() for word in stage_words)
    for rows in deal_rows(table, layout, reading.words, blank_is_a_stage=blank_is_a_stage):
        numbers.extend(rows.numbers)
        left_out.extend(rows.left_out)
        for field, index in layout.columns.items():
            readers[field].take(rows.columns[index])
    columns = {field: reader.column() for field, reader in readers.items()}
    ids = [text or "" for text in columns["id"].values] if "id" in columns else [""] * len(numbers)
    problems = _duplicate_headers(layout)
    for field, column in columns.items():
        problems.extend(_problems(field, column, layout, numbers, ids))
    problems.sort(key=attrgetter("row"))
    currency = currency_in_header(layout.header("amount"), reading.words)
    return Parsed(_deals(numbers, ids, columns, process.cold_or_warm, currency), problems, left_out)


def _deals(
    numbers: Sequence[int],
    ids: Sequence[str],
    columns: Mapping[str, ReadColumn],
    cold_or_warm: Mapping[str, str],
    currency: str,
) -> list[Deal]:
    """The deals of the rows.

    - `numbers`, `ids`: the rows as the sheet numbers them, and the texts of their ID cells.
    - `columns`: the columns as they were read, by field.
    - `cold_or_warm`: what a source tells of a lead.
    - `currency`: that of amounts which name none; empty where it is not known.
    """
    values: dict[str, Iterable[Any]] = {f: column.values for f, column in columns.items() if f in KINDS}
    own = {f: column.values for f, column in columns.items() if f not in KINDS}
    if "stage" in columns:
        values["stage_word"] = columns["stage"].beside
    if "amount" in columns and columns["amount"].beside:
        values["currency"] = _currencies(columns["amount"].beside, values.get("currency", repeat(None)))
    if "amount" in columns and currency:
        values["currency"] = _of_the_header(currency, columns["amount"], values.get("currency", repeat(None)))
    if "source" in columns and cold_or_warm:
        values["lead_type"] = _lead_types(columns["source"], values.get("lead_type", repeat(None)), cold_or_warm)
    for person, address in (("contact", "email"), ("owner", "owner_email")):
        if person in columns:
            _take_addresses(values, person, address, columns.get(address))
    if own:
        values["extra"] = [
            {field: value for field, value in zip(own, row, strict=True) if value is not None}
            for row in zip(*own.values(), strict=True)
        ]
    values |= {"row": numbers, "id": ids}
    in_order = [values[field] if field in values else repeat(Deal._field_defaults[field]) for field in Deal._fields]
    return list(map(tuple_of, repeat(Deal), zip(*in_order, strict=False)))


def _take_addresses(values: dict[str, Iterable[Any]], person: str, address: str, column: ReadColumn | None) -> None:
    """Take an address that stands beside a person's name for their address, where its own cell is blank.

    A cell of addresses that can't be read is not blank.
    """
    cells = values[person]
    told = {cell: name_and_address(cell) for cell in set(cells) if cell and "@" in cell}
    if not told:
        return
    names = {cell: found.name or cell for cell, found in told.items()}
    values[person] = list(map(names.get, cells, cells))
    unread = {fault.position for fault in column.faults} if column else set[int]()
    values[address] = [
        own or (told[cell].address or None if cell in told and position not in unread else None)
        for position, (cell, own) in enumerate(zip(cells, column.values if column else repeat(None), strict=False))
    ]


def _currencies(beside: Iterable[str | None], own: Iterable[str | None]) -> list[str | None]:
    """The currency column's, and where that is blank or not there, what stands beside the amount."""
    return [in_column or named for named, in_column in zip(beside, own, strict=False)]


def _of_the_header(currency: str, amounts: ReadColumn, named: Iterable[str | None]) -> list[str | None]:
    """The currency of each row; that of the header where there is an amount and nothing else names one."""
    return [
        own or (currency if amount is not None else None) for own, amount in zip(named, amounts.values, strict=False)
    ]


def _lead_types(source: ReadColumn, given: Iterable[str | None], cold_or_warm: Mapping[str, str]) -> list[str | None]:
    """What the sheet says, and where it says nothing what the source tells: cold or warm."""
    return [said or cold_or_warm.get(one) for one, said in zip(source.values, given, strict=False)]


def _problems(
    field: str, column: ReadColumn, layout: Layout, numbers: Sequence[int], ids: Sequence[str]
) -> list[Problem]:
    """The problems of one field's cells.

    - `field`, `column`: the field, and its column as it was read.
    - `layout`: where the fields stand in the sheet.
    - `numbers`, `ids`: the deals' row numbers and IDs.
    """
    letters, header = column_letters(layout.columns[field]), layout.header(field)
    found = []
    for position, cell, fault in column.faults:
        place = f"{letters}{numbers[position]}"
        message = f"{place}: {quote(cell)} {fault.what}" if shown(cell).strip() else f"{place} {fault.what}"
        found.append(
            Problem(
                ids[position],
                numbers[position],
                header,
                fault.rule,
                fault.severity,
                message,
                fault.fix,
                fault.or_settings,
            )
        )
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
