"""The ledger in a real PostgreSQL: the contract, and what is its own: holds over machines, sessions that end, texts."""

from __future__ import annotations

import datetime as dt
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import make_url

from fivestep.connectors.database import migrate
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.database.postgres import engine_of
from fivestep.connectors.database.tables import metadata
from fivestep.connectors.ledger import Ledger
from fivestep.connectors.testing.ledger import (
    MONDAY,
    NAME,
    TUESDAY,
    LedgerContract,
    at,
    change,
    draft,
    run_of,
    sighting,
)
from fivestep.errors import BusyError, CredentialsError, FivestepError, SettingsError, UnreachableError
from fivestep.process.model.history import History
from fivestep.process.model.plan import Draft
from tests.connectors.database.test_killed import STEPS, child, wait_for
from tests.fakes import old_ledgers
from tests.fakes.postgres import PASSWORD, Server

# These need a database server of their own.
pytestmark = pytest.mark.slow


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    ledger = SqlLedger(url)
    yield ledger
    ledger.close()


def database(url: str) -> str:
    return url.rpartition("/")[2]


class TestContract(LedgerContract):
    pass


class TestTables:
    def test_looking_makes_none(self, ledger: Ledger, url: str, server: Server) -> None:
        assert ledger.history(NAME, MONDAY) == History()
        assert server.ask("SELECT 1 FROM pg_tables WHERE schemaname = 'public'", database(url)) == []

    def test_the_migrations_lead_to_those_that_the_code_knows(self, ledger: SqlLedger) -> None:
        from alembic.autogenerate import compare_metadata
        from alembic.runtime.migration import MigrationContext

        with ledger._database.writing() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []

    @pytest.mark.parametrize("version", old_ledgers.VERSIONS)
    def test_from_each_version_with_all_that_it_knew(self, url: str, version: str) -> None:
        old_ledgers.make_old(engine_of(make_url(url)), version)
        ledger = SqlLedger(url)
        old_ledgers.check_brought_up(ledger, version)
        ledger.close()

    def test_they_are_made_once_by_many_that_start_at_the_same_time(self, url: str) -> None:
        ledgers = [SqlLedger(url) for _ in range(8)]
        numbers: list[int] = []
        threads = [threading.Thread(target=lambda one=one: numbers.append(run_of(one))) for one in ledgers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(numbers) == list(range(1, 9))

    def test_another_programs_database_is_left_alone(self, ledger: Ledger, url: str, server: Server) -> None:
        server.ask("CREATE TABLE runs (text text)", database(url))
        for call in (lambda: run_of(ledger), lambda: ledger.history(NAME, MONDAY)):
            with pytest.raises(SettingsError, match="another program"):
                call()

    def test_a_newer_ledger_is_left_alone(self, ledger: Ledger, url: str, server: Server) -> None:
        run_of(ledger)
        server.ask("UPDATE alembic_version SET version_num = '0999'", database(url))
        with pytest.raises(SettingsError, match="newer fivestep"):
            run_of(SqlLedger(url))

    def test_a_schema_may_be_its_own(self, url: str, server: Server) -> None:
        server.ask("CREATE SCHEMA another AUTHORIZATION sales", database(url))
        elsewhere = SqlLedger(f"{url}?options=-csearch_path%3Danother")
        assert run_of(elsewhere) == 1
        assert run_of(SqlLedger(url)) == 1
        with elsewhere.lock(NAME), SqlLedger(url).lock(NAME):
            pass

    def test_an_encoding_that_does_not_hold_every_text(self, server: Server) -> None:
        server.ask("CREATE DATABASE latin OWNER sales ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        with pytest.raises(SettingsError, match="keeps texts in LATIN1"):
            run_of(SqlLedger(server.url("latin")))


class TestTexts:
    @pytest.mark.parametrize(
        "text", ["\0", "a\0b\0", "\x1a", "\x1a0", "\x1a1\0\x1a", "\0" * 9, "\U0010ffff\ufffe", "\\0"]
    )
    def test_those_that_postgresql_does_not_take(self, ledger: Ledger, text: str) -> None:
        run = ledger.begin(
            NAME + text, "run", MONDAY, at(MONDAY), plan=None, changes=[change(text, deal=text, old=text)]
        )
        [kept] = ledger.changes(run)
        assert (kept.deal, kept.old, kept.new) == (text, text, text)
        ledger.finish(run, "failed", at(MONDAY), {}, text)
        assert [record.message for record in ledger.runs(NAME + text)] == [text]

    def test_two_texts_stay_two(self, ledger: Ledger) -> None:
        run = run_of(ledger, seen=[sighting(text, "Pitch") for text in ("\0", "\x1a0", "\x1a1", "\x1a", "")])
        assert set(ledger.history(NAME, MONDAY).deals) == {"\0", "\x1a0", "\x1a1", "\x1a", ""}
        assert run

    def test_a_long_one(self, ledger: Ledger) -> None:
        long = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(1_000_000))
        run = run_of(ledger, changes=[change(long, old=long)])
        assert ledger.changes(run)[0].new == long

    def test_an_id_that_no_index_holds_is_a_mistake_in_the_sheet(self, ledger: Ledger) -> None:
        long = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(5_000))
        with pytest.raises(SettingsError, match="shorten it in the sheet"):
            run_of(ledger, seen=[sighting(long, "Pitch")])
        assert ledger.runs(NAME) == []


