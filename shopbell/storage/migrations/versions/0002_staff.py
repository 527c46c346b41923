"""Staff accounts, sessions, invitations and the audit log.

The trigger list is the test list: tests/unit/assistant/staff/test_audit.py attacks each one.
"""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.triggers import Law, append_only, enact, repeal

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROLES = "role IN ('clerk', 'manager', 'owner')"
_HEAD = "SELECT hash FROM audit ORDER BY seq DESC LIMIT 1"
_NEXT = "SELECT coalesce(max(seq), 0) + 1 FROM audit"

LAWS = (
    *append_only("audit", "seq = NEW.seq OR hash = NEW.hash", "the audit log is append-only"),
    Law(
        name="audit_chained",
        table="audit",
        event="BEFORE INSERT",
        when=f"NEW.seq <> ({_NEXT}) OR (NEW.seq > 1 AND NEW.prev_hash <> ({_HEAD}))",
        refusal="the row does not continue the audit log",
    ),
)


def upgrade() -> None:
    """Create the tables and their laws."""
    _staff()
    _audit()
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in ("audit", "staff_invitation", "staff_session", "staff"):
        op.drop_table(table)


def _staff() -> None:
    op.create_table(
        "staff",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("revoked_at", sa.Text),
        sa.CheckConstraint(_ROLES, name="staff_role"),
        sqlite_strict=True,
    )
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        sa.Column("staff", sa.Text, sa.ForeignKey("staff.id"), nullable=False),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Text),
        sqlite_strict=True,
    )
    op.create_index("ix_staff_session_staff", "staff_session", ["staff"])
    op.create_table(
        "staff_invitation",
        sa.Column("code_hash", sa.Text, primary_key=True, nullable=False),
        sa.Column("staff", sa.Text, sa.ForeignKey("staff.id")),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("ends_at", sa.Text, nullable=False),
        sa.Column("used_at", sa.Text),
        sa.CheckConstraint(_ROLES, name="staff_invitation_role"),
        sqlite_strict=True,
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),
        sa.CheckConstraint("length(prev_hash) = 32 AND length(hash) = 32", name="audit_hashes"),
        sqlite_strict=True,
    )
