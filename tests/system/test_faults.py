"""A hostile sheet and a hostile mailbox: calls that fail, and answers that get lost on the way back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fivestep
from fivestep.errors import BusyError, CredentialsError, SettingsError, UnreachableError
from fivestep.jobs.run import run
from fivestep.jobs.running.pipeline import open_pipeline
from fivestep.jobs.running.reports import RunReport
from fivestep.jobs.undo import undo
from tests.fakes.team import AS_OF, Team, make_team

FAULTS = ("", "", "", "refused before", "lost after", "broken before", "broken after")


class Hostile:
    """A connector whose calls of one name go wrong, each in the way that is next on the list."""

    def __init__(self, inner: object, call: str, faults: Iterator[str]) -> None:
        self._inner = inner
        self._call = call
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if name != self._call:
            return value

        def hostile(*args: Any) -> Any:
            fault = next(self._faults, "")
            if fault == "refused before":
                raise UnreachableError("the mailbox is away")
            if fault == "broken before":
                raise CredentialsError("who are you?")
            answer = value(*args)
            if fault == "lost after":
                raise CredentialsError("the answer was lost")
            if fault == "broken after":
                raise ConnectionResetError("the answer was lost, and nobody expected it")
            return answer

        return hostile


def run_with(team: Team, mailbox: list[str], sheet: list[str] | None = None) -> RunReport | None:
    """One run under these faults; None where it did not come to its end."""
    with open_pipeline(team.settings) as pipeline:
        hostile = dataclasses.replace(
            pipeline,
            mailbox=Hostile(pipeline.mailbox, "create", iter(mailbox)),
            named_sheet=Hostile(pipeline.sheet, "write", iter(sheet or [])),
        )
        try:
            return run(hostile, AS_OF)
        except (ConnectionResetError, CredentialsError, UnreachableError):
            return None


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    schedule=st.lists(
        st.tuples(st.lists(st.sampled_from(FAULTS), max_size=3), st.lists(st.sampled_from(FAULTS), max_size=1)),
        max_size=4,
    )
)
def test_after_any_faults_one_good_run_leaves_all_as_it_should_be(
    schedule: list[tuple[list[str], list[str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    spared, team = (make_team(tmp_path_factory.mktemp("team")) for _ in range(2))
    run_with(spared, [])
    for mailbox, sheet in schedule:
        run_with(team, mailbox, sheet)
    run_with(team, [])
    assert team.sheet() == spared.sheet()
    to_keeper = [draft for draft in team.drafts() if draft[1].startswith("fivestep:")]
    assert len(to_keeper) <= 1
    assert [draft for draft in team.drafts() if draft not in to_keeper] == spared.drafts()
    again = run_with(team, [])
    assert again is not None
    assert (again.plan.changes, [d for d in again.plan.drafts if not d.skipped]) == ([], [])


def test_a_mailbox_that_is_away_fails_its_draft_and_no_other_part(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    report = run_with(team, ["refused before"])
    assert report is not None
    assert [drafted.outcome for drafted in report.drafts] == ["failed", "created"]
    assert report.partly
    assert len(team.drafts()) == 1
    cells = team.column("Follow-up")
    assert sorted(cells.values()) == ["", "", "Draft 1 of 3 waiting since 23 Nov"]
    assert set(team.column("Status").values()) != {""}


def test_a_sheet_that_cannot_be_written_means_no_drafts_either(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    assert run_with(team, [], ["refused before"]) is None
    assert team.drafts() == []
    run_with(team, [])
    assert sorted(team.column("Follow-up").values()) == ["", *["Draft 1 of 3 waiting since 23 Nov"] * 2]
    assert len(team.drafts()) == 2


@pytest.mark.parametrize("fault", ["refused before", "broken before", "lost after"])
def test_a_run_tells_of_its_drafts_even_where_it_cannot_take_a_cell_back(tmp_path: Path, fault: str) -> None:
    team = make_team(tmp_path)
    report = run_with(team, ["refused before"], ["", fault])
    assert report is not None
    assert [draft.outcome for draft in report.drafts] == ["failed", "created"]
    assert [past.outcome for past in fivestep.history(team.settings)] == ["partly"]
    run_with(team, [])
    assert sorted(team.column("Follow-up").values()) == ["", *["Draft 1 of 3 waiting since 23 Nov"] * 2]
    assert len(team.drafts()) == 2


def test_a_draft_that_comes_back_is_waiting_again(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    run_with(team, [])
    (tmp_path / "drafts").rename(tmp_path / "away")
    (tmp_path / "drafts").mkdir()
    run_with(team, [])
    assert "was deleted" in team.column("Follow-up")["Acme"]
    (tmp_path / "drafts").rmdir()
    (tmp_path / "away").rename(tmp_path / "drafts")
    run_with(team, [])
    assert team.column("Follow-up")["Acme"] == "Draft 1 of 3 waiting since 23 Nov"
    assert len(team.drafts()) == 2


def test_a_plan_needs_no_mailbox_and_a_run_says_what_to_do(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    run_with(team, [])
    (tmp_path / "drafts").rename(tmp_path / "away")
    assert len(fivestep.plan(team.settings, AS_OF).verdicts) == 3
    with pytest.raises(UnreachableError, match="make an empty folder of that name"):
        fivestep.run(team.settings, AS_OF)


def test_an_undo_that_failed_can_be_tried_again(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    before = team.sheet()
    run_with(team, [])
    with open_pipeline(team.settings) as pipeline:
        away = dataclasses.replace(pipeline, named_sheet=Hostile(pipeline.sheet, "write", iter(["refused before"])))
        with pytest.raises(UnreachableError):
            undo(away, AS_OF)
        undo(pipeline, AS_OF)
    assert [row[: len(before[0])] for row in team.sheet()] == before


def test_rows_that_are_alike_are_not_written_to_twice(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    twin = ["Acme", "Pitch", "kim@acme.example", "Kim Lee", "2026-10-02"]
    team.write([team.sheet()[0], twin, twin])
    run_with(team, [], ["refused before"])
    run_with(team, [])
    assert [row[5] for row in team.sheet()[1:]] == ["D-1", "D-2"]
    assert len(team.drafts()) == 1


def test_a_switch_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no switch nonsense"):
        fivestep.run(make_team(tmp_path).settings, AS_OF, allow=["nonsense"])


def test_a_day_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no day to plan for"):
        fivestep.plan(make_team(tmp_path).settings, dt.date(1, 1, 1))


def test_what_a_person_should_know(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    run_with(team, [])
    team.write([row for row in team.sheet() if row[0] != "Acme"])
    report = fivestep.run(team.settings, AS_OF - dt.timedelta(days=3))
    assert report.notices == [
        "A draft to kim@acme.example waits, and its deal D-1 is no longer in the sheet: delete it, or send it",
        "This is the plan for 2026-11-20; the latest run was for 2026-11-23, and knew more",
    ]


def test_a_person_who_edits_during_the_run_loses_nothing(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    run_with(team, [])
    rows = team.sheet()
    status = rows[0].index("Status")
    edited = [rows[0], ["New", "Pitch", "new@new.example", "Nia New", "2026-11-20"], *rows[:0:-1]]
    assert edited[3][0] == "Bolt"
    edited[3][status] = "do not touch"
    with open_pipeline(team.settings) as pipeline:

        class Meanwhile(Hostile):
            def __getattr__(self, name: str) -> Any:
                if name == "write":
                    team.write(edited)
                return getattr(self._inner, name)

        meddled = dataclasses.replace(pipeline, named_sheet=Meanwhile(pipeline.sheet, "", iter(())))
        later = AS_OF + dt.timedelta(days=1)
        report = run(meddled, later)
    assert "skipped" in {written.outcome for written in report.changes}
    now = team.sheet()
    assert [row[:5] for row in now] == [row[:5] for row in edited]
    assert now[3][status] == "do not touch"
    acme = next(row for row in now if row[0] == "Acme")
    assert acme[status].startswith("Follow up: 37 working days")


def test_drafts_are_asked_for_where_they_were_made(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    run_with(team, [])
    moved = team.settings.drafts.model_copy(update={"to": "elsewhere/"})
    elsewhere = Team(team.settings.model_copy(update={"drafts": moved}))
    run_with(elsewhere, [])
    assert set(elsewhere.column("Follow-up").values()) == {"", "Draft 1 of 3 waiting since 23 Nov"}
    for draft in (tmp_path / "drafts").glob("*.eml"):
        draft.unlink()
    run_with(elsewhere, [])
    assert set(elsewhere.column("Follow-up").values()) == {"", "Ended: Draft 1 of 3 was deleted on 23 Nov"}


def test_two_runs_at_once_are_one_run(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    with open_pipeline(team.settings) as first, first.ledger.lock(first.name), open_pipeline(team.settings) as second:
        with pytest.raises(BusyError):
            run(second, AS_OF)
        with pytest.raises(BusyError):
            undo(second, AS_OF)
    assert team.drafts() == []


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_undo_restores_every_cell_and_a_new_run_drafts_nothing_twice(tmp_path: Path, suffix: str) -> None:
    team = make_team(tmp_path, suffix)
    before = team.sheet()
    first = run_with(team, [])
    assert first is not None
    after = team.sheet()
    with open_pipeline(team.settings) as pipeline:
        undone = undo(pipeline, AS_OF)
    assert undone.undoes == first.run
    assert [[cell for cell in row if cell] for row in team.sheet()] == [[c for c in row if c] for row in before]
    run_with(team, [])
    assert team.sheet() == after
    assert len(team.drafts()) == 2


def test_undo_leaves_what_was_changed_since(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    run_with(team, [])
    rows = team.sheet()
    status = rows[0].index("Status")
    rows[1][status] = "mine now"
    team.write(rows)
    with open_pipeline(team.settings) as pipeline:
        undone = undo(pipeline, AS_OF)
    assert [w.outcome for w, c in zip(undone.results, undone.changes, strict=True) if c.column == "Status"].count(
        "skipped"
    ) == 1
    assert team.sheet()[1][status] == "mine now"
    assert team.sheet()[0][status] == "Status"
