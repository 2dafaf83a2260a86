"""The cells to be written: only in the tool's own columns, and only what the tool itself wrote before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import cached_property
from itertools import compress, count, repeat
from operator import attrgetter, ne

from fivestep.process.judging.deal_ids import Identities, is_own
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory
from fivestep.process.model.plan import STATUSES, Change
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.problem import Problem
from fivestep.process.model.table import Cell, Table, shown
from fivestep.process.model.tuples import tuple_of
from fivestep.process.reading.layout import Layout
from fivestep.process.reading.no_deals import says_something
from fivestep.process.wording.show import in_quotes

_OURS = tuple(f"{status}: " for status in STATUSES)


class OwnColumns:
    """Collects the changes, column by column; a cell that a person has filled is reported and left alone."""

    def __init__(
        self,
        deals: Sequence[Deal],
        table: Table,
        layout: Layout,
        policy: Policy,
        past: Mapping[str, DealHistory],
        identities: Identities,
    ) -> None:
        """Prepare to write the tool's own columns.

        - `deals`, `table`, `layout`: the deals, the table they were read from, and where the fields stand in it.
        - `policy`: what the settings say of writing.
        - `past`: what the ledger knows of each deal, its written texts among it.
        - `identities`: which row is which deal.
        """
        self.changes: list[Change] = []
        self.problems: list[Problem] = []
        self.new_columns: list[str] = []
        self._deals = deals
        self._ids = list(map(attrgetter("id"), deals))
        self._rows = list(map(attrgetter("row"), deals))
        self._table = table
        self._layout = layout
        self._policy = policy
        self._past = past
        self._identities = identities

    def put_ids(self) -> None:
        """Write the IDs that were given to rows."""
        column = self._policy.id_column
        if self._policy.own_id:
            self._add_column(column)
        for position, old in self._identities.given.items():
            deal = self._deals[position]
            if self._holds_formula(deal.row, self._layout.columns.get("id")):
                self._report(deal, column, "cell.formula", "holds a formula, so its ID can't be kept there")
                continue
            self.changes.append(Change(deal.id, deal.row, column, old, deal.id))

    def put(self, column: str, texts: Sequence[str], needs: Mapping[int, str]) -> None:
        """Write one column: a text for each deal, in their order.

        `needs` has, by position, the key of the draft without which the text does not hold.
        """
        if not column:
            return
        self._add_column(column)
        index = self._layout.tools.get(column)
        if index is None:
            self._put_new(column, texts, needs)
            return
        olds = self._shown(index)
        self._claim(column, olds, texts)
        if olds == texts:
            return
        differing = map(ne, olds, texts)
        for position, deal, old, new in compress(zip(count(), self._deals, olds, texts, strict=False), differing):
            if deal.id and self._may_write(position, deal, column, index, old, new):
                self.changes.append(Change(deal.id, deal.row, column, old, new, needs.get(position, "")))

    def clear_rows_without_deals(self) -> None:
        """Empty the tool's cells in rows that hold nothing else, such as after a deleted table row."""
        tools = self._layout.tools
        if not self._policy.own_id or self._policy.id_column not in tools:
            return
        own, ids = {*tools.values()}, {*self._past, *self._ids} - {""}
        for row in sorted({*range(self._layout.header_row + 1, len(self._table.rows) + 1)}.difference(self._rows)):
            deal = shown(self._table.at(row, tools[self._policy.id_column]))
            cells = self._table.rows[row - 1]
            if deal in ids and not any(says_something(cell) for index, cell in enumerate(cells) if index not in own):
                self._clear(deal, row)

    def _clear(self, deal: str, row: int) -> None:
        for column, index in self._layout.tools.items():
            old = shown(self._table.at(row, index))
            ours = column == self._policy.id_column or self._was_written(self._past.get(deal), old)
            if old and ours and not self._holds_formula(row, index):
                self.changes.append(Change(deal, row, column, old, ""))

    def _claim(self, column: str, olds: Sequence[str], texts: Sequence[str]) -> None:
        """Note the copied cells that say the right thing already: they are now their own deal's."""
        for position in self._identities.copied_from:
            deal, text = self._deals[position], texts[position]
            if text and olds[position] == text:
                self.changes.append(Change(deal.id, deal.row, column, text, text))

    def _put_new(self, column: str, texts: Sequence[str], needs: Mapping[int, str]) -> None:
        """Write a column that is still to be added: it is nobody's yet."""
        keys = map(needs.get, count(), repeat("")) if needs else repeat("")
        cells = zip(self._ids, self._rows, repeat(column), repeat(""), texts, keys, strict=False)
        self.changes += [tuple_of(Change, cell) for cell in compress(cells, texts) if cell[0]]

    def _shown(self, index: int) -> list[str]:
        """What the column's cells show, for each deal."""
        cells = [row[index] if index < len(row) else "" for row in self._cells]
        return cells if set(map(type, cells)) == {str} else list(map(shown, cells))  # type: ignore[return-value]

    @cached_property
    def _cells(self) -> Sequence[Sequence[Cell]]:
        """The row of each deal."""
        rows = self._table.rows
        return [rows[number - 1] for number in self._rows]

    def _add_column(self, column: str) -> None:
        if column not in self._layout.tools:
            self.new_columns.append(column)

    def _may_write(self, position: int, deal: Deal, column: str, index: int, old: str, new: str) -> bool:
        """Whether a cell is the tool's to write; a filled cell that is not is noted as a problem.

        - `position`, `deal`: the row among the deals, and the deal.
        - `column`, `index`: the column's header, and where it stands.
        - `old`, `new`: what the cell shows, and what it would show.
        """
        if self._holds_formula(deal.row, index):
            if new:
                self._report(deal, column, "cell.formula", "holds a formula and is left alone")
            return False
        if not old or self._policy.take_over or self._is_ours(position, deal, old):
            return True
        if new:
            message = f"holds a text of somebody's own and is left alone: {in_quotes(old)}"
            self._report(deal, column, "cell.overwritten", message)
        return False

    def _is_ours(self, position: int, deal: Deal, old: str) -> bool:
        """Whether a run wrote this text: into this row, or into one that this row came from."""
        source = self._identities.copied_from.get(position, deal.id)
        known = self._past.get(source)
        if self._was_written(known, old):
            return True
        return known is None and position not in self._identities.given and self._looks_ours(deal)

    def _was_written(self, known: DealHistory | None, old: str) -> bool:
        """Whether a run wrote this text, for this deal or another."""
        # Any column's: a header may have been renamed in the sheet and the settings since.
        if known is not None and any(old in texts for texts in known.written.values()):
            return True
        # What was written into another row is here by a copy or a sort, or under an ID that was typed over since; only
        # a bare `Won` may be a person's.
        return old not in STATUSES and old in self._all_ours

    @cached_property
    def _all_ours(self) -> Set[str]:
        """Every text that runs have put into any row."""
        return {text for known in self._past.values() for texts in known.written.values() for text in texts}

    def _looks_ours(self, deal: Deal) -> bool:
        """Whether the row holds an ID and a status of the tool that the ledger no longer knows."""
        index = self._layout.tools.get(self._policy.status)
        row = self._table.rows[deal.row - 1]
        if index is None or index >= len(row) or not (self._policy.own_id and is_own(deal.id)):
            return False
        return shown(row[index]).startswith(_OURS)

    def _holds_formula(self, row: int, index: int | None) -> bool:
        return index in self._table.formulas.get(row, ())

    def _report(self, deal: Deal, column: str, rule: str, message: str) -> None:
        self.problems.append(
            Problem(
                deal.id,
                deal.row,
                column,
                rule,
                "warning",
                f"{column} {message}",
                "Empty the cell to have it filled in again, or name another column under [write_back]",
            )
        )
