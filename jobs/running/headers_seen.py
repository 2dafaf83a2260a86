"""The sheet's headers as the last good run saw them, and what has become of them since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fivestep.connectors.ledger import Ledger
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.process.reading.layout import Layout

HEADERS_MEMO = "headers"


class Moved(NamedTuple):
    """What is another than at the last good run."""

    gone: Sequence[str]
    """Headers of mapped columns that the sheet had, and has no more."""
    new: Sequence[str]
    """Headers that it did not have."""


def keep(pipeline: Pipeline, layout: Layout) -> None:
    """Remember the headers of a run that has done its work."""
    now = json.dumps([header for header in layout.headers if header], ensure_ascii=False)
    if pipeline.ledger.recall(pipeline.name, HEADERS_MEMO) != now:
        pipeline.ledger.remember(pipeline.name, HEADERS_MEMO, now)


def moved(ledger: Ledger, pipeline: str, mapped: Mapping[str, str], layout: Layout) -> Moved | None:
    """What has changed since the last good run; None where there has been none."""
    kept = ledger.recall(pipeline, HEADERS_MEMO)
    if not kept:
        return None
    before = json.loads(kept)
    own = {*layout.tools}
    gone = [header for field, header in layout.gone.items() if field in mapped and header in before]
    return Moved(gone, [header for header in layout.headers if header and header not in before and header not in own])
