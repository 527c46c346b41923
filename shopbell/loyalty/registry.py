"""Tables of customers, consents, till keys, webhooks and reward codes. Times are ISO text in UTC."""

from datetime import datetime

import sqlalchemy as sa

from shopbell.storage.columns import where
from shopbell.storage.database import metadata

customer_table = sa.Table(
    "customer",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("phone", sa.Text),
    sa.Column("email", sa.Text),
    sa.Column("birthday", sa.Text),
    sa.Column("joined_at", sa.Text, nullable=False),
    sa.Column("referral_code", sa.Text, nullable=False, unique=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Index("uq_customer_phone", "phone", unique=True, **where("status = 'active'")),
    sa.Index("uq_customer_email", "email", unique=True, **where("status = 'active'")),
)
consent_table = sa.Table(
    "consent",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("given", sa.Integer, nullable=False),
    sa.Column("text_version", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Index("ix_consent_customer", "customer", "purpose", "seq"),
)
till_key_table = sa.Table(
    "till_key",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("till", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("revoked_at", sa.Text),
    sa.Column("last_used_at", sa.Text),
    sa.Index("uq_till_key_live", "till", unique=True, **where("revoked_at IS NULL")),
)
subscription_table = sa.Table(
    "webhook_subscription",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("public", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text),
)
message_table = sa.Table(
    "webhook_message",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
)
delivery_table = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("message", sa.Text, sa.ForeignKey("webhook_message.id"), nullable=False),
    sa.Column("subscription", sa.Text, sa.ForeignKey("webhook_subscription.id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", sa.Text, nullable=False),
    sa.UniqueConstraint("message", "subscription", name="uq_webhook_delivery"),
    sa.Index("ix_webhook_delivery_due", "due_at", **where("state = 'waiting'")),
)
attempt_table = sa.Table(
    "webhook_attempt",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("delivery", sa.Integer, sa.ForeignKey("webhook_delivery.id"), nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Index("ix_webhook_attempt_delivery", "delivery", "seq"),
)
code_table = sa.Table(
    "reward_code",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("customer", sa.Text, nullable=False),
    sa.Column("reward", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
    sa.Column("spent_at", sa.Text),
    sa.Index("ix_reward_code_customer", "customer"),
)


def unstamp(text: object) -> datetime:
    """Return a stored moment."""
    return datetime.fromisoformat(str(text))