class TestTimes:
    @pytest.mark.parametrize("hours", [-11, 0, 14])
    def test_a_moment_is_the_same_one_whatever_the_zones(
        self, ledger: Ledger, url: str, server: Server, hours: int
    ) -> None:
        """The server of these tests thinks in Kathmandu."""
        local = dt.datetime(2026, 10, 25, 2, 30, 15, 123456, dt.timezone(dt.timedelta(hours=hours)))
        run = ledger.begin(NAME, "run", MONDAY, local, plan=None, changes=())
        ledger.intend(NAME, run, draft(), "token", "drafts/", MONDAY, local)
        record = ledger.run(NAME, run)
        assert record is not None
        assert (record.started, record.started.utcoffset()) == (local, dt.timedelta())
        assert ledger.open_drafts(NAME)[0].since == local
        [(seconds,)] = server.ask("SELECT extract(epoch FROM started)::text FROM runs", database(url))
        assert float(seconds) == local.timestamp()


class TestHold:
    def test_over_sessions(self, ledger: Ledger, url: str) -> None:
        with ledger.lock(NAME), pytest.raises(BusyError, match=r"'Northwind sales' is under way \(fivestep \d+ on "):
            SqlLedger(url).lock(NAME).__enter__()
        with SqlLedger(url).lock(NAME):
            pass

    def test_nothing_is_left_over(self, ledger: Ledger, url: str, server: Server) -> None:
        with ledger.lock(NAME), ledger.lock("other"):
            run_of(ledger)
        time.sleep(0.1)
        assert server.ask(f"SELECT 1 FROM pg_stat_activity WHERE datname = '{database(url)}'") == []

    @pytest.mark.parametrize("step", range(6))
    def test_a_holder_that_is_killed_holds_nothing(self, url: str, step: int) -> None:
        ledger = SqlLedger(url)
        with child(STEPS, url) as process:
            wait_for(process, step + 1)
            with pytest.raises(BusyError), ledger.lock(NAME):
                pass
            process.kill()
            process.wait()
            gone = time.monotonic()
            while True:
                try:
                    with ledger.lock(NAME):
                        break
                except BusyError:
                    assert time.monotonic() - gone < 2
        assert len(ledger.runs(NAME)) == min(step, 1)
        assert len(ledger.open_drafts(NAME)) == (step >= 2)

    @pytest.mark.parametrize("way", ["cut", "stopped", "started again"])
    def test_one_that_lost_its_session_writes_nothing_more(
        self, ledger: Ledger, url: str, server: Server, way: str
    ) -> None:
        with ledger.lock(NAME):
            run = run_of(ledger, changes=[change("a")])
            _lose(server, database(url), way)
            other = SqlLedger(url)
            writes = [
                lambda: ledger.record_changes(run, ["written"]),
                lambda: ledger.intend(NAME, run, draft(), "token", "drafts/", TUESDAY, at(TUESDAY)),
                lambda: ledger.finish(run, "done", at(TUESDAY), {}),
                lambda: ledger.keep_write(NAME, b"cells"),
                lambda: run_of(ledger),
            ]
            for write in writes:
                with pytest.raises(UnreachableError):
                    write()
            if way == "stopped":
                server.start()
            with other.lock(NAME):
                for write in writes:
                    with pytest.raises(UnreachableError, match="hold on the pipeline"):
                        write()
                assert [record.outcome for record in ledger.changes(run)] == ["planned"]
                assert run_of(other) > run
        with ledger.lock(NAME):
            assert run_of(ledger) > run + 1

    def test_a_lost_lock_on_a_living_connection_counts_as_lost(self, ledger: SqlLedger) -> None:
        """As behind a pooler that gives every transaction another session."""
        with ledger.lock(NAME):
            with ledger._database.writing() as connection:
                connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")
            with pytest.raises(UnreachableError, match="past any connection pooler"):
                run_of(ledger)


