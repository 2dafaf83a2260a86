"""What `fivestep init` says: what it found in the sheet, and what to look at before the first run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fivestep.cli.listing import Row, Section

if TYPE_CHECKING:
    from fivestep.jobs.init import InitReport


def init_sections(report: InitReport) -> Iterator[Section]:
    """The mapping, what it is unsure of, and the next command."""
    found = report.proposal
    where = f"{report.origin.sheet}, tab {found.tab}" if report.origin.tab else report.origin.sheet
    yield Section(
        f"{where}: the headers are in row {found.header_row}",
        ("Header in the sheet", "Field", "", "Unsure because"),
        [
            *(
                Row((c.header, c.field, "unsure" if c.doubt else "sure", c.doubt), _style(c.doubt))
                for c in found.columns
            ),
            *(Row((c.header, c.field, "not taken", c.doubt), "warning") for c in found.passed_over),
            *(Row((header, "", "left out", ""), "info") for header in found.left_out),
        ],
    )
    if found.stages:
        yield Section(
            "Stages that the process does not know",
            ("In the sheet", "Perhaps"),
            [Row((word, stage or "which is it?"), "warning") for word, stage in found.stages.items()],
        )
    yield Section(f"Written: {report.file}", after="\n".join(_closing(report)))


def _closing(report: InitReport) -> Iterator[str]:
    own = ", ".join(header for header in report.proposal.write_back.values() if header)
    yield f"A run adds its own columns at the right of the sheet: {own}."
    for lack in report.lacks:
        yield f"Still to do: {lack.consequence}; {lack.fix}."
    yield "The mail texts are in English; for your own, name a folder as texts under [drafts] (docs/texts.md)."
    yield "Read the file through (what is unsure stands there as a comment), then: fivestep doctor, fivestep plan"


def init_document(report: InitReport) -> dict[str, object]:
    """The same as JSON."""
    found = report.proposal
    return {
        "file": str(report.file),
        "sheet": report.origin.sheet,
        "tab": found.tab,
        "header_row": found.header_row,
        "columns": [column._asdict() for column in found.columns],
        "not_taken": [column._asdict() for column in found.passed_over],
        "left_out": list(found.left_out),
        "unknown_stages": dict(found.stages),
        "write_back": dict(found.write_back),
        "still_to_do": [lack._asdict() for lack in report.lacks],
    }


def _style(doubt: str) -> str:
    return "warning" if doubt else "done"
