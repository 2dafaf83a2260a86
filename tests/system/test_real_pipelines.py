"""The whole job on real pipelines."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
import zipfile
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import fivestep
from fivestep.connectors.registry import open_sheet
from fivestep.process.model.plan import STATUSES
from tests.fakes.shared_data import real

YEAR_END = dt.date(2017, 12, 31)

HARDWARE_PROCESS = """
name = "Hardware sales"

[[stages]]
name = "Prospecting"
probability = 0.1
moves = ["Engaging", "Lost"]

[[stages]]
name = "Engaging"
probability = 0.4
stall_after = 30
moves = ["Won", "Lost"]
leave = ["company"]

  [[stages.next_steps]]
  when = "days_in_stage > 60"
  step = "Call {{company|the customer}}, or close the deal"

  [[stages.next_steps]]
  step = "Make an offer to {{company|the customer}}"

[[stages]]
name = "Won"
kind = "won"
date = "won_on"

[[stages]]
name = "Lost"
kind = "lost"
date = "won_on"
"""

HARDWARE_SETTINGS = """
[pipeline]
name = "Hardware"
sheet = "sales_pipeline.csv"

[columns]
id = "opportunity_id"
deal = "product"
company = "account"
owner = "sales_agent"
stage = "deal_stage"
stage_since = "engage_date"
won_on = "close_date"
amount = "close_value"

