"""Draws `docs/pipeline.svg`, the README's picture of the table: `python docs/picture.py`."""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

import fivestep
from fivestep.cli import listing, tables

PICTURE = Path(__file__).with_name("pipeline.svg")
DAY = dt.date(2026, 11, 23)
WIDTH = 150

# Rich's own picture asks another site for its font.
_FOREIGN_FONT = re.compile(r"@font-face \{.*?\}\n?", re.DOTALL)


def draw() -> str:
    """The sample's table on a fixed day, as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        plan = fivestep.plan(fivestep.demo(Path(folder), DAY), DAY)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    tables.print_section(listing.deal_section(plan)._replace(after=listing.summary(plan)), console)
    svg = console.export_svg(title="fivestep plan", theme=MONOKAI, unique_id="fivestep")
    return _FOREIGN_FONT.sub("", svg)


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
