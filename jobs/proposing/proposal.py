"""What `init` proposes for a sheet. Reads nothing itself: the same tables give the same proposal."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fivestep.config.settings.model import WRITTEN, WriteBackSettings
from fivestep.jobs.proposing.evidence import Order, date_order, decimal
from fivestep.jobs.proposing.match_columns import MappedColumn, Match, StageOf, match
from fivestep.jobs.proposing.tab_columns import TabColumn, best_header, tab_columns
from fivestep.process.model.deal import KINDS
from fivestep.process.model.plan import STATUSES
from fivestep.process.model.sales_process import Process
from fivestep.process.model.table import Table
from fivestep.process.reading.cells import CellFault, DecimalMark, Filled, as_text
from fivestep.process.reading.stage_names import forms, stage_reader
from fivestep.process.wording.spelling import nearest
from fivestep.process.wording.vocabulary import Words, plain

_SLIP = 0.85
"""How like a known word a slip of the pen is; below that, "Closeout" is taken for "closed out"."""
_A_BOARD = 3
"""Headers that are stages; from so many on the sheet has a column for each stage."""


class NoStage(ValueError):  # noqa: N818  (it reads as what happened)
    """No column looks like the stage; the message lists the headers that were found."""


@dataclass(frozen=True)
class Proposal:
    """The settings that fit a sheet, as far as its headers and cells tell."""

    tab: str
    header_row: int
    """As the sheet numbers it."""
    columns: Sequence[MappedColumn]
    """The fields that were found, in the order of the sheet."""
    passed_over: Sequence[MappedColumn]
    """Columns whose header speaks of a field, and that were not taken for it."""
    left_out: Sequence[str]
    """Headers that mean nothing to the process."""
    stages: Mapping[str, str]
    """The sheet's words for stages that the process does not know, each with the stage it may mean, or nothing."""
    write_back: Mapping[str, str]
    """The tool's own columns, under headers that no column of the team's has."""
    dates: Order
    decimal: DecimalMark | None


def propose(tables: Sequence[Table], words: Words, process: Process) -> Proposal:
    """The settings for the tab that looks most like a pipeline.

    Raises NoStage where no column looks like the stage.
    """
    found = best_header(tables)
    if found is None:
        raise NoStage("none of its headers is known")
    table, header_row = found
    stage_of = _stage_of(process, words)
    columns = tab_columns(table, header_row, words)
    own = _own_columns(columns)
    others = [column for column in columns if column.index not in own]
    formulas = frozenset[int]().union(*(at for row, at in table.formulas.items() if row > header_row))
    ends = [name for name, stage in process.stages.items() if stage.kind != "open"]
    matched = match(others, formulas, words, stage_of, ends)
    if "stage" not in matched.columns:
        raise NoStage(_without_stage(header_row, [column.header for column in columns], stage_of))
    return Proposal(
        tab=table.title,
        header_row=header_row,
        columns=_in_order(matched),
        passed_over=matched.passed_over,
        left_out=_left_out(others, matched),
        stages=_unknown_stages(matched.columns["stage"], stage_of, process),
        write_back=_write_back(others, "id" in matched.columns),
        dates=date_order(_of_kind(matched, "date", "milestone"), words),
        decimal=decimal(cells for _, cells in _of_kind(matched, "amount")),
    )


def _without_stage(header_row: int, headers: Sequence[str], stage_of: StageOf) -> str:
    listed = f"row {header_row} has the headers {', '.join(headers)}"
    stages = [header for header in headers if stage_of(header) is not None]
    if len(stages) < _A_BOARD:
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


def _stage_of(process: Process, words: Words) -> StageOf:
    reader = stage_reader(process, {}, words)

    def stage_of(text: str) -> str | None:
        stage = reader(text)
        return None if isinstance(stage, CellFault) else stage

    return functools.lru_cache(maxsize=None)(stage_of)


def _unknown_stages(column: TabColumn, stage_of: StageOf, process: Process) -> dict[str, str]:
    known = {**{plain(stage): stage for stage in process.stages}, **process.stage_words}
    texts = dict.fromkeys(" ".join(as_text(cell).split()) for cell in column.filled)
    return {text: _slip_of(text, known) for text in texts if stage_of(text) is None}


def _slip_of(text: str, known: Mapping[str, str]) -> str:
    """The stage whose word this may be a slip of; empty where it is a word of its own."""
    close = (nearest(form, known, _SLIP) for form in forms(text) if form)
    return next((known[word] for word in close if word), "")


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
