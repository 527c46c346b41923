"""Ghost mode: how each topic's drafts were judged."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "ghost_topic",
        sa.Column("topic", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("in_a_row", "accepted", "edited", "rejected", "lapsed")
        ),
        sa.Column("promoted_at", sa.Text),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ghost_topic")
