"""The heartbeat: one cell of the sheet that says when the last good run was, or what is wrong."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import NamedTuple

from fivestep.config.settings.model import Settings
from fivestep.connectors.ledger import Failures, RunRecord
from fivestep.connectors.sheet import NotingSheet, Sheet
from fivestep.errors import Mistake, SettingsError
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.process.live_edits.a1 import Spot, in_the_way, read_spot
from fivestep.process.wording.show import cut, moment, one_line

OFTEN = dt.timedelta(hours=1)
"""While all is well, the cell is not written again before this."""

HEARTBEAT_MEMO = "heartbeat"
_LONGEST = 160

log = logging.getLogger(__name__)


class _Memo(NamedTuple):
    """What the ledger remembers of the cell."""

    cell: str = ""
    texts: tuple[str, ...] = ()
    """What it may show if nobody but the tool wrote it."""
    well_at: str = ""
    """When it was last written that all was well; empty where it says what is wrong."""


def check_heartbeat(settings: Settings, sheet: Sheet, tab: str, header_row: int) -> None:
    """Raise SettingsError where the heartbeat's cell is none that the tool may write to."""
    spot = read_spot(settings.write_back.heartbeat)
    if spot is None:
        return
    if not isinstance(sheet, NotingSheet):
        expected = f"leave it empty: {sheet.name} can't hold a cell beside the table"
    elif in_the_way(spot, tab, header_row):
        expected = f"a cell above the header row {header_row}, or in another tab, such as {_elsewhere(spot)!r}"
    else:
        return
    raise SettingsError([Mistake(settings.file, "write_back.heartbeat", repr(settings.write_back.heartbeat), expected)])


def beat(pipeline: Pipeline, now: dt.datetime) -> None:
    """Write the cell, if there is one and it has anything new to say; to be called when a run has ended."""
    spot = read_spot(pipeline.settings.write_back.heartbeat)
    if spot is None or not isinstance(pipeline.sheet, NotingSheet):
        return
    ledger, memo = pipeline.ledger, _remembered(pipeline, str(spot))
    good, failures = ledger.last_success(pipeline.name), ledger.failures(pipeline.name)
    if good is None or (failures and not memo.texts):
        return  # no plan has looked yet at where this cell lies
    if not failures and memo.well_at and now - dt.datetime.fromisoformat(memo.well_at) < OFTEN:
        return
    text = _state_of(good, failures, now, pipeline.settings.zone)
    if memo.texts == (text,):
        return
    # Both texts first: a run that is killed in between leaves either.
    _remember(pipeline, _Memo(str(spot), (*memo.texts[-1:], text)))
    written = pipeline.sheet.note(spot, memo.texts, text)
    if written.outcome != "written":
        log.warning("the heartbeat is not written: %s. Empty that cell, or name another one", written.reason)
        _remember(pipeline, memo)
        return
    _remember(pipeline, _Memo(str(spot), (text,), "" if failures else now.isoformat()))


def _state_of(good: RunRecord, failures: Failures | None, now: dt.datetime, zone: dt.tzinfo) -> str:
    """`fivestep: last good run 23 Nov 09:30`, or since when there has been none, and what is wrong."""
    since = moment(good.finished or good.started, now, zone)
    if failures is None:
        return f"fivestep: last good run {since}"
    what = one_line(failures.last.message or "the run was cut off")
    return f"fivestep: no good run since {since}: {cut(what, _LONGEST)}"


def _elsewhere(spot: Spot) -> str:
    return str(spot._replace(tab="Fivestep"))


def _remembered(pipeline: Pipeline, cell: str) -> _Memo:
    """What is known of this cell; nothing where the settings have named another one since."""
    kept = pipeline.ledger.recall(pipeline.name, HEARTBEAT_MEMO)
    memo = _Memo(**json.loads(kept)) if kept else _Memo()
    return memo._replace(texts=tuple(memo.texts)) if memo.cell == cell else _Memo(cell)


def _remember(pipeline: Pipeline, memo: _Memo) -> None:
    pipeline.ledger.remember(pipeline.name, HEARTBEAT_MEMO, json.dumps(memo._asdict()))
