"""Holding pipelines on a PostgreSQL server, over all machines that share it.

A run writes to the ledger on the very session that holds its pipeline's advisory lock, and before each write the
server is asked whether that is still so. Where the session has ended, the lock has gone with it and nothing more can be
written: as a run writes to the ledger before each thing that it does outside, it stops there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from fivestep.errors import BusyError, UnreachableError

_KEY = "((classid::bigint << 32) | objid::bigint)"
_IS_LOCK = (
    "locktype = 'advisory' AND objsubid = 1 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_LET_GO = text("SELECT pg_advisory_unlock(:key)")
_MINE = text(f"SELECT count(*) FROM pg_locks WHERE {_IS_LOCK} AND pid = pg_backend_pid() AND {_KEY} = ANY(:keys)")
_HOLDER = text(
    "SELECT coalesce(application_name, ''), backend_start FROM pg_locks JOIN pg_stat_activity USING (pid) "
    f"WHERE {_IS_LOCK} AND {_KEY} = :key"
)


class Hold:
    """A session of its own, and the pipelines that it holds."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._connection = engine.connect()
        self._schema = engine.dialect.default_schema_name or ""
        self._name = name
        self._keys: dict[str, int] = {}

    def take(self, pipeline: str) -> None:
        """Hold one more pipeline. Raises BusyError at once where it is held already, by whomever."""
        key = self._key(pipeline)
        try:
            with self._connection.begin():
                if pipeline in self._keys or not self._connection.scalar(_TAKE, {"key": key}):
                    raise BusyError(self._busy(pipeline, key))
            self._keys[pipeline] = key
        finally:
            self._close_unless_needed()

    def let_go(self, pipeline: str) -> bool:
        """Hold one pipeline less, and return whether others are still held."""
        key = self._keys.pop(pipeline)
        # A session that was lost holds nothing any more.
        with suppress(DBAPIError), self._connection.begin():
            self._connection.execute(_LET_GO, {"key": key})
        return not self._close_unless_needed()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction of the holder. Raises UnreachableError where this session is not, or no more, the one."""
        try:
            with self._connection.begin():
                if not self._still_holds():
                    raise self._lost()
                yield self._connection
        except DBAPIError as error:
            raise (self._lost() if error.connection_invalidated else error) from None

    def _still_holds(self) -> bool:
        keys = list(self._keys.values())
        return bool(self._connection.scalar(_MINE, {"keys": keys}) == len(keys))

    def _lost(self) -> UnreachableError:
        return UnreachableError(
            f"the connection to the ledger {self._name} was lost in the middle, and with it the hold on the pipeline: "
            "nothing more has been done, and the next run goes on from here. Where this happens again and again, let "
            "[ledger] url lead to the server itself, past any connection pooler"
        )

    def _close_unless_needed(self) -> bool:
        if not self._keys:
            self._connection.close()
        return not self._keys

    def _key(self, pipeline: str) -> int:
        """The lock's key; ledgers in other schemas of the database have other ones."""
        whole = f"fivestep\0{self._schema}\0{pipeline}".encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.sha256(whole).digest()[:8], signed=True)

    def _busy(self, pipeline: str, key: int) -> str:
        message = f"another run of {pipeline!r} is under way"
        for program, since in self._connection.execute(_HOLDER, {"key": key}):
            message += f" ({program or 'of an unnamed program'}, connected since {since:%Y-%m-%d %H:%M} UTC)"
        return f"{message}: wait for it to end"
