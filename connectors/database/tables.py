"""The ledger's tables, as the newest migration leaves them.

Every row carries its pipeline's name, so that one database serves any number of them. A change of these tables
needs a migration in `migrations/versions/`; a test compares the two.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    true,
)


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A time in UTC, on databases that keep no time zone as well."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """The time in UTC; raises ValueError where it has no time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time in the ledger needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002
        """The time with its time zone."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class AnyText(TypeDecorator[str]):
    """Any text. PostgreSQL takes no null characters: there `\\x1a0` stands for one, and `\\x1a1` for `\\x1a`."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None] | None:
        """What makes a text one that the database takes; None where it takes all."""
        return without_null if dialect.name == "postgresql" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str | None], str | None] | None:  # noqa: ARG002
        """What makes of a stored text the one that it was."""
        return with_null if dialect.name == "postgresql" else None


def without_null(text: str | None) -> str | None:
    """The text as PostgreSQL takes it."""
    if text and ("\0" in text or "\x1a" in text):
        return text.replace("\x1a", "\x1a1").replace("\0", "\x1a0")
    return text


def with_null(text: str | None) -> str | None:
    """The text that it was."""
    if text and "\x1a" in text:
        return text.replace("\x1a0", "\0").replace("\x1a1", "\x1a")
    return text


metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pipeline", AnyText, nullable=False),
    Column("kind", AnyText, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime),
    Column("outcome", AnyText, nullable=False),
    Column("counts", AnyText, nullable=False),
    Column("message", AnyText, nullable=False),
    Column("undoes", Integer, ForeignKey("runs.id")),
    Column("exit_code", Integer),
    sqlite_autoincrement=True,
)
"""`counts` is a JSON object."""

Index("runs_latest", runs.c.pipeline, runs.c.id)

deals = Table(
    "deals",
    metadata,
    Column("pipeline", AnyText, primary_key=True),
    Column("deal", AnyText, primary_key=True),
    Column("fingerprint", AnyText, nullable=False),
    sqlite_with_rowid=False,
)

stage_entries = Table(
    "stage_entries",
    metadata,
    Column("pipeline", AnyText, primary_key=True),
    Column("deal", AnyText, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("stage", AnyText, nullable=False),
    Column("day", Date, nullable=False),
    Column("dated", Date),
    ForeignKeyConstraint(["pipeline", "deal"], ["deals.pipeline", "deals.deal"]),
    sqlite_with_rowid=False,
)
"""`number` counts a deal's entries from 1."""

imported_entries = Table(
    "imported_entries",
    metadata,
    Column("pipeline", AnyText, primary_key=True),
    Column("deal", AnyText, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("stage", AnyText, nullable=False),
    Column("day", Date, nullable=False),
    Column("amount", Double),
    Column("run", Integer, ForeignKey("runs.id"), nullable=False),
    sqlite_with_rowid=False,
)
"""Stage entries that no run saw. `number` orders a deal's; `run` is the import that added the entry."""

waits = Table(
    "waits",
    metadata,
    Column("pipeline", AnyText, primary_key=True),
    Column("deal", AnyText, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    ForeignKeyConstraint(["pipeline", "deal"], ["deals.pipeline", "deals.deal"]),
    sqlite_with_rowid=False,
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pipeline", AnyText, nullable=False),
    Column("key", AnyText, nullable=False),
    Column("run", Integer, ForeignKey("runs.id"), nullable=False),
    Column("deal", AnyText, nullable=False),
    Column("person", AnyText, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("template", AnyText, nullable=False),
    Column("state", AnyText, nullable=False),
    Column("day", Date, nullable=False),
    Column("changed", Date, nullable=False),
    Column("token", AnyText, nullable=False),
    Column("draft_id", AnyText, nullable=False),
    Column("mailbox", AnyText, nullable=False),
    Column("sender", AnyText, nullable=False),
    Column("subject", AnyText, nullable=False),
    Column("intended", UtcDateTime, nullable=False),
    Column("answered", Date),
    UniqueConstraint("pipeline", "key", name="drafts_key"),
)
"""The unique key is what makes a second draft of one follow-up impossible."""

findings = Table(
    "findings",
    metadata,
    Column("pipeline", AnyText, primary_key=True),
    Column("deal", AnyText, primary_key=True),
    Column("rule", AnyText, primary_key=True),
    Column("header", AnyText, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
    Column("message", AnyText, nullable=False),
    sqlite_with_rowid=False,
)
"""When a deal's errors and warnings came and went; `until` is empty while one lasts."""

Index(
    "findings_lasting",
    findings.c.pipeline,
    sqlite_where=findings.c.until.is_(None),
    postgresql_where=findings.c.until.is_(None),
)

memos = Table(
    "memos",
    metadata,
    Column("pipeline", AnyText, primary_key=True),
    Column("name", AnyText, primary_key=True),
    Column("content", AnyText, nullable=False),
    sqlite_with_rowid=False,
)
"""What was so the last time, under a name: the sheet's headers, the text of the heartbeat."""

unverified_writes = Table(
    "unverified_writes",
    metadata,
    Column("pipeline", AnyText, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""What a run was about to write to a sheet that people may be working in, and the sheet before it, until it has been
seen that everything stands where it belongs."""

occasions = Table(
    "occasions",
    metadata,
    Column("pipeline", AnyText, primary_key=True),
    Column("job", AnyText, primary_key=True),
    Column("due", UtcDateTime, primary_key=True),
    sqlite_with_rowid=False,
)
"""The occasions on which a job was due and somebody has taken it: whoever adds the row is the one."""

google_calls = Table(
    "google_calls",
    metadata,
    Column("login", AnyText, primary_key=True),
    Column("spent", AnyText, nullable=False),
    sqlite_with_rowid=False,
)
"""The calls of a login in the last minute, as JSON; used where machines share it."""

changes = Table(
    "changes",
    metadata,
    Column("run", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("pipeline", AnyText, nullable=False),
    Column("deal", AnyText, nullable=False),
    Column("row", Integer, nullable=False),
    Column("header", AnyText, nullable=False),
    Column("old", AnyText, nullable=False),
    Column("new", AnyText, nullable=False),
    Column("outcome", AnyText, nullable=False),
    Column("stands", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""The journal. `stands`: the cell may still show this change's `new`, as no later run is known to have written it."""

Index("changes_deal", changes.c.pipeline, changes.c.deal)
Index(
    "changes_standing",
    changes.c.pipeline,
    changes.c.deal,
    changes.c.header,
    sqlite_where=changes.c.stands == true(),
    postgresql_where=changes.c.stands,
)
"""Finds what a pipeline's cells show by now, however long the journal is."""
