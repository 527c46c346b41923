"""Consent wordings, the list of erased people, days on which old data was removed, and backups made."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, whole
from shopbell.storage.triggers import append_only, enact, repeal

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LAWS = (
    *append_only(
        "consent_text",
        "purpose = NEW.purpose AND version = NEW.version",
        "what was shown to customers is append-only",
    ),
    *append_only("erased_person", "digest = NEW.digest", "the list of erased people is append-only"),
)


def upgrade() -> None:
    """Create the tables and their laws."""
    op.create_table(
        "consent_text",
        sa.Column("purpose", sa.Text, primary_key=True, nullable=False),
        sa.Column("version", sa.Text, primary_key=True, nullable=False),
        *texts("words", "at"),
        sqlite_strict=True,
    )
    op.create_table(
        "erased_person",
        sa.Column("digest", sa.LargeBinary, primary_key=True, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        *texts("pseudonym", "at"),
        sqlite_strict=True,
    )
    op.create_table(
        "retention_run",
        sa.Column("day", sa.Text, primary_key=True, nullable=False),
        *texts("at", "removed"),
        sqlite_strict=True,
    )
    op.create_table(
        "backup_made",
        sa.Column("at", sa.Text, primary_key=True, nullable=False),
        *texts("file", "digest"),
        sa.Column("bytes", whole, nullable=False),
        sqlite_strict=True,
    )
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in ("backup_made", "retention_run", "erased_person", "consent_text"):
        op.drop_table(table)
