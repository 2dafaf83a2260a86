"""What machines that share a Google login have spent of its quota."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "google_calls",
        sa.Column("login", sa.Text, primary_key=True),
        sa.Column("spent", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
