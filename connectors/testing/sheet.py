"""What every sheet must do.

A test module derives from `SheetContract` and says how a person would fill the tab; for a sheet that is a file, from
`SheetFileContract`.
"""

from __future__ import annotations

import os
import stat
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import pytest

from fivestep.connectors.sheet import Sheet, WriteRequest, Written
from fivestep.errors import SettingsError, UnreachableError
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Table, shown

Rows = Sequence[Sequence[str]]

DEALS: Rows = (
    ("Pipeline",),
    (),
    ("Deal ID", "Deal", "Stage", "Status", "Notes"),
    ("D-1", "Alpha", "Pitch", "", "first"),
    ("D-2", "Beta", "Closing", "On track", ""),
    ("D-3", "Gamma", "Won", "Won", "paid"),
)
HEADER_ROW = 3

TEXTS = (
    "=1+1",
    "+49 30 1234",
    "-x",
    "@x",
    "007",
    "1e5",
    "3/4/2025",
    "TRUE",
    " spaces around ",
    "tab\tin it",
    "two\nlines",
    'a "quoted" word, a comma; a semicolon|bar',
    "'apostrophe",
    "<b>&amp;</b>",
    "_x000D_ and _x0041_",
    "Zażółć 🎉 שלום",
    "x" * 5000,
)


def texts(table: Table) -> list[list[str]]:
    """What the cells show, without what is blank at the end of rows."""
    rows = [[shown(cell) for cell in row] for row in table.rows]
    for row in rows:
        while row and not row[-1]:
            row.pop()
    return rows


def row_of(table: Table, deal: str) -> int:
    return next(number for number, row in enumerate(table.rows, 1) if row and shown(row[0]) == deal)


def request(base: Table, *changes: Change, new_columns: Sequence[str] = ()) -> WriteRequest:
    return WriteRequest(base, HEADER_ROW, "Deal ID", new_columns, changes)


def status(deal: str, old: str, new: str, row: int = 4) -> Change:
    return Change(deal, row, "Status", old, new)


