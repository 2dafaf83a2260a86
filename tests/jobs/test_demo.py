"""The sample pipeline: it explains the tool, so it has to show everything, on every day."""

from __future__ import annotations

import datetime as dt
import tomllib
from importlib import resources
from pathlib import Path

import pytest
from openpyxl import load_workbook

import fivestep
from fivestep.errors import SettingsError
from fivestep.jobs.report import report_page
from fivestep.jobs.running.reports import RunReport
from fivestep.process.model.plan import STATUSES

MONDAY = dt.date(2026, 11, 23)
A_WEEK = [MONDAY + dt.timedelta(days=n) for n in range(7)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> RunReport:
    """A run over the sample."""
    return fivestep.run(fivestep.demo(tmp_path_factory.mktemp("demo"), MONDAY), MONDAY)


def test_the_sample_shows_every_status(sample: RunReport) -> None:
    # Every deal of the sample has a day that tells how long it has been where it is.
    assert {verdict.status for verdict in sample.plan.verdicts} == set(STATUSES) - {"Unknown age"}


def test_the_sample_shows_every_stage(sample: RunReport) -> None:
    assert all(stage.deals for stage in sample.plan.funnel.stages)


def test_the_sample_shows_every_kind_of_objection(sample: RunReport) -> None:
    texts = {draft.template for draft in sample.plan.drafts}
    assert {"objection-price-1", "objection-timing-1", "objection-other-1"} <= texts
    assert any("other offer" in verdict.next_step for verdict in sample.plan.verdicts)


def test_the_sample_shows_why_a_follow_up_is_not_drafted(sample: RunReport) -> None:
    reasons = [draft.skipped for draft in sample.plan.drafts if draft.skipped]
    assert len(reasons) == 3
    for part in ("do not contact", "another draft to this person", "Contact"):
        assert any(part in reason for reason in reasons)
    assert any(done.outcome == "created" for done in sample.drafts)


def test_the_sample_names_referrals_and_a_cell_that_cannot_be_read(sample: RunReport) -> None:
    assert [lead.name for lead in sample.plan.new_leads]
    assert "cell.date" in {problem.rule for problem in sample.plan.problems}
    assert not any(problem.rule == "cell.amount" for problem in sample.plan.problems)


@pytest.mark.parametrize("day", A_WEEK, ids=lambda day: f"{day:%A}")
def test_the_sample_tells_the_same_story_on_every_day(day: dt.date, sample: RunReport, tmp_path: Path) -> None:
    plan = fivestep.plan(fivestep.demo(tmp_path, day), day)
    assert [v.status for v in plan.verdicts] == [v.status for v in sample.plan.verdicts]
    assert [v.days_in_stage for v in plan.verdicts] == [v.days_in_stage for v in sample.plan.verdicts]
    assert [bool(d.skipped) for d in plan.drafts] == [bool(d.skipped) for d in sample.plan.drafts]


def test_a_second_run_has_nothing_to_do(tmp_path: Path) -> None:
    settings = fivestep.demo(tmp_path, MONDAY)
    first = fivestep.run(settings, MONDAY)
    assert first.plan.changes
    second = fivestep.plan(settings, MONDAY)
    assert second.changes == []
    assert [draft for draft in second.drafts if not draft.skipped] == []


def test_a_sample_is_made_anew_and_anything_else_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    fivestep.run(fivestep.demo(folder, MONDAY), MONDAY)
    assert list((folder / "drafts").glob("*.eml"))
    (folder / "mine.txt").write_text("kept")
    fivestep.demo(folder, MONDAY)
    assert not (folder / "drafts").exists()
    assert (folder / "mine.txt").read_text() == "kept"

    own = tmp_path / "own"
    own.mkdir()
    (own / "pipeline.xlsx").write_bytes(b"a person's")
    with pytest.raises(SettingsError, match="is not empty"):
        fivestep.demo(own)
    assert [path.name for path in own.iterdir()] == ["pipeline.xlsx"]


def test_the_workbook_looks_like_a_teams(tmp_path: Path) -> None:
    fivestep.demo(tmp_path, MONDAY)
    deals = load_workbook(tmp_path / "pipeline.xlsx")["Deals"]
    headers = [cell.value for cell in deals[3]]
    assert deals["A1"].value == "Northwind: sales pipeline"
    assert deals.data_validations.dataValidation
    assert deals.cell(4, headers.index("Stage since") + 1).number_format == "yyyy-mm-dd"


def test_settings_map_every_column_of_the_sample() -> None:
    files = resources.files("fivestep.jobs.sample")
    settings = tomllib.loads((files / "fivestep.toml").read_text())
    sample = tomllib.loads((files / "pipeline.toml").read_text())
    headers = [header for header, _ in sample["columns"]]
    assert sorted(settings["columns"].values()) == sorted(headers)
    for deal in sample["deals"]:
        assert {*deal, *deal["days"]} - {"days"} <= set(headers)


def test_people_of_the_sample_are_nobody_real() -> None:
    sample = tomllib.loads((resources.files("fivestep.jobs.sample") / "pipeline.toml").read_text())
    assert all(deal["E-mail"].endswith(".example") for deal in sample["deals"] if "E-mail" in deal)


def test_the_sample_has_a_report(sample: RunReport) -> None:
    html = report_page(sample.plan, {})
    assert "Northwind sales" in html
