"""Pasts for the tests: how long deals stayed, and how they ended."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

from fivestep.process.model.prognosis import StageLine
from fivestep.process.model.sales_process import Stage
from fivestep.process.prognosis.spells import TeamPast

BEGIN = dt.date(2026, 1, 1)
AS_OF = dt.date(2026, 5, 1)


def stages(*selling: str, rhythm: int | None = None) -> dict[str, Stage]:
    """A process with these selling stages, and the two ends."""
    opened = {name: Stage(name, rhythm=rhythm) for name in selling}
    return {**opened, "Won": Stage("Won", "won"), "Lost": Stage("Lost", "lost")}


def ended(stage: str, won: Iterable[int], lost: Iterable[int], still: int = 0) -> list[StageLine]:
    """Deals that all came into a stage on one day, and ended so many days later, or not yet."""
    lines = []
    for end, days in (("Won", won), ("Lost", lost)):
        for number, after in enumerate(days, 1):
            deal = f"{stage} {end} {number}"
            lines += [StageLine(deal, stage, BEGIN), StageLine(deal, end, BEGIN + dt.timedelta(days=after))]
    lines += [StageLine(f"{stage} open {number}", stage, BEGIN) for number in range(1, still + 1)]
    return lines


def past_of(lines: Sequence[StageLine], *selling: str) -> TeamPast:
    """These lines in the order of time."""
    return TeamPast(sorted(lines, key=lambda line: line.on), stages(*selling))


def read_lines(path: Path) -> list[StageLine]:
    """The lines of a history as a file has them: `deal,stage,on,amount`."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            StageLine(row["deal"], row["stage"], dt.date.fromisoformat(row["on"]), float(row["amount"] or 0))
            for row in csv.DictReader(file)
        ]
