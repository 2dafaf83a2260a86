"""A block of values on its way into a tab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product, zip_longest
from typing import Any

from tests.fakes.google.a1 import Area, area_name
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_cells import MOST_CHARACTERS, Cell, Content, filled
from tests.fakes.google.sheets_formats import is_date
from tests.fakes.google.sheets_ranges import exceeds, located, too_small
from tests.fakes.google.sheets_read import Rows, shown_range
from tests.fakes.google.sheets_tab import Tab

PLAIN = {str, int, bool}


class Write:
    """A block of values on its way into a tab: everything is checked before anything is written."""

    def __init__(self, book: Spreadsheet, text: str, value_range: Mapping[str, Any], option: str) -> None:
        self.tab, self.asked = located(book, text)
        self.rows = rows_of(value_range)
        self.typed = option == "USER_ENTERED"
        self.area = self._fitted()
        self.written_rows: list[int] = []
        self.written_columns: set[int] = set()

    def _fitted(self) -> Area:
        """The block that the values take; they may exceed the range only where that is a single cell."""
        tab, asked = self.tab, self.asked
        width = max(map(len, self.rows), default=0)
        height = len(self.rows)
        taken = Area(asked.top, asked.left, asked.top + max(height, 1), asked.left + max(width, 1))
        bottom = tab.row_count if asked.bottom is None else asked.bottom
        right = tab.column_count if asked.right is None else asked.right
        if not asked.single and (bottom > tab.row_count or right > tab.column_count):
            raise exceeds(tab, asked)
        assert taken.bottom is not None
        assert taken.right is not None
        if not asked.single and taken.bottom > bottom:
            raise too_small(tab, Area(asked.top, asked.left, bottom, right), row=bottom)
        if not asked.single and taken.right > right:
            raise too_small(tab, Area(asked.top, asked.left, bottom, right), column=right)
        if taken.bottom > tab.row_count or taken.right > tab.column_count:
            raise exceeds(tab, taken)
        return taken

    def check(self, account: str) -> None:
        """Raise Google's error where a cell is protected from the account, or a text is too long."""
        for values in self.rows:
            for value in values:
                if value.__class__ is str and len(value) > MOST_CHARACTERS:
                    text = (
                        f"Your input contains more than the maximum of {MOST_CHARACTERS} characters in a single cell."
                    )
                    raise GoogleError(400, message=text)
        if self.tab.may_edit(self.area, account):
            return
        for down, right in product(range(len(self.rows)), range((self.area.right or 0) - self.area.left)):
            if right < len(self.rows[down]) and self.rows[down][right] is not None:
                row, column = self.area.top + down, self.area.left + right
                self.tab.guard(Area(row, column, row + 1, column + 1), account)

    def apply(self) -> dict[str, Any]:
        """Write, and say how much was written."""
        tab, left = self.tab, self.area.left
        hidden = _beneath_merges(tab, self.area)
        cells = 0
        values: list[Any]
        for index, values in enumerate(self.rows, self.area.top):
            if not self.typed and not hidden and values and self._written_whole(index, values):
                given: Iterable[int] = range(left, left + len(values))
                cells += len(values)
            else:
                given = [column for column, value in enumerate(values, left) if value is not None]
                cells += len(given)
                for column in given:
                    if (index, column) not in hidden:
                        self._write_cell(index, column, values[column - left])
            if given:
                self.written_rows.append(index)
                self.written_columns.update(given)
        tab.book.touch()
        counts = {
            "updatedRows": len(self.written_rows),
            "updatedColumns": len(self.written_columns),
            "updatedCells": cells,
        }
        found: dict[str, Any] = {"spreadsheetId": tab.book.id, "updatedRange": area_name(tab.title, self.area)}
        return found | {name: count for name, count in counts.items() if count}

    def _written_whole(self, index: int, values: list[Any]) -> bool:
        """Write a row in one go where nothing in it asks for more: a million cells are written like this."""
        if not PLAIN.issuperset(map(type, values)):
            return False
        left, right = self.area.left, self.area.left + len(values)
        line = self.tab.row(index, right)
        if Cell in set(map(type, line[left:right])):
            return False
        line[left:right] = values
        return True

    def _write_cell(self, row: int, column: int, value: Any) -> None:
        line = self.tab.row(row, column + 1)
        line[column] = self._content(value, line[column])

    def _content(self, value: Any, old: Content) -> Content:
        plain_text = isinstance(old, Cell) and old.pattern == "@"
        if self.typed and value.__class__ is str and not plain_text:
            value = self.tab.entered(value)
            if isinstance(value, Cell) and isinstance(old, Cell) and old.pattern and value.formula is None:
                # A date typed into a cell that shows dates some other way is shown in the cell's way.
                same = is_date(old.pattern) == is_date(value.pattern)
                value = Cell(value.value, None, old.pattern if same else value.pattern)
        elif value.__class__ is float and value.is_integer() and abs(value) < 1e15:
            value = int(value)
        return filled(old, value) if old.__class__ is Cell else value

    def answer(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Write, and answer with the values as they are afterwards if that is asked for."""
        found = self.apply()
        if options.get("includeValuesInResponse"):
            shown_as = {
                "valueRenderOption": options.get("responseValueRenderOption"),
                "dateTimeRenderOption": options.get("responseDateTimeRenderOption"),
            }
            found["updatedData"] = shown_range(self.tab, self.area, shown_as)
        return found


def rows_of(value_range: Mapping[str, Any]) -> Rows:
    rows = value_range.get("values") or []
    if value_range.get("majorDimension") == "COLUMNS":
        return [list(row) for row in zip_longest(*rows)]
    return rows


def _beneath_merges(tab: Tab, area: Area) -> set[tuple[int, int]]:
    """The cells of a block that a merged cell covers."""
    covered = set()
    for merge in tab.merges:
        if merge.meets(area):
            cells = set(product(range(merge.top, merge.bottom or 0), range(merge.left, merge.right or 0)))
            covered |= cells - {(merge.top, merge.left)}
    return covered
