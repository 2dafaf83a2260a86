"""A run at Google reads cells as people see them, with as few calls as before."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import fivestep
from tests.fakes.google.server import GoogleServer
from tests.fakes.google.sheets_cells import Cell
from tests.fakes.google_tab import edit
from tests.fakes.google_team import make_google_team

DAY = dt.date(2026, 11, 30)
HEADER = ["Deal", "Stage", "E-mail", "Contact", "Since", "No mail", "Zip", "Fee", "Status"]
ROWS = [
    HEADER,
    ["Pump", "Qualification", "kim@f.example", "Kim Lee", "2026-10-01", "yes", "", "", ""],
    ["Valve", "Qualification", "bo@f.example", "Bo Chan", "2026-10-01", "", "", "", ""],
    ["Tank", "Qualification", "cy@c.example", "Cy Dow", "2026-10-01", "", Cell(1234, pattern="00000"),
     Cell(34.3, pattern="$#,##0.00"), ""],
]  # fmt: skip


def merge(column: int) -> dict[str, object]:
    """The second and third row of a column become one cell."""
    place = {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": column, "endColumnIndex": column + 1}
    return {"mergeCells": {"range": {"sheetId": 0, **place}, "mergeType": "MERGE_ALL"}}


def test_merged_cells_and_formats_of_numbers(tmp_path: Path, google: GoogleServer) -> None:
    team = make_google_team(tmp_path, google, ROWS, columns='do_not_contact = "No mail"', row_count=20)
    for column in (HEADER.index("No mail"), HEADER.index("Status")):
        edit(team.book, merge(column))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "qualification-1.md").write_text(
        "Subject: An offer\n\nZip {{Zip|none}}, fee {{Fee|none}}.\n", "utf-8"
    )
    drafts = team.settings.drafts.model_copy(update={"texts": "texts/"})
    begin = len(google.calls)
    report = fivestep.run(team.settings.model_copy(update={"drafts": drafts}), DAY)
    kept = [draft.skipped for draft in report.plan.drafts if draft.row in {2, 3}]
    assert kept == ["marked do not contact"] * 2
    assert [(to, text.splitlines()[0]) for to, _, text in team.drafts()] == [("cy@c.example", "Zip 01234, fee $34.30.")]
    assert team.column("Status")["Valve"] == ""
    assert "The cell I3 is merged with others, so nothing is written there: unmerge it" in report.notices
    outcomes = {result.reason for result in report.changes if result.outcome == "skipped"}
    assert len(outcomes) == 1
    reads = [call for call in google.calls[begin:] if call.method_id.startswith("sheets.") and call.http == "GET"]
    assert len(reads) == 6  # metadata, two halves of a look, the formats; and a look before and after the write
