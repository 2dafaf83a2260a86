"""The heartbeat: one cell, written when it has something new to say, and never where anybody else has written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import time_machine

import fivestep
from fivestep.connectors.registry import open_ledger
from fivestep.connectors.sheet import NotingSheet
from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.running.pipeline import open_pipeline
from fivestep.process.live_edits.a1 import Spot, read_spot
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_team import make_google_team
from tests.fakes.team import AS_OF, Team, make_team

NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def beating(folder: Path, cell: str = "State!B2", suffix: str = "xlsx") -> Team:
    team = make_team(folder, suffix)
    if suffix == "xlsx":
        book = openpyxl.load_workbook(team.path)
        book.create_sheet("State")["A1"] = "How it stands"
        book.save(team.path)
    own = team.settings.write_back.model_copy(update={"heartbeat": cell})
    return Team(team.settings.model_copy(update={"write_back": own}))


def cell(team: Team, tab: str = "State", name: str = "B2") -> object:
    return openpyxl.load_workbook(team.path)[tab][name].value


def put(team: Team, value: str) -> None:
    book = openpyxl.load_workbook(team.path)
    book["State"]["B2"] = value
    book.save(team.path)


def run_at(team: Team, time: dt.datetime) -> None:
    with time_machine.travel(time, tick=False):
        fivestep.run(team.settings, AS_OF)


def fail_at(team: Team, time: dt.datetime) -> None:
    """A run whose mailbox is away, while the sheet can be written to."""
    drafts = team.settings.path("drafts")
    aside = drafts.rename(drafts.with_name("aside")) if drafts.exists() else None
    drafts.write_text("a file in its place")
    with pytest.raises(UnreachableError):
        run_at(team, time)
    drafts.unlink()
    if aside is not None:
        aside.rename(drafts)


class TestWorkbook:
    def test_it_says_when_the_last_good_run_was(self, tmp_path: Path) -> None:
        team = beating(tmp_path)
        run_at(team, NOW)
        assert cell(team) == "fivestep: last good run 23 Nov 09:30"
        assert cell(team, name="A1") == "How it stands"

    def test_once_an_hour_while_all_is_well(self, tmp_path: Path) -> None:
        team = beating(tmp_path)
        run_at(team, NOW)
        before = team.path.read_bytes()
        run_at(team, NOW + HOUR / 2)
        assert team.path.read_bytes() == before
        run_at(team, NOW + HOUR)
        assert cell(team) == "fivestep: last good run 23 Nov 10:30"

    def test_what_is_wrong_is_said_at_once_and_once(self, tmp_path: Path) -> None:
        team = beating(tmp_path)
        run_at(team, NOW)
        fail_at(team, NOW + HOUR / 4)
        said = str(cell(team))
        assert said.startswith("fivestep: no good run since 23 Nov 09:30: ")
        assert "drafts" in said
        before = team.path.read_bytes()
        fail_at(team, NOW + HOUR / 2)
        assert team.path.read_bytes() == before
        run_at(team, NOW + HOUR / 2)
        assert cell(team) == "fivestep: last good run 23 Nov 10:00"

    def test_off_by_default(self, tmp_path: Path) -> None:
        team = beating(tmp_path, "")
        run_at(team, NOW)
        before = team.path.read_bytes()
        run_at(team, NOW + 2 * HOUR)
        assert team.path.read_bytes() == before

    @pytest.mark.parametrize("theirs", ["=1+1", "mine", "fivestep: last good run 1 Jan 00:00"])
    def test_what_a_person_wrote_is_left_alone(
        self, theirs: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        team = beating(tmp_path)
        put(team, theirs)
        run_at(team, NOW)
        assert cell(team) == theirs
        assert "the heartbeat is not written: State!B2" in caplog.text
        put(team, "")
        run_at(team, NOW)
        assert cell(team) == "fivestep: last good run 23 Nov 09:30"
        put(team, theirs)
        run_at(team, NOW + 2 * HOUR)
        assert cell(team) == theirs

    def test_a_run_before_it_was_ever_written_does_not_guess(self, tmp_path: Path) -> None:
        team = beating(tmp_path)
        fail_at(team, NOW)
        assert cell(team) is None

    def test_a_cell_that_no_plan_has_looked_at_is_left_alone(self, tmp_path: Path) -> None:
        team = beating(tmp_path, "")
        run_at(team, NOW)
        own = team.settings.write_back.model_copy(update={"heartbeat": "State!B2"})
        fail_at(Team(team.settings.model_copy(update={"write_back": own})), NOW + HOUR)
        assert cell(team) is None

    def test_the_backup_is_that_of_the_runs_own_write(self, tmp_path: Path) -> None:
        team = beating(tmp_path)
        before = team.path.read_bytes()
        run_at(team, NOW)
        assert team.path.with_name("pipeline.xlsx.bak").read_bytes() == before

    def test_a_write_that_was_cut_off_is_known_as_its_own(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        team = beating(tmp_path)
        run_at(team, NOW)
        with monkeypatch.context() as patch:
            from fivestep.connectors.sheets.xlsx.sheet import XlsxSheet

            note = XlsxSheet.note

            def killed(*args: object) -> None:
                note(*args)  # type: ignore[arg-type]
                raise KeyboardInterrupt

            patch.setattr(XlsxSheet, "note", killed)
            with pytest.raises(KeyboardInterrupt):
                run_at(team, NOW + HOUR)
        run_at(team, NOW + 2 * HOUR)
        assert cell(team) == "fivestep: last good run 23 Nov 11:30"

    def test_an_undo_leaves_it(self, tmp_path: Path) -> None:
        team = beating(tmp_path)
        run_at(team, NOW)
        fivestep.undo(team.settings)
        assert cell(team) == "fivestep: last good run 23 Nov 09:30"

    def test_a_tab_that_is_not_there_is_logged(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        team = beating(tmp_path, "Nowhere!B2")
        run_at(team, NOW)
        assert "the heartbeat could not be written" in caplog.text
        assert "Nowhere" in caplog.text


class TestSettings:
    @pytest.mark.parametrize("wrong", ["Z1", "A9", "Sheet!B2"])
    def test_a_cell_in_the_way_is_a_mistake(self, wrong: str, tmp_path: Path) -> None:
        team = beating(tmp_path, wrong)
        before = team.path.read_bytes()
        with pytest.raises(SettingsError, match=r"write_back\.heartbeat"):
            run_at(team, NOW)
        assert team.path.read_bytes() == before
        with pytest.raises(SettingsError, match="a cell above the header row 1, or in another tab"):
            fivestep.plan(team.settings, AS_OF)

    def test_a_csv_has_no_such_cell(self, tmp_path: Path) -> None:
        team = beating(tmp_path, "Z1", "csv")
        with pytest.raises(SettingsError, match="leave it empty"):
            run_at(team, NOW)

    @pytest.mark.parametrize("wrong", ["1", "B", "Pipeline!", "A0", "ABCD1", "A1:B2", "!A1"])
    def test_no_cell(self, wrong: str, tmp_path: Path) -> None:
        make_team(tmp_path)
        file = tmp_path / "fivestep.toml"
        file.write_text(file.read_text("utf-8") + f'\n[write_back]\nheartbeat = "{wrong}"\n', "utf-8")
        with pytest.raises(SettingsError, match="must name one cell"):
            fivestep.load_settings(file)

    @pytest.mark.parametrize(
        ("text", "spot"),
        [
            ("Z1", Spot(None, 1, 25)),
            ("$AA$10", Spot(None, 10, 26)),
            ("Pipeline!b2", Spot("Pipeline", 2, 1)),
            ("'Ana''s tab!'!A1", Spot("Ana's tab!", 1, 0)),
        ],
    )
    def test_cells(self, text: str, spot: Spot) -> None:
        assert read_spot(text) == spot


class TestGoogle:
    @pytest.fixture
    def server(self) -> Iterator[GoogleServer]:
        with GoogleServer() as server:
            yield server

    def test_one_raw_write_of_one_cell(self, server: GoogleServer, tmp_path: Path) -> None:
        made = make_google_team(tmp_path, server, to="drafts/")
        made.book.add_tab("State")
        own = made.settings.write_back.model_copy(update={"heartbeat": "State!B2"})
        settings = made.settings.model_copy(update={"write_back": own})
        with time_machine.travel(NOW, tick=False):
            fivestep.run(settings, AS_OF)
        assert made.book.tabs[1].values()[1][1] == "fivestep: last good run 23 Nov 09:30"
        with open_pipeline(settings) as pipeline:
            assert isinstance(pipeline.sheet, NotingSheet)
            written = pipeline.sheet.note(Spot("State", 2, 1), [], "x")
            assert (written.outcome, "did not write" in written.reason) == ("skipped", True)
            with pytest.raises(SettingsError, match="no tab 'Nowhere'"):
                pipeline.sheet.note(Spot("Nowhere", 2, 1), [], "x")
        assert open_ledger(settings).failures("team") is None
