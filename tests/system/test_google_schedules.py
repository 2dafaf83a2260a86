"""The whole program at Google while people edit the sheet, calls fail and runs are killed: all is right afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.google.server import GoogleServer
from tests.fakes.schedules import Schedule, wrong_cells, wrong_drafts, wrong_formulas

LONG = 250
SLOW = 40


def carried_out(folder: Path, seed: int) -> list[str]:
    """What is wrong after a schedule: disturbed runs, and runs that are left alone until nothing is left to do."""
    with GoogleServer(seed) as server:
        return [f"seed {seed}: {one}" for one in _wrong(folder, server, seed)]


def _wrong(folder: Path, server: GoogleServer, seed: int) -> list[str]:
    schedule = Schedule(folder / str(seed), server, seed, to="gmail")
    dice = schedule.dice
    server.faults.random(seed, dice.choice([0, 0.02, 0.05]))
    last = None
    with schedule.edits_between_calls(dice.choice([0.05, 0.15, 0.3])):
        for _ in range(2):
            last = schedule.run(kill_at=dice.randint(1, 40) if dice.random() < 0.5 else 0)
    server.faults.clear()
    # A run that came to its end has left nothing wrong; what one that was cut off has left, the next one mends.
    wrong = [f"at once: {one}" for one in wrong_cells(schedule)] if last else []
    with schedule.edits_between_calls(dice.choice([0, 0.1])):
        schedule.run()
    schedule.lift_the_protection()
    settled = [schedule.run() for _ in range(4)]
    wrong += ["a run that was left alone failed" for report in settled if report is None]
    schedule.look_for_copies()
    wrong += [*wrong_cells(schedule), *wrong_formulas(schedule), *wrong_drafts(schedule), *schedule.taken]
    lost = schedule.person.log.lost(schedule.team.book.tabs[0])
    wrong += [f"lost: {text} under {header}" for text, header in lost.items() if text not in schedule.typed_in_the_gap]
    if report := settled[-1]:
        wrong += [f"still to write: {change}" for change in report.plan.changes]
        wrong += [f"still to draft: {draft.key}" for draft in report.plan.drafts if not draft.skipped]
    wrong += [f"sent: {call.method_id}" for call in server.calls if call.method_id.endswith(".send")]
    return [f"{one}; {schedule.said}" for one in wrong]


@pytest.mark.slow
@pytest.mark.parametrize("begin", range(0, SLOW, 20))
def test_some_schedules(tmp_path: Path, begin: int) -> None:
    assert [one for seed in range(begin, begin + 20) for one in carried_out(tmp_path, seed)] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1062, 1303, 1345, 1449, 1586, 1742, 1883, 1937, 2136])
def test_schedules_that_once_went_wrong(tmp_path: Path, seed: int) -> None:
    assert carried_out(tmp_path, seed) == []


@pytest.mark.long
@pytest.mark.parametrize("begin", range(1_000, 1_000 + LONG, 50))
def test_many_schedules(tmp_path: Path, begin: int) -> None:
    assert [one for seed in range(begin, begin + 50) for one in carried_out(tmp_path, seed)] == []
