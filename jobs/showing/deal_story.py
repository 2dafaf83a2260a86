"""A deal's whole story in one order of time, as a person would tell it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from fivestep.connectors.ledger import ChangeRecord, DealStory, FindingRecord
from fivestep.process.model.history import DraftRecord, DraftState, StageEntry

StoryKind = Literal["stage", "finding", "draft", "cell"]

_ORDER: tuple[StoryKind, ...] = ("stage", "finding", "draft", "cell")
"""Within a day: what happened to the deal, then what was wrong with it, then what was done about it."""

_FATES: Mapping[DraftState, str] = {
    "edited": "was edited by its owner, and waits",
    "sent": "was sent",
    "deleted": "was deleted",
    "unknown": "is gone; nobody can say whether it was sent",
    "failed": "could not be made",
}


class Event(NamedTuple):
    """One thing that happened."""

    on: dt.date
    kind: StoryKind
    text: str


def events(story: DealStory) -> list[Event]:
    """Everything that is known of the deal, oldest first."""
    told = [*_stages(story), *_findings(story), *_drafts(story), *_cells(story)]
    return sorted(told, key=lambda event: (event.on, _ORDER.index(event.kind)))


def _stages(story: DealStory) -> Iterator[Event]:
    for line in story.imported:
        yield Event(line.on, "stage", f"Came into {line.stage} (imported)")
    before: StageEntry | None = None
    for entry in story.entries:
        stage = entry.stage or "a stage that the process does not know"
        how = f"Moved from {before.stage} to {stage}" if before and before.stage else f"First seen, in {stage}"
        dated = f"; there since {entry.dated}, the sheet says" if entry.dated and entry.dated != entry.on else ""
        yield Event(entry.on, "stage", how + dated)
        before = entry


def _findings(story: DealStory) -> Iterator[Event]:
    for finding in story.findings:
        yield Event(finding.since, "finding", f"Found: {finding.message}")
        if finding.until is not None:
            yield Event(finding.until, "finding", f"No longer found: {_gist(finding)}")


def _gist(finding: FindingRecord) -> str:
    """The message without the cell, which by then may have been another."""
    _, colon, rest = finding.message.partition(": ")
    return rest if colon and finding.rule.startswith(("cell.", "stage.")) else finding.message


def _drafts(story: DealStory) -> Iterator[Event]:
    for draft in story.drafts:
        if draft.state != "failed":
            yield Event(draft.on, "draft", f"{_called(draft)} was {'begun' if draft.state == 'intended' else 'made'}")
        if draft.state in _FATES:
            yield Event(draft.changed_on, "draft", f"{_called(draft)} {_FATES[draft.state]}")


def _called(draft: DraftRecord) -> str:
    return f"Draft {draft.step} to {draft.person} ({draft.template})"


def _cells(story: DealStory) -> Iterator[Event]:
    """One event for each run and cell. What the cell said before is told where the story has not told it."""
    said: dict[str, str] = {}
    for change in story.changes:
        before = "" if change.old == said.get(change.column, "") else f" (before: {change.old or 'nothing'})"
        yield Event(story.days[change.run], "cell", f"{change.column}: {_written(change)}{before}")
        if change.outcome == "written":
            said[change.column] = change.new


def _written(change: ChangeRecord) -> str:
    match change.outcome:
        case "written":
            return change.new or "emptied"
        case "planned":
            return f"perhaps {change.new!r}: the run was cut off"
        case _:
            return f"{change.new!r} was not written ({change.outcome})"
