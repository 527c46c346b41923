"""Tables of purchases, standings, rewards, corrections and merges; the migration says what is append-only.

`body`, `facts`, `explanation` and `result` are JSON; `result` is the answer as it was given.
"""

import sqlalchemy as sa

from shopbell.storage.columns import texts, whole
from shopbell.storage.database import metadata

purchase = sa.Table(
    "purchase",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    *texts("source", "external_id", "at", "day", "customer", "cashier"),
    sa.Column("amount", whole, nullable=False),
    *texts("body", "facts", "explanation"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    *texts("recorded_at", "result"),
    sa.UniqueConstraint("source", "external_id", name="uq_purchase"),
    sa.Index("ix_purchase_customer", "customer", "id"),
    sa.Index("ix_purchase_at", "at"),
)
claim = sa.Table(
    "purchase_claim",
    metadata,
    sa.Column("purchase", whole, sa.ForeignKey("purchase.id"), primary_key=True, autoincrement=False),
    *texts("customer", "at", "facts", "explanation", "result"),
    sa.Index("ix_purchase_claim_customer", "customer"),
)
reversal = sa.Table(
    "purchase_return",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    sa.Column("purchase", whole, sa.ForeignKey("purchase.id"), nullable=False),
    *texts("source", "external_id", "kind", "at", "cashier", "body", "returned"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    *texts("recorded_at", "result"),
    sa.UniqueConstraint("source", "external_id", name="uq_purchase_return"),
    sa.Index("ix_purchase_return_purchase", "purchase", "id"),
)
standing = sa.Table(
    "standing",
    metadata,
    sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), primary_key=True),
    *texts("reviewed", "body"),
    sa.Index("ix_standing_reviewed", "reviewed"),
)
referral = sa.Table(
    "referral",
    metadata,
    sa.Column("friend", sa.Text, sa.ForeignKey("customer.id"), primary_key=True),
    sa.Column("referrer", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
    *texts("at"),
    sa.Column("rewarded_on", sa.Text),  # the day its referrer was rewarded; empty: not, or taken back
    sa.Index("ix_referral_referrer", "referrer"),
)
hold = sa.Table(
    "reward_hold",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *texts("customer", "reward", "unit"),
    sa.Column("points", whole, nullable=False),
    *texts("code", "at", "expires_at", "by"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    sa.Index("ix_reward_hold_customer", "customer"),
    sa.Index("ix_reward_hold_reward", "reward"),
    sa.Index("ix_reward_hold_code", "code"),
)
hold_event = sa.Table(
    "reward_event",
    metadata,
    sa.Column("hold", sa.Text, sa.ForeignKey("reward_hold.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    *texts("at", "by", "result"),
)
adjustment = sa.Table(
    "adjustment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *texts("customer", "unit"),
    sa.Column("points", whole, nullable=False),
    *texts("reason", "actor", "at", "day", "state"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    *texts("result"),
    sa.Index("ix_adjustment_actor", "actor", "day"),
)
decision = sa.Table(
    "adjustment_decision",
    metadata,
    sa.Column("adjustment", sa.Text, sa.ForeignKey("adjustment.id"), primary_key=True),
    *texts("by", "at"),
    sa.Column("approved", sa.Integer, nullable=False),
    *texts("result"),
)
merge = sa.Table(
    "customer_merge",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("target", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
    *texts("at", "by", "body", "result"),
    sa.Index("ix_customer_merge_source", "source"),
    sa.Index("ix_customer_merge_target", "target"),
)
unmerge = sa.Table(
    "customer_unmerge",
    metadata,
    sa.Column("merge", whole, sa.ForeignKey("customer_merge.id"), primary_key=True, autoincrement=False),
    *texts("at", "by", "result"),
)
