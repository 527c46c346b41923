"""What people of the shop do by hand: adjustments with their decisions, and merges of customers."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, whole
from shopbell.storage.triggers import append_only, enact, repeal

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LAWS = (
    *append_only("adjustment", "id = NEW.id", "adjustments are append-only"),
    *append_only("adjustment_decision", "adjustment = NEW.adjustment", "decisions are append-only"),
    *append_only("customer_merge", "id = NEW.id", "merges are append-only"),
    *append_only("customer_unmerge", "merge = NEW.merge", "merges are append-only"),
)


def upgrade() -> None:
    """Create the tables."""
    _by_hand()
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in ("customer_unmerge", "customer_merge", "adjustment_decision", "adjustment"):
        op.drop_table(table)


def _by_hand() -> None:
    op.create_table(
        "adjustment",
        *(sa.Column("id", sa.Text, primary_key=True, nullable=False), *texts("customer", "unit")),
        sa.Column("points", whole, nullable=False),
        *texts("reason", "actor", "at", "day", "state"),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *texts("result"),
        sa.CheckConstraint("state IN ('done', 'waiting')", name="adjustment_state"),
        sa.CheckConstraint("reason <> '' AND actor <> '' AND points <> 0", name="adjustment_said"),
        sqlite_strict=True,
    )
    op.create_index("ix_adjustment_actor", "adjustment", ["actor", "day"])
    op.create_table(
        "adjustment_decision",
        sa.Column("adjustment", sa.Text, sa.ForeignKey("adjustment.id"), primary_key=True, nullable=False),
        *texts("by", "at"),
        sa.Column("approved", sa.Integer, nullable=False),
        *texts("result"),
        sqlite_strict=True,
    )
    op.create_table(
        "customer_merge",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        sa.Column("target", sa.Text, sa.ForeignKey("customer.id"), nullable=False),
        *texts("at", "by", "body", "result"),
        sa.CheckConstraint("source <> target", name="customer_merge_two"),
        sqlite_strict=True,
    )
    op.create_index("ix_customer_merge_source", "customer_merge", ["source"])
    op.create_index("ix_customer_merge_target", "customer_merge", ["target"])
    op.create_table(
        "customer_unmerge",
        sa.Column("merge", whole, sa.ForeignKey("customer_merge.id"), primary_key=True, autoincrement=False),
        *texts("at", "by", "result"),
        sqlite_strict=True,
    )
