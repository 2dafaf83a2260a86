"""What became of a write while people worked in the sheet: every text in its deal's row, and theirs untouched."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fivestep.process.live_edits.repair import Entry, Formula, Landing, landing
from fivestep.process.model.table import Cell, Table

HEADER = ["Deal", "Stage", "Deal ID", "Status"]
ALPHA, BETA, GAMMA = ["Alpha", "Pitch", "D-1", ""], ["Beta", "Won", "D-2", ""], ["Gamma", "Pitch", "D-3", "old"]
TABLE = [HEADER, ALPHA, BETA, GAMMA]
STATUSES = {2: {3: "one"}, 3: {3: "two"}, 4: {3: "three"}}


def table(rows: Sequence[Sequence[Cell]], formulas: Mapping[int, set[int]] | None = None) -> Table:
    return Table("Deals", [list(row) for row in rows], formulas or {})


def with_cells(rows: Sequence[Sequence[Cell]], cells: Mapping[int, Mapping[int, Entry]]) -> list[list[Cell]]:
    """The rows after a write, which goes to places and asks nobody."""
    done = [list(row) for row in rows]
    for row, of in cells.items():
        done += [[] for _ in range(row - len(done))]
        for column, cell in of.items():
            done[row - 1] += [""] * (column + 1 - len(done[row - 1]))
            done[row - 1][column] = cell.text if isinstance(cell, Formula) else cell
    return done


def repaired(found: Landing) -> dict[int, dict[int, Entry]]:
    """What has to be written, by row and column."""
    cells: dict[int, dict[int, Entry]] = {}
    for stray in found.repairs:
        cells.setdefault(stray.row, {})[stray.column] = stray.belongs
    return cells


def repairs(
    before: list[list[str]], written: Mapping[int, Mapping[int, Cell]], after: list[list[str]]
) -> dict[int, dict[int, Entry]]:
    return repaired(landing(table(before), 1, written, table(after)))


def test_an_undisturbed_write_needs_nothing() -> None:
    found = landing(table(TABLE), 1, STATUSES, table(with_cells(TABLE, STATUSES)))
    assert (repaired(found), found.place(3, 3)) == ({}, (3, 3))


def test_rows_sorted_before_the_write_came() -> None:
    hit = with_cells([HEADER, GAMMA, ALPHA, BETA], STATUSES)
    found = landing(table(TABLE), 1, STATUSES, table(hit))
    assert repaired(found) == {2: {3: "three"}, 3: {3: "one"}, 4: {3: "two"}}
    assert found.place(2, 3) == (3, 3)


def test_rows_sorted_after_the_write_came() -> None:
    header, *rows = with_cells(TABLE, STATUSES)
    assert repairs(TABLE, STATUSES, [header, *rows[::-1]]) == {}


def test_rows_sorted_before_and_again_after() -> None:
    header, *rows = with_cells([HEADER, GAMMA, ALPHA, BETA], STATUSES)
    assert repairs(TABLE, STATUSES, [header, *rows[::-1]]) == {2: {3: "two"}, 3: {3: "one"}, 4: {3: "three"}}


def test_a_row_inserted_by_somebody_stays_theirs() -> None:
    hit = with_cells([HEADER, ["New", "Pitch", "", ""], ALPHA, BETA, GAMMA], STATUSES)
    assert repairs(TABLE, STATUSES, hit) == {2: {3: ""}, 3: {3: "one"}, 4: {3: "two"}, 5: {3: "three"}}


def test_a_row_deleted_takes_its_text_along() -> None:
    hit = with_cells([HEADER, BETA, GAMMA], STATUSES)
    found = landing(table(TABLE), 1, STATUSES, table(hit))
    assert repaired(found) == {2: {3: "two"}, 3: {3: "three"}, 4: {3: ""}}
    assert found.place(2, 3) is None


def test_what_a_person_typed_into_a_written_cell_stands() -> None:
    hit = with_cells(TABLE, STATUSES)
    hit[2][3] = "by hand"
    assert repairs(TABLE, STATUSES, hit) == {}


def test_a_text_that_went_astray_and_that_somebody_copied_from_there_is_theirs() -> None:
    rows = [[*row[:2], f"note of {row[0]}", row[3]] for row in TABLE]
    hit = with_cells([rows[0], *rows[2:], rows[1]], {2: {3: "one"}})
    hit[3][2] = "one"
    assert repairs(rows, {2: {3: "one"}}, hit) == {2: {3: ""}, 4: {3: "one"}}


def test_a_column_inserted_gives_people_their_cells_back() -> None:
    moved = [["Deal", "Phone", *HEADER[1:]], *([row[0], "", *row[1:]] for row in TABLE[1:])]
    hit = with_cells(moved, STATUSES)  # the IDs' column has come to stand where the statuses were
    assert repairs(TABLE, STATUSES, hit) == {
        2: {3: "D-1", 4: "one"}, 3: {3: "D-2", 4: "two"}, 4: {3: "D-3", 4: "three"}
    }  # fmt: skip


def test_formulas_and_numbers_come_back_as_such() -> None:
    rows = [["Deal", "Size", "Total", "Status"], ["Alpha", 7, "=B2*2", ""], ["Beta", True, "=B3*2", ""]]
    written = {2: {3: "one"}, 3: {3: "two"}}
    moved = [["New", *rows[0]], *(["", *row] for row in rows[1:])]
    before = table(rows, {2: {2}, 3: {2}})
    after = table(with_cells(moved, written), {2: {3}, 3: {3}})
    found = landing(before, 1, written, dataclasses.replace(after, formulas={}))
    assert repaired(found) == {2: {3: Formula("=C2*2"), 4: "one"}, 3: {3: Formula("=C3*2"), 4: "two"}}


@pytest.mark.parametrize("entered", ["=A2", "=B2"])  # as it was put back, or as the sheet let it follow its cell
def test_a_formula_that_is_put_back_beside_a_column_that_moves_follows_its_cell(entered: str) -> None:
    rows = [["Deal", "E-mail", "Called"], ["Alpha", "a@a.example", "D-1"]]
    moved = [["E-mail", "Deal", "Called"], ["a@a.example", "Alpha", entered]]
    found = landing(table(rows), 1, {2: {2: Formula("=A2")}}, table(moved, {2: {2}}))
    assert repaired(found) == ({2: {2: Formula("=B2")}} if entered == "=A2" else {})


def test_new_columns_make_way_for_one_that_was_pushed_there() -> None:
    rows = [["Deal", "Notes"], ["Alpha", "a"], ["Beta", "b"]]
    written = {1: {2: "Status"}, 2: {2: "one"}, 3: {2: "two"}}
    moved = [["Deal", "Phone", "Notes"], ["Alpha", "", "a"], ["Beta", "", "b"]]
    hit = with_cells(moved, written)
    fixed = with_cells(hit, repaired(landing(table(rows), 1, written, table(hit))))
    assert fixed == [
        ["Deal", "Phone", "Notes", "Status"], ["Alpha", "", "a", "one"], ["Beta", "", "b", "two"]
    ]  # fmt: skip


def test_a_renamed_column_is_still_the_same() -> None:
    hit = with_cells(TABLE, STATUSES)
    hit[0][2] = "Number"
    assert repairs(TABLE, STATUSES, hit) == {}


@pytest.mark.parametrize("header", ["STATUS", "\u200bStatus", " Status\u00a0", "Stätus"])
def test_a_header_that_is_typed_otherwise_is_the_same_to_the_repair_as_to_the_plan(header: str) -> None:
    written = {1: {3: "Status"}, 2: {3: "one"}, 3: {3: "two"}}
    rows = [HEADER[:3], ALPHA[:3], BETA[:3]]
    hit = with_cells(rows, written)
    hit[0][3] = header
    assert repairs(rows, written, [[row[0], row[3], *row[1:3]] for row in hit]) == {}


def test_a_whole_header_row_in_capitals_is_still_the_header_row() -> None:
    hit = with_cells(TABLE, STATUSES)
    hit[0] = [str(cell).upper() for cell in hit[0]]
    found = landing(table(TABLE), 1, STATUSES, table([hit[0], *hit[:0:-1]]))
    assert (repaired(found), found.place(2, 3)) == ({}, (4, 3))


@pytest.mark.parametrize(("columns", "gives_back"), [(26, False), (27, True), (None, True)])
def test_a_strange_header_beside_new_columns_is_a_new_name_where_no_column_was_added(
    columns: int | None, gives_back: bool
) -> None:
    rows = [["Deal", "Size"], ["Alpha", ""], ["Beta", ""]]
    written = {1: {2: "Status"}, 2: {2: "one"}, 3: {2: "two"}}
    hit = with_cells([["Deal", "Big or small"], *rows[1:]], written)
    before, after = (
        dataclasses.replace(table(one), columns=many) for one, many in [(rows, columns and 26), (hit, columns)]
    )
    found = repaired(landing(before, 1, written, after))
    assert (found.get(1) == {2: "Size", 3: "Status"}) is gives_back
    assert gives_back or found == {}


def test_a_lost_answer_whose_write_never_came_is_written_again() -> None:
    assert repairs(TABLE, STATUSES, TABLE) == STATUSES


def test_twins_get_back_what_was_written_to_them() -> None:
    twin = ["Alpha", "Pitch", "", ""]
    rows = [HEADER, twin, twin, BETA]
    written = {2: {2: "D-4", 3: "one"}, 3: {2: "D-5", 3: "two"}}
    hit = with_cells(rows, written)
    assert repairs(rows, written, [hit[0], hit[2], hit[1], hit[3]]) == {}


def test_a_twin_in_which_a_stray_text_stands_is_the_one_that_held_it() -> None:
    twin = ["Alpha", "Pitch", "", ""]
    rows = [HEADER, BETA, ["Alpha", "Pitch", "D-3", "astray"], GAMMA, twin]
    hit = with_cells([HEADER, *rows[:0:-1]], {3: {2: "", 3: ""}})  # that is Gamma's row by now
    found = landing(table(rows), 1, {3: {2: "", 3: ""}}, table(hit))
    assert repaired(found) == {3: {2: "D-3", 3: "old"}, 4: {2: "", 3: ""}}


@pytest.mark.parametrize("turned", [False, True])
def test_a_row_in_which_a_person_has_typed_into_a_column_of_the_tools_only_is_a_row(turned: bool) -> None:
    rows = [HEADER, ALPHA, ["", "", "", "by hand"], BETA]
    moved = [["New", "Pitch", "", ""], *rows[1:]]
    hit = with_cells([HEADER, *(moved[::-1] if turned else moved)], {4: {3: "two"}})
    fixed = with_cells(hit, repairs(rows, {4: {3: "two"}}, hit))
    assert [row[3] for row in fixed if not row[0]] == ["by hand"]
    assert [row[3] for row in fixed if row[0] == "Beta"] == ["two"]


def test_a_text_that_stood_in_a_bare_row_before_has_not_come_there_now() -> None:
    rows = [["Deal", "Called", "Deal ID"], ["Alpha", "x", ""], ["", "", "D-1"], ["Beta", "y", "D-2"]]
    written = {2: {2: "D-1"}, 3: {2: ""}}
    moved = [[row[2], *row[:2]] for row in rows]
    hit = with_cells(moved, written)
    assert with_cells(hit, repairs(rows, written, hit)) == with_cells(moved, {2: {0: "D-1"}, 3: {0: ""}})


def test_without_a_header_nothing_is_touched() -> None:
    found = landing(table(TABLE), 1, STATUSES, table([["a"], ["b"]]))
    assert (repaired(found), found.place(2, 3)) == ({}, None)


class TestLongAgo:
    """The next run finds what a killed one has left."""

    def test_what_never_came_is_left_to_the_next_plan(self) -> None:
        assert repaired(landing(table(TABLE), 1, STATUSES, table(TABLE), long_ago=True)) == {}

    def test_what_landed_right_stays(self) -> None:
        hit = with_cells(TABLE, STATUSES)
        shuffled = [hit[0], hit[3], hit[1], hit[2]]
        fixed = with_cells(shuffled, repaired(landing(table(TABLE), 1, STATUSES, table(shuffled), long_ago=True)))
        assert fixed == shuffled

    def test_ids_that_strayed_go_back(self) -> None:
        written = {2: {2: "D-8"}, 3: {2: "D-9"}}
        rows = [HEADER, ["Alpha", "Pitch"], ["Beta", "Won"], GAMMA]
        hit = with_cells([HEADER, GAMMA, ["Alpha", "Pitch"], ["Beta", "Won"]], written)
        fixed = with_cells(hit, repaired(landing(table(rows), 1, written, table(hit), long_ago=True)))
        assert fixed[1] == GAMMA

    def test_columns_of_people_are_given_back(self) -> None:
        moved = [["Deal", "Phone", *HEADER[1:]], *([row[0], "", *row[1:]] for row in TABLE[1:])]
        hit = with_cells(moved, STATUSES)
        header, *rows = hit
        fixed = with_cells(
            [header, *rows[::-1]],
            repaired(landing(table(TABLE), 1, STATUSES, table([header, *rows[::-1]]), long_ago=True)),
        )
        assert [row[3] for row in fixed] == ["Deal ID", "D-3", "D-2", "D-1"]

    @pytest.mark.parametrize("typed", ["", "by hand"])
    def test_a_repair_that_never_came_is_made_where_the_cell_is_as_astray_as_it_was(self, typed: str) -> None:
        astray = [HEADER, ["Alpha", "one", "D-1", ""], ["Beta", "two", "D-2", ""]]
        repair = {2: {1: "Pitch", 3: "one"}, 3: {1: "Won", 3: "two"}}
        since = [astray[0], astray[2], [astray[1][0], typed or astray[1][1], *astray[1][2:]]]
        found = landing(table(astray), 1, repair, table(since), long_ago=True, repairs=True)
        assert repaired(found) == {2: {1: "Won", 3: "two"}, 3: {3: "one"} if typed else {1: "Pitch", 3: "one"}}


class Sheet:
    """A sheet, and people who edit it: nothing that they type is like anything else."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.typed = 0
        rows = self.dice.randint(2, 8)
        self.header = ["Deal", "Stage", "Notes", "Deal ID", "Status", "Next"]
        self.rows = [[f"Deal {n}", self.new(), self.new(), f"D-{n}", f"old {n}", ""] for n in range(rows)]

    def new(self) -> str:
        self.typed += 1
        return f"typed {self.typed}"

    def all(self) -> list[list[str]]:
        return [list(self.header), *(list(row) for row in self.rows)]

    def load(self, rows: list[list[Cell]]) -> None:
        width = max(map(len, rows))
        self.header, *self.rows = ([str(cell) for cell in row] + [""] * (width - len(row)) for row in rows)

    def edit(self) -> None:
        """Any edit but typing into a cell: that comes between look and write, and can't be known."""
        match self.dice.randint(0, 5):
            case 0:
                self.dice.shuffle(self.rows)
            case 1:
                row = [self.new() if head in ("Deal", "Stage", "Notes") else "" for head in self.header]
                self.rows.insert(self.dice.randint(0, len(self.rows)), row)
            case 2 if len(self.rows) > 1:
                self.rows.pop(self.dice.randrange(len(self.rows)))
            case 3:
                self.rows.append(self.rows.pop(self.dice.randrange(len(self.rows))))
            case 4:
                at, name = self.dice.randint(0, len(self.header)), f"Column {self.new()}"
                for row in [self.header, *self.rows]:
                    row.insert(at, name if row is self.header else "")
            case 5:
                at, to = self.dice.randrange(len(self.header)), self.dice.randrange(len(self.header))
                for row in [self.header, *self.rows]:
                    row.insert(to, row.pop(at))


