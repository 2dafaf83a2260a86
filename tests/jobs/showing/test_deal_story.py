"""A deal's story: everything in one order of time, in words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors.ledger import ChangeRecord, DealStory, FindingRecord
from fivestep.jobs.showing.deal_story import events
from fivestep.process.model.history import DraftRecord, StageEntry
from tests.fakes.team import ROWS, make_team

MONDAY, TUESDAY, FRIDAY = (dt.date(2026, 11, day) for day in (23, 24, 27))


def told(story: DealStory) -> list[str]:
    return [f"{event.on:%a} {event.kind}: {event.text}" for event in events(story)]


def test_one_order_of_time() -> None:
    story = DealStory(
        "D-1",
        entries=[StageEntry("Pitch", MONDAY, dt.date(2026, 11, 2)), StageEntry("Closing", FRIDAY, FRIDAY)],
        drafts=[
            DraftRecord("D-1/1/1", "D-1", "kim@acme.example", 1, 1, "pitch-1", "sent", MONDAY, TUESDAY),
            DraftRecord("D-1/2/1", "D-1", "kim@acme.example", 2, 1, "closing-1", "created", FRIDAY, FRIDAY),
        ],
        changes=[
            ChangeRecord(1, "D-1", 5, "Status", "", "Stalled", "written"),
            ChangeRecord(2, "D-1", 5, "Status", "Stalled", "On track", "written"),
            ChangeRecord(3, "D-1", 5, "Status", "mine", "Won", "written"),
            ChangeRecord(3, "D-1", 5, "Follow-up", "", "Sent", "skipped"),
        ],
        findings=[
            FindingRecord("cell.date", "Since", "C5: 'soon' is not a date", MONDAY, TUESDAY),
            FindingRecord("closing.terms", "Terms", "Terms are missing", FRIDAY, None),
        ],
        days={1: MONDAY, 2: TUESDAY, 3: FRIDAY},
    )
    assert told(story) == [
        "Mon stage: First seen, in Pitch; there since 2026-11-02, the sheet says",
        "Mon finding: Found: C5: 'soon' is not a date",
        "Mon draft: Draft 1 to kim@acme.example (pitch-1) was made",
        "Mon cell: Status: Stalled",
        "Tue finding: No longer found: 'soon' is not a date",
        "Tue draft: Draft 1 to kim@acme.example (pitch-1) was sent",
        "Tue cell: Status: On track",
        "Fri stage: Moved from Pitch to Closing",
        "Fri finding: Found: Terms are missing",
        "Fri draft: Draft 1 to kim@acme.example (closing-1) was made",
        "Fri cell: Status: Won (before: mine)",
        "Fri cell: Follow-up: 'Sent' was not written (skipped)",
    ]


@pytest.mark.slow
def test_of_a_team(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    fivestep.run(team.settings, MONDAY)
    rows = [list(row) for row in team.sheet()]
    rows[1][ROWS[0].index("Since")] = "whenever"
    team.write(rows)
    fivestep.run(team.settings, TUESDAY)
    rows = [list(row) for row in team.sheet()]
    rows[1][ROWS[0].index("Since")] = "2026-11-23"
    team.write(rows)
    fivestep.run(team.settings, FRIDAY)
    story = told(fivestep.story(team.settings, "D-1"))
    assert story[0] == "Mon stage: First seen, in Pitch"
    assert "Tue finding: Found: E2: 'whenever' is not a date" in story
    assert "Fri finding: No longer found: 'whenever' is not a date" in story
