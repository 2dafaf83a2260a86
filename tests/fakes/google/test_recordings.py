"""The test server gives the answers that Google gave when gspread's recordings were made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.google.recordings import DIFFERENCES, Outcome, agreement, replayed, table
from tests.fakes.shared_data import DATA

RECORDINGS = DATA.parent / "gspread-cassettes"

AGREED = {
    "drive.comments.list": 2,
    "drive.files.copy": 2,
    "drive.files.create": 149,
    "drive.files.delete": 147,
    "drive.files.get": 102,
    "drive.files.list": 5,
    "drive.v2.files.update": 0,
    "sheets.spreadsheets.batchUpdate": 152,
    "sheets.spreadsheets.get": 460,
    "sheets.spreadsheets.values.append": 10,
    "sheets.spreadsheets.values.batchClear": 2,
    "sheets.spreadsheets.values.batchGet": 2,
    "sheets.spreadsheets.values.batchUpdate": 2,
    "sheets.spreadsheets.values.clear": 101,
    "sheets.spreadsheets.values.get": 175,
    "sheets.spreadsheets.values.update": 98,
}
"""How many answers agree, for each endpoint. Only more is better."""


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """Every request of the recordings, sent to the server."""
    paths = sorted(Path(RECORDINGS).glob("*.json"))
    if not paths:
        pytest.skip("the folder shared/gspread-cassettes with recordings of Google is not beside this one")
    return [outcome for path in paths for outcome in replayed(path)]


def test_as_many_answers_agree_as_ever_did(outcomes: list[Outcome]) -> None:
    found = {endpoint: agreed for endpoint, (agreed, _) in agreement(outcomes).items()}
    assert all(found.get(endpoint, 0) >= agreed for endpoint, agreed in AGREED.items()), table(outcomes)


def test_every_difference_is_explained(outcomes: list[Outcome]) -> None:
    different = {(outcome.endpoint, outcome.exchange.recording) for outcome in outcomes if not outcome.agrees}
    assert different == set(DIFFERENCES), table(outcomes)


def test_a_different_answer_is_seen(outcomes: list[Outcome]) -> None:
    reads = [outcome for outcome in outcomes if outcome.endpoint == "sheets.spreadsheets.values.get"]
    full = next(outcome for outcome in reads if "values" in outcome.expected)
    assert not Outcome(full.exchange, full.endpoint, full.status, {**full.answer, "values": []}, full.expected).agrees
    assert not Outcome(full.exchange, full.endpoint, 400, full.answer, full.expected).agrees
