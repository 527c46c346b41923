"""Keys of customers, their tries to sign in, what they told the shop, and what is remembered of them."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, whole

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _keys()
    _tries()
    _told()


def downgrade() -> None:
    """Drop everything this revision created."""
    tables = "remembered customer_case sign_in_try loyalty_card sign_in_code customer_pin"
    for table in tables.split():
        op.drop_table(table)


def _keys() -> None:
    op.create_table(
        "customer_pin",
        sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), primary_key=True, nullable=False),
        *texts("hash", "set_at"),
        sqlite_strict=True,
    )
    op.create_table(
        "sign_in_code",
        sa.Column("digest", sa.Text, primary_key=True, nullable=False),
        sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        *texts("made_at", "expires_at", "by"),
        sa.Column("used_at", sa.Text),
        sqlite_strict=True,
    )
    op.create_index("ix_sign_in_code_customer", "sign_in_code", ["customer"])
    op.create_table(
        "loyalty_card",
        sa.Column("digest", sa.Text, primary_key=True, nullable=False),
        sa.Column("customer", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        *texts("made_at"),
        sa.Column("ended_at", sa.Text),
        sqlite_strict=True,
    )
    op.create_index("ix_loyalty_card_customer", "loyalty_card", ["customer"])


def _tries() -> None:
    op.create_table(
        "sign_in_try",
        sa.Column("seq", whole, primary_key=True, autoincrement=True),
        *texts("account", "origin", "at", "outcome"),
        sa.CheckConstraint("outcome IN ('failed', 'good', 'reset')", name="sign_in_try_outcome"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_in_try_account", "sign_in_try", ["account", "seq"])
    op.create_index("ix_sign_in_try_origin", "sign_in_try", ["origin", "at"])


def _told() -> None:
    op.create_table(
        "customer_case",
        sa.Column("seq", whole, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        *texts("kind", "customer", "conversation", "at", "text"),
        sa.Column("score", sa.Integer),
        *texts("wanted"),
        sa.Column("closed_at", sa.Text),
        *texts("closed_by"),
        sa.CheckConstraint("kind IN ('complaint', 'call-back', 'csat', 'nps')", name="customer_case_kind"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_customer_case_customer", "customer_case", ["customer", "kind"])
    op.create_table(
        "remembered",
        sa.Column("seq", whole, primary_key=True, autoincrement=True),
        *texts("customer", "text", "at", "channel", "by"),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_remembered_customer", "remembered", ["customer", "seq"])
