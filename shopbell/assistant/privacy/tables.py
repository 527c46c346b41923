"""The tables of privacy, as migration 0013 creates them. Times are ISO text in UTC."""

import sqlalchemy as sa

from shopbell.storage.columns import texts, whole
from shopbell.storage.database import metadata

consent_text = sa.Table(
    "consent_text",
    metadata,
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("version", sa.Text, primary_key=True),
    *texts("words", "at"),
    sqlite_strict=True,
)
erased_person = sa.Table(
    "erased_person",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
    *texts("pseudonym", "at"),
    sqlite_strict=True,
)
retention_run = sa.Table(
    "retention_run",
    metadata,
    sa.Column("day", sa.Text, primary_key=True),  # of the shop's calendar
    *texts("at", "removed"),
    sqlite_strict=True,
)
backup_made = sa.Table(
    "backup_made",
    metadata,
    sa.Column("at", sa.Text, primary_key=True),
    *texts("file", "digest"),
    sa.Column("bytes", whole, nullable=False),
    sqlite_strict=True,
)
