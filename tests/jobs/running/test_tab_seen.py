"""A workbook whose tabs change their order, where the settings name none."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import fivestep
from fivestep.errors import BrakeError
from tests.fakes.team import AS_OF, ROWS, Team, make_team, write_sheet

ARCHIVE = [[*ROWS[0]], ["Old one", "Lost", "al@old.example", "Al Dee", "2025-01-02"]]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """A team whose workbook has the tabs Deals and Notes, after its first run."""
    made = make_team(tmp_path, "xlsx")
    book = openpyxl.load_workbook(made.path)
    book.worksheets[0].title = "Deals"
    book.create_sheet("Notes")
    book.save(made.path)
    fivestep.run(made.settings, AS_OF)
    return made


def put_first(team: Team, rows: list[list[str]], title: str = "Archive") -> None:
    book = openpyxl.load_workbook(team.path)
    tab = book.create_sheet(title, 0)
    for row in rows:
        tab.append(row)
    book.active = 0
    book.save(team.path)


def test_the_tab_of_earlier_runs_is_used_and_the_change_is_named(team: Team) -> None:
    put_first(team, ARCHIVE)
    report = fivestep.run(team.settings, AS_OF)
    assert [verdict.name for verdict in report.plan.verdicts] == ["Acme", "Bolt", "Cask"]
    said = "The tab 'Archive' comes first now; 'Deals' is used, as before. Name the one that is meant: tab = \"Deals\""
    assert [notice for notice in report.notices if notice.startswith(said)]
    first = openpyxl.load_workbook(team.path)["Archive"]
    assert [[cell.value for cell in row] for row in first.iter_rows()] == ARCHIVE


def test_a_tab_that_is_named_is_meant(team: Team) -> None:
    put_first(team, ARCHIVE)
    settings = team.settings.model_copy(
        update={"pipeline": team.settings.pipeline.model_copy(update={"tab": "Archive"})}
    )
    plan = fivestep.plan(settings, AS_OF)
    assert [verdict.name for verdict in plan.verdicts] == ["Old one"]


def test_a_new_name_is_no_other_tab(team: Team) -> None:
    book = openpyxl.load_workbook(team.path)
    book["Deals"].title = "Pipeline"
    book.save(team.path)
    report = fivestep.run(team.settings, AS_OF)
    assert len(report.plan.verdicts) == 3
    assert not [notice for notice in report.notices if "comes first" in notice]


def test_another_tab_in_place_of_one_that_is_gone_stops_the_run(team: Team) -> None:
    put_first(team, ARCHIVE)
    book = openpyxl.load_workbook(team.path)
    del book["Deals"]
    book.save(team.path)
    with pytest.raises(BrakeError, match="worked on the tab 'Deals'; now 'Archive' is read, with other deals"):
        fivestep.run(team.settings, AS_OF)


def test_another_file_has_tabs_of_its_own(team: Team, tmp_path: Path) -> None:
    write_sheet(tmp_path / "other.xlsx", ARCHIVE)
    settings = team.settings.model_copy(
        update={"pipeline": team.settings.pipeline.model_copy(update={"sheet": "other.xlsx"})}
    )
    plan = fivestep.plan(settings, AS_OF)
    assert [verdict.name for verdict in plan.verdicts] == ["Old one"]
