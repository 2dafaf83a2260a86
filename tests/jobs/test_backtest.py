"""`fivestep backtest`, as a person and a program read it."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest

import fivestep
from tests.fakes.shared_data import real
from tests.fakes.shell import Shell

DAY = dt.date(2026, 11, 23)
WINKEL = ("Interes", "Diseño Propuesta", "Presentación Propuesta", "Negociación", "Firmas")


@pytest.fixture
def sample(shell: Shell, tmp_path: Path) -> Shell:
    """A shell in the folder of the sample."""
    fivestep.demo(tmp_path / "demo", DAY)
    (tmp_path / "fivestep.toml").write_text((tmp_path / "demo" / "fivestep.toml").read_text("utf-8"), "utf-8")
    return shell


def test_the_sentences_come_first_and_say_what_the_tables_do(sample: Shell) -> None:
    told = sample("backtest", "--config", "demo/fivestep.toml", "--as-of", str(DAY))
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0] == f"Northwind sales, {DAY}"
    assert lines[1].startswith("Learned from 63 deals won and 91 lost, and replayed week by week since 2025-")
    assert "Closing: past 25 days your deals are won a third as often (25 deals)." in lines
    header = next(line for line in lines if line.startswith("Stage "))
    assert header.split("  ")[0] == "Stage"
    assert any(line.startswith("Qualification  35 days  learned") and line.endswith("helps") for line in lines)
    assert any(line.startswith("the process's own days") for line in lines)
    assert any("earlier forecasts expected" in line for line in lines)


def test_it_changes_nothing(sample: Shell, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (tmp_path / "demo").iterdir() if path.is_file()}
    sample("backtest", "--config", "demo/fivestep.toml", "--as-of", str(DAY))
    after = {path.name: path.read_bytes() for path in (tmp_path / "demo").iterdir() if path.is_file()}
    assert {name: after[name] for name in ("pipeline.xlsx", "fivestep.toml")} == {
        name: before[name] for name in ("pipeline.xlsx", "fivestep.toml")
    }
    assert [run["kind"] for run in sample("history", "--config", "demo/fivestep.toml", "--json").document["runs"]] == [
        "import"
    ]


def test_the_document_has_all_that_is_promised(sample: Shell) -> None:
    document = sample("backtest", "--config", "demo/fivestep.toml", "--as-of", str(DAY), "--json").document
    assert {"as_of", "horizon_days", "stages", "in_stage", "pooled", "forecast"} <= set(document)
    promised = {
        "stage", "limit_days", "source", "won", "lost", "open", "flags_per_month", "won_flagged", "won_others",
        "risk_ratio", "won_ever_flagged", "fixed_days", "fixed_risk_ratio", "verdict",
    }  # fmt: skip
    assert [stage["stage"] for stage in document["stages"]] == [
        "Prospecting", "Qualification", "Pitch", "Objections", "Closing",
    ]  # fmt: skip
    for stage in document["stages"]:
        assert promised <= set(stage)
        assert stage["verdict"] in ("helps", "not shown", "hurts")
        assert set(stage["risk_ratio"]) == set(stage["fixed_risk_ratio"]) == {"estimate", "low", "high"}
    for rule in (document["pooled"], document["pooled"]["configured"], document["pooled"]["fixed"]):
        assert {"estimate", "low", "high", "flagged", "won_flagged", "won_others", "won_ever_flagged"} <= set(rule)
    assert document["pooled"]["configured"]["flagged"] > 2 * document["pooled"]["flagged"]
    assert set(document["in_stage"]) == {"estimate", "low", "high", "configured", "fixed"}
    assert {"as_of", "expected", "won", "expected_amount", "won_amount"} == set(document["forecast"]["finished"][0])


def test_too_little_is_said_so(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text("Deal,Stage\nAcme,Pitch\n", "utf-8")
    (tmp_path / "fivestep.toml").write_text(
        '[pipeline]\nsheet = "deals.csv"\n[columns]\ndeal = "Deal"\nstage = "Stage"\n', "utf-8"
    )
    told = shell("backtest", "--as-of", str(DAY))
    assert told.code == 0
    assert "Too little to learn from: 0 deals won and 0 lost" in told.out
    assert "fivestep history import FILE" in told.out
    document = shell("backtest", "--as-of", str(DAY), "--json").document
    assert (document["since"], document["rows"], document["in_stage"]["estimate"]) == (None, 0, None)
    assert {stage["source"] for stage in document["stages"]} == {"guess"}


def test_wins_alone_teach_nothing(shell: Shell, tmp_path: Path) -> None:
    lines = ["Deal,Stage,Created,Won on,Lost on"]
    lines += [f"L{number},Lost,2026-01-05,,2026-03-{number % 28 + 1:02}" for number in range(500)]
    lines += [f"W{number},Won,2026-01-05,2026-02-{number + 1:02}," for number in range(6)]
    (tmp_path / "deals.csv").write_text("\n".join(lines), "utf-8")
    (tmp_path / "fivestep.toml").write_text(
        '[pipeline]\nsheet = "deals.csv"\n[columns]\ndeal = "Deal"\nstage = "Stage"\ncreated = "Created"\n'
        'won_on = "Won on"\nlost_on = "Lost on"\n',
        "utf-8",
    )
    assert "Too little to learn from: 6 deals won and 500 lost, and 10 of each are needed" in shell("backtest").out


def test_a_limit_that_was_set_by_hand_is_judged_all_the_same(sample: Shell, tmp_path: Path) -> None:
    settings = fivestep.load_settings(tmp_path / "demo" / "fivestep.toml")
    fivestep.new_process(settings)
    process = tmp_path / "demo" / "process.toml"
    process.write_text(process.read_text("utf-8").replace('name = "Closing"', 'name = "Closing"\nstall_after = 15', 1))
    toml = tmp_path / "demo" / "fivestep.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[process]\nfile = "process.toml"\n', "utf-8")
    told = sample("backtest", "--config", str(toml), "--as-of", str(DAY)).out
    assert re.search(r"^Closing: set by hand to 15 working days, .* won [0-9.]+ .*as the others: helps\.$", told, re.M)
    closing = sample("backtest", "--config", str(toml), "--as-of", str(DAY), "--json").document["stages"][-1]
    assert (closing["set_by_hand"], closing["configured_verdict"]) == (15, "helps")
    assert closing["configured_risk_ratio"]["high"] < 1


@pytest.mark.slow
def test_a_real_team_from_its_file_to_the_verdict(shell: Shell, tmp_path: Path) -> None:
    stages = "".join(f'[[stages]]\nname = "{name}"\nrhythm = 7\n' for name in WINKEL)
    ends = '[[stages]]\nname = "Won"\nkind = "won"\n[[stages]]\nname = "Lost"\nkind = "lost"\n'
    (tmp_path / "process.toml").write_text(f'name = "Five"\n{stages}{ends}', "utf-8")
    (tmp_path / "fivestep.toml").write_text(
        f"[pipeline]\nsheet = {json.dumps(str(real('winkel/pipeline.csv')))}\n[columns]\n"
        'id = "Deal ID"\nstage = "Stage"\nstage_since = "Stage since"\ncreated = "Created"\namount = "Amount"\n'
        '[process]\nfile = "process.toml"\n',
        "utf-8",
    )
    assert shell("history", "import", str(real("winkel/history.csv"))).code == 0
    document = shell("backtest", "--as-of", "2023-09-01", "--json").document
    assert document["in_stage"]["high"] < 1
    assert document["pooled"]["flagged"] <= 0.75
    assert document["pooled"]["won_ever_flagged"] <= 0.47
    verdicts = {stage["stage"]: (stage["source"], stage["verdict"]) for stage in document["stages"]}
    assert verdicts["Firmas"] == ("learned", "helps")
    assert verdicts["Interes"] == ("none", "not shown")
