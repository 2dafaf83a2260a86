"""A write to a tab at Google in the very moment in which people, protections and kills come between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors.sheet import WriteRequest
from fivestep.connectors.sheets.google.sheet import GoogleSheet
from fivestep.connectors.sheets.live.journal import unpacked
from fivestep.errors import LostAnswerError, UnreachableError
from fivestep.process.model.plan import Change
from tests.fakes.google.a1 import Area
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.people import Person
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google.sheets_tab import Tab
from tests.fakes.google_tab import Kept, enter, once, protect, sheet_of
from tests.fakes.google_team import ANA, account_at, make_google_team
from tests.fakes.no_waiting import impatient

AS_OF = dt.date(2026, 11, 23)
READ, WRITE, GROW = (
    "sheets.spreadsheets.values.get",
    "sheets.spreadsheets.values.batchUpdate",
    "sheets.spreadsheets.batchUpdate",
)
NOTES = [
    ["Deal ID", "Deal", "Notes", "Status"],
    ["D-1", "Alpha", "note of Alpha", ""],
    ["D-2", "Beta", "note of Beta", ""],
    ["D-3", "Gamma", "note of Gamma", ""],
]
WEIGHTED = [
    ["Deal ID", "Deal", "Amount", "Chance", "Weighted", "Status"],
    ["D-1", "Alpha", "1000", "2", "=C2*D2", ""],
    ["D-2", "Beta", "200", "3", "=C3*D3", ""],
    ["D-3", "Gamma", "50", "1", "=C4*D4", "old"],
]
STATUSES = [Change("D-1", 2, "Status", "", "one"), Change("D-2", 3, "Status", "", "two")]


@pytest.fixture(scope="module")
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


class Desk:
    """A tab, and a write to it."""

    def __init__(self, server: GoogleServer) -> None:
        self.server = server
        self.book = server.sheets.add("Pipeline", tab="Deals", writers=[ANA], row_count=20, column_count=10)
        self.journal = Kept()
        self.sheet = self.opened()

    @property
    def tab(self) -> Tab:
        return self.book.tabs[0]

    def opened(self) -> GoogleSheet:
        return sheet_of(self.book, account_at(self.server))

    def fill(self, rows: Sequence[Sequence[str]]) -> None:
        enter(self.book, rows)
        for row, cells in enumerate(rows, 1):  # numbers are numbers
            for column, cell in enumerate(cells):
                if cell.isdecimal():
                    self.tab.put(row - 1, column, int(cell))
        self.base = self.sheet.read()

    def write(self, changes: Sequence[Change] = STATUSES, new_columns: Sequence[str] = ()) -> list[tuple[str, str]]:
        request = WriteRequest(self.base, 1, "Deal ID", new_columns, changes, self.journal)
        return [(result.outcome, result.reason) for result in self.sheet.write(request)]

    def write_and_be_cut_off(self, changes: Sequence[Change] = STATUSES) -> None:
        """Write, and look no more."""
        cut_off(self.server, lambda: self.write(changes))

    def settle(self) -> list[str]:
        assert self.journal.content is not None
        return self.opened().settle(self.journal.content, self.journal)

    def column(self, header: str) -> list[object]:
        """A column's cells below its header, as they were typed."""
        rows = self.tab.values("FORMULA")
        at = rows[0].index(header)
        return [row[at] if at < len(row) else "" for row in rows[1:]]

    def before_write(self, act: Callable[[], object]) -> None:
        once(self.server, WRITE, act)


@pytest.fixture
def desk(server: GoogleServer) -> Iterator[Desk]:
    yield Desk(server)
    server.before = server.after = None
    server.faults.clear()


