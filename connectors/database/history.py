"""A pipeline's past, read from the ledger in one pass over each table and put together by deal."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from fivestep.connectors.database.tables import changes, deals, drafts, imported_entries, stage_entries, waits
from fivestep.connectors.ledger import HEADER
from fivestep.process.model.history import NO_DEAL, OPEN_STATES, DealHistory, DraftRecord, History, StageEntry, Wait
from fivestep.process.model.prognosis import StageLine

TextsByHeader = dict[str, tuple[str, ...]]
"""Header to the texts that the cell may show."""


def read_history(connection: Connection, pipeline: str, today: dt.date) -> History:
    """All that `evaluate` needs."""
    fingerprints = dict(
        connection.execute(select(deals.c.deal, deals.c.fingerprint).where(deals.c.pipeline == pipeline)).all()
    )
    entries = read_entries(connection, stage_entries.c.pipeline == pipeline)
    made = read_drafts(connection, drafts.c.pipeline == pipeline)
    to_the_team = made.pop(NO_DEAL, [])
    paused = _waits(connection, pipeline)
    imported = _last_imported(connection, pipeline)
    written = _written(connection, pipeline)
    everyone = dict.fromkeys((*fingerprints, *made, *written, *imported))
    all_drafts = [draft for records in made.values() for draft in records]
    return History(
        deals={
            deal: DealHistory(
                entries=entries.get(deal, ()),
                drafts=made.get(deal, ()),
                waits=paused.get(deal, ()),
                written=written.get(deal, {}),
                fingerprint=fingerprints.get(deal, ""),
                imported=imported.get(deal),
            )
            for deal in everyone
        },
        open_elsewhere=_open_elsewhere(connection, pipeline),
        drafts_today=sum(draft.on == today and draft.state != "failed" for draft in all_drafts),
        to_the_team=tuple(to_the_team),
    )


def _open_elsewhere(connection: Connection, pipeline: str) -> frozenset[str]:
    """Who has an unsent draft about a deal of another pipeline of this ledger: one person is one person."""
    d = drafts.c
    waiting = select(d.person).where(d.state.in_(sorted(OPEN_STATES)), d.pipeline != pipeline, d.deal != NO_DEAL)
    return frozenset(connection.scalars(waiting))


def read_entries(connection: Connection, which: ColumnElement[bool]) -> dict[str, list[StageEntry]]:
    """Stage entries by deal, oldest first."""
    e = stage_entries.c
    rows = connection.execute(select(e.deal, e.stage, e.day, e.dated).where(which).order_by(e.deal, e.number))
    found: defaultdict[str, list[StageEntry]] = defaultdict(list)
    for deal, stage, day, dated in rows:
        found[deal].append(StageEntry(stage, day, dated))
    return found


def read_imported(connection: Connection, which: ColumnElement[bool]) -> list[StageLine]:
    """Imported stage entries, those of a deal together and in their order."""
    i = imported_entries.c
    rows = connection.execute(select(i.deal, i.stage, i.day, i.amount).where(which).order_by(i.deal, i.number))
    return [StageLine(*row) for row in rows]


def _last_imported(connection: Connection, pipeline: str) -> dict[str, StageEntry]:
    """The last imported stage entry of each deal that has one."""
    i = imported_entries.c
    last = select(i.deal, func.max(i.number).label("number")).where(i.pipeline == pipeline).group_by(i.deal).subquery()
    rows = connection.execute(
        select(i.deal, i.stage, i.day)
        .join(last, and_(i.deal == last.c.deal, i.number == last.c.number))
        .where(i.pipeline == pipeline)
    )
    return {deal: StageEntry(stage, day, None) for deal, stage, day in rows}


def read_drafts(connection: Connection, which: ColumnElement[bool]) -> dict[str, list[DraftRecord]]:
    """Drafts by deal, oldest first."""
    found: defaultdict[str, list[DraftRecord]] = defaultdict(list)
    for row in connection.execute(select_drafts(which)):
        found[row.deal].append(DraftRecord(*row))
    return found


def select_drafts(which: ColumnElement[bool], *also: ColumnElement[Any]) -> Select[Any]:
    """The fields of DraftRecord, in its order, and what else is asked for; oldest first."""
    d = drafts.c
    record = (d.key, d.deal, d.person, d.entry, d.step, d.template, d.state, d.day, d.changed, d.answered)
    return select(*record, *also).where(which).order_by(d.day, d.id)


def _waits(connection: Connection, pipeline: str) -> dict[str, list[Wait]]:
    w = waits.c
    which = w.pipeline == pipeline
    found: defaultdict[str, list[Wait]] = defaultdict(list)
    for deal, *days in connection.execute(select(w.deal, w.since, w.until).where(which).order_by(w.deal, w.number)):
        found[deal].append(Wait(*days))
    return found


def _written(connection: Connection, pipeline: str) -> dict[str, TextsByHeader]:
    c = changes.c
    which = and_(c.pipeline == pipeline, c.stands, c.deal != HEADER)
    rows = connection.execute(select(c.deal, c.header, c.new).where(which).order_by(c.deal, c.header, c.run))
    found: defaultdict[str, TextsByHeader] = defaultdict(dict)
    for deal, header, new in rows:
        cells = found[deal]
        cells[header] = (*cells[header], new) if header in cells else (new,)
    return found
