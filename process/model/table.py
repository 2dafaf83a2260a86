"""What a sheet holds, as every connector hands it over."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeGuard

from fivestep.process.model.frame import Frame
from fivestep.process.model.merged_cells import MergedCells, by_row


class CellError(NamedTuple):
    """An error that the spreadsheet itself shows, such as `#REF!`."""

    code: str


Cell = None | bool | int | float | str | dt.date | dt.datetime | dt.time | dt.timedelta | CellError
"""One cell as typed by its sheet: a date may arrive as a `date`, or as a serial number (days since
1899-12-30) where the sheet does not tell the two apart. An empty cell is None or an empty text."""


@dataclass(frozen=True)
class Table:
    """A tab as it was read, and the version to compare against before a write.

    `rows[0]` is the sheet's row 1. Rows may be ragged: what a row does not reach is empty.
    """

    title: str
    """The tab's name, or the file's where there are no tabs."""
    rows: Sequence[Sequence[Cell]]
    formulas: Mapping[int, Set[int]] = field(default_factory=dict)
    """Sheet row number (from 1) to the column indexes (from 0) that hold a formula there."""
    version: str = ""
    """Changes whenever the content does; empty where the sheet has no such thing."""
    columns: int | None = None
    """How many columns the tab has, empty ones included; None where that is not known."""
    notes: Sequence[str] = ()
    """What a person should know about the tab as a whole."""
    merged: Sequence[MergedCells] = ()
    """The blocks of merged cells: the value stands in the first, the others are empty in `rows`."""
    frames: Sequence[Frame] = ()
    """The tables and filters in the tab, as far as their columns are sorted without those beside them."""
    displayed: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    """Row number to column index to how the sheet shows a number there, as far as that was asked for."""

    @property
    def width(self) -> int:
        """How many columns are in use by any row."""
        return max(map(len, self.rows), default=0)

    def at(self, row: int, column: int) -> Cell:
        """The cell in a row (from 1) and a column (from 0); None where the table does not reach it."""
        cells = self.rows[row - 1] if 0 < row <= len(self.rows) else ()
        return cells[column] if column < len(cells) else None

    def is_covered(self, row: int, column: int) -> bool:
        """Whether a cell is merged with others and is not the first of them."""
        return any(block.covers(row, column) for block in self._merged_by_row.get(row, ()))

    def seen(self, row: int) -> Sequence[Cell]:
        """A row's cells as a person sees them: what is merged over several rows holds for each.

        What is merged over several columns holds for the first: it is a title, or one answer that ran long.
        """
        cells = self.rows[row - 1]
        for block in self._merged_by_row.get(row, ()):
            value = self.at(block.top, block.left)
            if block.top < row and value is not None and value != "":
                cells = [*cells, *[""] * (block.left + 1 - len(cells))]
                cells[block.left] = value
        return cells

    def with_merged(self) -> Table:
        """The same table, in which what is merged over several rows stands in each."""
        if not self.rows_with_merged:
            return self
        rows = [
            self.seen(number) if number in self.rows_with_merged else row for number, row in enumerate(self.rows, 1)
        ]
        return replace(self, rows=rows)

    @cached_property
    def _merged_by_row(self) -> Mapping[int, Sequence[MergedCells]]:
        return by_row(self.merged, len(self.rows))

    @property
    def rows_with_merged(self) -> Set[int]:
        """The numbers of the rows that merged cells reach into."""
        return self._merged_by_row.keys()

    def origin(self, row: int, column: int) -> int:
        """The row that a cell's value stands in: the first of merged cells, else the cell's own."""
        blocks = (block for block in self._merged_by_row.get(row, ()) if block.left == column)
        return next((block.top for block in blocks), row)

    def rows_with_numbers(self, columns: Collection[int]) -> list[int]:
        """The numbers of the rows with a number in one of these columns."""
        rows = enumerate(self.rows, 1)
        return [number for number, row in rows if any(is_number(row[c]) for c in columns if c < len(row))]

    def column(self, column: int) -> Iterator[Cell]:
        """What a column (from 0) holds, from the first row to the last."""
        return (row[column] if column < len(row) else None for row in self.rows)


_IN_CAPITALS = re.compile(
    # `#REF!`, `#BEZUG!`, `#¿NOMBRE?`, `#DIV/0!`, `#DĚLENÍ_NULOU!`: capitals between a `#` and a mark.
    r"#[¡¿]?(?:[^\W1-9]|/){2,20}[!?]"
    # Those of Excel that end without one: "not available" in each language, and what is still on its way.
    r"|#(?:N/A|NV|N/D|N/DISP|N/B|I/T|Н/Д|Δ/Υ|YOK|HIÁNYZIK|NENÍ_K_DISPOZICI|NEDOSTUPNÝ|GETTING_DATA)"
    # Smartsheet's.
    r"|#(?:UNPARSEABLE|BLOCKED|REF|NO MATCH|CALCULATING|OVERFLOW|DIVIDE BY ZERO|NESTED CRITERIA)"
    r"|#(?:INVALID|INCORRECT|CIRCULAR|UNSUPPORTED)(?: [A-Z-]+)+|#[A-Z]+(?: [A-Z]+)* EXPECTED"
)
_AS_WRITTEN = re.compile(
    # LibreOffice's, each with a number from 501 on.
    r"(?:Err|Error|Erro|Errore|Erreur|Fehler|Fehl\.|Fout|Fel|Feil|Fejl|Virhe|Błąd|Chyba|Hiba|Hata|Ошибка)\s?:5\d\d"
    # Access' and Reporting Services', and what a market data service shows beside `#N/A`.
    r"|#(?:Error|Deleted|Name\?|Num!|Type!|Div/0!|Func!)|#N/A [\w /.]+"
    # What Google shows while a value is on its way, and Excel where a number does not fit into its column.
    r"|(?:Loading|Wird geladen|Chargement|Cargando|Carregando|Caricamento|Laden)(?:\.\.\.|…)|#{3,}"
)


def is_error(text: str) -> bool:
    """Whether this is what a spreadsheet shows instead of a value.

    Texts of Excel, Google Sheets, LibreOffice and Smartsheet, in whatever language they were set to, and of Access'
    reports; without spaces around them.
    """
    if _AS_WRITTEN.fullmatch(text):
        return True
    return _IN_CAPITALS.fullmatch(text) is not None and text == text.upper()


def may_hold_error(texts: str) -> bool:
    """Whether a joined text may hold an error, found quickly; False is certain."""
    return "#" in texts or ":5" in texts or "..." in texts or "…" in texts


def is_number(cell: Cell) -> TypeGuard[int | float]:
    """Whether a cell holds a number; a tick is none."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def column_letters(index: int) -> str:
    """The letters of a column as a spreadsheet shows them: 0 is `A`, 26 is `AA`."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@functools.lru_cache(maxsize=16_384)  # as many columns as a sheet can have: reading a file asks for each cell
def index_of_letters(letters: str) -> int:
    """The index (from 0) of the column with these letters, in either case; -1 for none."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def shown(cell: Cell) -> str:
    """The text form of a cell, in which texts to be written and cells as read are compared.

    None is the empty text, 17.0 is `17`, a tick is `TRUE`, dates and times are in ISO form, an error is its code.
    """
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, CellError):
        return cell.code
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return str(cell)
