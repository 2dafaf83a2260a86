"""The SQLite ledger: the contract, and what is its own: files, migrations, faults."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fivestep.connectors.database import migrate, sqlite
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.database.sqlite import SqliteDatabase
from fivestep.connectors.database.tables import metadata
from fivestep.connectors.ledger import Ledger
from fivestep.connectors.testing.ledger import MONDAY, NAME, LedgerContract, at, change, run_of, sighting
from fivestep.errors import SettingsError, UnreachableError
from fivestep.process.model.history import History
from tests.fakes import old_ledgers


def ledger_at(path: Path) -> SqlLedger:
    return SqlLedger(f"sqlite:///{path}")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fivestep.db"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    ledger = ledger_at(file)
    yield ledger
    ledger.close()


class TestSqlLedger(LedgerContract):
    pass


class TestFile:
    def test_looking_makes_no_file(self, ledger: Ledger, file: Path) -> None:
        assert ledger.history(NAME, MONDAY) == History()
        assert not file.exists()

    def test_what_was_written_is_there_for_the_next_one(self, ledger: Ledger, file: Path) -> None:
        run = run_of(ledger, seen=[sighting("D-1", "Pitch")])
        other = ledger_at(file)
        assert [record.id for record in other.runs(NAME)] == [run]
        assert "D-1" in other.history(NAME, MONDAY).deals
        other.close()

    def test_commits_survive_a_power_failure(self, ledger: SqlLedger) -> None:
        with ledger._database.writing() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1

    @pytest.mark.slow
    def test_runs_with_nothing_to_say_cost_little(self, ledger: Ledger, file: Path) -> None:
        counts = {"deals": 120, "On track": 80, "Stalled": 12, "Needs data": 20, "Won": 8, "written": 0, "created": 0}
        run_of(ledger, changes=[change("a")], seen=[sighting("D-1", "Pitch")])
        ledger.close()
        before = file.stat().st_size
        for _ in range(200):
            run = run_of(ledger)
            ledger.record_changes(run, ())
            ledger.finish(run, "done", at(MONDAY), counts)
        ledger.close()
        assert file.stat().st_size - before < 200 * 300

    def test_a_number_is_not_used_again_after_the_last_run_is_removed(self, ledger: Ledger, file: Path) -> None:
        run = run_of(ledger)
        with sqlite3.connect(file) as connection:
            connection.execute("DELETE FROM runs")
        connection.close()
        assert run_of(ledger) > run

    def test_a_lock_is_the_same_through_a_link(self, tmp_path: Path, ledger: Ledger, file: Path) -> None:
        run_of(ledger)
        link = tmp_path / "link.db"
        link.symlink_to(file)
        with ledger.lock(NAME), pytest.raises(Exception, match="under way"), ledger_at(link).lock(NAME):
            pass

    def test_a_lock_has_a_name_that_any_system_takes(self, ledger: Ledger, file: Path) -> None:
        with ledger.lock('CON: "Ärger"/\\..?' + "x" * 300):
            [lock] = file.parent.glob("*.lock")
        assert lock.name.isascii()
        assert len(lock.name) < 100


class TestFaults:
    @pytest.mark.parametrize(
        ("url", "says"),
        [
            ("mysql://sales:secret@db.example/ledger", "no ledger in 'mysql'"),
            ("sqlite+aiosqlite:///fivestep.db", "no ledger in 'sqlite+aiosqlite'"),
            ("postgresql://sales:secret@db.example:port/ledger", "no database URL"),
            ("postgres:/sales:secret@db.example/ledger", "no database URL"),
            ("sales:secret@db.example/ledger", "no database URL"),
            ("sqlite://", "names no plain file"),
            ("sqlite:///:memory:", "names no plain file"),
            ("sqlite:///file:x.db?mode=ro&uri=true", "names no plain file"),
            ("fivestep.db", "no database URL"),
            ("", "no database URL"),
            ("sqlite://host:port/x", "[ledger] url"),
        ],
    )
    def test_urls(self, url: str, says: str) -> None:
        with pytest.raises(SettingsError) as caught:
            SqlLedger(url)
        assert says in str(caught.value)
        assert "secret" not in str(caught.value)

    def test_another_file(self, ledger: Ledger, file: Path) -> None:
        file.write_text("Deal,Stage\n" * 100)
        with pytest.raises(SettingsError, match="is not a ledger"):
            ledger.history(NAME, MONDAY)
        with pytest.raises(SettingsError, match="is not a ledger"):
            run_of(ledger)
        assert file.read_text() == "Deal,Stage\n" * 100

    def test_another_programs_database(self, ledger: Ledger, file: Path) -> None:
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TABLE notes (text)")
        connection.close()
        with pytest.raises(SettingsError, match="another program"):
            run_of(ledger)

    def test_a_damaged_file(self, ledger: Ledger, file: Path) -> None:
        run_of(ledger, changes=[change("x" * 3000, deal=f"D-{n}") for n in range(100)])
        ledger.close()
        content = bytearray(file.read_bytes())
        content[8192:] = b"\xff" * (len(content) - 8192)
        file.write_bytes(content)
        with pytest.raises(SettingsError, match="damaged"):
            ledger_at(file).history(NAME, MONDAY)

    def test_a_missing_folder(self, tmp_path: Path) -> None:
        ledger = ledger_at(tmp_path / "gone" / "fivestep.db")
        for call in (lambda: ledger.history(NAME, MONDAY), lambda: run_of(ledger), lambda: ledger.lock(NAME)):
            with pytest.raises(SettingsError, match="folder"):
                call()

    def test_a_folder_in_its_place(self, ledger: Ledger, file: Path) -> None:
        file.mkdir()
        with pytest.raises(SettingsError, match="is a folder"):
            ledger.history(NAME, MONDAY)

    def test_a_file_that_may_not_be_written(self, ledger: Ledger, file: Path) -> None:
        run_of(ledger)
        ledger.close()
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        with pytest.raises(sqlite3.OperationalError) as refused:
            connection.execute("DELETE FROM runs")
        connection.close()
        fault = sqlite.sqlite_fault(file, refused.value)
        assert isinstance(fault, UnreachableError)
        assert "allow yourself to write" in str(fault)

    def test_a_file_that_another_program_holds(
        self, ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run_of(ledger)
        monkeypatch.setattr("fivestep.connectors.database.sqlite.WAIT_FOR_OTHERS", 0.05)
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnreachableError, match="held by another program"):
            run_of(ledger_at(file))
        assert len(ledger.runs(NAME)) == 1
        holder.close()


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.add_column("runs", sa.Column("host", sa.Text))
    {then}
"""


