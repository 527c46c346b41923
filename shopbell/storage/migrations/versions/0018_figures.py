"""Figures of past weeks, kept because the conversations they were counted over are removed in time."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "figure_week",
        sa.Column("week", sa.Text, primary_key=True, nullable=False),
        *texts("at", "body"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop what this revision created."""
    op.drop_table("figure_week")