class SheetContract:
    """How any sheet behaves, as `connectors.sheet.Sheet` says."""

    @abstractmethod
    def fill(self, rows: Rows) -> Sheet:
        """Make the tab hold these rows and nothing else, as a person would; a text with a leading `=` is a formula
        where the sheet has formulas. The sheet that comes back is the same each time."""

    def test_implements_the_protocol(self) -> None:
        assert isinstance(self.fill(DEALS), Sheet)

    def test_rows_stand_where_the_sheet_numbers_them(self) -> None:
        table = self.fill(DEALS).read()
        assert texts(table) == [list(row) if any(row) else [] for row in [*DEALS[:4], DEALS[4][:4], DEALS[5]]]

    def test_an_empty_tab_has_no_texts(self) -> None:
        assert not any(texts(self.fill([]).read()))

    def test_version_changes_with_the_content_only(self) -> None:
        sheet = self.fill(DEALS)
        first = sheet.read().version
        assert sheet.read().version == first
        self.fill([*DEALS, ("D-4", "Delta")])
        assert sheet.read().version != first or first == ""

    def test_writes_one_cell_and_nothing_else(self) -> None:
        sheet = self.fill(DEALS)
        before = sheet.read()
        assert sheet.write(request(before, status("D-2", "On track", "Stalled: 9 working days", 5))) == [
            Written("written", 5)
        ]
        expected = texts(before)
        expected[4][3] = "Stalled: 9 working days"
        assert texts(sheet.read()) == expected

    def test_rows_are_found_by_their_deal_when_people_moved_them(self) -> None:
        sheet = self.fill(DEALS)
        before = sheet.read()
        self.fill([("A new title",), *DEALS[:3], ("", "Somebody's new one"), DEALS[5], DEALS[3], DEALS[4]])
        results = sheet.write(request(before, status("D-1", "", "one"), status("D-2", "On track", "two", 5)))
        assert results == [Written("written", 7), Written("written", 8)]
        after = texts(sheet.read())
        assert (after[6][3], after[7][3], after[5][3]) == ("one", "two", "Won")

    def test_a_cell_that_a_person_changed_is_left_alone(self) -> None:
        sheet = self.fill(DEALS)
        before = sheet.read()
        self.fill([*DEALS[:3], ("D-1", "Alpha", "Pitch", "by hand"), *DEALS[4:]])
        (result,) = sheet.write(request(before, status("D-1", "", "tool")))
        assert (result.outcome, result.row) == ("skipped", 4)
        assert "'by hand'" in result.reason
        assert texts(sheet.read())[3][3] == "by hand"

    def test_a_cell_that_holds_the_text_already_counts_as_written(self) -> None:
        sheet = self.fill(DEALS)
        assert sheet.write(request(sheet.read(), status("D-2", "", "On track", 5))) == [Written("written", 5)]

    def test_a_deal_that_is_gone_is_skipped(self) -> None:
        sheet = self.fill(DEALS)
        before = sheet.read()
        self.fill(DEALS[:5])
        gone, kept = sheet.write(request(before, status("D-3", "Won", "x", 6), status("D-1", "", "y")))
        assert (gone.outcome, kept.outcome) == ("skipped", "written")
        assert "'D-3'" in gone.reason

    def test_a_formula_is_left_alone(self) -> None:
        sheet = self.fill([*DEALS, ("D-4", "Delta", "Pitch", "=1+1")])
        if not sheet.capabilities.formulas:
            pytest.skip("this kind of sheet has no formulas")
        before = sheet.read()
        assert before.formulas == {7: {3}}
        (result,) = sheet.write(request(before, status("D-4", shown(before.rows[6][3]), "tool", 7)))
        assert (result.outcome, result.reason) == ("skipped", "the cell holds a formula")
        assert sheet.read().formulas == {7: {3}}

    def test_new_columns_go_right_of_everything_in_use(self) -> None:
        sheet = self.fill([*DEALS, ("D-4", "Delta", "Pitch", "", "", "", "aside")])
        before = sheet.read()
        changes = (Change("D-1", 4, "Next", "", "call"), Change("D-4", 7, "Follow-up", "", "mail"))
        results = sheet.write(request(before, *changes, new_columns=["Next", "Follow-up"]))
        assert [result.outcome for result in results] == ["written", "written"]
        after = texts(sheet.read())
        assert after[2] == [*DEALS[2], "", "", "Next", "Follow-up"]
        assert after[3][7:] == ["call"]
        assert after[6][6:] == ["aside", "", "mail"]

    def test_a_new_column_that_is_there_by_now_is_used(self) -> None:
        sheet = self.fill(DEALS)
        before = sheet.read()
        self.fill([*DEALS[:2], (*DEALS[2], "Next"), *DEALS[3:]])
        sheet.write(request(before, Change("D-1", 4, "Next", "", "call"), new_columns=["Next"]))
        after = texts(sheet.read())
        assert (after[2], after[3][5:]) == ([*DEALS[2], "Next"], ["call"])

    def test_a_row_gets_its_first_id(self) -> None:
        sheet = self.fill([*DEALS, ("", "Delta", "Pitch")])
        before = sheet.read()
        self.fill([*DEALS[:3], ("", "Epsilon", "Pitch"), ("", "Delta", "Pitch"), *DEALS[3:]])
        changes = (Change("D-4", 7, "Deal ID", "", "D-4"), Change("D-4", 7, "Status", "", "On track"))
        assert sheet.write(request(before, *changes)) == [Written("written", 5)] * 2
        assert texts(sheet.read())[3:5] == [["", "Epsilon", "Pitch"], ["D-4", "Delta", "Pitch", "On track"]]

    @pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:20]))
    def test_texts_stay_texts(self, text: str) -> None:
        sheet = self.fill(DEALS)
        assert [r.outcome for r in sheet.write(request(sheet.read(), status("D-1", "", text)))] == ["written"]
        table = sheet.read()
        assert table.rows[3][3] == text
        assert not table.formulas
        assert [r.outcome for r in sheet.write(request(table, status("D-1", text, "On track")))] == ["written"]
        assert texts(sheet.read())[3][3] == "On track"

    def test_a_cell_is_emptied(self) -> None:
        sheet = self.fill(DEALS)
        before = sheet.read()
        sheet.write(request(before, status("D-2", "On track", "", 5)))
        expected = texts(before)
        expected[4] = expected[4][:3]
        assert texts(sheet.read()) == expected

    def test_writing_nothing_changes_nothing(self) -> None:
        sheet = self.fill(DEALS)
        before = sheet.read()
        assert sheet.write(request(before)) == []
        sheet.write(request(before, status("D-1", "something else", "x")))
        assert sheet.read() == before

    def test_is_writable(self) -> None:
        self.fill(DEALS).check_writable()


