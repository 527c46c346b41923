"""Customers, what they consented to, how they stand, who brought whom, and the keys of the tills."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, where
from shopbell.storage.triggers import append_only, enact, repeal

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LAWS = (*append_only("consent", "seq = NEW.seq", "consents are append-only"),)


def upgrade() -> None:
    """Create the tables."""
    _customers()
    _club()
    _till_keys()
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in ("till_key", "referral", "standing", "consent", "customer"):
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
    active = where("status = 'active'")
    for column in ("phone", "email"):
        op.create_index(f"uq_customer_{column}", "customer", [column], unique=True, **active)
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


def _club() -> None:
    op.create_table(
        "standing",
        sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), primary_key=True, nullable=False),
        *texts("reviewed", "body"),
        sqlite_strict=True,
    )
    op.create_index("ix_standing_reviewed", "standing", ["reviewed"])
    op.create_table(
        "referral",
        sa.Column("friend", sa.Text, sa.ForeignKey("customer.id"), primary_key=True, nullable=False),
        sa.Column("referrer", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        *texts("at"),
        sa.Column("rewarded_on", sa.Text),
        sqlite_strict=True,
    )
    op.create_index("ix_referral_referrer", "referral", ["referrer"])


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
    live = where("revoked_at IS NULL")
    op.create_index("uq_till_key_live", "till_key", ["till"], unique=True, **live)
