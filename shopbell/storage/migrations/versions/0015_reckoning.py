"""The reckoning: what customers are worth, computed segments with their history, what is bought with what."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, whole

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "reckoning",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        *texts("at", "day", "body"),
        sqlite_strict=True,
    )
    op.create_table(
        "customer_worth",
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("clv", whole, nullable=False),
        sa.Column("at_risk", sa.Integer, nullable=False),
        sa.Column("stake", whole, nullable=False),
        *texts("body"),
        sqlite_strict=True,
    )
    op.create_index("ix_customer_worth_clv", "customer_worth", ["clv"])
    op.create_index("ix_customer_worth_stake", "customer_worth", ["at_risk", "stake"])
    op.create_table(
        "computed_segment", sa.Column("name", sa.Text, primary_key=True), *texts("body"), sqlite_strict=True
    )
    op.create_table(
        "segment_membership",
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("segment", sa.Text, primary_key=True),
        sa.Column("since", sa.Text, primary_key=True),
        sa.Column("until", sa.Text),
        *texts("reason", "left_because"),
        sqlite_strict=True,
    )
    op.create_index("ix_segment_membership_segment", "segment_membership", ["segment", "until"])
    op.create_table(
        "ware_habit",
        sa.Column("sku", sa.Text, primary_key=True),
        sa.Column("receipts", whole, nullable=False),
        *texts("body"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    """Drop everything this revision created."""
    for name in ("ware_habit", "segment_membership", "computed_segment", "customer_worth", "reckoning"):
        op.drop_table(name)
