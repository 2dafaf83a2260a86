"""The Python API: the same few verbs as the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import fivestep
from fivestep.errors import SettingsError
from tests.fakes.team import AS_OF, make_team


def test_each_step_is_told_as_it_begins(tmp_path: Path) -> None:
    settings = make_team(tmp_path).settings
    told: list[str] = []
    fivestep.plan(settings, AS_OF, progress=told.append)
    planned = list(told)
    assert planned[0] == "looking into the ledger"
    assert {"reading pipeline.csv", "planning"} < set(planned)
    told.clear()
    fivestep.run(settings, AS_OF, progress=told.append)
    assert told[: len(planned)] == planned
    assert told[len(planned)].startswith("writing ")
    assert "drafting to kim@acme.example" in told
    told.clear()
    fivestep.digest(settings, AS_OF, told.append, draft=False)
    assert "planning" in told


def test_a_story_is_found_by_an_id_in_small_letters(tmp_path: Path) -> None:
    settings = make_team(tmp_path).settings
    fivestep.run(settings, AS_OF)
    assert fivestep.story(settings, "d-1") == fivestep.story(settings, "D-1")
    with pytest.raises(SettingsError, match="no run has seen a deal with the ID 'D-9'"):
        fivestep.story(settings, "D-9")


def test_the_report_lists_the_drafts_of_earlier_runs_until_they_are_gone(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    fivestep.run(team.settings, AS_OF)
    assert "kim@acme.example" in fivestep.report(team.settings, AS_OF)
    for draft in (tmp_path / "drafts").glob("*.eml"):
        draft.unlink()
    assert "kim@acme.example" not in fivestep.report(team.settings, AS_OF)


def test_without_a_place_the_settings_are_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_team(tmp_path)
    monkeypatch.setenv("FIVESTEP_CONFIG", str(tmp_path / "fivestep.toml"))
    named = fivestep.schedule()
    assert {job.pipeline for job in named} == {"team"}
    monkeypatch.delenv("FIVESTEP_CONFIG")
    monkeypatch.chdir(tmp_path)
    assert {job.file for job in fivestep.schedule()} == {"fivestep.toml"}
