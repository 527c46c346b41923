"""Steps of prepaid packs, and the history of customers' segments."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, whole

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "pack_step",
        sa.Column("key", sa.Text, primary_key=True, nullable=False),
        *texts("customer", "pack", "what", "by", "at"),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *texts("result"),
        sqlite_strict=True,
    )
    op.create_index("ix_pack_step_customer", "pack_step", ["customer"])
    op.create_table(
        "segment_change",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        *texts("customer", "segments", "reason", "by", "at"),
        sqlite_strict=True,
    )
    op.create_index("ix_segment_change_customer", "segment_change", ["customer", "id"])


def downgrade() -> None:
    """Drop everything this revision created."""
    op.drop_table("segment_change")
    op.drop_table("pack_step")
