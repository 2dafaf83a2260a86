"""How a ledger's database is: for the doctor."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

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


def _is_made(connection: Connection) -> bool:
    return "alembic_version" in inspect(connection).get_table_names()
