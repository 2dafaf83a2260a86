"""A sync: the cells of a whole run, without its drafts."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fivestep
from fivestep.errors import SettingsError
from fivestep.process.model.history import DraftRecord, History
from fivestep.process.model.plan_settings import Policy
from fivestep.process.model.table import Table
from tests.fakes.board import MONDAY, POLICY, TOOLS, Board, plan_of
from tests.fakes.memory import remembered, written
from tests.fakes.team import AS_OF, Team, make_team
from tests.process.test_plan_properties import THOROUGH, sheets


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return make_team(tmp_path)


def follow_up(team: Team, day: dt.date = AS_OF) -> int:
    return len(fivestep.run(team.settings, day).changes)


def sync(team: Team, day: dt.date = AS_OF) -> int:
    return len(fivestep.run(team.settings, day, job="sync").changes)


class TestOnFiles:
    def test_it_writes_cells_and_makes_no_draft(self, team: Team) -> None:
        report = fivestep.run(team.settings, AS_OF, job="sync")
        assert team.drafts() == []
        assert {draft.outcome for draft in report.drafts} == {"skipped"}
        assert {draft.reason for draft in report.drafts} == {"due, and left to the next follow-up run"}
        assert team.column("Follow-up") == {"Acme": "Draft 1 of 3 is due", "Bolt": "Draft 1 of 3 is due", "Cask": ""}
        assert "Review the draft" not in str(team.sheet())

    def test_the_follow_up_makes_what_the_sync_left(self, team: Team, tmp_path: Path) -> None:
        (tmp_path / "alone").mkdir()
        alone = make_team(tmp_path / "alone")
        sync(team)
        follow_up(team)
        follow_up(alone)
        assert team.sheet() == alone.sheet()
        assert team.drafts() == alone.drafts()

    def test_a_sync_after_it_has_nothing_to_do(self, team: Team) -> None:
        follow_up(team)
        assert [sync(team), sync(team), follow_up(team)] == [0, 0, 0]

    def test_each_can_be_undone(self, team: Team) -> None:
        before = team.sheet()
        sync(team)
        synced = team.sheet()
        follow_up(team)
        fivestep.undo(team.settings)
        assert team.sheet() == synced
        fivestep.undo(team.settings)
        assert [row[: len(before[0])] for row in team.sheet()] == before
        kinds = [record.kind for record in fivestep.history(team.settings)]
        assert kinds == ["undo", "undo", "follow_up", "sync"]

    def test_a_run_of_an_earlier_version_can_be_undone(self, team: Team) -> None:
        import sqlite3

        follow_up(team)
        with sqlite3.connect(team.settings.path("fivestep.db")) as connection:
            connection.execute("UPDATE runs SET kind = 'run'")
        connection.close()
        assert fivestep.undo(team.settings).undoes == 1

    def test_there_is_no_other_job(self, team: Team) -> None:
        with pytest.raises(SettingsError, match="no job 'nap'; there are sync, follow_up"):
            fivestep.run(team.settings, AS_OF, job="nap")  # type: ignore[arg-type]


SYNC = dataclasses.replace(POLICY, drafting=False)
CAPS = st.tuples(st.integers(0, 3), st.integers(0, 4))


class Days:
    """A sheet and a ledger, and what the jobs make of them."""

    def __init__(self, sheet: Table, caps: tuple[int, int]) -> None:
        self.sheet = sheet
        self.history = History()
        self.today = MONDAY
        self.caps = caps

    def pass_by(self, days: int) -> None:
        self.today += dt.timedelta(days=days)
        self.history = dataclasses.replace(self.history, drafts_today=0 if days else self.history.drafts_today)

    def send_all(self) -> None:
        deals = {
            deal: dataclasses.replace(past, drafts=[_sent(draft, self.today) for draft in past.drafts])
            for deal, past in self.history.deals.items()
        }
        self.history = History(deals, frozenset(), self.history.drafts_today)

    def carry_out(self, policy: Policy) -> Board:
        per_run, per_day = self.caps
        capped = dataclasses.replace(policy, per_run=per_run, per_day=per_day)
        board = plan_of(self.sheet, today=self.today, history=self.history, policy=capped)
        self.sheet = written(self.sheet, 1, board.plan)
        self.history = remembered(self.history, board.plan, drafted=policy.drafting)
        return board

    def cells(self) -> list[list[str]]:
        """The tool's columns, as they show."""
        top, *rows = self.sheet.rows
        places = [top.index(tool) for tool in TOOLS]
        return [[str(row[place]) if place < len(row) else "" for place in places] for row in rows]


