"""What `fivestep demo` says: the whole job on the sample, and where to look next."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from fivestep.cli import listing
from fivestep.cli.listing import Row, Section
from fivestep.jobs.running.reports import RunReport
from fivestep.process.model.plan import LATE


def tour(folder: Path, report: RunReport) -> Iterator[Section]:
    """The table, the problems, the follow-ups, one mail in full, and what to try next."""
    yield listing.deal_section(report.plan)
    yield listing.problems(report.plan.problems, everything=False)
    yield listing.draft_section(report)
    yield listing.new_leads(report.plan)
    yield from _one_mail(report)
    yield listing.change_section(report.plan, report.changes, everything=False)
    yield listing.closing(report)
    yield _what_next(folder)


def _one_mail(report: RunReport) -> Iterator[Section]:
    """The first draft that gets a deal moving."""
    late = {verdict.deal for verdict in report.plan.verdicts if verdict.status in LATE}
    for draft, done in zip(report.plan.drafts, report.drafts, strict=True):
        if done.outcome == "created" and draft.deal in late:
            lines = [f"To: {draft.to}", f"Subject: {draft.subject}", "", *draft.plain.strip().splitlines()]
            yield Section("One of the drafts", rows=(), after="\n".join(f"  {line}".rstrip() for line in lines))
            return


def _command() -> str:
    """How to call this program: by its name, or by its place where the name alone would not be found."""
    called = Path(sys.argv[0])
    return str(called) if called.stem == "fivestep" and not shutil.which("fivestep") else "fivestep"


def _what_next(folder: Path) -> Section:
    file = str(folder / "fivestep.toml")
    settings = f'--config "{file}"' if " " in file else f"--config {file}"
    command = _command()
    return Section(
        "What to look at next",
        ("", ""),
        [
            Row((str(folder / "pipeline.xlsx"), "the sheet, with status, next step and follow-up at its right")),
            Row((str(folder / "history.csv"), "deals that ended before: what they teach is in the ledger already")),
            Row((str(folder / "drafts"), "the drafts: open one, read it, send it yourself or delete it")),
            Row((f"{command} plan {settings}", "a second run has nothing left to do")),
            Row((f"{command} report {settings}", "one page with all of it, and what the past teaches")),
            Row((f"{command} backtest {settings}", "how right the word Stalled would have been")),
            Row((f"{command} undo {settings}", "puts the sheet's cells back")),
            Row((f"{command} init YOUR-SHEET.xlsx", "begins with your own pipeline")),
        ],
    )
