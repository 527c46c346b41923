"""Columns and conditions that many tables share, for the rooms' tables and for the migrations."""

from typing import TypedDict

import sqlalchemy as sa

whole = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A whole number of 64 bits."""


class Where(TypedDict):
    """The condition of an index over part of a table, for both databases."""

    sqlite_where: sa.TextClause
    postgresql_where: sa.TextClause


def where(condition: str) -> Where:
    """Return the keywords that make an index hold only the rows of which `condition` is true."""
    text = sa.text(condition)
    return Where(sqlite_where=text, postgresql_where=text)


def texts(*names: str) -> list[sa.Column[str]]:
    """Return text columns that are never empty of a value."""
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