@settings(max_examples=400, deadline=None)
@example(seed=999_999, before=2, after=2)
@given(seed=st.integers(0, 10**6), before=st.integers(0, 2), after=st.integers(0, 2))
def test_whatever_people_move_every_text_comes_to_its_deal(seed: int, before: int, after: int) -> None:
    sheet = Sheet(seed)
    rows = sheet.all()
    written: dict[int, dict[int, Cell]] = {
        number: {4: f"status of {row[0]}", 5: f"next of {row[0]}"}
        for number, row in enumerate(rows[1:], 2)
        if sheet.dice.random() < 0.8
    }
    meant = {row[0]: written.get(number, {}) for number, row in enumerate(rows[1:], 2)}
    for _ in range(before):
        sheet.edit()
    moved = sheet.all()
    sheet.load(with_cells(moved, written))
    for _ in range(after):
        sheet.edit()
    sheet.load(with_cells(sheet.all(), repaired(landing(table(rows), 1, written, table(sheet.all())))))

    name, status, next_ = (sheet.header.index(head) for head in ("Deal", "Status", "Next"))
    old = {row[0]: row for row in rows}
    for row in sheet.rows:
        if row[name] in old:
            texts = meant[row[name]]
            assert (row[status], row[next_]) == (texts.get(4, old[row[name]][4]), texts.get(5, old[row[name]][5]))
            mine = [row[sheet.header.index(head)] for head in ("Stage", "Notes", "Deal ID")]
            assert mine == old[row[name]][1:4]
        elif row[name].startswith("typed"):
            assert (row[status], row[next_]) == ("", "")


@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_rows(rows: int) -> None:
    small = [HEADER, *TABLE[1 : rows + 1]]
    assert repairs(small, {}, small) == {}
