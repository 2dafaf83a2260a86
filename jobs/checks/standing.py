"""What the doctor checks beyond a single run: the ledger, the schedule, recent changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from fivestep.config.settings.model import Settings
from fivestep.config.settings.timetables import timetables
from fivestep.connectors.check import Check
from fivestep.connectors.ledger import Ledger
from fivestep.connectors.sheet import NotingSheet
from fivestep.jobs.running import headers_seen
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.jobs.running.planning import Planned
from fivestep.jobs.running.regional_holidays import regional_holidays
from fivestep.jobs.running.sheet_notices import outside_frames
from fivestep.process.live_edits.a1 import read_spot
from fivestep.process.model.address import bare_address
from fivestep.process.wording.show import moment, one_line, plural

LARGE = 2_000_000_000
"""Bytes from which on a ledger is worth a look."""

_SAMPLE = "sample"


def ledger_checks(ledger: Ledger, settings: Settings) -> Iterator[Check]:
    """Whether the ledger is whole, how large it is, and how the latest runs ended."""
    state = ledger.examine()
    for fault in state.faults:
        yield Check(
            "ledger, whole", False, f"it is damaged: {fault}", "put a backup in its place, see docs/operations.md"
        )
    if state.version and not state.faults:
        size = f"{state.size / 1_000_000:,.1f} MB"
        fine = None if state.size > LARGE else True
        fix = "" if fine else "keep changes for a shorter time: keep_days under [ledger]"
        yield Check(
            "ledger, whole", fine, f"it is whole, {size}, and its tables are those of step {state.version}", fix
        )
    failures = ledger.failures(settings.pipeline.name)
    if failures is not None:
        since = moment(failures.first.started, dt.datetime.now(dt.UTC), settings.zone)
        what = one_line(failures.last.message or "it was cut off")
        said = f"{plural(failures.runs, 'run')} failed since {since}, the last one with: {what}"
        yield Check("runs", None, said, "mend what it names; `fivestep history` lists the runs")


def schedule_checks(settings: Settings) -> Iterator[Check]:
    """When `fivestep serve` runs what."""
    now = dt.datetime.now(dt.UTC)
    due = [(table.job, after) for table in timetables(settings) if (after := table.after(now)) is not None]
    if not due:
        yield Check("schedule", None, "every job is switched off", "that is right where something else starts the runs")
        return
    told = ", ".join(f"{job} on {moment(after, now, settings.zone)}" for job, after in due)
    yield Check("schedule", True, f"`fivestep serve` runs next: {told}")


def holiday_checks(settings: Settings) -> Iterator[Check]:
    """Which public holidays depend on the part of the country, where the settings name only the country."""
    found = regional_holidays(settings, dt.datetime.now(settings.zone).date())
    if found is not None:
        message, fix = found
        yield Check("holidays", None, message, fix)


def keeper_checks(settings: Settings) -> Iterator[Check]:
    """Who hears of runs that fail."""
    keeper, after = settings.keeper, settings.notice.after
    if not after:
        yield Check("keeper", True, "nobody is told by mail when runs fail, as the settings want it")
    elif keeper is None:
        yield Check("keeper", None, "nobody is told when runs fail again and again", "name a keeper under [notice]")
    else:
        yield Check("keeper", True, f"{bare_address(keeper)} gets a draft when {plural(after, 'run')} in a row failed")


def header_checks(pipeline: Pipeline, planned: Planned) -> Iterator[Check]:
    """Which headers are others than at the last good run."""
    moved = headers_seen.moved(pipeline.ledger, pipeline.name, pipeline.settings.columns, planned.book.layout)
    if moved is None:
        return
    if moved.gone:
        new = f"; new in the sheet: {', '.join(moved.new)}" if moved.new else ""
        message = f"gone since the last good run: {', '.join(moved.gone)}{new}"
        yield Check("headers", None, message, "name the new header under [columns], or put the old one back")
    elif moved.new:
        yield Check("headers", True, f"new since the last good run, and not mapped: {', '.join(moved.new)}")
    else:
        yield Check("headers", True, "the headers are those of the last good run")


def frame_checks(_pipeline: Pipeline, planned: Planned) -> Iterator[Check]:
    """Whether a table or a filter takes the tool's columns along, and what of the sheet was not read."""
    for notice in (*planned.book.table.notes, *outside_frames(planned.book, planned.plan)):
        yield Check("sheet, as a whole", None, notice, "see docs/settings.md")


def text_checks(_pipeline: Pipeline, planned: Planned) -> Iterator[Check]:
    """Whether every mail text reads as a mail when each of its fields has a value."""
    for text in planned.texts.values():
        subject, plain = text.subject.render(lambda _name: _SAMPLE).text, text.plain.render(lambda _name: _SAMPLE).text
        lacks = [what for what, found in (("subject", subject), ("text", plain)) if not found.strip()]
        if lacks:
            yield Check("texts", False, f"{text.name} has no {' and no '.join(lacks)}", "write it, see docs/texts.md")
            return
    yield Check("texts", True, f"{plural(len(planned.texts), 'mail text')} can be filled in")


def heartbeat_checks(pipeline: Pipeline, _planned: Planned) -> Iterator[Check]:
    """Whether the heartbeat's tab is there; the plan has looked at its place already."""
    spot = read_spot(pipeline.settings.write_back.heartbeat)
    if spot is None or not isinstance(pipeline.sheet, NotingSheet):
        return
    titles = [title.casefold() for title in pipeline.sheet.tabs()]
    if spot.tab is not None and spot.tab.casefold() not in titles:
        yield Check(
            "heartbeat", None, f"there is no tab {spot.tab!r} to be seen for it", "add that tab, or name another"
        )
    else:
        yield Check("heartbeat", True, f"{spot} says when the last good run was")