class SheetFileContract(SheetContract):
    """How a sheet behaves that is a file."""

    path: Path

    def write_one(self, sheet: Sheet) -> list[Written]:
        return sheet.write(request(sheet.read(), status("D-1", "", "On track")))

    def names(self) -> set[str]:
        return {path.name for path in self.path.parent.iterdir()}

    def test_the_previous_version_is_kept(self) -> None:
        sheet = self.fill(DEALS)
        first = self.path.read_bytes()
        self.write_one(sheet)
        backup = self.path.with_name(f"{self.path.name}.bak")
        assert backup.read_bytes() == first
        second = self.path.read_bytes()
        sheet.write(request(sheet.read(), status("D-1", "On track", "Stalled")))
        assert backup.read_bytes() == second
        assert self.names() == {self.path.name, backup.name}

    def test_nothing_to_write_leaves_the_file_as_it_is(self) -> None:
        sheet = self.fill(DEALS)
        before = self.path.stat()
        sheet.write(request(sheet.read(), status("D-2", "On track", "On track", 5)))
        after = self.path.stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        assert self.names() == {self.path.name}

    def test_the_mode_is_kept(self) -> None:
        sheet = self.fill(DEALS)
        self.path.chmod(0o640)
        self.write_one(sheet)
        assert stat.S_IMODE(self.path.stat().st_mode) == 0o640

    def test_a_link_stays_a_link(self) -> None:
        sheet = self.fill(DEALS)
        real = self.path.with_name(f"real{self.path.suffix}")
        self.path.rename(real)
        self.path.symlink_to(real.name)
        self.write_one(sheet)
        assert self.path.is_symlink()
        assert texts(sheet.read())[3][3] == "On track"

    def test_left_overs_of_a_killed_run_do_not_matter(self) -> None:
        sheet = self.fill(DEALS)
        for part in ("new", "old"):
            self.path.with_name(f".{self.path.name}.fivestep-{part}").write_bytes(b"half")
        self.write_one(sheet)
        assert self.names() == {self.path.name, f"{self.path.name}.bak"}

    @pytest.mark.parametrize(
        ("lock", "content", "said"),
        [
            (".~lock.{}#", ",ana,laptop,23.11.2026 09:12,file:///home/ana;", "LibreOffice (ana)"),
            ("~${}", "\x03Ana" + " " * 51, "Excel (Ana)"),
        ],
    )
    def test_a_file_that_is_open_elsewhere_is_not_written(self, lock: str, content: str, said: str) -> None:
        sheet = self.fill(DEALS)
        before = self.path.read_bytes()
        self.path.with_name(lock.format(self.path.name)).write_text(content)
        for refused in (sheet.check_writable, lambda: self.write_one(sheet)):
            with pytest.raises(UnreachableError) as fault:
                refused()
            assert said in str(fault.value)
            assert "close it" in str(fault.value)
        assert self.path.read_bytes() == before

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
    def test_a_read_only_file_is_not_written(self) -> None:
        sheet = self.fill(DEALS)
        self.path.chmod(0o400)
        with pytest.raises(UnreachableError, match="no permission"):
            self.write_one(sheet)

    def test_a_file_that_is_not_there(self) -> None:
        sheet = self.fill(DEALS)
        self.path.unlink()
        for asked in (sheet.read, sheet.check_writable):
            with pytest.raises(SettingsError, match="there is no file"):
                asked()
