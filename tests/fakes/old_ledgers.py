"""Ledgers as earlier versions have left them, with something in each of their tables."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from fivestep.connectors.database import migrate
from fivestep.connectors.database.ledger import SqlLedger
from fivestep.process.model.plan import Draft

VERSIONS = ["0001", "0002", "0003", "0004", "0005"]
NAME = "Northwind sales"
DAY = dt.date(2026, 11, 23)
NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)

_DRAFT = {
    "id": 3, "pipeline": NAME, "key": "k", "run": 7, "deal": "D-1", "person": "li@acme.example", "entry": 1, "step": 1,
    "template": "gentle", "state": "created", "day": DAY, "changed": DAY, "token": "t", "draft_id": "1.eml",
    "mailbox": "drafts", "sender": "ana@northwind.example", "subject": "Hello", "intended": NOON,
}  # fmt: skip
_RUN = {
    "id": 7, "pipeline": NAME, "kind": "run", "as_of": DAY, "started": NOON, "finished": NOON, "outcome": "done",
    "counts": '{"written": 1}', "message": "", "undoes": None,
}  # fmt: skip
_CHANGE = {
    "run": 7, "number": 0, "pipeline": NAME, "deal": "D-1", "row": 2, "header": "Status", "old": "", "new": "Stalled",
    "outcome": "written", "stands": True,
}  # fmt: skip
_ROWS = {
    "runs": _RUN,
    "deals": {"pipeline": NAME, "deal": "D-1", "fingerprint": "{}"},
    "stage_entries": {"pipeline": NAME, "deal": "D-1", "number": 1, "stage": "Pitch", "day": DAY, "dated": None},
    "waits": {"pipeline": NAME, "deal": "D-1", "number": 1, "since": DAY, "until": DAY},
    "drafts": _DRAFT,
    "changes": _CHANGE,
    "unverified_writes": {"pipeline": NAME, "content": b"kept"},
    "occasions": {"pipeline": NAME, "job": "sync", "due": NOON},
    "findings": {
        "pipeline": NAME, "deal": "D-1", "rule": "cell.amount", "header": "Value", "since": DAY, "until": None,
        "message": "Value is no number",
    },
    "memos": {"pipeline": NAME, "name": "headers", "content": "[]"},
    "google_calls": {"login": "ana", "spent": "[]"},
}  # fmt: skip


def make_old(engine: sa.Engine, version: str) -> None:
    """Make the tables of this version, each with a row."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        tables = sa.MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                row = {name: value for name, value in _ROWS[table.name].items() if name in table.c}
                connection.execute(sa.insert(table).values(row))
    engine.dispose()


def check_brought_up(ledger: SqlLedger, version: str) -> None:
    """Assert that nothing was lost on the way to this version, and that the ledger goes on from there."""
    [run] = ledger.runs(NAME)
    assert (run.id, run.started, run.finished, run.outcome, run.exit_code) == (7, NOON, NOON, "done", None)
    history = ledger.history(NAME, DAY)
    assert list(history.deals) == ["D-1"]
    assert [entry.stage for entry in history.deals["D-1"].entries] == ["Pitch"]
    [draft] = ledger.open_drafts(NAME)
    assert draft.record.answered_on is None
    assert ledger.imported(NAME) == []
    assert (draft.record.key, draft.token, draft.draft_id, draft.record.state) == ("k", "t", "1.eml", "created")
    # What the first version did not know is taken to have been at the beginning of its day.
    known = ("ana@northwind.example", "Hello", NOON) if version > "0001" else ("", "", NOON.replace(hour=0))
    assert (draft.sender, draft.subject, draft.since) == known
    assert [change.new for change in ledger.changes(7)] == ["Stalled"]
    assert ledger.unverified_write(NAME) == (b"kept" if version > "0001" else None)
    assert ledger.claim(NAME, "sync", NOON) == (version < "0003")
    story = ledger.story(NAME, "D-1")
    assert story is not None
    assert len(story.findings) == (1 if version > "0003" else 0)
    assert ledger.recall(NAME, "headers") == ("[]" if version > "0003" else "")
    number = ledger.begin(NAME, "sync", DAY, NOON, plan=None, changes=())
    assert number > 7 or ledger.run(NAME, number) is not None
    again = Draft(
        deal="D-1", row=2, key="k", entry=1, step=1, to="li@acme.example", sender="ana@northwind.example",
        subject="Hello", plain="", html="", template="gentle",
    )  # fmt: skip
    assert not ledger.intend(NAME, number, again, "u", "drafts", DAY, NOON)
