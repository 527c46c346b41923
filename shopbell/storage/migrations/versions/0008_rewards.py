"""Reward codes, reservations of rewards and what became of them."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, whole
from shopbell.storage.triggers import append_only, enact, repeal

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LAWS = (
    *append_only("reward_hold", "id = NEW.id", "reservations are append-only"),
    *append_only(
        "reward_event", "hold = NEW.hold AND kind = NEW.kind", "what became of a reward is append-only"
    ),
)


def upgrade() -> None:
    """Create the tables."""
    _reward_codes()
    _rewards()
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in ("reward_event", "reward_hold", "reward_code"):
        op.drop_table(table)


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


def _rewards() -> None:
    op.create_table(
        "reward_hold",
        *(sa.Column("id", sa.Text, primary_key=True, nullable=False), *texts("customer", "reward", "unit")),
        sa.Column("points", whole, nullable=False),
        *texts("code", "at", "expires_at", "by"),
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
        *texts("at", "by", "result"),
        sa.CheckConstraint("kind IN ('redeemed', 'released', 'undone')", name="reward_event_kind"),
        sqlite_strict=True,
    )
