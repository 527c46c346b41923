"""Nothing yet."""

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Nothing to do."""


def downgrade() -> None:
    """Nothing to undo."""
