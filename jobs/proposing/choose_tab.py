"""Which tab of a sheet holds the deals, and in which row its headers stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from fivestep.config.vocabulary.headers import claims
from fivestep.jobs.proposing.evidence import fit
from fivestep.jobs.proposing.stage_words import StageOf
from fivestep.jobs.proposing.tab_columns import TabColumn, tab_columns
from fivestep.process.model.table import Cell, Table, shown
from fivestep.process.reading.cells import as_text
from fivestep.process.reading.headers import Headers, heading
from fivestep.process.wording.vocabulary import Words, plain

_SEARCHED = 50
"""Rows in which the header is looked for."""
A_BOARD = 3
"""Stages in a row of headers; from so many on the sheet has a column for each stage."""
_NAMES_A_DEAL = frozenset({"deal", "company", "contact", "email", "id"})
"""One of these makes a row a deal; without any, rows of stages and numbers are figures."""


_TELLS_OF_MONEY = frozenset({"amount", "expected_close"})
"""What a list of deals has, and one of people or tasks has not."""
_TELLING = 5
"""So many of the first signs, all of them there, make a tab a pipeline."""
_KNOWN = 0.5
"""The share of known stages that makes a column of stages: a list of tasks has a status, too."""


class Tab(NamedTuple):
    """A tab, and the row of its headers."""

    table: Table
    header_row: int
    """As the sheet numbers it."""


def choose_tab(tables: Sequence[Table], words: Words, stage_of: StageOf, stage: str | None = None) -> Tab | None:
    """The tab that looks most like a pipeline; None where no row looks like headers.

    A tab with open deals goes before an archive of closed ones and before a summary; then the one with the most known
    headers. `stage` is a header that must be there.
    """
    found = [tab for table in tables if (tab := _headers_of(table, stage)) is not None]
    # Of one tab nothing has to be known but its headers.
    return max(found, key=lambda tab: _rank(tab, words, stage_of, stage)) if len(found) > 1 else next(iter(found), None)


def other_pipelines(
    tables: Sequence[Table], taken: Tab, words: Words, stage_of: StageOf, stage: str | None = None
) -> list[str]:
    """The other tabs that hold open deals as well, in known stages.

    - `tables`: all tabs of the sheet.
    - `taken`: the one that is left out of the answer.
    - `words`, `stage_of`: how cells and stages are read.
    - `stage`: the header of the stage's column, where it is known.
    """
    found = (tab for table in tables if table is not taken.table and (tab := _headers_of(table, stage)) is not None)
    return [tab.table.title for tab in found if all(_rank(tab, words, stage_of, stage)[:_TELLING])]


def deal_for_headers(tables: Sequence[Table], found: Tab | None, words: Words, stage_of: StageOf) -> str:
    """The first row that holds anything, where it is a deal and headers are nowhere; empty where they are.

    It is a deal where it holds an address, an amount or a day, or a stage; `found` may be another row like it.
    """
    rows = found.table.rows if found else (row for table in tables for row in table.rows)
    first = next(filter(None, map(_held, rows)), [])
    headers = _held(found.table.rows[found.header_row - 1]) if found else first
    named = [claim.field for cell in headers for claim in claims(heading(cell)) if claim.exact]
    if "stage" in named:
        return ""
    stages = [cell for cell in first if stage_of(heading(cell)) is not None] if len(first) > 1 else []
    unclaimed = len(stages) < A_BOARD and not all(claims(heading(cell)) for cell in stages)
    if unclaimed or any(_is_value(cell, words) for cell in headers):
        return ", ".join(map(heading, first))
    return ""


def _held(row: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in row if shown(cell).strip()]


def _is_value(cell: Cell, words: Words) -> bool:
    """Whether this is an address, an amount or a day, as headers hardly are."""
    if isinstance(cell, int | float | dt.date):
        return True
    return isinstance(cell, str) and any(fit(field, [cell], words) == 1 for field in ("email", "amount", "created"))


def _headers_of(table: Table, stage: str | None) -> Tab | None:
    best: Tab | None = None
    most = (0, 0)
    for number, row in enumerate(islice(table.rows, _SEARCHED), 1):
        if stage is not None and Headers(row).first(stage) is None:
            continue
        known = _known_fields(row)
        score = (len(known) + 2 * ("stage" in known or stage is not None), len(known))
        if score > most:
            best, most = Tab(table, number), score
    return best


def _known_fields(row: Sequence[Cell]) -> set[str]:
    """The fields that the row's texts are surely the headers of."""
    texts = {heading(cell) for cell in row if isinstance(cell, str)}
    return {claim.field for text in texts if text for claim in claims(text)[:1] if claim.exact}


def _rank(tab: Tab, words: Words, stage_of: StageOf, stage: str | None) -> tuple[int, ...]:
    fields = _known_fields(tab.table.rows[tab.header_row - 1])
    columns = tab_columns(tab.table, tab.header_row, words)
    stages = [column for column in columns if _is_stage(column, stage)]
    open_deals = max((_open_deals(column, stage_of) for column in stages), default=0)
    return (
        bool(stages),
        bool(fields & _NAMES_A_DEAL),
        any(not _calculated(tab, column) for column in stages),
        any(_is_known(column, stage_of) for column in stages),
        bool(open_deals),
        bool(fields & _TELLS_OF_MONEY),
        len(fields),
        open_deals,
    )


def _is_stage(column: TabColumn, stage: str | None) -> bool:
    if stage is not None:
        return plain(column.header) == plain(stage)
    return any(claim.field == "stage" for claim in claims(column.header))


def _is_known(column: TabColumn, stage_of: StageOf) -> bool:
    known = sum(stage_of(as_text(cell)) is not None for cell in column.filled)
    return bool(column.filled) and known >= _KNOWN * len(column.filled)


def _open_deals(column: TabColumn, stage_of: StageOf) -> int:
    stages = (stage_of(as_text(cell)) for cell in column.filled)
    return sum(stage is None or stage.kind == "open" for stage in stages)


def _calculated(tab: Tab, column: TabColumn) -> bool:
    """Whether most of its cells are formulas, as where a tab only shows what stands in another."""
    rows = tab.table.formulas.items()
    formulas = sum(column.index in at for row, at in rows if row > tab.header_row)
    return 2 * formulas > len(column.filled)