class TestMigrations:
    def test_the_newest_is_named_right(self) -> None:
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(migrate.MIGRATIONS))
        assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]

    def test_they_lead_to_the_tables_that_the_code_knows(self, ledger: SqlLedger) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.runtime.migration import MigrationContext

        with ledger._database.writing() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []

    def test_they_lead_to_the_very_same_sql(self, ledger: SqlLedger, tmp_path: Path) -> None:
        from sqlalchemy import create_engine

        run_of(ledger)
        engine = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
        metadata.create_all(engine)
        engine.dispose()
        made, known = _schema(tmp_path / "fivestep.db"), _schema(tmp_path / "other.db")
        assert {name: sql for name, sql in made.items() if name != "alembic_version"} == known

    @pytest.mark.parametrize("version", old_ledgers.VERSIONS)
    def test_from_each_version_with_all_that_it_knew(self, tmp_path: Path, version: str) -> None:
        from sqlalchemy import create_engine

        file = tmp_path / "fivestep.db"
        old_ledgers.make_old(create_engine(f"sqlite:///{file}"), version)
        ledger = SqlLedger(f"sqlite:///{file}")
        old_ledgers.check_brought_up(ledger, version)
        ledger.close()
        assert _version(file.with_name(f"fivestep.db.before-{migrate.HEAD}")) == version

    def test_the_copy_of_before_is_not_one_of_after(
        self, ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two processes find an older ledger, and one of them is faster."""
        run_of(ledger)
        ledger.close()
        head = migrate.HEAD
        _next_migration(file.parent, monkeypatch)
        slow, keep_copy = ledger_at(file), SqliteDatabase._keep_copy

        def late(self: SqliteDatabase, *args: Any) -> None:
            with monkeypatch.context() as patch:
                patch.setattr(SqliteDatabase, "_keep_copy", keep_copy)
                ledger_at(file).runs(NAME)
            keep_copy(self, *args)

        monkeypatch.setattr(SqliteDatabase, "_keep_copy", late)
        slow.runs(NAME)
        assert _version(file) == "9999"
        assert _version(file.with_name("fivestep.db.before-9999")) == head
        assert not list(file.parent.glob("fivestep.db.before-9999.*"))

    def test_an_older_ledger_is_brought_up_and_a_copy_kept(
        self, ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = run_of(ledger)
        ledger.close()
        _next_migration(file.parent, monkeypatch)
        newer = ledger_at(file)
        assert [record.id for record in newer.runs(NAME)] == [run]
        newer.close()
        assert "host TEXT" in _schema(file)["runs"]
        copy = file.with_name("fivestep.db.before-9999")
        assert "host TEXT" not in _schema(copy)["runs"]

    def test_a_migration_that_fails_leaves_everything_as_it_was(
        self, ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = run_of(ledger)
        ledger.close()
        before = _schema(file)
        with monkeypatch.context() as patch:
            _next_migration(file.parent, patch, then="raise ZeroDivisionError")
            with pytest.raises(ZeroDivisionError):
                ledger_at(file).runs(NAME)
        assert _schema(file) == before
        assert [record.id for record in ledger.runs(NAME)] == [run]

    def test_a_newer_ledger_is_left_alone(self, ledger: Ledger, file: Path) -> None:
        run_of(ledger)
        ledger.close()
        with sqlite3.connect(file) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9998'")
        connection.close()
        with pytest.raises(SettingsError, match="newer fivestep"):
            ledger_at(file).history(NAME, MONDAY)


def _version(file: Path) -> str:
    connection = sqlite3.connect(file)
    [(version,)] = connection.execute("SELECT version_num FROM alembic_version")
    connection.close()
    return str(version)


def _schema(file: Path) -> dict[str, list[str]]:
    connection = sqlite3.connect(file)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    # SQLite puts a name in quotes when it renames a table, and an added column behind the keys.
    return {
        name: sorted(" ".join(part.split()) for part in re.split("[(),]", sql.replace('"', ""))) for name, sql in rows
    }


def _next_migration(folder: Path, monkeypatch: pytest.MonkeyPatch, then: str = "") -> None:
    migrations = folder / "migrations"
    (migrations / "versions").mkdir(parents=True)
    for script in migrate.MIGRATIONS.glob("**/*.py"):
        (migrations / script.relative_to(migrate.MIGRATIONS)).write_bytes(script.read_bytes())
    (migrations / "versions" / "9999_host.py").write_text(NEXT.format(head=migrate.HEAD, then=then))
    monkeypatch.setattr(migrate, "MIGRATIONS", migrations)
    monkeypatch.setattr(migrate, "HEAD", "9999")
