"""Tables of purchases, standings, rewards, corrections and merges; the migration says what is append-only.

`body`, `facts`, `explanation` and `result` are JSON; `result` is the answer as it was given.
"""

import sqlalchemy as sa

from shopbell.loyalty.tables import whole
from shopbell.storage.database import metadata


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


purchase = sa.Table(
    "purchase",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    *_texts("source", "external_id", "at", "day", "customer", "cashier"),
    sa.Column("amount", whole, nullable=False),
    *_texts("body", "facts", "explanation"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    *_texts("recorded_at", "result"),
)
claim = sa.Table(
    "purchase_claim",
    metadata,
    sa.Column("purchase", whole, sa.ForeignKey("purchase.id"), primary_key=True, autoincrement=False),
    *_texts("customer", "at", "facts", "explanation", "result"),
)
reversal = sa.Table(
    "purchase_return",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    sa.Column("purchase", whole, sa.ForeignKey("purchase.id"), nullable=False),
    *_texts("source", "external_id", "kind", "at", "cashier", "body", "returned"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    *_texts("recorded_at", "result"),
)
standing = sa.Table(
    "standing",
    metadata,
    sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), primary_key=True),
    *_texts("reviewed", "body"),
)
referral = sa.Table(
    "referral",
    metadata,
    sa.Column("friend", sa.Text, sa.ForeignKey("customer.id"), primary_key=True),
    sa.Column("referrer", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
    *_texts("at"),
    sa.Column("rewarded_on", sa.Text),  # the day its referrer was rewarded; empty: not, or taken back
)
hold = sa.Table(
    "reward_hold",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *_texts("customer", "reward", "unit"),
    sa.Column("points", whole, nullable=False),
    *_texts("code", "at", "expires_at", "by"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
)
hold_event = sa.Table(
    "reward_event",
    metadata,
    sa.Column("hold", sa.Text, sa.ForeignKey("reward_hold.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    *_texts("at", "by", "result"),
)
adjustment = sa.Table(
    "adjustment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *_texts("customer", "unit"),
    sa.Column("points", whole, nullable=False),
    *_texts("reason", "actor", "at", "day", "state"),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    *_texts("result"),
)
decision = sa.Table(
    "adjustment_decision",
    metadata,
    sa.Column("adjustment", sa.Text, sa.ForeignKey("adjustment.id"), primary_key=True),
    *_texts("by", "at"),
    sa.Column("approved", sa.Integer, nullable=False),
    *_texts("result"),
)
merge = sa.Table(
    "customer_merge",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    sa.Column("source", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("target", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
    *_texts("at", "by", "body", "result"),
)
unmerge = sa.Table(
    "customer_unmerge",
    metadata,
    sa.Column("merge", whole, sa.ForeignKey("customer_merge.id"), primary_key=True, autoincrement=False),
    *_texts("at", "by", "result"),
)
