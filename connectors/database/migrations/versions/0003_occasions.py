"""Which job was due when, and has been taken."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "occasions",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("job", sa.Text, primary_key=True),
        sa.Column("due", sa.DateTime(timezone=True), primary_key=True),
        sqlite_with_rowid=False,
    )
