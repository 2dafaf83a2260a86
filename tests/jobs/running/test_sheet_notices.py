"""What a run says of the sheet: rows that it takes for no deals, and cells that it can't write."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.worksheet.table import Table as ExcelTable

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
    planned = shell("plan", "--as-of", "2026-11-30", "--json").document
    done = shell("run", "--as-of", "2026-11-30", "--json").document
    assert planned["notices"] == done["notices"]
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
    assert written["I2"].value.startswith("Follow up")
    assert written["I3"].value is None


def test_a_merged_amount_of_several_deals_is_named(shell: Shell, tmp_path: Path) -> None:
    settings(tmp_path, "p.xlsx")
    file = tmp_path / "fivestep.toml"
    file.write_text(file.read_text("utf-8").replace("[columns]", '[columns]\namount = "Amount"'), "utf-8")
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    tab.append([*HEADER, "Amount"])
    for name in ("Pump", "Valve"):
        tab.append([name, "Fabrikam", "Qualification", f"{name}@f.example", None, "Ben", None, None, 500])
    tab.merge_cells("I2:I3")
    book.save(tmp_path / "p.xlsx")
    (notice,) = shell("plan", "--as-of", "2026-11-30", "--json").document["notices"]
    assert notice.startswith("I2:I3: an amount that is merged over several deals counts for each of them")


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


def in_a_table(path: Path, ref: str, *rows: list[str]) -> None:
    book = openpyxl.Workbook()
    tab = book["Sheet"]
    for row in rows:
        tab.append(row)
    tab.add_table(ExcelTable(displayName="Deals", ref=ref))
    book.save(path)


ROW = ["Pump", "Fabrikam", "Qualification", "kim@f.example", "", "Ben", "", "2026-10-01"]


def test_a_table_that_can_not_hold_the_tools_columns_is_named(shell: Shell, tmp_path: Path) -> None:
    settings(tmp_path, "p.xlsx")
    in_a_table(tmp_path / "p.xlsx", "A1:H2", [*HEADER, "Beside"], ROW)
    assert "The table Deals ends before this tool's columns" in shell("doctor").out
    for _ in range(2):
        (notice,) = shell("run", "--as-of", "2026-11-30", "--json").document["notices"]
        assert notice.startswith("The table Deals ends before this tool's columns (I and on), and other columns stand")


def test_a_table_that_can_hold_them_does_after_the_run(shell: Shell, tmp_path: Path) -> None:
    settings(tmp_path, "p.xlsx")
    in_a_table(tmp_path / "p.xlsx", "A1:H2", HEADER, ROW)
    for _ in range(2):
        assert not shell("run", "--as-of", "2026-11-30", "--json").document["notices"]
        assert openpyxl.load_workbook(tmp_path / "p.xlsx")["Sheet"].tables["Deals"].ref == "A1:L2"


def test_what_was_cleared_beside_an_emptied_row_is_put_back_by_undo(shell: Shell, tmp_path: Path) -> None:
    settings(tmp_path, "p.xlsx")
    in_a_table(tmp_path / "p.xlsx", "A1:H3", HEADER, ROW, ["Tank", *ROW[1:3], "cy@f.example", *ROW[4:]])
    shell("run", "--as-of", "2026-11-30")
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    for cell in book["Sheet"][3][:8]:
        cell.value = None
    before = [cell.value for cell in book["Sheet"][3]]
    book.save(tmp_path / "p.xlsx")
    shell("run", "--as-of", "2026-11-30")
    assert not any(cell.value for cell in openpyxl.load_workbook(tmp_path / "p.xlsx")["Sheet"][3])
    shell("undo")
    after = [cell.value or None for cell in openpyxl.load_workbook(tmp_path / "p.xlsx")["Sheet"][3]]
    assert after == [value or None for value in before]
    assert "D-2" in after