def _sent(draft: DraftRecord, today: dt.date) -> DraftRecord:
    return draft._replace(state="sent", changed_on=today) if draft.state == "created" else draft


MANY = Table("test", [["deal", "stage", "stage_since", "email"], *(
    [f"Deal {n}", "Pitch", "2026-10-02", f"p{n}@acme.example"] for n in range(5)
)])  # fmt: skip


@pytest.mark.parametrize("caps", [(2, 4), (2, 2), (3, 9), (9, 3), (0, 5), (9, 9)])
def test_what_a_cap_left_over_is_not_called_due_before_the_next_follow_up(caps: tuple[int, int]) -> None:
    days = Days(MANY, caps)
    made = days.carry_out(POLICY).drafts()
    assert len(made) == min(*caps, 5)
    assert days.carry_out(SYNC).plan.changes == []


def test_a_sync_before_the_follow_up_tells_who_comes_after_the_cap() -> None:
    days = Days(MANY, (2, 4))
    follow_ups = days.carry_out(SYNC).cells("Follow-up")
    assert list(follow_ups.values()) == [
        *["Draft 1 of 3 is due"] * 2, *["No draft: not yet, more are due than 2 a run and 4 a day"] * 3
    ]  # fmt: skip
    changed = days.carry_out(POLICY).cells("Follow-up")
    assert set(changed.values()) == {"Draft 1 of 3 waiting since 23 Nov"}
    assert len(changed) == 2


@pytest.mark.slow
@THOROUGH
@given(sheet=sheets(), caps=CAPS, days=st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=4))
def test_a_sync_at_any_time_changes_nothing_that_the_follow_ups_make(
    sheet: Table, caps: tuple[int, int], days: list[tuple[int, bool]]
) -> None:
    both, alone = Days(sheet, caps), Days(sheet, caps)
    for ahead, sent in days:
        for line in (both, alone):
            line.pass_by(ahead)
            if sent:
                line.send_all()
        both.carry_out(SYNC)
        board, plain = both.carry_out(POLICY), alone.carry_out(POLICY)
        assert board.plan.drafts == plain.plan.drafts
        assert board.plan.verdicts == plain.plan.verdicts
        if sheet.rows[1:] and "Status" in map(str, both.sheet.rows[0]):
            assert both.cells() == alone.cells()
        assert both.carry_out(SYNC).plan.changes == []  # what was just done is not said otherwise


@pytest.mark.slow
@THOROUGH
@given(sheet=sheets(), caps=CAPS)
def test_a_sync_says_what_a_whole_run_says_but_for_the_drafts_that_are_due(sheet: Table, caps: tuple[int, int]) -> None:
    synced, whole = Days(sheet, caps), Days(sheet, caps)
    first, board = synced.carry_out(SYNC), whole.carry_out(POLICY)
    assert first.drafts() == board.drafts()
    assert [verdict.status_text for verdict in first.plan.verdicts] == [v.status_text for v in board.plan.verdicts]
    assert synced.carry_out(SYNC).plan.changes == []
    due = {draft.row for draft in board.plan.drafts if not draft.skipped}
    second = {draft.row for draft in board.plan.drafts if draft.skipped == "another draft to this person is waiting"}
    for row, (left, right) in enumerate(zip(first.plan.verdicts, board.plan.verdicts, strict=True)):
        assert left.next_step == right.next_step or left.row in due, row
    said, meant = (
        {(c.row, c.column): c.new for c in plan.changes if c.column == "Follow-up"} for plan in (first.plan, board.plan)
    )
    for place in said.keys() | meant.keys():
        if place[0] in due:
            assert said[place].endswith(" is due")
        elif place[0] in second:
            assert said[place] == "No draft: another draft to this person is due"
        else:
            assert said.get(place) == meant.get(place)
