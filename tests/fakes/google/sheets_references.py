"""The references in formulas, and where they point after cells were moved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.fakes.google.a1 import Area, column_index, letters, parse_cells

if TYPE_CHECKING:
    from tests.fakes.google.sheets_shift import Shift
    from tests.fakes.google.sheets_tab import Tab

TAB = r"(?:'(?:[^']|'')*'!|[A-Za-z_][A-Za-z0-9_.]*!)"
ONE = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]*"
REFERENCE = (
    rf"{ONE}(?::{ONE}|:\$?[A-Za-z]{{1,3}}(?![A-Za-z0-9]))?"
    r"|\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?[1-9][0-9]*:\$?[1-9][0-9]*"
)
IN_TEXT = re.compile(rf'"(?:[^"]|"")*"|(?<![A-Za-z0-9_.$])({TAB})?({REFERENCE})(?![A-Za-z0-9_(])')
CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([1-9][0-9]*)?$")


def moved_along(formula: str, down: int, right: int) -> str:
    """The formula as it stands in a cell to which it was copied: what has no $ before it moves as far."""
    if not down and not right:
        return formula

    def reference(match: re.Match[str]) -> str:
        return (match[1] or "") + _offset(match[2], down, right) if match[2] else match[0]

    return IN_TEXT.sub(reference, formula)


def after_cut(formula: str, own: Tab, tab: Tab, source: Area, down: int, right: int) -> str:
    """The formula after a block was cut out and put somewhere else in its tab: what pointed into it follows it."""

    def reference(match: re.Match[str]) -> str:
        if not match[2] or not _points_to(match[1], own, tab):
            return match[0]
        area = parse_cells(match[2].replace("$", ""))
        if area is None or area.bottom is None or area.right is None or not source.holds(area.top, area.left):
            return match[0]
        if not source.holds(area.bottom - 1, area.right - 1):
            return match[0]
        return (match[1] or "") + _offset(match[2], down, right, fixed_too=True)

    return IN_TEXT.sub(reference, formula)


def _offset(reference: str, down: int, right: int, *, fixed_too: bool = False) -> str:
    def one(corner: re.Match[str]) -> str:
        fixed_column, column, fixed_row, row = corner.groups()
        if column and (fixed_too or not fixed_column):
            index = column_index(column) + right
            column = letters(index) if index >= 0 else None
        if row and (fixed_too or not fixed_row):
            row = str(int(row) + down) if int(row) + down > 0 else None
        if (corner[2] and not column) or (corner[4] and not row):
            return "#REF!"
        return f"{fixed_column}{column or ''}{fixed_row}{row or ''}"

    return ":".join(CORNER.sub(one, part) for part in reference.split(":"))


def after_shift(formula: str, own: Tab, shift: Shift) -> str:
    """The formula after rows or columns were inserted, deleted or moved somewhere in a tab."""

    def reference(match: re.Match[str]) -> str:
        if not match[2] or not _points_to(match[1], own, shift.tab):
            return match[0]
        shifted = _shifted(match[2], shift)
        return (match[1] or "") + shifted

    return IN_TEXT.sub(reference, formula)


def _points_to(title: str | None, own: Tab, tab: Tab) -> bool:
    if not title:
        return own is tab
    return own.book.find(title[:-1].strip("'").replace("''", "'")) is tab


def _shifted(text: str, shift: Shift) -> str:
    first, colon, last = text.partition(":")
    corners = [CORNER.match(first), CORNER.match(last or first)]
    at = 4 if shift.rows else 2
    found = [corner[at] for corner in corners if corner]
    if len(found) < 2 or not all(found):
        return text
    places = [int(part) - 1 if shift.rows else column_index(part) for part in found if part]
    span = shift.span(min(places), max(places) + 1)
    if span is None:
        return "#REF!"
    names = [str(place + 1) if shift.rows else letters(place) for place in (span[0], span[1] - 1)]
    parts = []
    for corner, name in zip(corners, names, strict=True):
        assert corner is not None
        column, row = (corner[2] or "", name) if shift.rows else (name, corner[4] or "")
        parts.append(f"{corner[1]}{column}{corner[3]}{row}")
    return ":".join(parts) if colon else parts[0]
