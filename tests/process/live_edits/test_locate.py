"""Where changes belong in a sheet that people went on working in."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fivestep.process.live_edits.locate import Located, Place, locate
from fivestep.process.model.merged_cells import COVERED, MergedCells
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Cell, Table, shown

HEADER = ["Deal ID", "Deal", "Stage", "Status"]
BASE = Table(
    "Deals",
    [
        ["Pipeline"],
        HEADER,
        ["D-1", "Alpha", "Pitch", ""],
        [17.0, "Beta", "Won", "Won"],
        ["", "Gamma", "Pitch", ""],
        ["D-1", "Alpha copy", "Pitch", "On track"],
    ],
)
ALPHA = Change("D-1", 3, "Status", "", "Stalled")
BETA = Change("17", 4, "Status", "Won", "Lost")
GAMMA = (Change("D-2", 5, "Deal ID", "", "D-2"), Change("D-2", 5, "Status", "", "On track"))
COPY = (Change("D-3", 6, "Deal ID", "D-1", "D-3"), Change("D-3", 6, "Status", "On track", "Won"))


def now(*rows: Sequence[Cell], formulas: dict[int, set[int]] | None = None, version: str = "") -> Table:
    return Table("Deals", rows, formulas or {}, version)


def places(*changes: Change, table: Table, base: Table = BASE, new_columns: Sequence[str] = ()) -> list[Place]:
    return list(locate(base, 2, "Deal ID", new_columns, changes, table).places)


def where(*changes: Change, table: Table, base: Table = BASE) -> list[tuple[str, int, int]]:
    return [(place.action, place.row, place.column) for place in places(*changes, table=table, base=base)]


def test_an_unchanged_sheet_has_its_rows_where_they_were_even_with_repeated_ids() -> None:
    base = dataclasses.replace(BASE, version="1")
    assert where(ALPHA, BETA, *GAMMA, *COPY, table=base, base=base) == [
        ("write", 3, 3),
        ("write", 4, 3),
        ("write", 5, 0),
        ("write", 5, 3),
        ("write", 6, 0),
        ("write", 6, 3),
    ]


def test_in_a_changed_sheet_rows_are_found_by_id_or_else_by_what_they_say() -> None:
    table = now(
        ["New title"],
        [],
        HEADER,
        ["D-1", "Alpha copy", "Pitch", "On track"],
        ["", "Delta", "Pitch"],
        ["", "Gamma", "Pitch"],
        ["17", "Beta, renamed", "Won", "Won"],
        ["D-1", "Alpha", "Pitch"],
    )
    assert where(BETA, *GAMMA, *COPY, table=table) == [
        ("write", 7, 3),
        ("write", 6, 0),
        ("write", 6, 3),
        ("write", 4, 0),
        ("write", 4, 3),
    ]
    (alpha,) = places(ALPHA, table=table)
    assert (alpha.action, alpha.row) == ("skip", 3)
    assert "several rows hold, or held, the ID 'D-1'" in alpha.reason


@pytest.mark.parametrize("text", ["17", " 17 ", "17\u200b", 17, 17.0])
def test_one_id_in_many_writings(text: Cell) -> None:
    assert where(BETA, table=now([], HEADER, [text, "Beta", "Won", "Won"])) == [("write", 3, 3)]


def test_columns_are_found_by_their_header() -> None:
    table = now([], ["Status", "New", " Deal\nID ", "Deal", "Stage"], ["Won", "", 17, "Beta", "Won"])
    assert where(BETA, table=table) == [("write", 3, 0)]
    assert where(BETA, table=now([], ["Deal ID", "STATUS ✅", "Stage", "Deal"], [17, "Won"])) == [("write", 3, 1)]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            [["Deal ID", "Deal", "Stage", "State"], [17, "Beta", "Won", "Won"]],
            "there is no longer exactly one column headed 'Status'",
        ),
        (
            [[*HEADER, "Status"], [17, "Beta", "Won", "Won", "Won"]],
            "there is no longer exactly one column headed 'Status'",
        ),
        ([HEADER, [18, "Beta", "Won", "Won"]], "no row holds the ID '17' any more"),
        ([HEADER, [17, "Beta", "Won", "Won"], ["17", "x", "", "Won"]], "several rows hold, or held, the ID '17'"),
        ([HEADER, [17, "Beta", "Won", "by hand"]], "the cell now shows 'by hand'"),
        ([["x", "y", "z"], [17, "Beta", "Won", "Won"]], "the header row is no longer there"),
        ([HEADER, [17, "Beta", "Won", "Won"], HEADER], "the header row is no longer there"),
        ([], "the header row is no longer there"),
    ],
)
def test_what_can_not_be_told_for_sure_is_skipped(rows: list[list[Cell]], reason: str) -> None:
    (place,) = places(BETA, table=now(*rows))
    assert (place.action, place.reason) == ("skip", reason)


def test_a_formula_is_skipped_whatever_it_shows() -> None:
    table = now([], HEADER, [17, "Beta", "Won", "Won"], formulas={3: {3}})
    assert places(BETA, table=table) == [Place("skip", 3, 3, "the cell holds a formula")]


def test_what_is_there_already_is_kept() -> None:
    assert where(BETA, table=now([], HEADER, [17, "Beta", "Won", "Lost"])) == [("keep", 3, 3)]
    table = now([], HEADER, ["D-2", "Gamma", "Pitch"])
    assert where(*GAMMA, table=table) == [("keep", 3, 0), ("write", 3, 3)]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["", "Gamma", "Pitch"], ["", "Gamma", "Pitch"]], "this row is no longer there as it was"),
        ([["", "Gamma, edited", "Pitch"]], "this row is no longer there as it was"),
        ([["D-8", "Gamma", "Pitch"]], "this row is no longer there as it was"),
        ([["", "Gamma", "Pitch"], ["D-2", "Delta", ""]], "another row now holds the ID 'D-2'"),
        ([["D-2", "Delta", "Pitch"]], "this row is no longer there as it was"),
    ],
)
def test_a_row_without_an_id_is_found_only_as_it_was(rows: list[list[Cell]], reason: str) -> None:
    for place in places(*GAMMA, table=now([], HEADER, *rows)):
        assert place.action == "skip"
        assert reason in place.reason


def test_rows_that_are_alike_are_not_told_apart() -> None:
    base = now([], HEADER, ["", "Gamma", "Pitch"], ["", "Gamma", "Pitch"])
    change = Change("D-2", 3, "Deal ID", "", "D-2")
    (place,) = places(change, table=now([], HEADER, ["", "Gamma", "Pitch"]), base=base)
    assert (place.action, place.reason) == ("skip", "the sheet was changed, and other rows look like this one")


def test_ids_that_a_formula_counts_do_not_name_deals() -> None:
    base = now([], HEADER, [1, "Alpha", "", ""], [2, "Beta", "", ""], formulas={3: {0}, 4: {0}})
    change = Change("2", 4, "Status", "", "x")
    swapped = now([], HEADER, [1, "Beta", "", ""], [2, "Alpha", "", ""], formulas={3: {0}, 4: {0}})
    assert [action for action, _, _ in where(change, table=swapped, base=base)] == ["skip"]
    below = now([], HEADER, [1, "Gamma", "", ""], [2, "Beta", "", ""], formulas={3: {0}, 4: {0}})
    assert where(change, table=below, base=base) == [("write", 4, 3)]


def test_what_a_formula_shows_does_not_tell_rows_apart() -> None:
    calculated = dataclasses.replace(BASE, formulas={5: {2}})
    assert where(*GAMMA, table=now([], HEADER, ["", "Gamma", "Won"]), base=calculated)[0] == ("write", 3, 0)
    assert where(*GAMMA, table=now([], HEADER, ["", "Gamma", "Won"], formulas={3: {2}}))[0] == ("write", 3, 0)


def test_a_header_that_is_repeated_for_printing_is_told_by_its_turn() -> None:
    base = now([], HEADER, ["D-1", "Alpha"], HEADER, ["D-2", "Beta"])
    table = now([], [], HEADER, ["D-1", "Alpha"], ["D-2", "Beta"], HEADER)
    located = locate(base, 2, "Deal ID", (), [Change("D-2", 5, "Status", "", "x")], table)
    assert (located.header_row, located.places[0]) == (3, Place("write", 5, 3))


def test_new_columns_go_right_of_every_value_and_formula() -> None:
    table = now(["", "", "", "", "", "note"], HEADER, ["D-1", "Alpha"], formulas={9: {7}})
    change = Change("D-1", 3, "Next", "", "call")
    located = locate(table, 2, "Deal ID", ["Next", "Status", "Follow-up"], [change], table)
    assert located.new_columns == {"Next": 8, "Follow-up": 9}
    assert located.cells([change]) == {2: {8: "Next", 9: "Follow-up"}, 3: {8: "call"}}


def test_a_sheet_without_an_id_column_yet() -> None:
    base = now(["Deal", "Stage"], ["Alpha", "Pitch"], ["Beta", "Won"])
    changes = [Change("D-2", 3, "Deal ID", "", "D-2"), Change("D-2", 3, "Status", "", "Won")]
    table = now(["Deal", "Stage"], ["Beta", "Won"], ["Alpha", "Pitch"])
    located = locate(base, 1, "Deal ID", ["Deal ID", "Status"], changes, table)
    assert located.cells(changes) == {1: {2: "Deal ID", 3: "Status"}, 2: {2: "D-2", 3: "Won"}}


# Any number of edits by people, in any order


@dataclasses.dataclass
class Tab:
    """A tab with people in it. Every row is a list of cells, and the same list wherever it goes."""

    above: int
    headers: list[str]
    rows: list[list[Cell]]

    def table(self, version: str = "") -> Table:
        return Table("Deals", [*([["title"]] * self.above), list(self.headers), *map(list, self.rows)], version=version)


WORDS = ("", "Alpha", "Beta", "Pitch")


def insert(tab: Tab, dice: random.Random) -> None:
    row: list[Cell] = [dice.choice(WORDS) for _ in tab.headers]
    row[tab.headers.index("Deal ID")] = ""
    tab.rows.insert(dice.randint(0, len(tab.rows)), row)


def delete(tab: Tab, dice: random.Random) -> None:
    if tab.rows:
        tab.rows.pop(dice.randrange(len(tab.rows)))


def copy(tab: Tab, dice: random.Random) -> None:
    if tab.rows:
        tab.rows.insert(dice.randint(0, len(tab.rows)), list(dice.choice(tab.rows)))


def sort(tab: Tab, dice: random.Random) -> None:
    dice.shuffle(tab.rows)


def edit(tab: Tab, dice: random.Random) -> None:
    column = dice.randrange(len(tab.headers))
    if tab.rows and tab.headers[column] != "Deal ID":
        dice.choice(tab.rows)[column] = dice.choice(WORDS)


def add_column(tab: Tab, dice: random.Random) -> None:
    at = dice.randint(0, len(tab.headers))
    tab.headers.insert(at, dice.choice(["", "Notes", "Status"]))
    for row in tab.rows:
        row.insert(at, dice.choice(WORDS))


def rename_column(tab: Tab, dice: random.Random) -> None:
    at = dice.randrange(len(tab.headers))
    if tab.headers[at] != "Deal ID":
        tab.headers[at] = f"Renamed {at}"


def add_above(tab: Tab, dice: random.Random) -> None:
    tab.above += dice.randint(1, 3)


EDITS: tuple[Callable[[Tab, random.Random], None], ...] = (
    insert, delete, copy, sort, edit, add_column, rename_column, add_above
)  # fmt: skip
MOVES = (sort, add_above)


def tab_of(ids: Sequence[str], dice: random.Random) -> Tab:
    people = ["Deal", "Stage", "Amount"]
    rows: list[list[Cell]] = [[text, *(dice.choice(WORDS) for _ in people), dice.choice(("", "Won"))] for text in ids]
    return Tab(dice.randint(0, 2), ["Deal ID", *people, "Status"], rows)


def planned(tab: Tab) -> list[Change]:
    """A status for every row, and an ID for those without one or with one that was copied."""
    changes: list[Change] = []
    taken: set[str] = set()
    for position, row in enumerate(tab.rows):
        number, old = tab.above + 2 + position, shown(row[0])
        deal = old
        if old in taken or not old:
            deal = f"N-{position}"
            changes.append(Change(deal, number, "Deal ID", old, deal))
        taken.add(deal)
        changes.append(Change(deal, number, "Status", shown(row[-1]), f"status of {deal}"))
        changes.append(Change(deal, number, "Next", "", f"next of {deal}"))
    return changes


IDS = st.lists(st.sampled_from(["", "D-1", "D-2", "D-3", "D-4", "D-5"]), min_size=1, max_size=7)


@given(IDS, st.lists(st.sampled_from(EDITS), max_size=8), st.randoms(use_true_random=False))
def test_no_change_lands_anywhere_but_in_its_deals_row_and_on_the_text_it_expects(
    ids: list[str], edits: list[Callable[[Tab, random.Random], None]], dice: random.Random
) -> None:
    tab = tab_of(ids, dice)
    base, origins, changes = tab.table(), list(tab.rows), planned(tab)
    header_row, first_row = tab.above + 1, tab.above + 2
    contents = [list(row) for row in origins]
    for change_of_people in edits:
        change_of_people(tab, dice)
    table = tab.table()
    located = locate(base, header_row, "Deal ID", ["Next"], changes, table)
    id_column = tab.headers.index("Deal ID")
    times_in_base, times_now = Counter(ids), Counter(shown(row[id_column]) for row in tab.rows)
    gives_id = {change.row: change for change in changes if change.column == "Deal ID"}
    for change, place in zip(changes, located.places, strict=True):
        if place.action != "write":
            continue
        row = tab.rows[place.row - tab.above - 2]
        expected_header = "" if change.column in located.new_columns else change.column
        assert (tab.headers[place.column] if place.column < len(tab.headers) else "") == expected_header
        assert (shown(row[place.column]) if place.column < len(row) else "") == change.old
        if change.row not in gives_id:
            assert shown(row[id_column]) == change.deal
            assert times_in_base[change.deal] == times_now[change.deal] == 1
        elif row is not origins[change.row - first_row]:
            said = contents[change.row - first_row]
            assert shown(row[id_column]) == gives_id[change.row].old
            for header, cell in zip(("Deal", "Stage", "Amount"), said[1:4], strict=True):
                assert header not in tab.headers or row[tab.headers.index(header)] == cell
    assert written_once(located)


def written_once(located: Located) -> bool:
    """Whether no two changes go to one cell."""
    cells = [(place.row, place.column) for place in located.places if place.action == "write"]
    return len(cells) == len(set(cells))


@given(
    st.sets(st.sampled_from([f"D-{n}" for n in range(9)]), min_size=1),
    st.lists(st.sampled_from(MOVES)),
    st.randoms(use_true_random=False),
)
def test_rows_with_ids_of_their_own_are_always_found(
    ids: set[str], moves: list[Callable[[Tab, random.Random], None]], dice: random.Random
) -> None:
    tab = tab_of(sorted(ids), dice)
    base, origins, changes = tab.table(), list(tab.rows), planned(tab)
    header_row, first_row = tab.above + 1, tab.above + 2
    for move in moves:
        move(tab, dice)
    located = locate(base, header_row, "Deal ID", ["Next"], changes, tab.table())
    for change, place in zip(changes, located.places, strict=True):
        assert place.action == "write"
        assert tab.rows[place.row - tab.above - 2] is origins[change.row - first_row]


@given(IDS, st.randoms(use_true_random=False))
def test_what_was_written_is_kept_the_second_time(ids: list[str], dice: random.Random) -> None:
    tab = tab_of(ids, dice)
    base, changes = tab.table("1"), planned(tab)
    located = locate(base, tab.above + 1, "Deal ID", ["Next"], changes, base)
    assert {place.action for place in located.places} == {"write"}
    tab.headers.append("Next")
    for row in tab.rows:
        row.append("")
    for place, change in zip(located.places, changes, strict=True):
        tab.rows[place.row - tab.above - 2][place.column] = change.new
    again = tab.table("2")
    later = [change._replace(old=change.new) for change in changes if change.column != "Deal ID"]
    assert {place.action for place in locate(again, tab.above + 1, "Deal ID", (), later, again).places} <= {"keep"}


def test_a_cell_that_is_covered_by_now_is_skipped() -> None:
    table = dataclasses.replace(BASE, merged=[MergedCells(3, 3, 4, 3)])
    first, second = places(ALPHA._replace(deal="17", row=4, old="Won"), BETA, table=table)
    assert (first.action, second.action) == ("skip", "skip")
    assert first.reason == second.reason == COVERED
