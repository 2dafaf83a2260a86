"""The database under the ledger: how it is opened, and what a person is told where it does not work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Executable, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError

from fivestep.connectors.chunks import chunks
from fivestep.connectors.sql_migrate import bring_up
from fivestep.connectors.sql_tables import metadata
from fivestep.errors import FivestepError, SettingsError, UnreachableError

WAIT_FOR_OTHERS = 30
"""Seconds that a transaction waits for that of another pipeline on the same file."""

CHUNK = 10_000
"""Rows handed over to the driver at once."""


class Database:
    """One SQLite file, made and brought up to date when it is first written to."""

    def __init__(self, url: str) -> None:
        """Raises SettingsError where the URL is not that of an SQLite file."""
        parsed = _sqlite(url)
        self.path = Path(parsed.database or "")
        self._engine = create_engine(parsed, connect_args={"timeout": WAIT_FOR_OTHERS})
        self._ready = False
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at its end and undone where anything is raised."""
        with self._faults():
            self._make_ready()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view that no other run changes. Nothing is made by looking: a missing file reads as an empty ledger."""
        if not self.path.exists():
            self.check_folder()
            with _empty() as connection:
                yield connection
            return
        with self._faults():
            self._make_ready()
            with self._engine.connect() as connection:
                yield connection.execution_options(reads_only=True)

    def check_folder(self) -> None:
        """Raises SettingsError where no file could be made at the database's place."""
        if not self.path.parent.is_dir():
            raise SettingsError(f"the ledger's folder {self.path.parent} is not there: make it, or mend [ledger] url")
        if self.path.is_dir():
            raise SettingsError(f"the ledger {self.path} is a folder: name a file in it under [ledger] url")

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _make_ready(self) -> None:
        if not self._ready:
            self.check_folder()
            bring_up(self._engine, self.path)
            self._ready = True

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            fault = fault_of(self.path, error.orig)
            if fault is None:
                raise
            raise fault from error


def execute_many(connection: Connection, statement: Executable, rows: Iterable[dict[str, Any]]) -> None:
    """Execute the statement once for each row, holding only a part of the rows at a time."""
    for some in chunks(rows, CHUNK):
        connection.execute(statement, some)


def _sqlite(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsError(f"[ledger] url {url!r} is no database URL: write sqlite:///fivestep.db") from None
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite"):
        shown = parsed.render_as_string(hide_password=True)
        raise SettingsError(
            f"[ledger] url {shown!r}: this version keeps its ledger in SQLite; write sqlite:///fivestep.db"
        )
    if parsed.database in (None, "", ":memory:") or parsed.query:
        raise SettingsError(f"[ledger] url {url!r} names no plain file: write sqlite:///fivestep.db")
    return parsed


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    # Python's driver would begin transactions late and by itself; `_begin` does it instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    # In WAL mode, less than FULL could lose the latest commits in a power failure, and with them a draft's intent.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that writes asks for its turn at once: one that read first would be refused instead of waiting.
    reads_only: Any = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@contextmanager
def _empty() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def fault_of(path: Path, error: BaseException | None) -> FivestepError | None:
    """What a person is told; None where the fault is this program's own."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_NOTADB:
            return SettingsError(
                f"{path} is not a ledger: it is no SQLite database. Move it away, or name another under [ledger] url"
            )
        case sqlite3.SQLITE_CORRUPT:
            return SettingsError(
                f"the ledger {path} is damaged ({error}). Put a backup of it in its place; or move it away, and "
                "fivestep starts a new one that knows nothing of earlier runs and drafts"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return UnreachableError(
                f"the ledger {path} can't be opened for writing: allow yourself to write to it and to its folder"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return UnreachableError(f"the ledger {path} is held by another program: close that, and try again")
        case sqlite3.SQLITE_FULL:
            return UnreachableError(f"the disk is full: the ledger {path} can't grow. Free some space, and try again")
        case sqlite3.SQLITE_IOERR:
            return UnreachableError(f"the ledger {path} can't be read or written ({error}): look after the disk")
        case _:
            return None