class TestAHeaderThatMayNotBeWritten:
    @pytest.mark.parametrize("columns", [26, 5])
    def test_holds_back_its_column_and_the_drafts(self, server: GoogleServer, tmp_path: Path, columns: int) -> None:
        rows = [
            ["Deal", "Stage", "E-mail", "Contact", "Since"],
            ["Acme", "Pitch", "kim@acme.example", "Kim Lee", "2026-10-02"],
        ]
        team = make_google_team(tmp_path, server, rows, column_count=columns, row_count=20)
        protect(team.book, {"startRowIndex": 0, "endRowIndex": 1})
        for _ in range(2):
            report = fivestep.run(team.settings, AS_OF)
            assert report.partly
            assert {change.outcome for change in report.changes} == {"failed"}
            assert all("protected" in change.reason for change in report.changes)
            assert [draft.outcome for draft in report.drafts] == ["skipped"]
            assert team.cells() == rows

    def test_leaves_other_columns_alone(self, desk: Desk) -> None:
        desk.fill([row[:3] for row in NOTES])
        protect(desk.book, {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 3, "endColumnIndex": 4})
        changes = [Change("D-1", 2, "Status", "", "one"), Change("D-1", 2, "Next", "", "call")]
        (status, reason), (next_, _) = desk.write(changes, ["Status", "Next"])
        assert (status, next_) == ("failed", "written")
        assert "protected" in reason
        assert desk.tab.values()[:2] == [["Deal ID", "Deal", "Notes", "", "Next"], [*NOTES[1][:3], "", "call"]]


class TestFormulas:
    def test_come_back_as_they_have_to_be_by_now(self, desk: Desk) -> None:
        desk.fill(WEIGHTED)
        desk.before_write(lambda: Person(desk.tab).insert_column(1, "Phone"))
        assert desk.write() == [("written", "")] * 2
        assert desk.column("Weighted") == ["=D2*E2", "=D3*E3", "=D4*E4"]
        assert desk.column("Status") == ["one", "two", "old"]

    def test_in_a_row_that_was_moved(self, desk: Desk) -> None:
        rows = [[*row[:5], "" if row[0] != "D-2" else '=IF(C3>1,"big","small")'] for row in WEIGHTED[1:]]
        desk.fill([WEIGHTED[0], *rows])
        desk.before_write(lambda: Person(desk.tab).move_row(2, 1))
        desk.write([STATUSES[0], Change("D-3", 4, "Status", "", "three")])
        assert desk.column("Status") == ['=IF(C2>1,"big","small")', "one", "three"]

    def test_one_that_is_not_certain_is_named_and_left(self, desk: Desk) -> None:
        desk.fill([*WEIGHTED[:2], [*WEIGHTED[2][:4], "=C3*$Z$1", ""], WEIGHTED[3]])
        desk.before_write(lambda: Person(desk.tab).insert_column(1, "Phone"))
        first, (outcome, reason) = desk.write()
        assert (first, outcome) == (("written", ""), "written")
        assert "put '=C3*$Z$1' into the cell F3, in which 'two' has landed" in reason
        assert desk.column("Weighted") == ["=D2*E2", "two", "=D4*E4"]
        assert desk.column("Status") == ["one", "two", "old"]
        assert desk.journal.content is None

    def test_a_text_that_looks_like_one_stays_a_text(self, desk: Desk) -> None:
        form = ["=IMPORTXML(B2)", "=1+1", "x"]
        desk.fill([NOTES[0], *([*row[:2], "", ""] for row in NOTES[1:])])
        desk.tab.write("C2", [[text] for text in form])
        desk.base = desk.sheet.read()
        assert desk.base.formulas == {}
        desk.before_write(lambda: Person(desk.tab).insert_column(1, "Phone"))
        assert desk.write() == [("written", "")] * 2
        assert desk.column("Notes") == form
        assert all(desk.tab.formula(row, 3) is None for row in range(1, 4))

    def test_a_text_that_looks_like_one_stays_a_text_where_the_sheet_was_edited_before(self, desk: Desk) -> None:
        desk.fill([*NOTES[:2], ["D-2", "Beta", "=1+1", ""]])
        desk.tab.write("C2", [["=2+2"]])
        desk.before_write(lambda: Person(desk.tab).insert_column(1, "Phone"))
        desk.write()
        assert desk.column("Notes") == ["=2+2", "=1+1"]
        assert [desk.tab.formula(row, 3) for row in (1, 2)] == [None, "=1+1"]

    def test_one_whose_repair_goes_astray_is_a_formula_still(self, desk: Desk) -> None:
        desk.fill(WEIGHTED)
        acts = iter([lambda: Person(desk.tab).insert_column(1, "Phone"), lambda: Person(desk.tab).move_row(3, 1)])
        desk.server.before = lambda call: call.method_id == WRITE and next(acts, lambda: None)()
        assert {outcome for outcome, _ in desk.write()} == {"written"}
        assert desk.column("Status") == ["old", "one", "two"]
        assert desk.column("Weighted") == ["=D2*E2", "=D3*E3", "=D4*E4"]


