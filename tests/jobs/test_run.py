"""A run over a sheet that was sorted apart from its IDs, where nothing tells two deals apart."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import fivestep

SETTINGS = """\
[pipeline]
name = "team"
sheet = "p.csv"
[columns]
company = "Company"
stage = "Stage"
[drafts]
from = "ana@northwind.example"
"""


def test_of_a_deal_that_may_be_another_no_move_is_told(tmp_path: Path) -> None:
    sheet, settings = tmp_path / "p.csv", tmp_path / "fivestep.toml"
    settings.write_text(SETTINGS)
    sheet.write_text("Company,Stage\nFabrikam,Qualification\nFabrikam,Closing\nContoso,Closing\n")
    for day in (2, 3):
        fivestep.run(fivestep.load_settings(settings), dt.date(2026, 11, day))
    text = sheet.read_text()
    text = text.replace("Fabrikam,Closing", "Fabrikam,Prospecting").replace("Contoso,Closing", "Contoso,Pitch")
    sheet.write_text(text.replace("Fabrikam,Qualification", "Fabrikam,Pitch"))
    plan = fivestep.plan(fivestep.load_settings(settings), dt.date(2026, 11, 4))
    assert [(found.row, found.rule) for found in plan.problems if found.rule.startswith(("id", "moves"))] == [
        (2, "id.uncertain"), (3, "id.uncertain"), (4, "moves.backward"),
    ]  # fmt: skip
