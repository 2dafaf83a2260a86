"""Brings a database to the tables of this version, step by step, from any version before it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from fivestep.errors import SettingsError

HEAD = "0004"
"""The newest migration. It stands here so that a database that has it needs no look at the migrations."""

MIGRATIONS = Path(__file__).with_name("migrations")


def bring_up(engine: Engine, path: Path) -> None:
    """Make the tables, or change them to this version's; a copy of what was there before is kept beside it.

    All in one transaction: whoever is killed meanwhile leaves the database as it was.
    Raises SettingsError where the file belongs to a newer fivestep or to another program.
    """
    with engine.connect() as connection:
        found = _version(connection, path)
    if found == HEAD:
        return
    if found is None:
        _set_journal_mode(engine)
    else:
        _keep_copy(engine, path)
    with engine.begin() as connection:
        _migrate(connection, path, found)


def _version(connection: Connection, path: Path) -> str | None:
    """The database's migration; None where the database is empty."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise SettingsError(
            f"{path} is the database of another program. Name a file of its own for the ledger under [ledger] url"
        )
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _set_journal_mode(engine: Engine) -> None:
    # It belongs to the file and can't be set within a transaction.
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA journal_mode = WAL").close()


def _keep_copy(engine: Engine, path: Path) -> None:
    copy = path.with_name(f"{path.name}.before-{HEAD}")
    with closing(engine.raw_connection()) as connection, closing(sqlite3.connect(copy)) as target:
        source = connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(target)


def _migrate(connection: Connection, path: Path, found: str | None) -> None:
    """Take the steps that are still missing: none where another process has been faster since."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise SettingsError(f"the ledger {path} was made by a newer fivestep: upgrade this one")
    command.upgrade(config, "head")
