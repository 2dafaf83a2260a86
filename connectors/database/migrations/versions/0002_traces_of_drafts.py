"""What a draft is found by in a mailbox without tokens, and what is about to be written to a sheet."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_LONG_AGO = "1970-01-01 00:00:00.000000"


def upgrade() -> None:
    """Add the columns and the table.

    Earlier drafts are taken to have been made at the beginning of their day.
    """
    # Made anew, SQLite's tables read as if they had been made at once; PostgreSQL changes its own in place.
    sqlite = op.get_bind().dialect.name == "sqlite"
    recreate: Literal["always", "never"] = "always" if sqlite else "never"
    with op.batch_alter_table("drafts", recreate=recreate) as drafts:
        drafts.add_column(sa.Column("sender", sa.Text, nullable=False, server_default=""))
        drafts.add_column(sa.Column("subject", sa.Text, nullable=False, server_default=""))
        drafts.add_column(sa.Column("intended", sa.DateTime(timezone=True), nullable=False, server_default=_LONG_AGO))
    midnight = "day || ' 00:00:00.000000'" if sqlite else "CAST(day AS timestamp) AT TIME ZONE 'UTC'"
    op.execute(f"UPDATE drafts SET intended = {midnight}")
    with op.batch_alter_table("drafts", recreate=recreate) as drafts:
        for name in ("sender", "subject", "intended"):
            drafts.alter_column(name, server_default=None)
    op.create_table(
        "unverified_writes",
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
