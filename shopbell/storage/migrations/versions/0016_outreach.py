"""Messages the shop writes first, who was held out, and every try to send one."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, where, whole
from shopbell.storage.triggers import Law, enact, repeal

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATES = (
    "'held', 'waiting', 'released', 'sending', 'sent', 'shown', 'unsure', 'bounced', 'failed', 'refused', "
    "'stopped'"
)
_OVER = "('held', 'sent', 'shown', 'unsure', 'bounced', 'failed', 'refused', 'stopped')"
LAWS = (
    Law(
        name="outreach_letter_once",
        table="outreach_letter",
        event="BEFORE UPDATE",
        when=f"OLD.state IN {_OVER} AND NEW.state <> OLD.state",
        refusal="a message that is over is never sent again",
    ),
    Law(
        name="outreach_letter_released_first",
        table="outreach_letter",
        event="BEFORE UPDATE",
        when="NEW.state IN ('sending', 'shown') AND OLD.state NOT IN ('released', NEW.state)",
        refusal="a message goes only after it was released",
    ),
    Law(
        name="outreach_letter_has_basis",
        table="outreach_letter",
        event="BEFORE UPDATE",
        when="NEW.state IN ('sending', 'sent', 'shown') AND NEW.basis = ''",
        refusal="a message goes only with its lawful basis",
    ),
)


def upgrade() -> None:
    """Create the tables and their laws."""
    op.create_table(
        "outreach_letter",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("occasion", sa.Text, nullable=False, unique=True),
        *texts("trigger", "campaign", "customer", "arm", "state", "way", "subject", "body", "template"),
        *texts("facts", "why", "drawn_at", "until", "due_at"),
        sa.Column("attempts", whole, nullable=False),
        *texts("basis", "address", "decided_by", "outcome"),
        sa.Column("reached_at", sa.Text),
        sa.CheckConstraint(f"state IN ({_STATES})", name="outreach_letter_state"),
        sa.CheckConstraint("arm IN ('treated', 'held')", name="outreach_letter_arm"),
        sa.CheckConstraint("(arm = 'held') = (state = 'held')", name="outreach_letter_held"),
        sa.CheckConstraint("way IN ('email', 'visit')", name="outreach_letter_way"),
        sqlite_strict=True,
    )
    op.create_index("ix_outreach_letter_customer", "outreach_letter", ["customer", "state"])
    op.create_index("ix_outreach_letter_drawn", "outreach_letter", ["drawn_at"])
    op.create_index("ix_outreach_letter_due", "outreach_letter", ["due_at"], **where("state = 'released'"))
    op.create_table(
        "outreach_try",
        sa.Column("seq", whole, primary_key=True, autoincrement=True),
        sa.Column("letter", sa.Text, sa.ForeignKey("outreach_letter.id"), nullable=False),
        *texts("at"),
        sa.Column("code", whole, nullable=False),
        *texts("words"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outreach_try_letter", "outreach_try", ["letter"])
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    op.drop_table("outreach_try")
    op.drop_table("outreach_letter")
