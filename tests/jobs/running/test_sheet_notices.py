"""What a run says of the sheet: rows that it takes for no deals, and cells that it can't write."""

from __future__ import annotations

from pathlib import Path

import openpyxl

from tests.fakes.shell import Shell

SETTINGS = """
[pipeline]
sheet = "{sheet}"
timezone = "America/Los_Angeles"

[columns]
deal = "Deal"
company = "Company"
stage = "Stage"
email = "E-mail"
last_reply = "Last reply"
owner = "Owner"
do_not_contact = "No mail"
stage_since = "Since"

[stages]
"" = "Prospecting"

[drafts]
to = "drafts/"
from = "Ana Sommer <ana@northwind.example>"
texts = "texts/"
"""

HEADER = ["Deal", "Company", "Stage", "E-mail", "Last reply", "Owner", "No mail", "Since"]


def settings(folder: Path, sheet: str) -> None:
    (folder / "fivestep.toml").write_text(SETTINGS.format(sheet=sheet), "utf-8")
    (folder / "texts").mkdir()


def test_rows_that_are_left_out_are_named_and_get_nothing(shell: Shell, tmp_path: Path) -> None:
    settings(tmp_path, "p.csv")
    rows = [HEADER, ["Pump", "Fabrikam", "", "kim@f.example"], [], ["Legend: red = urgent"], ["Target", "5"]]
    (tmp_path / "p.csv").write_text("\n".join(",".join(row) for row in rows), "utf-8")
    done = shell("run", "--as-of", "2026-11-30", "--json").document
    assert [(deal["row"], deal["stage"]) for deal in done["deals"]] == [(2, "Prospecting")]
    (notice,) = [notice for notice in done["notices"] if "left out" in notice]
    assert notice.startswith("Rows 4 and 5 are left out: ")
    assert "'Legend: red = urgent'" in notice


def test_a_merged_mark_holds_for_its_rows_and_a_covered_cell_is_named(shell: Shell, tmp_path: Path) -> None:
    settings(tmp_path, "p.xlsx")
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    tab.append([*HEADER, "Status"])
    tab.append(["Pump", "Fabrikam", "Qualification", "kim@f.example", None, "Ben", "yes", "2026-10-01"])
    tab.append(["Valve", None, "Qualification", "bo@f.example", None, None, None, "2026-10-01"])
    for area in ("B2:B3", "F2:F3", "G2:G3", "I2:I3"):
        tab.merge_cells(area)
    book.save(tmp_path / "p.xlsx")
    done = shell("run", "--as-of", "2026-11-30", "--json").document
    assert {draft["reason"] for draft in done["drafts"]} == {"marked do not contact"}
    (change,) = [one for one in done["changes"] if one["row"] == 3 and one["column"] == "Status"]
    assert change["outcome"] == "skipped"
    assert "merged" in change["reason"]
    assert "The cell I3 is merged with others, so nothing is written there: unmerge it" in done["notices"]
    written = openpyxl.load_workbook(tmp_path / "p.xlsx")["Sheet"]
    assert written["I2"].value.startswith("Stalled")
    assert written["I3"].value is None


def test_a_stamp_in_utc_is_the_day_before_where_the_team_works(shell: Shell, tmp_path: Path) -> None:
    settings(tmp_path, "p.csv")
    row = ["Pump", "F", "Qualification", "kim@f.example", "2026-12-01T02:30:00Z", "ben@n.example", "", "2026-11-02"]
    (tmp_path / "p.csv").write_text("\n".join(",".join(cells) for cells in (HEADER, row)), "utf-8")
    done = shell("plan", "--as-of", "2026-11-30", "--json").document
    assert [(deal["status"], deal["reason"]) for deal in done["deals"]] == [("Your turn", "they wrote last, on 30 Nov")]
    assert done["problems"] == []


def test_an_owner_who_is_an_address_sends(shell: Shell, tmp_path: Path) -> None:
    settings(tmp_path, "p.csv")
    rows = [
        HEADER,
        ["Pump", "F", "Qualification", "kim@f.example", "", "ben@n.example", "", "2026-10-02"],
        ["Tank", "C", "Qualification", "lou@c.example", "", "Cy Dow <cy@n.example>", "", "2026-10-02"],
    ]
    (tmp_path / "p.csv").write_text("\n".join(",".join(cells) for cells in rows), "utf-8")
    done = shell("run", "--as-of", "2026-11-30", "--json").document
    assert [(draft["outcome"], draft["from"]) for draft in done["drafts"]] == [
        ("created", "ben@n.example"),
        ("created", '"Cy Dow" <cy@n.example>'),
    ]