[process]
file = "process.toml"
"""


@pytest.fixture
def hardware(tmp_path: Path) -> Path:
    shutil.copy(real("maven-crm/sales_pipeline.csv"), tmp_path)
    (tmp_path / "process.toml").write_text(HARDWARE_PROCESS, "utf-8")
    (tmp_path / "fivestep.toml").write_text(HARDWARE_SETTINGS, "utf-8")
    return tmp_path


def _workdays(since: dt.date, until: dt.date) -> int:
    days = (since + dt.timedelta(days=n) for n in range(1, (until - since).days + 1))
    return sum(day.weekday() < 5 for day in days)


def test_hardware_every_deal_has_a_status_and_the_funnel_is_right(hardware: Path) -> None:
    with (hardware / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    plan = fivestep.plan(fivestep.load_settings(hardware / "fivestep.toml"), YEAR_END)

    assert len(plan.verdicts) == len(rows) == 8800
    assert [verdict.deal for verdict in plan.verdicts] == [row["opportunity_id"] for row in rows]
    assert {verdict.status for verdict in plan.verdicts} <= set(STATUSES) - {"Unknown stage"}

    counts = Counter(row["deal_stage"] for row in rows)
    amounts: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        amounts[row["deal_stage"]] += float(row["close_value"] or 0)
    chances = {"Prospecting": 0.1, "Engaging": 0.4, "Won": 1.0, "Lost": 0.0}
    for stage in plan.funnel.stages:
        assert stage.deals == counts[stage.stage]
        assert sum(stage.amounts.values()) == pytest.approx(amounts[stage.stage])
        assert sum(stage.weighted.values()) == pytest.approx(amounts[stage.stage] * chances[stage.stage])
    assert (plan.funnel.won, plan.funnel.lost) == (counts["Won"], counts["Lost"])
    assert plan.funnel.win_rate == pytest.approx(counts["Won"] / (counts["Won"] + counts["Lost"]))

    for row, verdict in zip(rows, plan.verdicts, strict=True):
        if row["deal_stage"] == "Engaging":
            days = _workdays(dt.date.fromisoformat(row["engage_date"]), YEAR_END)
            assert verdict.days_in_stage == days
            assert (verdict.status == "Stalled") == (days > 30)


@pytest.mark.slow
def test_hardware_a_run_writes_its_columns_and_nothing_else_and_rests_then(hardware: Path) -> None:
    original = (hardware / "sales_pipeline.csv").read_bytes()
    settings = fivestep.load_settings(hardware / "fivestep.toml")
    first = fivestep.run(settings, YEAR_END)
    assert not first.partly
    lines = (hardware / "sales_pipeline.csv").read_bytes().splitlines()
    assert all(now.startswith(before) for now, before in zip(lines, original.splitlines(), strict=True))
    assert fivestep.run(settings, YEAR_END).changes == []
    fivestep.undo(settings)
    rows = list(csv.reader((hardware / "sales_pipeline.csv").read_text("utf-8").splitlines()))
    assert [row[:8] for row in rows] == list(csv.reader(original.decode("utf-8").splitlines()))
    assert not any(cell for row in rows for cell in row[8:])


@pytest.mark.slow
def test_hardware_the_week_of_the_team(hardware: Path) -> None:
    with (hardware / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    settings = fivestep.load_settings(hardware / "fivestep.toml")
    lead = settings.digest.model_copy(update={"lead": "Rita Boss <rita@hardware.example>"})
    settings = settings.model_copy(update={"digest": lead})
    fivestep.run(settings, YEAR_END - dt.timedelta(days=7))
    report = fivestep.digest(settings, YEAR_END)
    agents = {row["sales_agent"] for row in rows}
    told = {digest.reader.who: done for digest, done in zip(report.digests, report.outcomes, strict=True)}
    assert set(told) == {*agents, "Rita Boss"}
    assert {done.reason for who, done in told.items() if who in agents} == {
        "their address is not known: map a column to owner_email"
    }
    assert told["Rita Boss"].outcome == "created"
    [whole] = [digest for digest in report.digests if digest.kind == "lead"]
    week_ago = YEAR_END - dt.timedelta(days=7)
    for stage in ("Won", "Lost"):
        closed = {
            row["opportunity_id"]
            for row in rows
            if row["deal_stage"] == stage and dt.date.fromisoformat(row["close_date"]) > week_ago
        }
        assert {line.verdict.deal for line in whole.parts["won" if stage == "Won" else "lost"]} == closed
    stalled = [v.deal for v in fivestep.plan(settings, YEAR_END).verdicts if v.status == "Stalled"]
    assert sorted(line.verdict.deal for line in whole.parts["stalled"]) == sorted(stalled)
    for part, lines in whole.parts.items():
        owned = [line.deal.row for digest in report.digests[:-1] for line in digest.parts.get(part, ())]
        assert sorted(owned) == sorted(line.deal.row for line in lines)
    [mail] = (hardware / "drafts").glob("*.eml")
    assert len(mail.read_text("utf-8").splitlines()) < 250


def test_a_tracker_of_formulas_is_mapped_run_and_left_whole(tmp_path: Path) -> None:
    [source] = real("trackers").glob("06_*.xlsx")
    book = tmp_path / "tracker.xlsx"
    shutil.copy(source, book)
    fivestep.init(str(book), tmp_path)
    settings = fivestep.load_settings(tmp_path / "fivestep.toml")
    before = open_sheet(settings).read()
    report = fivestep.run(settings, dt.date(2025, 9, 1))
    assert not report.partly
    assert len(report.plan.verdicts) == 36
    after = open_sheet(settings).read()
    assert dict(after.formulas) == dict(before.formulas)
    assert len(before.formulas) > 30
    width = before.width
    assert [list(row[:width]) for row in after.rows] == [list(row[:width]) for row in before.rows]
    parts, own = _other_parts(source), _other_parts(book)
    # The table of the deals holds the tool's columns now, and the formulas are calculated when it is opened.
    assert {name for name in parts if parts[name] != own[name]} == {"xl/workbook.xml", "xl/tables/table1.xml"}
    assert own["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"") == parts["xl/workbook.xml"]
    assert fivestep.run(settings, dt.date(2025, 9, 1)).changes == []


def _other_parts(book: Path) -> dict[str, bytes]:
    """Every part of the package but the tab that was written to."""
    with zipfile.ZipFile(book) as package:
        return {name: package.read(name) for name in package.namelist() if name != "xl/worksheets/sheet1.xml"}


@pytest.mark.parametrize(
    "name", ["trackers/08_funneler_sharepoint_Opportunities.csv", "trackers/14_duckflow_deals.csv"]
)
def test_exports_of_other_tools(name: str, tmp_path: Path) -> None:
    sheet = tmp_path / "export.csv"
    shutil.copy(real(name), sheet)
    fivestep.init(str(sheet), tmp_path)
    settings = fivestep.load_settings(tmp_path / "fivestep.toml")
    report = fivestep.run(settings, dt.date(2025, 9, 1))
    assert not report.partly
    assert report.plan.verdicts
    assert {verdict.status for verdict in report.plan.verdicts} != {"Unknown stage"}
    assert fivestep.run(settings, dt.date(2025, 9, 1)).changes == []
