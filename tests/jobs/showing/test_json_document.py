"""The JSON document: names and outcomes that others build on."""

from __future__ import annotations

import datetime as dt
import json
import math

from fivestep.connectors.ledger import ChangeRecord, DealStory, RunRecord
from fivestep.connectors.sheet import Written
from fivestep.jobs.running.reports import Drafted, RunReport, UndoReport
from fivestep.jobs.showing.json_document import of_report, of_runs, of_story, of_undo
from fivestep.process.model.history import DraftRecord, StageEntry
from fivestep.process.model.plan import Funnel, FunnelStage
from tests.fakes.plans import CHANGE, TODAY, make_plan


def test_a_plan_holds_all_that_is_promised() -> None:
    document = of_report(RunReport(make_plan()), "drafts/")
    assert document["pipeline"] == "Northwind sales"
    assert document["as_of"] == "2026-11-23"
    assert document["run"] is None
    assert document["deals"][1] == {
        "deal": "D-17", "row": 5, "name": "Press hall", "stage": "Qualification", "status": "Stalled",
        "reason": "9 working days in Qualification (limit 7)", "next_step": "Ask about the budget",
        "days_in_stage": 9, "days_since_contact": 14,
        "age_days": 13, "limit_days": 7, "limit_source": "set", "open": ["budget"], "past_every_win": False,
    }  # fmt: skip
    assert document["problems"] == [
        {"deal": "D-17", "row": 5, "column": "Budget", "rule": "qualification.budget", "severity": "error",
         "message": "The budget is not known", "fix": "Fill in Budget",
         "or_settings": ""},
    ]  # fmt: skip
    assert document["changes"] == [
        {"deal": "D-17", "row": 5, "column": "Status", "old": "",
         "new": "Stalled: 9 working days in Qualification (limit 7)", "outcome": "planned", "reason": None},
    ]  # fmt: skip
    assert document["drafts"][1] == {
        "deal": "D-17", "row": 5, "key": "D-17/2/1", "step": 1, "to": "nora@alderfinch.example",
        "from": "ana@northwind.example", "subject": "Your presses", "template": "nudge", "mailbox": "drafts/",
        "outcome": "planned", "reason": None,
    }  # fmt: skip
    assert (document["drafts"][0]["outcome"], document["drafts"][0]["reason"]) == ("skipped", "do not contact")
    assert document["summary"] == {"deals": 3, "Stalled": 1}
    assert document["new_leads"] == [{"name": "Tom Weaver", "referred_by": "D-18", "row": 6}]
    assert document["brakes"] == [{"switch": "empty", "message": "the sheet holds no deals"}]
    assert document["funnel"]["stages"][0] == {
        "stage": "Qualification", "kind": "open", "deals": 1, "amounts": {"EUR": 18500.0}, "weighted": {"EUR": 4625.0},
    }  # fmt: skip


def test_a_run_tells_what_became_of_each_part_and_where() -> None:
    report = RunReport(
        make_plan(),
        run=4,
        changes=[Written("skipped", 9, "a person was faster")],
        drafts=[Drafted("skipped", "do not contact"), Drafted("failed", "the disk is full")],
        notices=["a notice"],
    )
    document = of_report(report, "drafts/")
    assert document["run"] == 4
    assert document["notices"] == ["a notice"]
    change = document["changes"][0]
    assert (change["row"], change["outcome"], change["reason"]) == (9, "skipped", "a person was faster")
    assert [(draft["outcome"], draft["reason"]) for draft in document["drafts"]] == [
        ("skipped", "do not contact"),
        ("failed", "the disk is full"),
    ]


def test_every_number_is_one_that_json_has() -> None:
    funnel = Funnel([FunnelStage("Pitch", 2, {"EUR": math.inf}, {"EUR": math.nan})], 0, 0, None, 0, None)
    document = of_report(RunReport(make_plan(funnel=funnel)), "drafts/")
    assert json.loads(json.dumps(document, allow_nan=False))["funnel"]["stages"][0]["amounts"] == {"EUR": None}


def test_an_undo_names_both_runs() -> None:
    document = of_undo("Northwind sales", UndoReport(5, 4, [CHANGE], [Written("written", 5)]))
    assert (document["run"], document["undoes"]) == (5, 4)
    assert document["changes"][0]["outcome"] == "written"


def test_runs_and_a_story_are_json() -> None:
    at = dt.datetime(2026, 11, 23, 7, 0, tzinfo=dt.UTC)
    runs = of_runs("Northwind sales", [RunRecord(1, "run", TODAY, at, None, "open", {"deals": 3}, "", None)])
    assert json.loads(json.dumps(runs))["runs"][0]["started"] == "2026-11-23T07:00:00+00:00"
    story = DealStory(
        "D-17",
        [StageEntry("Pitch", TODAY, None)],
        [DraftRecord("D-17/1/1", "D-17", "nora@alderfinch.example", 1, 1, "nudge", "sent", TODAY, TODAY)],
        [ChangeRecord(1, "D-17", 5, "Status", "", "On track", "written")],
        days={1: TODAY},
    )
    told = json.loads(json.dumps(of_story("Northwind sales", story)))
    assert told["stages"] == [{"stage": "Pitch", "seen_on": "2026-11-23", "dated": None}]
    assert told["drafts"][0]["state"] == "sent"
    assert told["changes"][0]["new"] == "On track"