def _lose(server: Server, name: str, way: str) -> None:
    if way == "cut":
        assert server.cut(name) == 1
    else:
        server.stop()
    if way == "started again":
        server.start()


def at_once(ledgers: Sequence[Ledger], pipeline: str, run: int, drafts: Sequence[Draft]) -> list[bool]:
    """Whether each of the ledgers could begin its draft, where all try at the same time."""
    won: list[bool] = []
    ready = threading.Barrier(len(ledgers))

    def intend(one: Ledger, drafted: Draft) -> None:
        ready.wait()
        won.append(one.intend(pipeline, run, drafted, "token", "drafts/", MONDAY, at(MONDAY)))

    threads = [threading.Thread(target=intend, args=pair) for pair in zip(ledgers, drafts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won


class TestWriters:
    def test_one_key_is_used_once_by_two_at_the_same_time(self, ledger: Ledger, url: str) -> None:
        run = run_of(ledger)
        ledger.intend(NAME, run, draft("failed"), "first", "drafts/", MONDAY, at(MONDAY))
        ledger.settle(NAME, "failed", "failed", MONDAY)
        others = [SqlLedger(url) for _ in range(6)]
        for key in ["failed", *map(str, range(20))]:
            one = draft(key, to=f"{key}@fabrikam.example")
            assert sorted(at_once(others, NAME, run, [one] * 6)) == [False] * 5 + [True]

    def test_one_person_gets_one_draft_by_two_at_the_same_time(self, ledger: Ledger, url: str) -> None:
        run = run_of(ledger)
        others = [SqlLedger(url) for _ in range(6)]
        for person in (f"{number}@fabrikam.example" for number in range(20)):
            drafts = [draft(f"{person}/{number}", to=person) for number in range(6)]
            assert sorted(at_once(others, NAME, run, drafts)) == [False] * 5 + [True]

    def test_two_pipelines_do_not_wait_for_each_other(self, ledger: SqlLedger, url: str) -> None:
        other = run_of(ledger)
        with ledger._database.writing() as connection:
            connection.exec_driver_sql(f"UPDATE runs SET message = 'x' WHERE id = {other}")
            assert SqlLedger(url).begin("other", "run", MONDAY, at(MONDAY), plan=None, changes=[change("a")]) > other


class TestFaults:
    def test_a_server_that_is_down(self, ledger: Ledger, server: Server) -> None:
        run_of(ledger)
        server.stop()
        try:
            for call in (
                lambda: run_of(ledger),
                lambda: ledger.history(NAME, MONDAY),
                lambda: ledger.lock(NAME).__enter__(),
                lambda: ledger.check_writable(NAME),
            ):
                with pytest.raises(UnreachableError, match="can't be reached") as caught:
                    call()
                assert PASSWORD not in str(caught.value)
        finally:
            server.start()
        assert len(ledger.runs(NAME)) == 1

    @pytest.mark.parametrize(
        ("change", "kind", "says"),
        [
            (("horse", "h0rse"), CredentialsError, "password authentication failed"),
            (("sales", "nobody"), CredentialsError, "password authentication failed"),
            (("/ledger", "/nowhere"), SettingsError, "create it"),
            (("127.0.0.1", "nowhere.invalid"), UnreachableError, "can't be reached"),
            (("?", "?password=s3cret-too&no_such=1"), SettingsError, "mend what follows the ?"),
            (("?", "?sslmode=require"), SettingsError, "mend sslmode"),
        ],
    )
    def test_what_the_way_to_it_may_lack(
        self, url: str, change: tuple[str, str], kind: type[FivestepError], says: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        ledger = SqlLedger(f"{url}?".replace(*change).rstrip("?"))
        for call in (
            lambda: run_of(ledger),
            lambda: ledger.history(NAME, MONDAY),
            lambda: ledger.lock(NAME).__enter__(),
        ):
            with pytest.raises(kind, match=says.replace("?", r"\?")) as caught:
                call()
            assert not {"correct", "rse ", "s3cret"} & set(str(caught.value).split())
            assert caught.value.__cause__ is None
        for secret in ("horse", "h0rse", "s3cret"):
            assert secret not in caplog.text
            assert secret not in str(caught.value)

    @pytest.mark.parametrize(
        ("url", "says"),
        [
            ("postgresql://sales:s3cret@db.example", "names no database"),
            ("postgresql://sales:s3cret@db.example/", "names no database"),
            ("postgresql+asyncpg://sales:s3cret@db.example/x", "no ledger in 'postgresql"),
        ],
    )
    def test_urls(self, url: str, says: str) -> None:
        with pytest.raises(SettingsError, match=says.replace("+", r"\+")) as caught:
            SqlLedger(url)
        assert "s3cret" not in str(caught.value)

    @pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
    def test_a_url_as_providers_write_it(self, url: str, scheme: str) -> None:
        assert run_of(SqlLedger(url.replace("postgresql+psycopg", scheme))) == 1

    def test_the_driver_that_is_missing(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "psycopg", None)
        with pytest.raises(SettingsError, match=r'pip install "psycopg'):
            SqlLedger(url)

    def test_a_user_who_may_not_write(self, ledger: Ledger, url: str, server: Server) -> None:
        run_of(ledger)
        server.ask(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}' IN ROLE pg_read_all_data")
        reader = SqlLedger(server.url(database(url), user="reader"))
        assert len(reader.runs(NAME)) == 1
        for call in (lambda: run_of(reader), lambda: reader.check_writable(NAME)):
            with pytest.raises(CredentialsError):
                call()
        ledger.check_writable(NAME)

    def test_a_table_that_somebody_holds(self, ledger: Ledger, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules["fivestep.connectors.database.postgres"].SESSION, "lock_timeout", "50ms")
        run_of(ledger)
        held, free = threading.Event(), threading.Event()
        holder = SqlLedger(url)

        def hold() -> None:
            with holder._database.writing() as connection:
                connection.exec_driver_sql("LOCK TABLE runs")
                held.set()
                free.wait()

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait()
        with pytest.raises(UnreachableError, match="holds its tables"):
            run_of(ledger)
        free.set()
        thread.join()


def test_the_newest_migration_is_there(ledger: Ledger, url: str, server: Server) -> None:
    run_of(ledger)
    assert server.ask("SELECT version_num FROM alembic_version", database(url)) == [(migrate.HEAD,)]


def test_the_driver_is_imported_when_it_is_needed() -> None:
    script = "import sys, fivestep.connectors.database.ledger; sys.exit('psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
