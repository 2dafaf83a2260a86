"""The whole program at Google through its command line, from the address of a spreadsheet to the undo."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.fakes.google.server import GoogleServer
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google_team import ANA, SCOPES, make_google_team
from tests.fakes.shared_data import real


@pytest.fixture
def server() -> Iterator[GoogleServer]:
    with GoogleServer() as server:
        yield server


def ago(days: int) -> str:
    """The day so many days before today: these commands plan for today."""
    return str(dt.datetime.now(dt.UTC).date() - dt.timedelta(days))


def called(server: GoogleServer, folder: Path, *arguments: str, code: int = 0) -> Any:
    """The JSON document that a command prints."""
    environment = {**os.environ, "FIVESTEP_GOOGLE_API_ROOT": server.root, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "fivestep", *arguments, "--json"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == code, done.stderr + done.stdout[-2000:]
    return json.loads(done.stdout)


def imported(server: GoogleServer, rows: Sequence[Sequence[str]]) -> Spreadsheet:
    """A spreadsheet that somebody made from a file: texts that read like numbers and dates become such."""
    book = server.sheets.add("Imported", writers=[ANA], row_count=len(rows) + 100, tab="Deals")
    tab = book.tabs[0]
    tab.write("A1", [[tab.entered(text) for text in row] for row in rows])
    return book


@pytest.mark.slow
def test_from_an_address_to_the_undo(server: GoogleServer, tmp_path: Path) -> None:
    rows = [
        ["Opportunity", "Stage", "Contact e-mail", "Contact", "In stage since", "Value"],
        ["Acme presses", "Pitch", "kim@acme.example", "Kim Lee", ago(60), "$12,500"],
        ["Bolt line", "Qualification", "lou@bolt.example", "Lou Roth", ago(50), "900"],
        ["Cask tanks", "Closed lost", "max@cask.example", "Max Orr", ago(40), ""],
    ]
    book = imported(server, rows)
    (tmp_path / "google-token.json").write_text(json.dumps(server.tokens.authorized_user(ANA, SCOPES)))
    before = book.tabs[0].values()
    called(server, tmp_path, "init", f"https://docs.google.com/spreadsheets/d/{book.id}/edit#gid=0")
    assert not any(check["ok"] is False for check in called(server, tmp_path, "doctor")["checks"])

    planned = called(server, tmp_path, "plan")
    assert book.tabs[0].values() == before
    done = called(server, tmp_path, "run")
    assert [(d["to"], d["subject"], d["outcome"]) for d in done["drafts"]] == [
        (d["to"], d["subject"], "created") for d in planned["drafts"]
    ]
    assert {change["outcome"] for change in done["changes"]} == {"written"}
    box = server.gmail.mailbox(ANA)
    assert sorted(draft.to for draft in box.drafts.values()) == ["kim@acme.example", "lou@bolt.example"]
    assert called(server, tmp_path, "run")["changes"] == []

    (first, *_) = box.drafts
    box.send_draft(first)
    again = called(server, tmp_path, "run")
    assert any("Sent 1 of" in change["new"] for change in again["changes"])
    assert len(called(server, tmp_path, "history")["runs"]) == 3
    called(server, tmp_path, "undo", "1")
    called(server, tmp_path, "report")
    assert not [call for call in server.calls if call.method_id.endswith(".send")]


@pytest.mark.slow
def test_the_address_says_which_tab_even_where_that_is_number_0(server: GoogleServer, tmp_path: Path) -> None:
    team = make_google_team(tmp_path, server, row_count=20)
    (tmp_path / "fivestep.toml").unlink()
    archive = team.book.add_tab("Archive", [list(row) for row in team.cells()])
    team.book.tabs.insert(0, team.book.tabs.pop())
    called(server, tmp_path, "init", f"https://docs.google.com/spreadsheets/d/{team.book.id}/edit#gid=0")
    called(server, tmp_path, "run", "--as-of", "2026-11-23")
    assert "Status" not in archive.values()[0]
    assert "Status" in team.book.tabs[1].values()[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "encoding"),
    [
        ("maven-crm/sales_pipeline.csv", "utf-8-sig"),
        ("trackers/08_funneler_sharepoint_Opportunities.csv", "utf-8-sig"),
        ("trackers/14_duckflow_deals.csv", "utf-8-sig"),
    ],
)
def test_real_pipelines(server: GoogleServer, tmp_path: Path, file: str, encoding: str) -> None:
    with real(file).open(encoding=encoding, newline="") as opened:
        rows = list(csv.reader(opened))
    book = imported(server, rows)
    (tmp_path / "google-token.json").write_text(json.dumps(server.tokens.authorized_user(ANA, SCOPES)))
    called(server, tmp_path, "init", f"https://docs.google.com/spreadsheets/d/{book.id}")
    typed = book.tabs[0].values()
    done = called(server, tmp_path, "run", "--as-of", "2026-11-23")
    assert {change["outcome"] for change in done["changes"]} == {"written"}
    after = book.tabs[0].values()
    assert [row[: len(before)] for row, before in zip(after, typed, strict=False)] == typed
    assert called(server, tmp_path, "run", "--as-of", "2026-11-23")["changes"] == []


@pytest.mark.slow
def test_a_sheet_of_fifty_thousand_rows(server: GoogleServer, tmp_path: Path) -> None:
    deals = [
        [f"Deal {n}", "Pitch", f"p{n}@{n % 500}.example", f"Pat{n} Lee", "2026-11-20" if n % 1000 else "2026-10-05"]
        for n in range(50_000)
    ]
    team = make_google_team(
        tmp_path, server, [["Deal", "Stage", "E-mail", "Contact", "Since"], *deals], row_count=50_100
    )
    begin = len(server.calls)
    done = called(server, tmp_path, "run", "--as-of", "2026-11-23")
    calls = [call for call in server.calls[begin:] if call.method_id.startswith("sheets.")]
    assert [call.http for call in calls] == ["GET", "GET", "GET", "GET", "POST", "GET"]
    assert sum(draft["outcome"] == "created" for draft in done["drafts"]) == 25
    statuses = team.column("Status")
    assert sum(text.startswith("On track") for text in statuses.values()) == 49_950
    assert called(server, tmp_path, "run", "--as-of", "2026-11-23")["summary"]["deals"] == 50_000
