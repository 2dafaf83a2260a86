"""Looks after a ledger's database: says what is wrong with it, and removes what is no longer needed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, false, func, inspect, or_, select, text

from fivestep.connectors.database.runs import succeeded
from fivestep.connectors.database.tables import changes, drafts, findings, imported_entries, runs
from fivestep.connectors.ledger import LedgerState


def examine(connection: Connection) -> LedgerState:
    """Its size, its version, and what is broken in it. An SQLite file is read whole."""
    versions = connection.execute(text("SELECT version_num FROM alembic_version")) if _is_made(connection) else ()
    version = next((str(row[0]) for row in versions), "")
    if connection.dialect.name != "sqlite":
        size = connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one()
        return LedgerState(int(size), version, [])
    pages, of_bytes = (
        connection.exec_driver_sql(f"PRAGMA {what}").scalar_one() for what in ("page_count", "page_size")
    )
    checked = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(5)")]
    loose = [
        f"a row of {row[0]} refers to one that is gone"
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
    ]
    return LedgerState(pages * of_bytes, version, [fault for fault in checked if fault != "ok"] + loose[:5])


def prune(connection: Connection, pipeline: str, idle_before: dt.datetime, before: dt.datetime) -> None:
    """Remove what `connectors.ledger.Ledger.prune` names, so that the ledger does not grow without bound."""
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
        r.id.not_in(select(imported_entries.c.run).where(imported_entries.c.pipeline == pipeline)),
        ~exists().where(undo.c.undoes == r.id),
        # As long as the run that it took back has cells, an undo says that they have been put back.
        or_(r.undoes.is_(None), ~exists().where(changes.c.run == r.undoes)),
    )


def _is_made(connection: Connection) -> bool:
    return "alembic_version" in inspect(connection).get_table_names()
