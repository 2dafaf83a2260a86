"""What `init` proposes for a sheet.

Reads nothing itself: the same tables on the same day give the same.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType

from fivestep.config.settings.model import WRITTEN, WriteBackSettings
from fivestep.config.vocabulary.past_headers import stage_in_header
from fivestep.jobs.proposing.choose_tab import A_BOARD, choose_tab, deal_for_headers, other_pipelines
from fivestep.jobs.proposing.evidence import Order, date_order, decimal
from fivestep.jobs.proposing.match_columns import MappedColumn, Match, match
from fivestep.jobs.proposing.stage_words import StageOf, UnknownStage, stage_finder, unknown_stages, unused_words
from fivestep.jobs.proposing.tab_columns import TabColumn, tab_columns
from fivestep.process.model.deal import KINDS
from fivestep.process.model.plan import STATUSES
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Table
from fivestep.process.reading.cells import DecimalMark, Filled, as_text
from fivestep.process.reading.headers import Headers, heading
from fivestep.process.reading.no_deals import NARROW, says_something
from fivestep.process.wording.vocabulary import Words, plain

_TELLING = ("deal", "company", "contact", "email")
"""What says that a row without a stage is a deal all the same."""


class NoHeaders(ValueError):  # noqa: N818  (it reads as what happened)
    """The sheet begins with a deal; the message says what stands there."""


class NoStage(ValueError):  # noqa: N818  (it reads as what happened)
    """No column looks like the stage; the message lists the headers that were found."""

    def __init__(self, message: str, headers: Sequence[str]) -> None:
        """`headers` are those that a person may choose the stage's from."""
        super().__init__(message)
        self.headers = headers


@dataclass(frozen=True)
class Proposal:
    """The settings that fit a sheet, as far as its headers and cells tell."""

    tab: str
    other_tabs: Sequence[str]
    """Tabs that look like a pipeline as well."""
    header_row: int
    """As the sheet numbers it."""
    columns: Sequence[MappedColumn]
    """The fields that were found, in the order of the sheet."""
    passed_over: Sequence[MappedColumn]
    """Columns whose header speaks of a field, and that were not taken for it."""
    left_out: Sequence[str]
    """Headers that mean nothing to the process."""
    stage_columns: Sequence[str]
    """The headers of the columns that could be the stage, the one that was taken first."""
    unknown: Sequence[UnknownStage]
    """The sheet's words for stages that the process does not know, those of the most deals first."""
    stages: Mapping[str, str]
    """The sheet's words for stages, and what a person has said they mean."""
    unused: Mapping[str, str]
    """Those of them that no deal has, with the sheet's word that is most like each; empty where none is."""
    history: Mapping[str, str]
    """Headers of columns with the day on which deals came into a stage, each with that stage."""
    write_back: Mapping[str, str]
    """The tool's own columns, under headers that no column of the team's has."""
    dates: Order
    decimal: DecimalMark | None


def propose(
    tables: Sequence[Table],
    words: Words,
    process: Process,
    stage: str | None = None,
    own: Mapping[str, str] = MappingProxyType({}),
    today: dt.date | None = None,
) -> Proposal:
    """The settings for the tab that looks most like a pipeline.

    - `tables`: the tabs.
    - `words`, `process`: the vocabulary and the process.
    - `stage`: the header of the stage where a person has named it.
    - `own`: what they have said about words for stages.
    - `today`: the day of the proposal, by which dates of two readings are told; None where it does not matter.

    Raises NoHeaders where the sheet begins with a deal, NoStage where no column looks like the stage.
    """
    tables = [table.with_merged() for table in tables]
    stage_of = stage_finder(process, own)
    found = choose_tab(tables, words, stage_of, stage)
    if stage is None and (deal := deal_for_headers(tables, found, words, stage_of)):
        raise NoHeaders(deal)
    if found is None:
        fault = "none of its headers is known" if stage is None else _without(stage, tables, words, stage_of)
        raise NoStage(fault, _first_texts(tables))
    table, header_row = found
    columns = tab_columns(table, header_row, words)
    own_columns = _own_columns(columns)
    others = [column for column in columns if column.index not in own_columns]
    history = _history(others, stage_of)
    others = [column for column in others if column.header not in history]
    formulas = frozenset[int]().union(*(at for row, at in table.formulas.items() if row > header_row))
    named = None if stage is None else Headers(table.rows[header_row - 1]).first(stage)
    matched = match(others, formulas, words, stage_of, named)
    if "stage" not in matched.columns:
        headers = [column.header for column in columns]
        raise NoStage(_without_stage(header_row, headers, matched, stage_of), headers)
    if stage is None and stage_of(matched.columns["stage"].header) is not None:
        raise NoHeaders(", ".join(column.header for column in columns))
    lone = _lone_rows(others)
    telling = [_but_for(lone, matched.columns[field]) for field in _TELLING if field in matched.columns]
    return Proposal(
        tab=table.title,
        other_tabs=other_pipelines(tables, found, words, stage_of, stage),
        header_row=header_row,
        columns=_in_order(matched),
        passed_over=matched.passed_over,
        left_out=_left_out(others, matched),
        stage_columns=matched.stages,
        unknown=unknown_stages(matched.columns["stage"], telling, process, own, words),
        stages=own,
        unused=unused_words(matched.columns["stage"], own, words),
        history=history,
        write_back=_write_back(others, "id" in matched.columns),
        dates=date_order(_of_kind(matched, "date", "milestone"), words, today),
        decimal=decimal(cells for _, cells in _of_kind(matched, "amount")),
    )


