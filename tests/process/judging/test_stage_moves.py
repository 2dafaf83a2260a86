"""Skipped and backward steps, seen from the history."""

from __future__ import annotations

import datetime as dt

import pytest

from fivestep.process.judging.stage_moves import check_move
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory, StageEntry
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.reading.layout import Layout

STAGES = {
    "Lead": Stage("Lead", moves=frozenset({"Pitch", "Lost"})),
    "Pitch": Stage("Pitch", moves=frozenset({"Closing", "Lost"})),
    "Closing": Stage("Closing", moves=frozenset({"Lost"})),
    "Lost": Stage("Lost", kind="lost"),
}
PROCESS = Process("test", STAGES, {})
WITH_REASONS = Layout(1, ["Stage", "Reason"], {"stage": 0, "override": 1}, {}, {})
WITHOUT = Layout(1, ["Stage"], {"stage": 0}, {}, {})


def rule(way: str, override: str | None = None, layout: Layout = WITH_REASONS) -> tuple[str, str, str] | None:
    """The rule, severity and column of the problem with a way such as `Lead > Closing`; the last stage is now."""
    *before, now = way.split(" > ")
    past = DealHistory(entries=[StageEntry(name, dt.date(2026, 11, 1), None) for name in before])
    problem = check_move(Deal(2, "D-1", override=override), STAGES[now], past, PROCESS, layout)
    return problem and (problem.rule, problem.severity, problem.column)


@pytest.mark.parametrize("way", ["Lead", "Lead > Lead", "Lead > Pitch", "Lead > Lost", "Lead > Pitch > Pitch"])
def test_what_the_process_allows(way: str) -> None:
    assert rule(way) is None


@pytest.mark.parametrize(
    ("way", "name"),
    [
        ("Lead > Closing", "moves.skipped"),
        ("Lead > Closing > Closing", "moves.skipped"),  # it is not forgotten after one run
        ("Closing > Pitch", "moves.backward"),
        ("Lost > Lead", "moves.backward"),
    ],
)
def test_what_it_does_not(way: str, name: str) -> None:
    assert rule(way) == (name, "error", "Reason")


def test_a_reason_overrides() -> None:
    assert rule("Lead > Closing", override="they called us, with a contract") is None


def test_without_a_column_for_reasons_it_is_a_warning() -> None:
    assert rule("Lead > Closing", layout=WITHOUT) == ("moves.skipped", "warning", "Stage")


def test_a_stage_that_the_process_no_longer_has_is_no_reason_to_complain() -> None:
    past = DealHistory(entries=[StageEntry("Demo", dt.date(2026, 11, 1), None)])
    assert check_move(Deal(2), STAGES["Lead"], past, PROCESS, WITH_REASONS) is None
