"""What a write keeps in its journal until every text stands where it belongs."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from fivestep.process.live_edits.repair import Entry, Formula, TabEntries
from fivestep.process.model.table import CellError, Table


class WriteStep(NamedTuple):
    """One write, and the sheet right before it as it was typed."""

    before: Table
    header_row: int
    cells: TabEntries
    repairs: bool = False
    """Whether it puts right what an earlier one has left astray."""


def packed(place: str, steps: Sequence[WriteStep]) -> bytes:
    """The steps of a write to one tab, as bytes."""
    content = {"place": place, "steps": [_packed(step) for step in steps]}
    return zlib.compress(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1)


def unpacked(content: bytes) -> tuple[str, list[WriteStep]]:
    """The tab that was written to, and the steps of the write."""
    found = json.loads(zlib.decompress(content).decode("utf-8", "surrogatepass"))
    return found["place"], [_unpacked(one) for one in found["steps"]]


def _packed(step: WriteStep) -> dict[str, Any]:
    before = step.before
    return {
        "title": before.title,
        "rows": [[_plain(cell) for cell in row] for row in before.rows],
        "formulas": {row: sorted(columns) for row, columns in before.formulas.items()},
        "columns": before.columns,
        "header_row": step.header_row,
        "repairs": step.repairs,
        "cells": [
            [row, column, _plain(cell), isinstance(cell, Formula)]
            for row, of in step.cells.items()
            for column, cell in of.items()
        ],
    }


def _unpacked(one: dict[str, Any]) -> WriteStep:
    cells: dict[int, dict[int, Entry]] = {}
    for row, column, cell, is_formula in one["cells"]:
        cells.setdefault(row, {})[column] = Formula(cell) if is_formula else cell
    formulas = {int(row): set(columns) for row, columns in one["formulas"].items()}
    before = Table(one["title"], one["rows"], formulas, columns=one["columns"])
    return WriteStep(before, one["header_row"], cells, one.get("repairs", False))


def _plain(cell: Entry) -> Any:
    if isinstance(cell, Formula):
        return cell.text
    return cell.code if isinstance(cell, CellError) else cell