def _history(columns: Sequence[TabColumn], stage_of: StageOf) -> dict[str, str]:
    """The headers that name the day of a stage, with it; of several for one stage the first."""
    found: dict[str, str] = {}
    for column in columns:
        stage = stage_of(stage_in_header(column.header))
        if stage is not None and stage.name not in found.values():
            found[column.header] = stage.name
    return found


def _lone_rows(columns: Sequence[TabColumn]) -> set[int]:
    """Rows of a wide table in which one cell says something.

    Their positions: they are titles and notes rather than deals.
    """
    if len(columns) <= NARROW:
        return set()
    filled = Counter(row for column in columns for row, cell in enumerate(column.cells) if says_something(cell))
    return {row for row, count in filled.items() if count == 1}


def _but_for(rows: Set[int], column: TabColumn) -> TabColumn:
    return replace(column, cells=[None if row in rows else cell for row, cell in enumerate(column.cells)])


def _without(stage: str, tables: Sequence[Table], words: Words, stage_of: StageOf) -> str:
    """That a header is nowhere, and those that are where it would be looked for."""
    found = choose_tab(tables, words, stage_of)
    there = [text for text in map(heading, found.table.rows[found.header_row - 1]) if text] if found else []
    return f"it has no header {stage!r}" + (f"; row {found.header_row} has {', '.join(there)}" if found else "")


def _first_texts(tables: Sequence[Table]) -> list[str]:
    """The first row with two texts or more, of any tab: headers, if there are any."""
    rows = ([text for text in map(heading, row) if text] for table in tables for row in table.rows)
    return next((texts for texts in rows if len(texts) > 1), [])


def _without_stage(header_row: int, headers: Sequence[str], matched: Match, stage_of: StageOf) -> str:
    listed = f"row {header_row} has the headers {', '.join(headers)}"
    unlike = [
        f"{column.header} is not taken: {column.doubt}" for column in matched.passed_over if column.field == "stage"
    ]
    if unlike:
        return f"{listed}. {'; '.join(unlike)}"
    stages = [header for header in headers if stage_of(header) is not None]
    if len(stages) < A_BOARD:
        return listed
    return (
        f"{listed}. {len(stages)} of them are stages themselves, but a sheet needs one row a deal, and its stage in it"
    )


def _own_columns(columns: Sequence[TabColumn]) -> set[int]:
    """The columns that an earlier run of the tool has added: none, unless its statuses are there."""
    headers = WriteBackSettings()
    status = next((column for column in columns if column.header == headers.status), None)
    texts = [as_text(cell) for cell in status.filled] if status else []
    if not any(": " in text for text in texts) or not all(text.startswith(STATUSES) for text in texts):
        return set()
    own = set(headers.model_dump().values())
    return {column.index for column in columns if column.header in own}


def _in_order(matched: Match) -> list[MappedColumn]:
    fields = sorted(matched.columns, key=lambda field: matched.columns[field].index)
    return [MappedColumn(field, matched.columns[field].header, matched.doubts.get(field, "")) for field in fields]


def _left_out(columns: Sequence[TabColumn], matched: Match) -> list[str]:
    spoken_of = {column.header for column in matched.columns.values()}
    spoken_of.update(column.header for column in matched.passed_over)
    return [column.header for column in columns if column.header not in spoken_of]


def _write_back(columns: Sequence[TabColumn], own_ids: bool) -> dict[str, str]:
    """A header for each of the tool's own columns; none for the ID where the team has its own."""
    taken = {plain(column.header) for column in columns}
    headers = WriteBackSettings().model_dump(include={*WRITTEN} - ({"id"} if own_ids else set()))
    return {name: _free(header, taken) for name, header in headers.items()}


def _free(header: str, taken: set[str]) -> str:
    if plain(header) not in taken:
        return header
    return f"Fivestep {header[0].lower()}{header[1:]}".replace("deal ID", "ID")


def _of_kind(matched: Match, *kinds: str) -> list[tuple[str, Sequence[Filled]]]:
    return [(column.header, column.filled) for field, column in matched.columns.items() if KINDS[field] in kinds]
