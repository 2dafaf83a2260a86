"""A ledger that is copied to another database says there what it said before."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import fivestep
from fivestep.connectors.database import copy_ledger
from fivestep.connectors.database.engine import open_database
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.connectors.database.tables import metadata
from fivestep.connectors.testing.ledger import MONDAY, NAME, TUESDAY, at, change, draft, plan, problem, run_of, sighting
from fivestep.errors import BusyError, SettingsError, UnreachableError
from fivestep.process.model.history import Wait
from fivestep.process.model.prognosis import StageLine
from tests.fakes.postgres import PASSWORD, Server

# These need a database server of their own.
pytestmark = pytest.mark.slow

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.sampled_from(["Northwind sales", "Ärger\0", "", "zebra", "Zebra"])


def rows_of(url: str) -> dict[str, list[Any]]:
    """Everything that a ledger holds."""
    with closing(open_database(url)) as database, database.reading() as connection:
        tables = [table for table in metadata.sorted_tables if "pipeline" in table.c]
        return {t.name: sorted(map(repr, connection.execute(select(t)).all())) for t in tables}


@pytest.fixture
def file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'fivestep.db'}"


def fill(url: str, name: str = NAME, size: int = 3) -> None:
    ledger = SqlLedger(url)
    for day in (MONDAY, TUESDAY):
        seen = [
            sighting(f"D-{n}", "Pitch", dated=day, waits=(Wait(MONDAY, day),), fingerprint="f\0") for n in range(size)
        ]
        cells = [change("a\0\x1a", deal=f"D-{n}", old="x" * 5000) for n in range(size)]
        found = () if day == TUESDAY else (problem("cell.amount", "Value\0"),)
        run = ledger.begin(name, "run", day, at(day), plan=replace(plan(day, *seen), problems=found), changes=cells)
        ledger.intend(name, run, draft(f"{day}"), "token", "drafts/", day, at(day))
        ledger.record_changes(run, ["written"] * size)
        ledger.finish(run, "done", at(day) + dt.timedelta(microseconds=1), {"written": size}, "all well")
    ledger.begin(name, "undo", TUESDAY, at(TUESDAY), plan=None, changes=[change("")], undoes=run)
    took = ledger.begin(name, "import", TUESDAY, at(TUESDAY), plan=None, changes=[])
    ledger.import_lines(name, took, [StageLine("D-1\0", "Lead", MONDAY, 0.1), StageLine("D-1\0", "Won", TUESDAY)])
    ledger.keep_write(name, bytes(range(256)))
    ledger.claim(name, "sync", at(MONDAY))
    ledger.remember(name, "headers", '["Wert\0"]')
    ledger.failed(name, "digest", TUESDAY, at(TUESDAY), at(TUESDAY), "the mailbox is away", 4)
    ledger.close()


def test_there_and_back(file: str, url: str, tmp_path: Path) -> None:
    fill(file)
    fill(file, "other")
    before = rows_of(file)
    assert all(before.values()), "a table of which nothing is copied here"
    there = fivestep.copy_ledger(file, url)
    assert there.pipelines == (NAME, "other")
    assert there.rows == {name: len(rows) for name, rows in before.items()}
    assert rows_of(url) == before
    back = f"sqlite:///{tmp_path / 'back.db'}"
    fivestep.copy_ledger(url, back)
    assert rows_of(back) == rows_of(file) == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_there_and_back_whatever_was_in_it(server: Server, data: st.DataObject) -> None:
    with server.database() as url, tempfile.TemporaryDirectory() as folder:
        file, back = f"sqlite:///{folder}/a.db", f"sqlite:///{folder}/b.db"
        ledger = SqlLedger(file)
        run = 0
        for name in data.draw(st.lists(NAMES, min_size=1, max_size=6)):
            deals = data.draw(st.lists(TEXTS, max_size=4, unique=True))
            cells = [change(data.draw(TEXTS), deal=deal, old=data.draw(TEXTS)) for deal in deals]
            day = data.draw(st.dates(dt.date(1, 1, 2), dt.date(9999, 12, 30)))
            moment = data.draw(st.builds(dt.datetime.combine, st.just(day), st.times(), st.just(dt.UTC)))
            seen = [sighting(deal, data.draw(TEXTS), dated=data.draw(st.none() | st.just(day))) for deal in deals]
            undoes = run or None
            run = ledger.begin(name, "run", day, moment, plan=plan(day, *seen), changes=cells, undoes=undoes)
            for key in data.draw(st.lists(TEXTS, max_size=2)):
                ledger.intend(name, run, draft(key), data.draw(TEXTS), "drafts/", day, moment)
            ledger.keep_write(name, data.draw(st.none() | st.binary(max_size=9)))
        ledger.close()
        fivestep.copy_ledger(file, url)
        fivestep.copy_ledger(url, back)
        assert rows_of(back) == rows_of(url) == rows_of(file)


@pytest.mark.parametrize("way", ["to postgresql", "to sqlite"])
def test_a_target_with_other_pipelines_goes_on_counting(file: str, url: str, way: str) -> None:
    source, target = (file, url) if way == "to postgresql" else (url, file)
    fill(target, "older")
    fill(source)
    was = rows_of(target)
    before = SqlLedger(source).runs(NAME), SqlLedger(source).open_drafts(NAME)
    fivestep.copy_ledger(source, target)
    copied = SqlLedger(target)
    assert [run.id for run in copied.runs(NAME)] == [10, 9, 8, 7, 6]
    assert [run._replace(id=run.id - 5, undoes=run.undoes and run.undoes - 5) for run in copied.runs(NAME)] == before[0]
    assert copied.open_drafts(NAME) == before[1]
    assert [record.deal for record in copied.changes(7)] == ["D-0", "D-1", "D-2"]
    assert all(set(was[name]) <= set(rows) for name, rows in rows_of(target).items())
    assert run_of(copied) == 11
    assert copied.intend(NAME, 11, draft("new", to="lee@fabrikam.example"), "token", "drafts/", MONDAY, at(MONDAY))


def test_one_that_has_a_history_is_not_mixed(file: str, url: str) -> None:
    fill(file)
    fill(url)
    before = rows_of(url)
    with pytest.raises(SettingsError, match=r"has a history of 'Northwind sales' already"):
        fivestep.copy_ledger(file, url)
    assert rows_of(url) == before


def test_nothing_is_copied_while_a_pipeline_runs(file: str, url: str) -> None:
    fill(file)
    for busy in (file, url):
        with SqlLedger(busy).lock(NAME), pytest.raises(BusyError):
            fivestep.copy_ledger(file, url)
    assert sum(map(len, rows_of(url).values())) == 0


def test_an_empty_one_is_asked_about(file: str, url: str) -> None:
    with pytest.raises(SettingsError, match="is it the right one"):
        fivestep.copy_ledger(file, url)


def test_one_to_itself(url: str) -> None:
    with pytest.raises(SettingsError, match="name two"):
        fivestep.copy_ledger(url, url.replace("postgresql+psycopg", "postgres"))


def test_what_is_kept_otherwise_than_it_was_is_not_copied(file: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(file)
    real = copy_ledger.execute_many

    def forgetful(connection: Any, statement: Any, rows: Any) -> None:
        real(connection, statement, [row | ({"subject": "?"} if "subject" in row else {}) for row in rows])

    monkeypatch.setattr(copy_ledger, "execute_many", forgetful)
    with pytest.raises(UnreachableError, match="has not kept drafts"):
        fivestep.copy_ledger(file, url)
    assert sum(map(len, rows_of(url).values())) == 0


def test_a_server_that_goes_away_leaves_nothing_by_halves(
    file: str, url: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(file)
    real = copy_ledger._go_on_counting

    def cut(connection: Any, table: Any) -> None:
        if table.name == "drafts":
            assert server.cut(url.rpartition("/")[2])
        real(connection, table)

    monkeypatch.setattr(copy_ledger, "_go_on_counting", cut)
    with pytest.raises(UnreachableError):
        fivestep.copy_ledger(file, url)
    assert sum(map(len, rows_of(url).values())) == 0
    monkeypatch.undo()
    fivestep.copy_ledger(file, url)
    assert rows_of(url) == rows_of(file)


def test_as_a_person_would(file: str, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    from fivestep.cli.commands import commands
    from fivestep.cli.frame import call

    fill(file)
    assert call(commands, ["ledger", "copy", file, url]) == 0
    told = capsys.readouterr()
    assert "Copied 1 pipeline from " in told.out
    assert "7 changes" in told.out
    assert PASSWORD.split()[1] not in told.out + told.err
    assert call(commands, ["ledger", "copy", url, "sqlite:///nowhere/x.db", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "settings"
    assert call(commands, ["ledger", "copy", "nothing", url]) == 2
    assert "no database URL" in capsys.readouterr().err
