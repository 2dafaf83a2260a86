"""Stage entries that were imported, and when drafts were answered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("drafts", sa.Column("answered", sa.Date))
    op.create_table(
        "imported_entries",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("deal", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("amount", sa.Double),
        sa.Column("run", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sqlite_with_rowid=False,
    )
