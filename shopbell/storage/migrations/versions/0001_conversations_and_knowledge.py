"""Conversations with their events, and what the shop knows.

The trigger list is the test list: tests/unit/storage/test_event_log.py attacks each one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TRIGGERS = {
    "event_no_update": "BEFORE UPDATE ON event",
    "event_no_delete": "BEFORE DELETE ON event",
    # REPLACE deletes the old row without asking the trigger above unless recursive triggers are on.
    "event_no_replace": "BEFORE INSERT ON event WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq)",
}


def upgrade() -> None:
    """Create the tables of the conversation log and of the knowledge."""
    _conversations()
    _knowledge()
    for name, when in _TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'events are append-only'); END")


def downgrade() -> None:
    """Drop everything this revision created."""
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
        sa.Column("conversation", sa.Text, sa.ForeignKey("conversation.id"), primary_key=True, nullable=False),
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
