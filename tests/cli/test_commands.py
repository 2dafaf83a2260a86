"""The command line, as a person would call it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

import fivestep
from fivestep.cli.commands import commands
from fivestep.jobs.sample.workbook import write_book
from tests import ROOT
from tests.fakes.shell import Shell

DOCS = ROOT / "docs" / "commands.md"
DAY = "2026-11-23"


@pytest.fixture
def sample(shell: Shell, tmp_path: Path) -> Shell:
    """A shell in a folder with the sample, on which nothing has been run."""
    fivestep.demo(tmp_path)
    return shell


def test_demo_does_the_whole_job_and_can_be_repeated(shell: Shell, tmp_path: Path) -> None:
    for _ in range(2):
        ended = shell("demo", "demo")
        assert (ended.code, ended.err) == (0, "")
        assert "What to look at next" in ended.out
        assert "Subject: " in ended.out
    assert list((tmp_path / "demo" / "drafts").glob("*.eml"))


def test_demo_leaves_a_folder_alone_that_is_no_sample(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    ended = shell("demo", ".")
    assert ended.code == 2
    assert "not empty" in ended.err


def test_check_ends_with_1_where_there_are_errors(sample: Shell) -> None:
    ended = sample("check")
    assert ended.code == 1
    assert "error" in ended.out


def test_check_ends_with_0_where_there_are_none(shell: Shell, tmp_path: Path) -> None:
    write_book(tmp_path / "small.xlsx", "Small", [("Deal", 20), ("Stage", 20)], [["Press hall", "Prospecting"]])
    (tmp_path / "fivestep.toml").write_text(
        '[pipeline]\nsheet = "small.xlsx"\n[columns]\ndeal = "Deal"\nstage = "Stage"\n'
    )
    assert shell("check").code == 0


@pytest.mark.parametrize("command", ["plan", "check"])
def test_what_a_run_would_notice_is_said_before_it(command: str, shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Deal,Stage\nPress hall,Prospecting\n")
    (tmp_path / "fivestep.toml").write_text(
        '[pipeline]\nsheet = "deals.csv"\nholidays = "GB"\n[columns]\ndeal = "Deal"\nstage = "Stage"\n'
    )
    said = shell(command, "--as-of", "2026-11-30").out
    assert "Today counts as a working day, but Saint Andrew's Day is free in some parts of GB only (SCT)" in said


def test_plan_touches_nothing(sample: Shell, tmp_path: Path) -> None:
    before = (tmp_path / "pipeline.xlsx").read_bytes()
    ended = sample("plan")
    assert ended.code == 0
    assert "Nothing has been written" in ended.out
    assert (tmp_path / "pipeline.xlsx").read_bytes() == before
    assert not (tmp_path / "drafts").exists()


def test_a_run_does_what_the_plan_showed_and_then_rests(sample: Shell) -> None:
    planned, done, again = (sample(verb, "--json").document for verb in ("plan", "run", "run"))
    assert (planned["run"], done["run"]) == (None, 2)  # the first took in the past
    for part in ("deals", "problems", "new_columns", "new_leads", "funnel", "summary"):
        assert done[part] == planned[part]
    assert {change["outcome"] for change in done["changes"]} == {"written"}
    assert {draft["outcome"] for draft in done["drafts"]} == {"created", "skipped"}
    assert again["changes"] == []
    assert not any(draft["outcome"] == "created" for draft in again["drafts"])


def test_undo_puts_the_cells_back(sample: Shell) -> None:
    first = sample("run", "--json").document
    undone = sample("undo", "--json").document
    assert undone["undoes"] == first["run"]
    headers = [(header, "") for header in first["new_columns"]]
    assert [(change["old"], change["new"]) for change in undone["changes"]] == [
        *((change["new"], change["old"]) for change in first["changes"]),
        *headers,
    ]
    assert sample("undo").code == 2
    assert sample("undo", "77").code == 2
    assert "`fivestep history` lists them" in sample("undo", "abc").err


def test_history_of_runs_and_of_a_deal(sample: Shell) -> None:
    assert [run["kind"] for run in sample("history", "--json").document["runs"]] == ["import"]
    sample("run")
    assert sample("history", "--json").document["runs"][0]["outcome"] == "done"
    assert "written" in sample("history").out
    story = sample("history", "--deal", "D-5", "--json").document
    assert story["stages"][0]["stage"] == "Qualification"
    assert "Qualification" in sample("history", "--deal", "D-5").out
    assert sample("history", "--deal", "d-5").out == sample("history", "--deal", "D-5").out
    assert sample("history", "--deal", "D-999").code == 2


def test_history_tells_for_which_day_a_run_was_where_that_is_another(sample: Shell) -> None:
    sample("run", "--as-of", "2020-01-02")
    sample("run")
    rows = [line for line in sample("history").out.splitlines() if " follow_up " in line]
    assert ["2020-01-02" in row for row in rows] == [False, True]


def test_report_writes_a_page_and_never_over_the_sheet(sample: Shell, tmp_path: Path) -> None:
    assert sample("report").code == 0
    assert "Northwind sales" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert sample("report", "--output", "pipeline.xlsx").code == 2
    assert sample("report", "--output", "gone/report.html").code == 4


def test_init_proposes_settings_that_work(shell: Shell, tmp_path: Path) -> None:
    fivestep.demo(tmp_path / "demo")
    (tmp_path / "demo" / "pipeline.xlsx").rename(tmp_path / "sales.xlsx")
    ended = shell("init", "sales.xlsx")
    assert ended.code == 0
    assert "fivestep.toml" in ended.out
    assert shell("plan").code == 0
    again = shell("init", "sales.xlsx", "--json")
    assert again.code == 2
    assert again.document["error"]["kind"] == "settings"


def test_init_takes_what_a_script_tells_it_and_shows_what_it_has_read(shell: Shell, tmp_path: Path) -> None:
    rows = ["Deal,Phase,Ampel,Amount", "Pumps,x,Open,$100", "Valves,y,Open,$50", "Hoses,z,Parked,"]
    (tmp_path / "sales.csv").write_text("\n".join(rows))
    ended = shell("init", "sales.csv", "--stage", "Ampel", "--map", "Open=pitch", "--json")
    assert ended.code == 0
    assert ended.document["stages"] == {"Open": "Pitch"}
    assert ended.document["unknown_stages"] == {"Parked": ""}
    assert ended.document["unknown_stage_deals"] == {"Parked": 1}
    assert ended.document["read"]["deals"] == 3
    assert ended.document["read"]["totals"] == {"USD": 150.0}
    assert ended.document["read"]["rows"][0] == {"deal": "Pumps", "stage": "Open → Pitch", "amount": "100 USD"}
    settings = fivestep.load_settings(tmp_path / "fivestep.toml")
    assert (settings.columns["stage"], settings.stages) == ("Ampel", {"Open": "Pitch"})


def test_init_names_what_is_wrong_with_what_a_script_tells_it(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("Deal,Stage\nPumps,Open\n")
    nowhere = shell("init", "sales.csv", "--stage", "Ampel")
    assert (nowhere.code, "it has no header 'Ampel'; row 1 has Deal, Stage" in nowhere.err) == (2, True)
    misspelt = shell("init", "sales.csv", "--map", "Open=Pich")
    assert (misspelt.code, "Won, Lost; did you mean Pitch?" in misspelt.err) == (2, True)
    assert shell("init", "sales.csv", "--map", "Open").code == 2
    assert not (tmp_path / "fivestep.toml").exists()


@pytest.mark.parametrize("command", ["plan", "run", "check", "report"])
def test_a_sheet_without_headers_is_told_so(command: str, shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("\nAcme,Demo,bo@x.example\nCore,Lead,cy@y.example\n")
    (tmp_path / "fivestep.toml").write_text(
        '[pipeline]\nsheet = "deals.csv"\n[columns]\nstage = "Stage"\ncompany = "Company"\n'
    )
    ended = shell(command)
    assert ended.code == 2
    assert "found no row of headers; it begins with Acme, Demo, bo@x.example; the sheet has no" in ended.err


def test_a_stage_column_that_is_gone_is_told_with_what_is_there(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Company,Progress\nAcme,Demo\n")
    (tmp_path / "fivestep.toml").write_text(
        '[pipeline]\nsheet = "deals.csv"\n[columns]\nstage = "Stage"\ncompany = "Company"\n'
    )
    assert "columns.stage: found Company, Progress in row 1; the sheet has no column 'Stage'" in shell("plan").err


def test_an_empty_sheet_is_called_empty(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "fivestep.toml").write_text('[pipeline]\nsheet = "empty.csv"\n[columns]\nstage = "Stage"\n')
    ended = shell("plan")
    assert ended.code == 2
    assert "found an empty sheet" in ended.err


def test_as_of_moves_the_day(sample: Shell) -> None:
    early, late = (sample("plan", "--json", "--as-of", day).document for day in ("2020-01-02", "2040-01-02"))
    assert (early["as_of"], late["as_of"]) == ("2020-01-02", "2040-01-02")
    assert early["summary"] != late["summary"]


def test_without_settings_it_says_how_to_begin(shell: Shell) -> None:
    for verb in ("check", "plan", "run", "undo", "history", "report"):
        ended = shell(verb)
        assert ended.code == 2
        assert "fivestep init" in ended.err
        assert "Traceback" not in ended.err


def test_settings_can_stand_elsewhere(sample: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert sample("plan", "--config", "../fivestep.toml").code == 0


def _options(command: click.Command) -> set[str]:
    shown = [option for option in command.params if not getattr(option, "hidden", False)]
    return {name for option in shown for name in (*option.opts, *option.secondary_opts) if name[0] == "-"}


def test_every_command_and_option_is_documented_and_no_other() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert re.findall(r"^## fivestep (\w+)", page, re.MULTILINE) == list(commands.commands)
    options = {option for command in commands.commands.values() for option in _options(command)}
    assert set(re.findall(r"`(--?[a-z][a-z-]*)", page)) == {*options, "--help", "-h"}


def test_every_own_option_stands_in_its_commands_section() -> None:
    sections = dict(re.findall(r"^## fivestep (\w+)(.*?)(?=^## )", DOCS.read_text("utf-8"), re.MULTILINE | re.DOTALL))
    shared = {"--config", "--as-of", "--json", "--verbose", "-v", "--log-format"}
    for name, command in commands.commands.items():
        for option in _options(command) - shared:
            assert f"`{option}" in sections[name], f"{option} is missing from the section on {name}"


def test_every_command_says_what_it_does() -> None:
    for command in commands.commands.values():
        assert command.help
        assert all(option.help for option in command.params if isinstance(option, click.Option) and not option.hidden)


def test_a_sheet_of_which_no_stage_is_known_stops_a_run_before_it_writes(shell: Shell) -> None:
    Path("fivestep.toml").write_text('[pipeline]\nsheet = "s.csv"\n[columns]\ndeal = "Deal"\nstage = "Stage"\n')
    sheet = "Deal,Stage\nPumps,Foo\nValves,Foo\n"
    Path("s.csv").write_text(sheet)
    ended = shell("run")
    assert ended.code == 5
    assert "'Foo' (2 deals). Say under [stages] in the settings" in ended.err
    assert Path("s.csv").read_text() == sheet
    for verb in ("plan", "check"):
        assert "A run would stop here: no word of the stage column is known" in shell(verb).out
    [brake] = shell("check", "--json").document["brakes"]
    assert "'Foo' (2 deals)" in brake["message"]
    Path("fivestep.toml").write_text(Path("fivestep.toml").read_text() + '[stages]\nFoo = "Pitch"\n')
    assert shell("run").code == 0
