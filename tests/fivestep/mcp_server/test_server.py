"""`fivestep mcp`, asked by the client of the official SDK, over the pipes that an assistant would use."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import pytest

import fivestep
from tests.fakes.team import Team, make_team, write_sheet

pytestmark = pytest.mark.slow

TODAY = dt.datetime.now(dt.UTC).date()

ROWS = [
    ["Deal", "Stage", "E-mail", "Contact", "Since", "Owner", "Amount", "Notes"],
    [
        "Acme",
        "Pitch",
        "kim@acme.example",
        "Kim Lee",
        (TODAY - dt.timedelta(days=30)).isoformat(),
        "Ana",
        "5000",
        "Kim hates mondays",
    ],
    ["Bolt", "Qualification", "lou@bolt.example", "Lou Roth", TODAY.isoformat(), "Ben", "9000", ""],
    ["Bolt two", "Objections", "", "", TODAY.isoformat(), "Ana", "100", ""],
    ["Cask", "Lost", "max@cask.example", "Max Orr", "2026-11-20", "Ben", "", ""],
]

COLUMNS = '\nowner = "Owner"\namount = "Amount"\nnotes = "Notes"\n\n[drafts]'


def _team(folder: Path, more: str = "") -> Team:
    team = make_team(folder)
    team.write(ROWS)
    file = folder / "fivestep.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("\n\n[drafts]", COLUMNS) + more, encoding="utf-8")
    return team


def _asked(folder: Path, *calls: tuple[str, dict[str, Any]]) -> tuple[dict[str, Any], list[Any]]:
    """The tools by their names, and what was answered to each call: a document, or the text of an error."""
    pytest.importorskip("mcp")
    import anyio
    from mcp.client.session import ClientSession
    from mcp.client.stdio import StdioServerParameters, stdio_client

    async def ask() -> tuple[dict[str, Any], list[Any]]:
        server = StdioServerParameters(command=sys.executable, args=["-m", "fivestep", "mcp"], cwd=folder)
        async with stdio_client(server) as pipes, ClientSession(*pipes) as session:
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            answers = []
            for name, arguments in calls:
                result = await session.call_tool(name, arguments)
                text = result.content[0].text
                answers.append(text if result.is_error else json.loads(text))
            return tools, answers

    return anyio.run(ask)


def test_it_tells_what_stalls_and_what_to_do(tmp_path: Path) -> None:
    _team(tmp_path)
    tools, (overview, late, bens, next_up) = _asked(
        tmp_path,
        ("overview", {}),
        ("list_deals", {"stage": "pitch"}),
        ("list_deals", {"owner": "ben", "limit": 1}),
        ("what_to_do_next", {"owner": "Ana"}),
    )
    assert sorted(tools) == ["deal", "forecast", "list_deals", "overview", "plan", "show_mail", "what_to_do_next"]
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools.values())
    assert overview["owners"] == ["Ana", "Ben"]
    assert sum(overview["statuses"].values()) == 4
    assert [deal["name"] for deal in late["deals"]] == ["Acme"]
    assert "working days" in late["deals"][0]["why"]
    assert [deal["name"] for deal in bens["deals"]] == ["Bolt"]  # the biggest first
    assert (bens["in_all"], bens["left_out"]) == (2, 1)
    assert "Acme" in [deal["name"] for deal in next_up["deals"]]
    assert "Bolt" not in [deal["name"] for deal in next_up["deals"]]


def test_a_forecast_comes_with_its_record(tmp_path: Path) -> None:
    fivestep.demo(tmp_path)
    _, (told,) = _asked(tmp_path, ("forecast", {}))
    assert told["in_words"][0].startswith("Of today's open deals about ")
    assert told["forecast"]["finished"]
    assert any(
        limit.startswith("Closing: past 25 days your deals are won a third as often") for limit in told["limits"]
    )
    (tmp_path / "young").mkdir()
    _team(tmp_path / "young")
    _, (young,) = _asked(tmp_path / "young", ("forecast", {}))
    assert young["in_words"][0].startswith("Too little to learn from")
    assert young["forecast"]["expected"] is None


def test_personal_data_is_told_only_of_the_deal_that_is_asked_for(tmp_path: Path) -> None:
    _team(tmp_path)
    _, (*lists, acme, mail) = _asked(
        tmp_path,
        ("overview", {}),
        ("list_deals", {}),
        ("what_to_do_next", {}),
        ("plan", {}),
        ("deal", {"deal": "acme"}),
        ("show_mail", {"deal": "Acme"}),
    )
    assert not any("@" in json.dumps(one) or "mondays" in json.dumps(one) for one in lists)
    assert acme["cells"]["E-mail"] == "kim@acme.example"
    assert acme["cells"]["Notes"] == "Kim hates mondays"
    assert "lou@" not in json.dumps(acme)
    assert mail["mail"]["to"] == "kim@acme.example"
    assert mail["mail"]["text"].startswith("Hello Kim")


def test_what_it_can_not_answer_it_says_in_words(tmp_path: Path) -> None:
    _team(tmp_path)
    _, (status, nobody, two, run) = _asked(
        tmp_path,
        ("list_deals", {"status": "stuck"}),
        ("deal", {"deal": "Zed"}),
        ("deal", {"deal": "olt"}),
        ("run", {}),
    )
    assert "there is no status 'stuck'; there are" in status
    assert "Your turn" in status
    assert "no deal of the sheet has the ID or the name 'Zed'" in nobody
    assert "2 deals are called 'olt'; ask by the ID" in two
    assert "Unknown tool: run" in run


def test_a_sheet_that_is_gone_is_an_answer_and_no_end(tmp_path: Path) -> None:
    team = _team(tmp_path)
    team.path.unlink()
    _, (gone, again) = _asked(tmp_path, ("overview", {}), ("plan", {}))
    assert "pipeline.csv" in gone
    assert "pipeline.csv" in again


def test_it_changes_nothing_unless_the_settings_let_it_run(tmp_path: Path) -> None:
    team = _team(tmp_path)
    _asked(tmp_path, ("overview", {}), ("plan", {}), ("show_mail", {"deal": "Acme"}), ("deal", {"deal": "Acme"}))
    assert team.sheet() == ROWS
    assert team.drafts() == []


def test_it_runs_where_the_settings_let_it(tmp_path: Path) -> None:
    team = _team(tmp_path, "\n[mcp]\nrun = true\n")
    tools, (done, waits, story, empty) = _asked(
        tmp_path,
        ("run", {}),
        ("show_mail", {"deal": "Acme"}),
        ("deal", {"deal": "Acme"}),
        ("run", {}),
    )
    assert tools["run"].annotations.read_only_hint is False
    assert done["run"] == 1
    assert not done["parts_failed"]
    assert team.column("Status")["Acme"]
    assert [draft[0] for draft in team.drafts()] == ["kim@acme.example"]
    assert "waits for somebody to review and send it" in waits["why_none"]
    assert any("Draft 1 to kim@acme.example" in event["text"] for event in story["story"])
    assert empty["counts"].get("written", 0) == 0

    write_sheet(team.path, [ROWS[0]])  # a brake holds here as everywhere
    _, (stopped,) = _asked(tmp_path, ("run", {}))
    assert "--allow-empty" in stopped


def test_without_the_sdk_it_says_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fivestep
    from fivestep.errors import SettingsError

    pytest.importorskip("mcp")
    _team(tmp_path)
    settings = fivestep.load_settings(tmp_path / "fivestep.toml")
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    with pytest.raises(SettingsError, match=r"pip install 'fivestep\[mcp\]'"):
        fivestep.mcp(settings)
