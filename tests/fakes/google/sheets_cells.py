"""What a cell holds: a plain value, or a Cell where there is more to it than that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Plain = str | bool | int | float
MOST_CHARACTERS = 50_000


class ErrorText(str):
    """An error as a formula gives it, such as #REF!; a text that looks like one is no error."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A formula, a format, or a note; a cell without any of them is kept as its plain value.

    `formula` begins with "=". `pattern` is the number format, such as yyyy-mm-dd or #,##0.00 or @.
    """

    value: Plain = ""
    formula: str | None = None
    pattern: str = ""
    note: str = ""
    style: Mapping[str, Any] | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing shows in it."""
        return self.formula is None and self.value == "" and self.value.__class__ is str


Content = Plain | Cell


def filled(old: Content, new: Content) -> Content:
    """What a cell holds after it was given new content. Its format and its note stay, unless new ones come along."""
    if old.__class__ is not Cell:
        return new
    assert isinstance(old, Cell)
    if isinstance(new, Cell):
        pattern = new.pattern or old.pattern
        return replace(new, pattern=pattern, note=new.note or old.note, style=new.style or old.style)
    return slim(Cell(new, None, old.pattern, old.note, old.style))


def emptied(old: Content) -> Content:
    """What a cell holds after it was cleared: its format and its note."""
    return filled(old, "")


def slim(cell: Cell) -> Content:
    """The plain value, where a cell is no more than that."""
    if cell.formula is None and not cell.pattern and not cell.note and not cell.style:
        return cell.value
    return cell


def is_empty(content: Content) -> bool:
    """Whether nothing shows in a cell."""
    return content.empty if isinstance(content, Cell) else content == "" and content.__class__ is str


def as_cell(content: Content) -> Cell:
    """The content, as a Cell."""
    return content if isinstance(content, Cell) else Cell(content)


def tidy(number: float) -> int | float:
    """A whole number without its point, as JSON has it at Google."""
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e15:
        return int(number)
    return number