class TestRepairsThatAreDisturbed:
    ROWS = tuple(row[1:5] for row in WEIGHTED)
    """The deals without the tool's columns: what is added hits the formulas when a column is inserted."""

    def write(self, desk: Desk, *acts: Callable[[], object]) -> None:
        """Add two columns, while somebody does something before each call that writes."""
        desk.fill(self.ROWS)
        desk.tab.write("D2", [[desk.tab.entered(f"=B{row}*C{row}")] for row in range(2, 5)])
        desk.base = desk.sheet.read()
        changes = [
            Change(f"D-{n}", n + 1, header, "", f"{text}{n}")
            for n in range(1, 4)
            for header, text in [("Deal ID", "D-"), ("Status", "status ")]
        ]
        todo = iter(acts)
        desk.server.before = lambda call: call.method_id == WRITE and next(todo, lambda: None)()
        assert {outcome for outcome, _ in desk.write(changes, ["Deal ID", "Status"])} == {"written"}

    def check(self, desk: Desk, inserted: list[str], weighted: list[str]) -> None:
        assert desk.tab.values()[0] == ["Deal", *inserted, "Amount", "Chance", "Weighted", "Status", "Deal ID"]
        assert desk.column("Weighted") == weighted
        assert desk.column("Deal ID") == ["D-1", "D-2", "D-3"]
        assert desk.column("Status") == ["status 1", "status 2", "status 3"]

    def test_one_that_is_refused_as_the_tab_has_another_name(self, desk: Desk) -> None:
        self.write(
            desk, lambda: Person(desk.tab).insert_column(1, "Phone"), lambda: Person(desk.tab).rename_tab("Deals 2026")
        )
        self.check(desk, ["Phone"], ["=C2*D2", "=C3*D3", "=C4*D4"])

    def test_one_that_needs_more_columns_is_looked_at_as_what_it_was_in_the_wider_tab(self, desk: Desk) -> None:
        widths = list[tuple[int | None, int]]()

        def note_the_widths() -> None:
            assert desk.journal.content is not None
            widths.append((unpacked(desk.journal.content)[1][-1].before.columns, desk.tab.column_count))

        desk.tab.column_count = 4
        self.write(desk, lambda: Person(desk.tab).insert_column(1, "Phone"), note_the_widths)
        self.check(desk, ["Phone"], ["=C2*D2", "=C3*D3", "=C4*D4"])
        assert [one == other for one, other in widths] == [True]

    def test_one_whose_texts_arrive_and_whose_formulas_are_refused(self, desk: Desk) -> None:
        def turned_and_renamed() -> None:
            Person(desk.tab).reverse()
            Person(desk.tab).rename_tab("Deals 2026")

        self.write(desk, lambda: Person(desk.tab).insert_column(1, "Phone"), lambda: None, turned_and_renamed)
        Person(desk.tab).reverse()
        self.check(desk, ["Phone"], ["=C2*D2", "=C3*D3", "=C4*D4"])

    def test_one_between_whose_texts_and_formulas_a_column_is_inserted(self, desk: Desk) -> None:
        self.write(
            desk,
            lambda: Person(desk.tab).insert_column(1, "Phone"),
            lambda: None,
            lambda: Person(desk.tab).insert_column(1, "Mail"),
        )
        self.check(desk, ["Mail", "Phone"], ["=D2*E2", "=D3*E3", "=D4*E4"])


