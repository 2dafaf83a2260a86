"""The ledger's database in one SQLite file: how it is opened, and what people are told of faults."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from fivestep.connectors.database import sqlite_hold
from fivestep.connectors.database.engine import no_database
from fivestep.connectors.database.migrate import bring_up
from fivestep.errors import FivestepError, SettingsError, UnreachableError

WAIT_FOR_OTHERS = 30
"""Seconds that a transaction waits for that of another pipeline on the same file."""


class SqliteDatabase:
    """One SQLite file; implements `connectors.database.engine.Database`."""

    def __init__(self, url: URL) -> None:
        """Raises SettingsError where the URL names no plain file."""
        if url.database in (None, "", ":memory:") or url.query:
            shown = url.render_as_string(hide_password=True)
            raise SettingsError(f"[ledger] url {shown!r} names no plain file: write sqlite:///fivestep.db")
        self.path = Path(url.database or "")
        self.name = str(self.path)
        self._engine = create_engine(url, connect_args={"timeout": WAIT_FOR_OTHERS})
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
        """A view that no other run changes; a missing file reads as an empty ledger."""
        if not self.path.exists():
            self._check_folder()
            with no_database() as connection:
                yield connection
            return
        with self._faults():
            self._make_ready()
            with self._engine.connect() as connection:
                yield connection.execution_options(reads_only=True)

    def hold(self, pipeline: str) -> AbstractContextManager[None]:
        """Holds the pipeline by a lock file beside the database."""
        self._check_folder()
        return sqlite_hold.hold(self.path, pipeline)

    def check_writable(self, pipeline: str) -> None:
        """Raises UnreachableError where a run could not write to the file, or not hold its lock."""
        self._check_folder()
        try:
            with tempfile.TemporaryFile(dir=self.path.resolve().parent):
                pass
            for file in (self.path, sqlite_hold.lock_file(self.path, pipeline)):
                if file.exists():
                    with file.open("r+b"):
                        pass
        except OSError as fault:
            raise UnreachableError(
                f"the ledger {self.path} can't be written ({fault.strerror}): allow yourself to write to it and to its "
                "folder"
            ) from fault

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _check_folder(self) -> None:
        """Raises SettingsError where no file could be made at the database's place."""
        if not self.path.parent.is_dir():
            raise SettingsError(f"the ledger's folder {self.path.parent} is not there: make it, or mend [ledger] url")
        if self.path.is_dir():
            raise SettingsError(f"the ledger {self.path} is a folder: name a file in it under [ledger] url")

    def _make_ready(self) -> None:
        if not self._ready:
            self._check_folder()
            bring_up(self._engine, self.name, self._turn)
            self._ready = True

    @contextmanager
    def _turn(self, found: str | None, head: str) -> Iterator[Connection]:
        """A transaction for the migration; a copy of what was there before is kept beside the file."""
        if found is None:
            self._set_journal_mode()
        else:
            self._keep_copy(self.path.with_name(f"{self.path.name}.before-{head}"), found)
        with self._engine.begin() as connection:
            yield connection

    def _set_journal_mode(self) -> None:
        # It belongs to the file and can't be set within a transaction. Where others open the new file at the same
        # moment, SQLite does not wait for them by itself.
        until = time.monotonic() + WAIT_FOR_OTHERS
        with closing(self._engine.raw_connection()) as connection:
            while True:
                try:
                    connection.cursor().execute("PRAGMA journal_mode = WAL").close()
                    return
                except sqlite3.OperationalError as fault:
                    if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                        raise
                time.sleep(0.02)

    def _keep_copy(self, copy: Path, found: str) -> None:
        """Keep the database as it is, unless another process has brought it up since it was found so."""
        new = copy.with_name(f"{copy.name}.{os.getpid()}")
        try:
            with closing(self._engine.raw_connection()) as connection, closing(sqlite3.connect(new)) as target:
                source = connection.driver_connection
                assert isinstance(source, sqlite3.Connection)
                source.backup(target)
                kept = target.execute("SELECT version_num FROM alembic_version").fetchone()
            if kept == (found,):
                new.replace(copy)
        finally:
            new.unlink(missing_ok=True)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            fault = sqlite_fault(self.path, error.orig)
            if fault is None:
                raise
            raise fault from error


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


def sqlite_fault(path: Path, error: BaseException | None) -> FivestepError | None:
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
