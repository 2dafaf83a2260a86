"""The database under the ledger: what every kind of one does, and which one a URL means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, Executable, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from fivestep.connectors.database.tables import metadata
from fivestep.connectors.system.chunks import chunks
from fivestep.errors import SettingsError

CHUNK = 10_000
"""Rows handed over to the driver at once."""

POSTGRESQL = frozenset({"postgresql", "postgresql+psycopg", "postgres"})
"""What the URL of a PostgreSQL database begins with; the last one as some who rent them out write it."""


class Database(Protocol):
    """A database that is made ready, and brought up to this version's tables, when it is first written to."""

    name: str
    """What messages call it; without a secret."""

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction, committed at its end and undone where anything is raised."""

    def reading(self) -> AbstractContextManager[Connection]:
        """A view that no other run changes. Nothing is made by looking: what is not there reads as empty."""

    def hold(self, pipeline: str) -> AbstractContextManager[None]:
        """Holds the pipeline for as long as the block lasts, as `Ledger.lock` says."""

    def check_writable(self, pipeline: str) -> None:
        """Raises the fault that would keep a run from writing or from holding its lock. Changes nothing."""

    def close(self) -> None:
        """Let go of it."""


def open_database(url: str) -> Database:
    """The database of this URL, not connected yet.

    Raises SettingsError where there is no such kind.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsError(f"[ledger] url {_without_secrets(url)!r} is no database URL: {_BETTER}") from None
    if parsed.drivername in POSTGRESQL:
        from fivestep.connectors.database.postgres import PostgresDatabase

        return PostgresDatabase(parsed)
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        from fivestep.connectors.database.sqlite import SqliteDatabase

        return SqliteDatabase(parsed)
    raise SettingsError(f"[ledger] url: there is no ledger in {parsed.drivername!r}; {_BETTER}")


def is_postgresql(url: str) -> bool:
    """Whether this is the URL of a PostgreSQL database, which any number of machines share."""
    return url.partition("://")[0] in POSTGRESQL


@contextmanager
def no_database() -> Iterator[Connection]:
    """What a ledger reads as before there is one."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def execute_many(connection: Connection, statement: Executable, rows: Iterable[dict[str, Any]]) -> None:
    """Execute the statement once for each row, holding only a part of the rows at a time."""
    for some in chunks(rows, CHUNK):
        connection.execute(statement, some)


_BETTER = "write sqlite:///fivestep.db, or postgresql://USER@HOST/DATABASE"


def _without_secrets(url: str) -> str:
    """As much of a text that may be half a URL as can't hold a password."""
    scheme, colon, _ = url.partition(":")
    return f"{scheme}{colon}…" if colon else url
