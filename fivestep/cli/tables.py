"""Puts sections of rows on a terminal (with rich) or into a pipe (plain, one line a row, nothing cut)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from fivestep.cli.listing import Row, Section

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_JOINERS = "\u200c\u200d"
"""Not printable by themselves, but Persian words and many emoji fall apart without them."""

MOST_ROWS = 200
"""Rows that a section may have on a terminal; of a longer one only the first are shown. A pipe gets them all."""

FIRST = 50
"""How many that is."""

_COLOURS = {
    "Your turn": "bold magenta",
    "Stalled": "bold red",
    "Follow up": "bold yellow",
    "Unknown stage": "yellow",
    "Needs data": "yellow",
    "Unknown age": "cyan",
    "On track": "green",
    "Waiting": "cyan",
    "Won": "bold green",
    "Lost": "dim",
    "error": "red",
    "warning": "yellow",
    "info": "dim",
    "created": "green",
    "written": "green",
    "planned": "cyan",
    "skipped": "yellow",
    "failed": "bold red",
    "done": "green",
    "partly": "yellow",
    "open": "yellow",
    "sent": "green",
    "deleted": "dim",
}
_COLOURED = {"Status", "", "Outcome", "State"}
"""The headers of the columns that carry the row's colour."""

_WIDEST = 80
"""Characters to which a pipe's column is filled up; a longer text pushes its own line only."""


def show(sections: Iterable[Section], stream: TextIO | None = None) -> None:
    """Print the sections in the form that suits the stream (default: standard output)."""
    out = stream or sys.stdout
    if not out.isatty():
        out.write("\n".join(f"{line}" for section in sections for line in [*_plain_lines(section), ""]))
        return
    from rich.console import Console

    console = Console(file=out, highlight=False)
    for section in sections:
        print_section(section, console)


def _plain_lines(section: Section) -> list[str]:
    """The section as a pipe gets it: columns filled up with spaces and at least two between them."""
    headers = [section.headers] if section.rows and any(section.headers) else []
    table = [*headers, *(row.cells for row in section.rows)]
    texts = [[_one_line(cell) for cell in cells] for cells in table]
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*texts, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in texts
    ]
    return [_one_line(section.title), *lines, *map(_one_line, section.after.splitlines())]


def print_section(section: Section, console: Console) -> None:
    """Print one section on a console, its table no wider than that."""
    from rich.text import Text

    console.print(Text(_one_line(section.title), style="bold"))
    rows = section.rows if len(section.rows) <= MOST_ROWS else section.rows[:FIRST]
    if rows:
        console.print(_table(section.headers, rows))
    if more := len(section.rows) - len(rows):
        console.print(Text(f"… and {more:,} more: a pipe and --json get them all", style="dim"))
    for line in section.after.splitlines():
        console.print(Text(_one_line(line), style="dim"))
    console.print()


def _table(headers: Sequence[str], rows: Sequence[Row]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_header=any(headers))
    for header in headers:
        table.add_column(header, overflow="fold", no_wrap=header in {"ID", "Run"})
    for row in rows:
        colour = _COLOURS.get(row.style, "")
        table.add_row(
            *(
                _coloured(cell, colour if header in _COLOURED else "")
                for header, cell in zip(headers, row.cells, strict=True)
            )
        )
    return table


def _coloured(cell: str, colour: str) -> Text:
    """The cell with its first words in colour, such as `Stalled`; brackets in it are no markup."""
    from rich.text import Text

    text = _one_line(cell)
    word, colon, reason = text.partition(": ")
    return Text.assemble((word, colour), colon, reason) if colour else Text(text)


def _one_line(text: str) -> str:
    """No line breaks, and nothing that a terminal would take for a command."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)
