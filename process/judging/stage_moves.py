"""Moves between stages: what the history shows, held against what the process allows."""

from __future__ import annotations

from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.reading.layout import Layout


def check_move(deal: Deal, stage: Stage, past: DealHistory, process: Process, layout: Layout) -> Problem | None:
    """The problem with the deal's latest move; None where the process allows it or a reason was given.

    - `deal`, `stage`, `past`: the deal, the stage it stands in, and what the ledger knows of it.
    - `process`, `layout`: the team's process, and where the fields stand in the sheet.

    The move is looked at until the deal moves again: a skipped step is not forgotten after one run. A deal that a
    column of its own calls won or lost ended from where it was.
    """
    entries = past.entries if past.entries and past.entries[-1].stage != stage.name else past.entries[:-1]
    before = process.stages.get(entries[-1].stage) if entries else None
    if before is None or stage.name in before.moves or deal.override or deal.outcome == stage.kind:
        return None
    column = layout.header("override")
    backward = _place(process, stage.name) < _place(process, before.name)
    what = "went back" if backward else "skipped a step"
    usual = ", ".join(name for name in process.stages if name in before.moves) or "nowhere"
    return Problem(
        deal.id,
        deal.row,
        column or layout.header("stage"),
        "moves.backward" if backward else "moves.skipped",
        "error" if column else "warning",
        f"The deal {what}: from {before.name} to {stage.name} (from {before.name} it goes to {usual})",
        f"Give the reason in {column}, or put the stage right" if column else "Put the stage right if it is a slip",
        "" if column else "map a column to `override` for the reasons of such moves",
    )


def _place(process: Process, stage: str) -> int:
    return list(process.stages).index(stage)
