"""Webhooks: who is told, of what, and what came of each attempt."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import where
from shopbell.storage.triggers import append_only, enact, repeal

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LAWS = (*append_only("webhook_attempt", "seq = NEW.seq", "the delivery log is append-only"),)


def upgrade() -> None:
    """Create the tables."""
    _subscriptions_and_messages()
    _deliveries()
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in ("webhook_attempt", "webhook_delivery", "webhook_message", "webhook_subscription"):
        op.drop_table(table)


def _subscriptions_and_messages() -> None:
    op.create_table(
        "webhook_subscription",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("public", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
        sa.CheckConstraint("public IN (0, 1)", name="webhook_subscription_public"),
        sqlite_strict=True,
    )
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sqlite_strict=True,
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message", sa.Text, sa.ForeignKey("webhook_message.id"), nullable=False),
        sa.Column("subscription", sa.Text, sa.ForeignKey("webhook_subscription.id"), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.UniqueConstraint("message", "subscription", name="uq_webhook_delivery"),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'dead')", name="webhook_delivery_state"),
        sa.CheckConstraint("attempts >= 0", name="webhook_delivery_attempts"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    waiting = where("state = 'waiting'")
    op.create_index("ix_webhook_delivery_due", "webhook_delivery", ["due_at"], **waiting)
    op.create_table(
        "webhook_attempt",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("delivery", sa.Integer, sa.ForeignKey("webhook_delivery.id"), nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_webhook_attempt_delivery", "webhook_attempt", ["delivery", "seq"])
