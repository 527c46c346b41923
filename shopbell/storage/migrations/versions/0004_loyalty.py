"""Customers, purchases, programmes, rewards, till keys and webhooks."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.triggers import append_only, enact, repeal

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")

LAWS = (
    *append_only("consent", "seq = NEW.seq", "consents are append-only"),
    *append_only("webhook_attempt", "seq = NEW.seq", "the delivery log is append-only"),
    *append_only(
        "purchase",
        "id = NEW.id OR (source = NEW.source AND external_id = NEW.external_id)",
        "purchases are append-only",
    ),
    *append_only("purchase_claim", "purchase = NEW.purchase", "claims are append-only"),
    *append_only(
        "purchase_return",
        "id = NEW.id OR (source = NEW.source AND external_id = NEW.external_id)",
        "returns are append-only",
    ),
    *append_only("reward_hold", "id = NEW.id", "reservations are append-only"),
    *append_only("reward_event", "hold = NEW.hold AND kind = NEW.kind", "what became of a reward is append-only"),
    *append_only("adjustment", "id = NEW.id", "adjustments are append-only"),
    *append_only("adjustment_decision", "adjustment = NEW.adjustment", "decisions are append-only"),
    *append_only("customer_merge", "id = NEW.id", "merges are append-only"),
    *append_only("customer_unmerge", "merge = NEW.merge", "merges are append-only"),
)


def upgrade() -> None:
    """Create the tables."""
    _customers()
    _till_keys()
    _webhooks()
    _reward_codes()
    _purchases()
    _club()
    _rewards()
    _by_hand()
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in (
        "customer_unmerge",
        "customer_merge",
        "adjustment_decision",
        "adjustment",
        "reward_event",
        "reward_hold",
        "referral",
        "standing",
        "purchase_return",
        "purchase_claim",
        "purchase",
        "reward_code",
        "webhook_attempt",
        "webhook_delivery",
        "webhook_message",
        "webhook_subscription",
        "till_key",
        "consent",
        "customer",
    ):
        op.drop_table(table)


def _customers() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("birthday", sa.Text),
        sa.Column("joined_at", sa.Text, nullable=False),
        sa.Column("referral_code", sa.Text, nullable=False, unique=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.CheckConstraint("status IN ('active', 'merged', 'erased')", name="customer_status"),
        sqlite_strict=True,
    )
    active = sa.text("status = 'active'")
    for column in ("phone", "email"):
        op.create_index(
            f"uq_customer_{column}", "customer", [column], unique=True, sqlite_where=active, postgresql_where=active
        )
    op.create_table(
        "consent",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("given", sa.Integer, nullable=False),
        sa.Column("text_version", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.CheckConstraint("given IN (0, 1)", name="consent_given"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_consent_customer", "consent", ["customer", "purpose", "seq"])


def _till_keys() -> None:
    op.create_table(
        "till_key",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("till", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.Text),
        sa.Column("last_used_at", sa.Text),
        sqlite_strict=True,
    )
    live = sa.text("revoked_at IS NULL")
    op.create_index("uq_till_key_live", "till_key", ["till"], unique=True, sqlite_where=live, postgresql_where=live)


def _webhooks() -> None:
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
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_webhook_delivery_due", "webhook_delivery", ["due_at"], sqlite_where=waiting, postgresql_where=waiting
    )
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


def _reward_codes() -> None:
    op.create_table(
        "reward_code",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, unique=True),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("reward", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
        sa.Column("spent_at", sa.Text),
        sqlite_strict=True,
    )
    op.create_index("ix_reward_code_customer", "reward_code", ["customer"])


def _purchases() -> None:
    op.create_table(
        "purchase",
        sa.Column("id", _WHOLE, primary_key=True, autoincrement=False),
        *_texts("source", "external_id", "at", "day", "customer", "cashier"),
        sa.Column("amount", _WHOLE, nullable=False),
        *_texts("body", "facts", "explanation"),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *_texts("recorded_at", "result"),
        sa.UniqueConstraint("source", "external_id", name="uq_purchase"),
        sa.CheckConstraint("source <> '' AND external_id <> ''", name="purchase_named"),
        sqlite_strict=True,
    )
    op.create_index("ix_purchase_customer", "purchase", ["customer", "id"])
    op.create_index("ix_purchase_at", "purchase", ["at"])
    op.create_table(
        "purchase_claim",
        sa.Column("purchase", _WHOLE, sa.ForeignKey("purchase.id"), primary_key=True, autoincrement=False),
        *_texts("customer", "at", "facts", "explanation", "result"),
        sqlite_strict=True,
    )
    op.create_index("ix_purchase_claim_customer", "purchase_claim", ["customer"])
    op.create_table(
        "purchase_return",
        sa.Column("id", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("purchase", _WHOLE, sa.ForeignKey("purchase.id"), nullable=False),
        *_texts("source", "external_id", "kind", "at", "cashier", "body", "returned"),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *_texts("recorded_at", "result"),
        sa.UniqueConstraint("source", "external_id", name="uq_purchase_return"),
        sa.CheckConstraint("kind IN ('refund', 'void')", name="purchase_return_kind"),
        sqlite_strict=True,
    )
    op.create_index("ix_purchase_return_purchase", "purchase_return", ["purchase", "id"])


def _club() -> None:
    op.create_table(
        "standing",
        sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), primary_key=True, nullable=False),
        *_texts("reviewed", "body"),
        sqlite_strict=True,
    )
    op.create_index("ix_standing_reviewed", "standing", ["reviewed"])
    op.create_table(
        "referral",
        sa.Column("friend", sa.Text, sa.ForeignKey("customer.id"), primary_key=True, nullable=False),
        sa.Column("referrer", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        *_texts("at"),
        sa.Column("rewarded_on", sa.Text),
        sqlite_strict=True,
    )
    op.create_index("ix_referral_referrer", "referral", ["referrer"])


def _rewards() -> None:
    op.create_table(
        "reward_hold",
        *(sa.Column("id", sa.Text, primary_key=True, nullable=False), *_texts("customer", "reward", "unit")),
        sa.Column("points", _WHOLE, nullable=False),
        *_texts("code", "at", "expires_at", "by"),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("points > 0", name="reward_hold_points"),
        sqlite_strict=True,
    )
    op.create_index("ix_reward_hold_customer", "reward_hold", ["customer"])
    op.create_index("ix_reward_hold_reward", "reward_hold", ["reward"])
    op.create_index("ix_reward_hold_code", "reward_hold", ["code"])
    op.create_table(
        "reward_event",
        sa.Column("hold", sa.Text, sa.ForeignKey("reward_hold.id"), primary_key=True, nullable=False),
        sa.Column("kind", sa.Text, primary_key=True, nullable=False),
        *_texts("at", "by", "result"),
        sa.CheckConstraint("kind IN ('redeemed', 'released', 'undone')", name="reward_event_kind"),
        sqlite_strict=True,
    )


def _by_hand() -> None:
    op.create_table(
        "adjustment",
        *(sa.Column("id", sa.Text, primary_key=True, nullable=False), *_texts("customer", "unit")),
        sa.Column("points", _WHOLE, nullable=False),
        *_texts("reason", "actor", "at", "day", "state"),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *_texts("result"),
        sa.CheckConstraint("state IN ('done', 'waiting')", name="adjustment_state"),
        sa.CheckConstraint("reason <> '' AND actor <> '' AND points <> 0", name="adjustment_said"),
        sqlite_strict=True,
    )
    op.create_index("ix_adjustment_actor", "adjustment", ["actor", "day"])
    op.create_table(
        "adjustment_decision",
        sa.Column("adjustment", sa.Text, sa.ForeignKey("adjustment.id"), primary_key=True, nullable=False),
        *_texts("by", "at"),
        sa.Column("approved", sa.Integer, nullable=False),
        *_texts("result"),
        sqlite_strict=True,
    )
    op.create_table(
        "customer_merge",
        sa.Column("id", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        sa.Column("target", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        *_texts("at", "by", "body", "result"),
        sa.CheckConstraint("source <> target", name="customer_merge_two"),
        sqlite_strict=True,
    )
    op.create_index("ix_customer_merge_source", "customer_merge", ["source"])
    op.create_index("ix_customer_merge_target", "customer_merge", ["target"])
    op.create_table(
        "customer_unmerge",
        sa.Column("merge", _WHOLE, sa.ForeignKey("customer_merge.id"), primary_key=True, autoincrement=False),
        *_texts("at", "by", "result"),
        sqlite_strict=True,
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
