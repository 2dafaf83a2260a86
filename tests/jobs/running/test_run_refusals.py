"""What only a run can hold against a draft: each reason is reached, and the documentation has them all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fivestep.connectors.ledger import Job
from fivestep.connectors.mailbox import RefusedError
from fivestep.connectors.sheet import WriteRequest, Written
from fivestep.errors import CredentialsError, FivestepError, UnreachableError
from fivestep.jobs.run import run
from fivestep.jobs.running.pipeline import open_pipeline
from fivestep.jobs.running.reports import Drafted, RunReport
from fivestep.jobs.running.run_refusals import CELL_WITHOUT_DRAFT, LEFT_TO_FOLLOW_UP, NO_ID_IN_SHEET, OVERTAKEN
from tests import ROOT
from tests.fakes.team import AS_OF, Team, make_team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return make_team(tmp_path)


class Instead:
    """A connector of which one call is another."""

    def __init__(self, inner: object, **calls: Callable[..., Any]) -> None:
        self._inner = inner
        vars(self).update(calls)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def run_of(team: Team, job: Job = "follow_up", **parts: Callable[[Any], object]) -> RunReport:
    """A run in which these parts of the pipeline are others."""
    with open_pipeline(team.settings) as pipeline:
        changed = {name: make(getattr(pipeline, name)) for name, make in parts.items()}
        return run(dataclasses.replace(pipeline, **changed), AS_OF, job=job)


def answering(fault: FivestepError) -> Callable[[Any], object]:
    """A mailbox that answers to every draft with this."""

    def create(message: object) -> str:
        raise fault

    return lambda mailbox: Instead(mailbox, create=create)


def without_ids(sheet: Any) -> object:
    """A sheet that takes everything but IDs."""

    def write(request: WriteRequest) -> list[Written]:
        others = [change for change in request.changes if change.column != "Deal ID"]
        results = iter(sheet.write(dataclasses.replace(request, changes=others)))
        refused = Written("failed", None, "a formula")
        return [refused if change.column == "Deal ID" else next(results) for change in request.changes]

    return Instead(sheet, write=write)


def test_a_sync_leaves_them_to_the_follow_up(team: Team) -> None:
    assert run_of(team, "sync").drafts == [LEFT_TO_FOLLOW_UP, LEFT_TO_FOLLOW_UP]


def test_a_deal_without_an_id_in_the_sheet_gets_none(team: Team) -> None:
    report = run_of(team, named_sheet=without_ids)
    assert report.drafts == [NO_ID_IN_SHEET, NO_ID_IN_SHEET]
    assert team.drafts() == []


def test_what_the_ledger_does_not_take_is_not_drafted_and_the_cells_are_put_back(team: Team) -> None:
    report = run_of(team, ledger=lambda ledger: Instead(ledger, intend=lambda *args: False))
    assert report.drafts == [OVERTAKEN, OVERTAKEN]
    assert team.drafts() == []
    assert set(team.column("Follow-up").values()) == {""}
    needing = [result for change, result in zip(report.plan.changes, report.changes, strict=True) if change.needs]
    assert {(result.outcome, result.reason) for result in needing} == {("skipped", CELL_WITHOUT_DRAFT)}


@pytest.mark.parametrize("fault", [UnreachableError("the mailbox is away"), RefusedError("no such address")])
def test_what_the_mailbox_refuses_has_failed_and_may_be_tried_again(team: Team, fault: FivestepError) -> None:
    assert run_of(team, mailbox=answering(fault)).drafts == [Drafted("failed", str(fault))] * 2
    assert [drafted.outcome for drafted in run_of(team).drafts] == ["created", "created"]


def test_an_answer_that_leaves_it_open_leaves_it_to_the_next_run(team: Team) -> None:
    report = run_of(team, mailbox=answering(CredentialsError("who are you?")))
    assert {drafted.reason for drafted in report.drafts} == {
        "who are you? (the next run finds out whether the draft was made)"
    }
    with open_pipeline(team.settings) as pipeline:
        assert {draft.record.state for draft in pipeline.ledger.open_drafts("team")} == {"intended"}


def test_the_documentation_has_them_all() -> None:
    page = (ROOT / "docs" / "process.md").read_text("utf-8")
    for refusal in (LEFT_TO_FOLLOW_UP, NO_ID_IN_SHEET, OVERTAKEN):
        assert f"- `{refusal.reason}`: " in page
    assert "(the next run finds out whether the draft was made)" in page
