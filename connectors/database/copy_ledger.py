"""Copies a ledger into another database: everything or nothing, and looked at before it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Integer, Table, func, insert, select, union

from fivestep.connectors.database.engine import CHUNK, execute_many, open_database
from fivestep.connectors.database.tables import metadata
from fivestep.errors import SettingsError, UnreachableError

TABLES = [table for table in metadata.sorted_tables if "pipeline" in table.c]
"""What belongs to a pipeline; a table after those that it refers to."""


class Copied(NamedTuple):
    """What a copy came to."""

    source: str
    """What messages call the ledger; without a password."""
    target: str
    pipelines: tuple[str, ...]
    rows: Mapping[str, int]
    """A table to the number of its rows."""


@dataclass
class _Sum:
    """A checksum of a table's rows in any order: databases sort texts differently."""

    rows: int = 0
    checksum: int = 0

    def add(self, row: dict[str, Any]) -> dict[str, Any]:
        """Count this row, and return it."""
        digest = hashlib.sha256(repr(sorted(row.items())).encode("utf-8", "surrogatepass")).digest()
        self.rows += 1
        self.checksum = (self.checksum + int.from_bytes(digest)) % 2**256
        return row


def copy_ledger(source_url: str, target_url: str) -> Copied:
    """Copy every pipeline of one ledger to another, while none of them runs.

    Runs and drafts keep their numbers where the target is empty; else they go on from its own. Raises BusyError where a
    pipeline runs, SettingsError where the source is empty or the target knows one of its pipelines.
    """
    with ExitStack() as held:
        source, target = (held.enter_context(closing(open_database(url))) for url in (source_url, target_url))
        if source.name == target.name:
            raise SettingsError(f"{source.name} is both the one and the other ledger: name two")
        with source.reading() as looked_at:
            pipelines = _pipelines(looked_at)
        if not pipelines:
            raise SettingsError(f"the ledger {source.name} is empty: is it the right one?")
        for database in (source, target):
            for pipeline in pipelines:
                held.enter_context(database.hold(pipeline))
        with source.reading() as reading, target.writing() as writing:
            return Copied(source.name, target.name, pipelines, _copy(reading, writing, pipelines, target.name))


def _pipelines(connection: Connection) -> tuple[str, ...]:
    """The names of all pipelines of which anything is kept."""
    names = union(*(select(table.c.pipeline) for table in TABLES))
    return tuple(sorted(connection.scalars(names)))


def _copy(source: Connection, target: Connection, pipelines: tuple[str, ...], name: str) -> dict[str, int]:
    known = sorted(set(pipelines).intersection(_pipelines(target)))
    if known:
        raise SettingsError(
            f"the ledger {name} has a history of {', '.join(map(repr, known))} already: copy to one that has not"
        )
    shifts = {table: _highest(target, table) for table in TABLES}
    sums = {}
    for table in TABLES:
        given = _Sum()
        execute_many(target, insert(table), (given.add(row) for row in _rows(source, table, pipelines, shifts)))
        _go_on_counting(target, table)
        sums[table] = given
    for table, given in sums.items():
        kept = _Sum()
        for row in _rows(target, table, pipelines, {}):
            kept.add(row)
        if kept != given:
            raise UnreachableError(f"{name} has not kept {table.name} as it was: nothing has been copied; try again")
    return {table.name: given.rows for table, given in sums.items()}


def _rows(
    connection: Connection, table: Table, pipelines: tuple[str, ...], shifts: Mapping[Table, int]
) -> Iterator[dict[str, Any]]:
    """The table's rows of these pipelines, in order, with the numbers of runs and drafts moved up."""
    moves = {column.name: shifts.get(counted, 0) for column in table.c if (counted := _counted(column)) is not None}
    wanted = select(table).where(table.c.pipeline.in_(pipelines)).order_by(*table.primary_key)
    with connection.execute(wanted.execution_options(yield_per=CHUNK)) as found:
        for row in found.mappings():
            yield {**row, **{name: row[name] + shift for name, shift in moves.items() if row[name] is not None}}


def _counted(column: Column[Any]) -> Table | None:
    """The table whose rows this column numbers."""
    if not isinstance(column.type, Integer):
        return None
    for key in column.foreign_keys:
        return key.column.table
    return column.table if column.name == "id" else None


def _highest(connection: Connection, table: Table) -> int:
    return (connection.scalar(select(func.max(table.c.id))) or 0) if "id" in table.c else 0


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let the next row get the next number; SQLite does so by itself."""
    if connection.dialect.name == "postgresql" and (highest := _highest(connection, table)):
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), highest)))
