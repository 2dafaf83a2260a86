"""The ledger's tables, as the newest migration leaves them.

Every row carries its pipeline's name, so that one database serves any number of them. A change of these tables
needs a migration in `migrations/versions/`; a test compares the two.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
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


metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime),
    Column("outcome", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("undoes", Integer, ForeignKey("runs.id")),
    Column("exit_code", Integer),
    sqlite_autoincrement=True,
)
"""`counts` is a JSON object."""

Index("runs_latest", runs.c.pipeline, runs.c.id)

deals = Table(
    "deals",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("deal", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    sqlite_with_rowid=False,
)

stage_entries = Table(
    "stage_entries",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("deal", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("dated", Date),
    ForeignKeyConstraint(["pipeline", "deal"], ["deals.pipeline", "deals.deal"]),
    sqlite_with_rowid=False,
)
"""`number` counts a deal's entries from 1."""

waits = Table(
    "waits",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("deal", Text, primary_key=True),
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
    Column("pipeline", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("run", Integer, ForeignKey("runs.id"), nullable=False),
    Column("deal", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("template", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("changed", Date, nullable=False),
    Column("token", Text, nullable=False),
    Column("draft_id", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("intended", UtcDateTime, nullable=False),
    UniqueConstraint("pipeline", "key", name="drafts_key"),
)
"""The unique key is what makes a second draft of one follow-up impossible."""

findings = Table(
    "findings",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("deal", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("header", Text, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
    Column("message", Text, nullable=False),
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
    Column("pipeline", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("content", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What was so the last time, under a name: the sheet's headers, the text of the heartbeat."""

unverified_writes = Table(
    "unverified_writes",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""What a run was about to write to a sheet that people may be working in, and the sheet before it, until it has been
seen that everything stands where it belongs."""

occasions = Table(
    "occasions",
    metadata,
    Column("pipeline", Text, primary_key=True),
    Column("job", Text, primary_key=True),
    Column("due", UtcDateTime, primary_key=True),
    sqlite_with_rowid=False,
)
"""The occasions on which a job was due and somebody has taken it: whoever adds the row is the one."""

changes = Table(
    "changes",
    metadata,
    Column("run", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("pipeline", Text, nullable=False),
    Column("deal", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("header", Text, nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("outcome", Text, nullable=False),
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
