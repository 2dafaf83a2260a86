"""Takes out of the ledger what nothing depends on any more, so that it does not grow without bound."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, false, func, or_, select

from fivestep.connectors.database.runs import succeeded
from fivestep.connectors.database.tables import changes, drafts, findings, runs


def prune(connection: Connection, pipeline: str, idle_before: dt.datetime, before: dt.datetime) -> None:
    """Remove what `connectors.ledger.Ledger.prune` names."""
    r = runs.c
    old = select(r.id).where(r.pipeline == pipeline, r.started < before)
    connection.execute(delete(changes).where(changes.c.run.in_(old), changes.c.stands == false()))
    connection.execute(delete(findings).where(findings.c.pipeline == pipeline, findings.c.until < before.date()))
    connection.execute(delete(runs).where(_is_spent(pipeline, idle_before, before)))


def _is_spent(pipeline: str, idle_before: dt.datetime, before: dt.datetime) -> ColumnElement[bool]:
    """Runs that are over, that nothing refers to, and that say nothing about how things stand."""
    r, undo = runs.c, runs.alias("undo")
    latest_good = select(func.coalesce(func.max(r.id), 0)).where(succeeded(pipeline)).correlate(None).scalar_subquery()
    idle = and_(r.outcome == "done", r.kind != "undo", r.started < idle_before)
    return and_(
        r.pipeline == pipeline,
        r.id < latest_good,
        or_(idle, r.started < before),
        ~exists().where(changes.c.run == r.id),
        r.id.not_in(select(drafts.c.run).where(drafts.c.pipeline == pipeline)),
        ~exists().where(undo.c.undoes == r.id),
        # As long as the run that it took back has cells, an undo says that they have been put back.
        or_(r.undoes.is_(None), ~exists().where(changes.c.run == r.undoes)),
    )
