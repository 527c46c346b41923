"""Conversations with their events, and what the shop knows.

The trigger list is the test list: tests/unit/storage/test_event_log.py attacks each one.
"""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.triggers import append_only, enact, repeal

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LAWS = append_only("event", "seq = NEW.seq", "events are append-only")


def upgrade() -> None:
    """Create the tables of the conversation log and of the knowledge."""
    _conversations()
    _knowledge()
    enact(op.get_bind(), _LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), _LAWS)
    for table in ("client_key", "event", "conversation", "passage", "document", "gap", "report"):
        op.drop_table(table)


def _conversations() -> None:
    op.create_table(
        "conversation",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
        sqlite_strict=True,
    )
    op.create_table(
        "event",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("conversation", sa.Text, sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_event_conversation", "event", ["conversation"])
    op.create_table(
        "client_key",
        sa.Column(
            "conversation", sa.Text, sa.ForeignKey("conversation.id"), primary_key=True, nullable=False
        ),
        sa.Column("key", sa.Text, primary_key=True, nullable=False),
        sa.Column("event", sa.Integer, sa.ForeignKey("event.seq"), nullable=False),
        sqlite_strict=True,
    )


def _knowledge() -> None:
    op.create_table(
        "document",
        sa.Column("path", sa.Text, primary_key=True, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("problems", sa.Text, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "passage",
        sa.Column(
            "document",
            sa.Text,
            sa.ForeignKey("document.path", ondelete="CASCADE"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("position", sa.Integer, primary_key=True, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "gap",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("example", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("first_seen", sa.Text, nullable=False),
        sa.Column("last_seen", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("count > 0", name="gap_count_positive"),
        sqlite_strict=True,
    )
    op.create_table(
        "report",
        sa.Column("name", sa.Text, primary_key=True, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
