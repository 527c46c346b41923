"""Purchases, claims of purchases made without a card, and returns."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, whole
from shopbell.storage.triggers import append_only, enact, repeal

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LAWS = (
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
)


def upgrade() -> None:
    """Create the tables."""
    _purchases()
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in ("purchase_return", "purchase_claim", "purchase"):
        op.drop_table(table)


def _purchases() -> None:
    op.create_table(
        "purchase",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        *texts("source", "external_id", "at", "day", "customer", "cashier"),
        sa.Column("amount", whole, nullable=False),
        *texts("body", "facts", "explanation"),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *texts("recorded_at", "result"),
        sa.UniqueConstraint("source", "external_id", name="uq_purchase"),
        sa.CheckConstraint("source <> '' AND external_id <> ''", name="purchase_named"),
        sqlite_strict=True,
    )
    op.create_index("ix_purchase_customer", "purchase", ["customer", "id"])
    op.create_index("ix_purchase_at", "purchase", ["at"])
    op.create_table(
        "purchase_claim",
        sa.Column("purchase", whole, sa.ForeignKey("purchase.id"), primary_key=True, autoincrement=False),
        *texts("customer", "at", "facts", "explanation", "result"),
        sqlite_strict=True,
    )
    op.create_index("ix_purchase_claim_customer", "purchase_claim", ["customer"])
    op.create_table(
        "purchase_return",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("purchase", whole, sa.ForeignKey("purchase.id"), nullable=False),
        *texts("source", "external_id", "kind", "at", "cashier", "body", "returned"),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *texts("recorded_at", "result"),
        sa.UniqueConstraint("source", "external_id", name="uq_purchase_return"),
        sa.CheckConstraint("kind IN ('refund', 'void')", name="purchase_return_kind"),
        sqlite_strict=True,
    )
    op.create_index("ix_purchase_return_purchase", "purchase_return", ["purchase", "id"])