class TestArrays:
    ROWS = (
        WEIGHTED[0],
        *([*row[:4], "" if n else "=ARRAYFORMULA(C2:C4*D2:D4)", row[5]] for n, row in enumerate(WEIGHTED[1:])),
    )

    @pytest.mark.parametrize("as_typed", [False, True])
    def test_a_sheet_with_one_is_read(self, desk: Desk, as_typed: bool) -> None:
        desk.book.arrays_as_typed = as_typed
        desk.fill(self.ROWS)
        assert [row[4] for row in desk.base.rows[1:]] == [2000, 600, 50]
        assert desk.base.formulas == ({2: {4}} if as_typed else {2: {4}, 3: {4}, 4: {4}})

    def test_what_it_fills_is_not_written(self, desk: Desk) -> None:
        desk.fill(self.ROWS)
        assert desk.write([Change("D-2", 3, "Weighted", "600", "x")]) == [("skipped", "the cell holds a formula")]

    def test_what_has_landed_in_it_is_taken_out(self, desk: Desk) -> None:
        desk.fill(self.ROWS)
        desk.before_write(lambda: Person(desk.tab).insert_column(1, "Phone"))
        assert desk.write() == [("written", "")] * 2
        assert [row[5] for row in desk.tab.values()[1:]] == [2000, 600, 50]

    def test_where_nobody_can_tell_what_it_fills_that_is_named(self, desk: Desk) -> None:
        desk.book.arrays_as_typed = True
        desk.fill(self.ROWS)
        desk.before_write(lambda: Person(desk.tab).insert_column(1, "Phone"))
        _, (outcome, reason) = desk.write()
        assert outcome == "written"
        assert "cell F3" in reason


class KilledAt(Kept):
    """A journal after whose n-th opening the process ends."""

    class EndedError(Exception):
        pass

    def __init__(self, number: int) -> None:
        super().__init__()
        self.left = number

    def open(self, content: bytes) -> None:
        super().open(content)
        self.left -= 1
        if self.left == 0:
            raise self.EndedError


class TestTheJournal:
    def test_stays_open_where_people_are_faster(self, desk: Desk) -> None:
        desk.fill(NOTES)
        desk.server.before = lambda call: call.method_id == WRITE and Person(desk.tab).reverse()
        with pytest.raises(LostAnswerError, match="again and again"):
            desk.write()
        desk.server.before = None
        assert desk.settle() == []
        assert desk.journal.content is None
        assert desk.column("Notes") == [f"note of {name}" for name in desk.column("Deal")]

    def test_stays_open_where_the_header_is_gone(self, desk: Desk) -> None:
        desk.fill(NOTES)

        def act() -> None:
            Person(desk.tab).insert_column(1, "Mine")
            desk.tab.clear(Area(0, 0, 1, 10))

        desk.before_write(act)
        with pytest.raises(LostAnswerError, match="header row"):
            desk.write()
        (notice,) = desk.settle()
        assert "header row" in notice
        assert desk.journal.content is not None
        desk.tab.write("A1", [["Deal ID", "Mine", "Deal", "Notes", "Status"]])
        assert desk.settle() == []
        assert desk.journal.content is None
        assert desk.column("Notes") == ["note of Alpha", "note of Beta", "note of Gamma"]

    def test_of_another_sheet_is_not_applied_to_this_one(self, desk: Desk) -> None:
        desk.fill(NOTES)
        desk.before_write(lambda: Person(desk.tab).reverse())
        desk.write_and_be_cut_off()
        other = Desk(desk.server)
        other.journal = desk.journal
        statuses = ["two", "one", "x"]
        rows = [[*row[:3], status] for row, status in zip(NOTES[1:], statuses, strict=True)]
        other.fill([NOTES[0], *rows])
        (notice,) = other.settle()
        assert "another sheet or tab" in notice
        assert other.column("Status") == statuses
        assert other.journal.content is None

    def test_what_is_put_right_later_is_looked_at_as_well(self, desk: Desk) -> None:
        desk.fill(NOTES)
        desk.before_write(lambda: Person(desk.tab).insert_column(1, "Mine"))
        desk.write_and_be_cut_off()
        assert desk.column("Notes")[:2] == ["one", "two"]
        desk.before_write(lambda: Person(desk.tab).insert_row(1, ["", "", "New", "", ""]))
        assert desk.settle() == []
        assert desk.column("Notes") == ["", "note of Alpha", "note of Beta", "note of Gamma"]
        assert desk.journal.content is None

    def test_gives_back_what_a_repair_has_hit_whose_own_repair_never_came(self, desk: Desk) -> None:
        desk.fill(NOTES)
        acts = [lambda: Person(desk.tab).reverse(), lambda: Person(desk.tab).insert_column(1, "Mine")]
        desk.server.before = lambda call: call.method_id == WRITE and acts and acts.pop(0)()
        desk.journal = KilledAt(3)
        with pytest.raises(KilledAt.EndedError):
            desk.write()
        assert desk.column("Notes") != ["note of Gamma", "note of Beta", "note of Alpha"]
        assert desk.settle() == []
        assert desk.column("Notes") == ["note of Gamma", "note of Beta", "note of Alpha"]

    def test_a_text_that_somebody_copied_is_theirs(self, desk: Desk) -> None:
        desk.fill(NOTES)
        desk.write_and_be_cut_off(STATUSES[:1])
        Person(desk.tab).type("C2", "one")
        assert desk.settle() == []
        assert desk.column("Notes")[0] == "one"

    def test_what_may_not_be_put_right_is_named_and_ends_no_run(self, server: GoogleServer, tmp_path: Path) -> None:
        rows = [
            ["Deal", "Stage", "E-mail", "Contact", "Since"],
            ["Acme", "Pitch", "kim@acme.example", "Kim Lee", "2026-10-02"],
            ["Cask", "Pitch", "m@cask.example", "Max Orr", "2026-11-20"],
        ]
        team = make_google_team(tmp_path, server, rows, to="drafts/", row_count=20)
        once(server, WRITE, Person(team.book.tabs[0]).reverse)
        cut_off(server, lambda: fivestep.run(team.settings, AS_OF))
        protect(team.book, {"startColumnIndex": 6, "endColumnIndex": 7})
        report = fivestep.run(team.settings, AS_OF)
        assert any("in which 'Follow up:" in notice and "protected" in notice for notice in report.notices)
        assert not any("cut off" in notice for notice in fivestep.run(team.settings, AS_OF).notices)


