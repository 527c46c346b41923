"""The tables of the reckoning, as migration 0015 creates them. Bodies are JSON of structs of `answers`."""

import sqlalchemy as sa

from shopbell.storage.columns import texts, whole
from shopbell.storage.database import metadata

reckoning = sa.Table(
    "reckoning",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    *texts("at", "day", "body"),
    sqlite_strict=True,
)
worth = sa.Table(
    "customer_worth",  # of the last reckoning alone
    metadata,
    sa.Column("customer", sa.Text, primary_key=True),
    sa.Column("clv", whole, nullable=False),
    sa.Column("at_risk", sa.Integer, nullable=False),
    sa.Column("stake", whole, nullable=False),  # what is at stake: worth times the chance to be kept
    *texts("body"),
    sa.Index("ix_customer_worth_clv", "clv"),
    sa.Index("ix_customer_worth_stake", "at_risk", "stake"),
    sqlite_strict=True,
)
computed = sa.Table(
    "computed_segment",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    *texts("body"),
    sqlite_strict=True,
)
membership = sa.Table(
    "segment_membership",  # by a rule; what is said by hand is in segment_change
    metadata,
    sa.Column("customer", sa.Text, primary_key=True),
    sa.Column("segment", sa.Text, primary_key=True),
    sa.Column("since", sa.Text, primary_key=True),
    sa.Column("until", sa.Text),
    *texts("reason", "left_because"),
    sa.Index("ix_segment_membership_segment", "segment", "until"),
    sqlite_strict=True,
)
ware = sa.Table(
    "ware_habit",  # what is bought with what, and when; of all receipts together
    metadata,
    sa.Column("sku", sa.Text, primary_key=True),
    sa.Column("receipts", whole, nullable=False),
    *texts("body"),
    sqlite_strict=True,
)
