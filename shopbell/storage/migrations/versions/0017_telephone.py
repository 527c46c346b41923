"""The telephone: every call, with how it went."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "phone_call",
        sa.Column("id", sa.Text, primary_key=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("conversation", "began_at", "caller", "callee", "outcome", "ended", "codec")
        ),
        sa.Column("answered_at", sa.Text),
        sa.Column("ended_at", sa.Text),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("turns", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("ix_phone_call_began_at", "phone_call", ["began_at"])
    op.create_index("ix_phone_call_conversation", "phone_call", ["conversation"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("phone_call")
