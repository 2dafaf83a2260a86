"""Writing to the pipeline's sheet, with a journal in the ledger, on whatever machine that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fivestep.connectors.ledger import Ledger
from fivestep.connectors.sheet import SharedSheet, WriteRequest, Written
from fivestep.connectors.system import stopping
from fivestep.jobs.running.pipeline import Pipeline, id_column, tool_headers
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Table


class LedgerJournal(NamedTuple):
    """One pipeline's journal; implements `connectors.sheet.Journal`."""

    ledger: Ledger
    pipeline: str

    def open(self, content: bytes) -> None:
        """Keep this, in place of what was kept."""
        self.ledger.keep_write(self.pipeline, content)

    def close(self) -> None:
        """Keep nothing."""
        self.ledger.keep_write(self.pipeline, None)


def settle_sheet(pipeline: Pipeline) -> Sequence[str]:
    """What a person must know of an earlier run that was cut off, after it is repaired.

    To be called before the sheet is read.

    To be called before the sheet is read.
    """
    journal = LedgerJournal(pipeline.ledger, pipeline.name)
    content = pipeline.ledger.unverified_write(pipeline.name)
    if content is None:
        return ()
    if isinstance(pipeline.sheet, SharedSheet):
        return pipeline.sheet.settle(content, journal)
    journal.close()
    return [
        "An earlier run was cut off while it wrote to another sheet than the settings name now: check there that its "
        "texts stand in the right cells"
    ]


def write_changes(
    pipeline: Pipeline, base: Table, header_row: int, new_columns: Sequence[str], changes: Sequence[Change]
) -> list[Written]:
    """What became of each change, as `connectors.sheet.Sheet.write` says.

    - `pipeline`: the open pipeline.
    - `base`, `header_row`: the table on which the changes were decided, and its header row.
    - `new_columns`: headers of columns to be added.
    - `changes`: what is to be written.
    """
    stopping.stop_if_asked()
    journal = LedgerJournal(pipeline.ledger, pipeline.name)
    settings = pipeline.settings
    request = WriteRequest(
        base,
        header_row,
        id_column(settings),
        new_columns,
        changes,
        journal,
        tool_headers(settings),
        settings.columns.get("stage", ""),
    )
    return pipeline.sheet.write(request)
