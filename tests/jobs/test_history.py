"""A past from a file, as a person imports it, and what comes of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fivestep.jobs.sample.workbook import write_book
from tests.fakes.shared_data import real
from tests.fakes.shell import Shell

SETTINGS = """
[pipeline]
sheet = "deals.csv"
[columns]
id = "ID"
deal = "Deal"
stage = "Stage"
"""
SHEET = "ID,Deal,Stage\nA-1,Press hall,Pitch\nA-2,Robot arm,Closing\n"
PAST = "deal,stage,on\nA-1,Lead,2026-03-02\nA-1,Demo,2026-03-09\nZ-9,Pitch,2026-02-02\nZ-9,Won,2026-02-20\n"
DAY = "2026-03-16"


@pytest.fixture
def team(shell: Shell, tmp_path: Path) -> Shell:
    """A shell in the folder of a team that has not run yet."""
    (tmp_path / "fivestep.toml").write_text(SETTINGS)
    (tmp_path / "deals.csv").write_text(SHEET)
    (tmp_path / "past.csv").write_text(PAST)
    return shell


def days_in_stage(shell: Shell) -> dict[str, int | None]:
    return {deal["deal"]: deal["days_in_stage"] for deal in shell("plan", "--as-of", DAY, "--json").document["deals"]}


def runs(shell: Shell) -> list[tuple[int, str, str]]:
    return [(run["id"], run["kind"], run["outcome"]) for run in shell("history", "--json").document["runs"]]


def test_a_past_gives_an_age_to_the_deals_of_the_sheet_and_can_be_taken_back(team: Shell, tmp_path: Path) -> None:
    assert days_in_stage(team) == {"A-1": None, "A-2": None}
    ended = team("history", "import", "past.csv")
    assert (ended.code, ended.err) == (0, "")
    assert "4 lines of 2 deals, 2026-02-02 to 2026-03-09: 1 won, 0 lost, 1 in the sheet" in ended.out
    assert days_in_stage(team) == {"A-1": 5, "A-2": None}
    again = team("history", "import", "past.csv", "--json").document
    assert (again["lines"], again["added"], again["run"]) == (4, 0, 2)
    assert runs(team) == [(2, "import", "done"), (1, "import", "done")]
    assert "4 imported lines taken out" in team("undo", "1").out
    assert days_in_stage(team) == {"A-1": None, "A-2": None}
    assert (tmp_path / "deals.csv").read_text() == SHEET


def test_the_ages_stay_with_the_runs_that_follow(team: Shell) -> None:
    team("history", "import", "past.csv")
    assert team("run", "--as-of", DAY).code == 0
    assert days_in_stage(team) == {"A-1": 5, "A-2": None}
    undone = team("undo", "--json").document
    assert undone["undoes"] == 2, "an import is taken back by its number only"


def test_the_story_of_a_deal_marks_what_was_imported(team: Shell) -> None:
    team("history", "import", "past.csv")
    team("run", "--as-of", DAY)
    told = team("history", "--deal", "A-1", "--json").document
    assert told["imported"] == [{"stage": "Prospecting", "on": "2026-03-02"}, {"stage": "Pitch", "on": "2026-03-09"}]
    assert [event["text"] for event in told["story"] if event["kind"] == "stage"] == [
        "Came into Prospecting (imported)", "Came into Pitch (imported)", "First seen, in Pitch",
    ]  # fmt: skip
    assert team("history", "--deal", "z-9").code == 0, "a deal that left the sheet long ago has a story, too"


def test_words_that_nobody_knows_are_all_named_and_nothing_is_imported(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text(PAST + "Z-9,Firmas,2026-02-03\nZ-9,Firmas,2026-02-05\nZ-9,Demo 2,2026-02-04\n")
    ended = team("history", "import", "past.csv")
    assert ended.code == 2
    assert '[stages]\n"Firmas" = "…"  # 2 times\n"Demo 2" = "Pitch"  # 1 time\n' in ended.err
    assert runs(team) == []
    (tmp_path / "fivestep.toml").write_text(SETTINGS + '[stages]\n"Firmas" = "Closing"\n"Demo 2" = "Pitch"\n')
    assert team("history", "import", "past.csv").code == 0


def test_rows_that_cannot_be_read_are_named_and_nothing_is_imported(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text(PAST + "Z-9,Demo,2026-02-31\n" * 7)
    ended = team("history", "import", "past.csv")
    assert ended.code == 2
    assert re.search(r"row 6 '2026-02-31' is not a date; row 7 .*; and 2 more\. Mend the file", ended.err)
    assert runs(team) == []


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("none.csv", None, "there is no file none.csv"),
        ("deals.csv", None, "tells no past: it needs a column for the stage"),
        ("flow.json", "{", "can't be read as JSON"),
        ("flow.docx", "a", "flow.docx must end in"),
    ],
)
def test_a_file_that_cannot_be_used(team: Shell, name: str, content: str | None, fault: str) -> None:
    if content is not None:
        Path(name).write_text(content)
    ended = team("history", "import", name)
    assert (ended.code, fault in ended.err) == (2, True), ended.err


def test_deals_are_found_by_name_where_no_id_fits(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text("Deal,Stage,On\nPRESS HALL,Pitch,2026-03-09\nGantry,Won,2026-03-10\n")
    ended = team("history", "import", "past.csv")
    assert "No ID of the file is in the sheet: 1 deal of 2 found there by name" in ended.out
    assert days_in_stage(team) == {"A-1": 5, "A-2": None}


def test_names_do_not_do_while_the_sheet_has_no_ids(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "fivestep.toml").write_text(SETTINGS.replace('id = "ID"\n', ""))
    (tmp_path / "past.csv").write_text("Deal,Stage,On\nPress hall,Pitch,2026-03-09\n")
    ended = team("history", "import", "past.csv")
    assert (ended.code, "`fivestep run` gives them IDs" in ended.err) == (2, True)
    team("run", "--as-of", DAY)
    assert team("history", "import", "past.csv").code == 0
    assert days_in_stage(team)["D-1"] == 5


def test_deals_of_which_none_is_in_the_sheet_teach_all_the_same(team: Shell, tmp_path: Path) -> None:
    lines = [f"Z-{n},Pitch,2026-02-{1 + n // 12:02}" for n in range(60)]
    (tmp_path / "past.csv").write_text("\n".join(["deal,stage,on", *lines]))
    report = team("history", "import", "past.csv", "--json").document
    assert report["in_sheet"] == 0
    assert report["notices"][0].startswith("No deal of the file is in the sheet")
    assert "(12 on 2026-02-01, 12 on 2026-02-02" in report["notices"][1], "where an earlier import began"


def test_a_workbook_and_a_json_file(team: Shell, tmp_path: Path) -> None:
    write_book(tmp_path / "past.xlsx", "Past", [("Deal", 9), ("Stage", 9), ("On", 9)], [["A-1", "Pitch", "2026-03-09"]])
    assert team("history", "import", "past.xlsx").code == 0
    change = {"item_id": 5, "field_key": "stage_id", "new_value": "Pitch", "log_time": "2026-03-01 10:00:00"}
    (tmp_path / "flow.json").write_text(json.dumps({"data": [{"object": "dealChange", "data": change}]}))
    assert team("history", "import", "flow.json").code == 0
    assert runs(team) == [(2, "import", "done"), (1, "import", "done")]


def test_options_before_the_command_are_not_passed_over(team: Shell) -> None:
    ended = team("history", "--json", "import", "past.csv")
    assert (ended.code, runs(team)) == (2, [])


def test_columns_of_the_sheets_own_date_its_stages(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        'Deal,Stage,"Date entered ""Pitch (Sales)""",Date entered Closing,Date entered Foo\n'
        "Press hall,Pitch,2026-03-09,,\nRobot arm,Closing,2026-03-01,2026-03-12,\nGantry,Qualification,,,\n"
    )
    proposed = shell("init", "deals.csv", "--json").document
    assert proposed["history"] == {'Date entered "Pitch (Sales)"': "Pitch", "Date entered Closing": "Closing"}
    assert proposed["left_out"] == ["Date entered Foo"]
    assert days_in_stage(shell) == {"D-1": 5, "D-2": 2, "D-3": None}
    sheet = (tmp_path / "deals.csv").read_text()
    (tmp_path / "deals.csv").write_text(sheet.replace("Date entered Closing", "Closing since"))
    plan = shell("plan", "--as-of", DAY, "--json").document
    assert "no column 'Date entered Closing', which [history]" in plan["notices"][0]
    assert not [problem for problem in plan["problems"] if problem["rule"] == "sheet.column_gone"]


