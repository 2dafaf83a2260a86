"""The ledger's database on a PostgreSQL server, which any number of machines share."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

from fivestep.connectors.database.engine import no_database
from fivestep.connectors.database.migrate import bring_up, version
from fivestep.connectors.database.postgres_faults import faults
from fivestep.connectors.database.postgres_hold import Hold
from fivestep.errors import CredentialsError, SettingsError, UnreachableError

CONNECT_WITHIN = 10
"""Seconds that a server may take to answer."""

SESSION = {
    "TimeZone": "UTC",
    "lock_timeout": "30s",
    "idle_session_timeout": "0",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
"""What the server is asked for: a run that waits for Google is not idle, and a machine that lost its power holds its
lock for a minute, not for hours. Servers before version 14 do not know all of it."""

_ASK = (
    "SELECT set_config(name, asked.value, false) FROM pg_settings "
    "JOIN unnest(%s::text[], %s::text[]) AS asked (name, value) USING (name)"
)
_MAY_WRITE = text(
    "SELECT pg_is_in_recovery(), "
    "coalesce(has_table_privilege(to_regclass('runs'), 'INSERT'), has_schema_privilege(current_schema(), 'CREATE'))"
)
_MIGRATION = 5_000_000_005
"""The key of the advisory lock under which the tables are made or changed."""


class PostgresDatabase:
    """One database on a server; implements `connectors.database.engine.Database`."""

    def __init__(self, url: URL) -> None:
        """Raises SettingsError where the URL names no database, or where the driver is missing."""
        self.name = name_of(url)
        self._engine = engine_of(url)
        self._ready = False
        self._hold: Hold | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at its end and undone where anything is raised.

        Raises UnreachableError where a pipeline was held, and the session that held it has ended.
        """
        with self.faults():
            self._make_ready()
            with self._hold.transaction() if self._hold else self._engine.begin() as connection:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view that no other run changes; a database without tables reads as an empty ledger."""
        with self.faults(), self._engine.connect() as connection:
            if not self._ready and version(connection, self.name) is None:
                with no_database() as nothing:
                    yield nothing
                return
            connection.rollback()
            self._make_ready()
            yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def hold(self, pipeline: str) -> Iterator[None]:
        """Holds the pipeline by an advisory lock of the server's."""
        with self.faults():
            hold = self._hold or Hold(self._engine, self.name)
            hold.take(pipeline)
        self._hold = hold
        try:
            yield
        finally:
            if not hold.let_go(pipeline):
                self._hold = None

    def check_writable(self, pipeline: str) -> None:  # noqa: ARG002 - one for all pipelines
        """Raise UnreachableError where the server takes no writes, CredentialsError where it forbids them."""
        with self.faults(), self._engine.connect() as connection:
            standby, allowed = connection.execute(_MAY_WRITE).one()
        if standby:
            raise UnreachableError(f"the ledger {self.name} is on a server that only follows another: name that one")
        if not allowed:
            raise CredentialsError(f"the ledger {self.name} can't be written: grant it to the user under [ledger] url")

    def close(self) -> None:
        """Let go of the server."""
        self._engine.dispose()

    def _make_ready(self) -> None:
        if not self._ready:
            bring_up(self._engine, self.name, self._turn)
            self._ready = True

    @contextmanager
    def _turn(self, found: str | None, head: str) -> Iterator[Connection]:  # noqa: ARG002 - no copy is kept
        with self._engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION})
            encoding = connection.scalar(text("SHOW server_encoding"))
            if encoding != "UTF8":
                raise SettingsError(
                    f"the database {self.name} keeps texts in {encoding}, and can't hold all that a sheet does: "
                    "create one with ENCODING 'UTF8'"
                )
            yield connection

    def faults(self) -> AbstractContextManager[None]:
        """Tells a person of what the server or the way to it refuses."""
        return faults(self.name)


def name_of(url: URL) -> str:
    """What messages call the database. Raises SettingsError where the URL names none."""
    if not url.database:
        raise SettingsError("[ledger] url names no database: write postgresql://USER@HOST/DATABASE")
    return f"{url.host or 'localhost'}/{url.database}"


def engine_of(url: URL) -> Engine:
    """An engine that opens a new session each time: few are needed, and none is stale.

    Raises SettingsError where the driver is missing.
    """
    own = {"connect_timeout": CONNECT_WITHIN, "application_name": _own_name()}
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={name: value for name, value in own.items() if name not in url.query},
        )
    except ImportError:
        raise SettingsError('a ledger in PostgreSQL needs its driver: pip install "psycopg[binary]"') from None
    except ArgumentError as error:
        raise SettingsError(f"[ledger] url: {error}") from None
    event.listen(engine, "connect", _prepare)
    return engine


def connection_options(url: URL) -> dict[str, Any]:
    """How the driver itself is told to open a session there."""
    dialect = engine_of(url).dialect
    _, options = dialect.create_connect_args(url)
    own = {"connect_timeout": CONNECT_WITHIN, "application_name": _own_name()}
    return own | {name: value for name, value in options.items() if name != "context"}


def _own_name() -> str:
    """What the server's list of sessions calls this process."""
    return f"fivestep {os.getpid()} on {socket.gethostname()}"[:63]


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(_ASK, (list(SESSION), list(SESSION.values())))
    cursor.close()
    connection.commit()
