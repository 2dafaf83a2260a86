"""The examples do what they say. Their connectors' own tests lie beside them, and run with all others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import fivestep
from fivestep.config.settings.load import load_settings
from tests import ROOT
from tests.fakes.team import AS_OF, write_sheet

EXAMPLES = ROOT / "examples"
AIRTABLE = EXAMPLES / "airtable"


@pytest.mark.slow
def test_the_script_over_the_python_api(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "api.py"), str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "A word is due in Qualification:\n  " in done.stdout
    assert "Run 2: {" in done.stdout
    assert "<html" in (tmp_path / "report.html").read_text("utf-8")


def test_the_process_of_a_teams_own(tmp_path: Path) -> None:
    """It loads clean, and is what a small sheet is judged by."""
    (tmp_path / "own_process.toml").write_bytes((EXAMPLES / "own_process.toml").read_bytes())
    header = ["Deal", "Stage", "E-mail", "Amount", "Trial ends", "Seats", "Champion", "Since"]
    rows = [
        ["Acme", "Pilot", "kim@acme.example", "", "2026-11-20", "", "Lou", "2026-11-02"],
        ["Bolt", "Quote sent", "max@bolt.example", "900", "", "12", "Max", "2026-11-20"],
    ]
    write_sheet(tmp_path / "deals.csv", [header, *rows])
    (tmp_path / "fivestep.toml").write_text(
        """
[pipeline]
sheet = "deals.csv"
[process]
file = "own_process.toml"
[columns]
deal = "Deal"
stage = "Stage"
email = "E-mail"
amount = "Amount"
trial_ends = "Trial ends"
seats = "Seats"
champion = "Champion"
stage_since = "Since"
""",
        "utf-8",
    )
    plan = fivestep.plan(load_settings(tmp_path / "fivestep.toml", {}), AS_OF)
    assert [verdict.stage for verdict in plan.verdicts] == ["Trial", "Offer"]
    assert "trial.over" in {problem.rule for problem in plan.problems}
    assert plan.verdicts[0].next_step == "Call them before the trial ends, and offer seats for all who tried it"


def test_airtable_as_a_package_and_a_whole_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`init` takes the records' own IDs for those of the deals, and Airtable gets three new fields."""
    monkeypatch.syspath_prepend(str(AIRTABLE))
    monkeypatch.syspath_prepend(str(tmp_path))
    about = tmp_path / "fivestep_airtable-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: fivestep-airtable\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(_entry_points())
    (tmp_path / "airtable-token").write_text("secret\n")
    from airtable_server import AirtableServer

    with AirtableServer(token="secret") as server:
        rows = [
            ["Acme", "Acme", "Pitch", "kim@acme.example", "2026-10-02"],
            ["Bolt", "Bolt", "Lost", "max@bolt.example", "2026-10-05"],
        ]
        server.hold("Deals", fields=["Deal", "Company", "Stage", "E-mail", "Since"], rows=rows)
        server.hold("People", fields=["Name"], rows=[])
        monkeypatch.setenv("FIVESTEP_CONNECTORS_AIRTABLE_ROOT", server.root)
        monkeypatch.setenv("FIVESTEP_CONNECTORS_AIRTABLE_PER_SECOND", "0")
        monkeypatch.setenv("FIVESTEP_DRAFTS_FROM", "Ana Sommer <ana@northwind.example>")
        monkeypatch.chdir(tmp_path)
        file = fivestep.init("airtable:appNorthwind", tmp_path).file
        assert 'tab = "Deals"' in file.read_text("utf-8")
        assert 'id = "Record ID"' in file.read_text("utf-8")
        settings = fivestep.load_settings(file)
        report = fivestep.run(settings, AS_OF)
        table = server.tables["Deals"]
        assert table["fields"][5:] == ["Status", "Suggested next step", "Follow-up"]
        assert [written.outcome for written in report.changes] == ["written"] * len(report.changes)
        (acme, bolt) = table["records"].values()
        assert acme["Status"].startswith(("Stalled", "Follow up"))
        assert bolt["Status"].startswith("Lost")
        assert {verdict.deal for verdict in report.plan.verdicts} == set(table["records"])
        assert len(list((tmp_path / "drafts").glob("*.eml"))) == 1
        assert fivestep.run(settings, AS_OF).changes == []
        server.token = "another"
        failed = {check.name: check for check in fivestep.doctor(settings)}["sheet"]
        assert failed.ok is False
        assert "make a token at airtable.com" in failed.message


def _entry_points() -> str:
    """What an installer makes of the package's own file."""
    import tomllib

    project = tomllib.loads((AIRTABLE / "pyproject.toml").read_text("utf-8"))["project"]
    return "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    )
