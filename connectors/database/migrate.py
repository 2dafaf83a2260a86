"""Brings a database to the tables of this version, step by step, from any version before it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from fivestep.errors import SettingsError

HEAD = "0006"
"""The newest migration. It stands here so that a database that has it needs no look at the migrations."""

MIGRATIONS = Path(__file__).with_name("migrations")

Turn = Callable[[str | None, str], AbstractContextManager[Connection]]
"""From the migration that a database has and the newest one: a transaction in which nobody else migrates it."""


def bring_up(engine: Engine, name: str, turn: Turn) -> None:
    """Make the tables, or change them to this version's.

    All in one transaction: whoever is killed meanwhile leaves the database as it was.
    Raises SettingsError where the database belongs to a newer fivestep or to another program.
    """
    with engine.connect() as connection:
        found = version(connection, name)
    if found == HEAD:
        return
    with turn(found, HEAD) as connection:
        _migrate(connection, name, found)


def version(connection: Connection, name: str) -> str | None:
    """The database's migration; None where the database is empty."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if not tables.issuperset({"alembic_version", "deals"}):
        raise SettingsError(
            f"{name} is the database of another program. Name one of its own for the ledger under [ledger] url"
        )
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _migrate(connection: Connection, name: str, found: str | None) -> None:
    """Take the steps that are still missing: none where another process has been faster since."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise SettingsError(f"the ledger {name} was made by a newer fivestep: upgrade this one")
    command.upgrade(config, "head")