def test_a_column_under_history_names_a_stage_and_each_one_once(team: Shell, tmp_path: Path) -> None:
    (tmp_path / "fivestep.toml").write_text(SETTINGS + '[history]\n"In" = "Pitsch"\n"A" = "Won"\n"B" = "Won"\n')
    ended = team("plan")
    assert ended.code == 2
    assert (
        "history.In: 'Pitsch', expected a stage of the process: did you mean Pitch?" in ended.err
        or "Pitch" in ended.err
    )
    assert ended.err.count("has a column already") == 2


STAGES = '"Interes" = "Prospecting"\n"Diseño Propuesta" = "Qualification"\n"Presentación Propuesta" = "Pitch"\n'
STAGES += '"Negociación" = "Objections"\n"Firmas" = "Closing"\n"Engaging" = "Qualification"\n'


@pytest.mark.parametrize(
    ("sheet", "past", "columns", "told", "undated"),
    [
        ("winkel/pipeline.csv", "winkel/history.csv", ("Deal ID", "Stage"), (1330, 511, 163, 203), 0),
        (
            "maven-crm/sales_pipeline.csv",
            "maven-crm/history.csv",
            ("opportunity_id", "deal_stage"),
            (15011, 8300, 4238, 2473),
            500,  # those that are still in the first stage, of which the history says nothing
        ),
    ],
)
def test_histories_of_real_teams(
    shell: Shell, sheet: str, past: str, columns: tuple[str, str], told: tuple[int, ...], undated: int
) -> None:
    """Whole histories, beside the tables of their teams.

    - `sheet`, `past`: the files.
    - `columns`: the headers of ID and stage.
    - `told`: the lines, the deals, the won and the lost ones.
    - `undated`: open deals of which nobody knows since when they are where they are.
    """
    named = "\n".join(f"{field} = {json.dumps(header)}" for field, header in zip(("id", "stage"), columns, strict=True))
    Path("fivestep.toml").write_text(
        f"[pipeline]\nsheet = {json.dumps(str(real(sheet)))}\n[columns]\n{named}\n[stages]\n{STAGES}", "utf-8"
    )
    report = shell("history", "import", str(real(past)), "--json").document
    assert tuple(report[name] for name in ("lines", "deals", "won", "lost")) == told
    assert shell("history", "import", str(real(past)), "--json").document["added"] == 0
    assert shell("plan", "--json").document["summary"]["Unknown age"] == undated