def cut_off(server: GoogleServer, act: Callable[[], object]) -> None:
    """A run that can look no more once it has written."""

    def after(call: Call) -> None:
        if call.method_id == WRITE:
            server.after = None
            server.faults.add("rate_limit", method=READ, times=None)

    server.after = after
    with impatient(), pytest.raises(LostAnswerError):
        act()
    server.faults.clear()


class TestRefusals:
    @pytest.mark.parametrize(
        ("method", "reason", "columns"),
        [
            (WRITE, "Your input contains more than the maximum of 50000 characters in a single cell.", 10),
            (GROW, "This action would increase the number of cells in the workbook above the limit", 3),
        ],
    )
    def test_one_that_stays_is_told_with_its_reason(self, desk: Desk, method: str, reason: str, columns: int) -> None:
        desk.tab.resize(20, columns)
        desk.fill([row[:3] for row in NOTES])

        def before(call: Call) -> None:
            if call.method_id == method:
                raise GoogleError(400, "badRequest", reason)

        desk.server.before = before
        with pytest.raises(UnreachableError, match=reason[:30]):
            desk.write(new_columns=["Status"])
        assert desk.journal.content is None

    def test_one_of_a_repair_is_named(self, desk: Desk) -> None:
        desk.fill(NOTES)
        desk.before_write(lambda: Person(desk.tab).insert_column(1, "Mine"))
        desk.write_and_be_cut_off()

        def before(call: Call) -> None:
            if call.method_id == WRITE:
                raise GoogleError(400, "badRequest", "No")

        desk.server.before = before
        notices = desk.settle()
        assert any("put 'note of Alpha' into the cell D2" in notice and "No" in notice for notice in notices)
        assert desk.journal.content is None


class TestTwoHalvesOfALook:
    def act_at(self, desk: Desk, *numbers: int) -> None:
        """Turn the rows around before the n-th readings."""
        reading = iter(range(1, 1000))

        def before(call: Call) -> None:
            if call.method_id == READ and next(reading) in numbers:
                Person(desk.tab).reverse()

        desk.server.before = before

    def test_rows_that_differ_in_numbers_only(self, desk: Desk) -> None:
        desk.fill([["Order", "Stage", "Status"], ["1001", "Pitch", ""], ["1002", "Pitch", ""]])
        self.act_at(desk, 2)
        base = desk.sheet.read()
        assert [row[0] for row in base.rows] == ["Order", 1002, 1001]

    def test_that_never_agree_are_no_sheet(self, desk: Desk) -> None:
        desk.fill(NOTES)
        self.act_at(desk, *range(2, 100, 2))
        with pytest.raises(UnreachableError, match="being edited"):
            desk.sheet.read()
