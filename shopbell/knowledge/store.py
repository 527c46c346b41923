"""The tables of what the shop knows, and the statements on them."""

import sqlalchemy as sa

from shopbell.storage.database import metadata

document = sa.Table(
    "document",
    metadata,
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("problems", sa.Text, nullable=False),
    sqlite_strict=True,
)
passage = sa.Table(
    "passage",
    metadata,
    sa.Column("document", sa.ForeignKey("document.path", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
gap = sa.Table(
    "gap",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("example", sa.Text, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first_seen", sa.Text, nullable=False),
    sa.Column("last_seen", sa.Text, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
report = sa.Table(
    "report",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
