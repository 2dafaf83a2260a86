"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("undoes", sa.Integer, sa.ForeignKey("runs.id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deals",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("deal", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stage_entries",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("deal", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("dated", sa.Date),
        sa.ForeignKeyConstraint(["pipeline", "deal"], ["deals.pipeline", "deals.deal"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "waits",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("deal", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.ForeignKeyConstraint(["pipeline", "deal"], ["deals.pipeline", "deals.deal"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("deal", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("changed", sa.Date, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("draft_id", sa.Text, nullable=False),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.UniqueConstraint("pipeline", "key", name="drafts_key"),
    )
    op.create_table(
        "changes",
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("pipeline", sa.Text, nullable=False),
        sa.Column("deal", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("old", sa.Text, nullable=False),
        sa.Column("new", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("changes_deal", "changes", ["pipeline", "deal"])
    op.create_index(
        "changes_standing",
        "changes",
        ["pipeline", "deal", "header"],
        sqlite_where=sa.text("stands = 1"),
        postgresql_where=sa.text("stands"),
    )
