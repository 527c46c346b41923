"""The ledger's tables. An entry seals the postings written before it; nothing here is ever changed.

The laws between the rows are triggers; the migration that creates the tables lists them.
"""

import sqlalchemy as sa

from shopbell.storage.columns import where, whole
from shopbell.storage.database import metadata


def _sealed() -> sa.ForeignKey:
    """Point to an entry, which may follow its postings within the transaction."""
    return sa.ForeignKey("entry.seq", deferrable=True, initially="DEFERRED")


account = sa.Table(
    "account",
    metadata,
    sa.Column("id", whole, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),  # a customer's id; empty: the shop
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.UniqueConstraint("owner", "unit", "kind", name="uq_account"),
)
entry = sa.Table(
    "entry",
    metadata,
    sa.Column("seq", whole, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("request_hash", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("other", sa.Text, nullable=False),  # the other customer of a transfer
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("points", whole, nullable=False),
    sa.Column("shortfall", whole, nullable=False),
    sa.Column("of", whole, sa.ForeignKey("entry.seq")),  # the entry that this one is about
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("matures_at", sa.Text),  # of the lot that the entry makes
    sa.Column("expires_at", sa.Text),
    sa.Column("result", sa.Text, nullable=False),  # the answer, as it is given again
    sa.Column("prev_hash", sa.LargeBinary, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("ix_entry_owner", "owner", "seq"),
    sa.Index("ix_entry_other", "other", "seq", **where("other <> ''")),
    sa.Index("ix_entry_of", "of", **where("of IS NOT NULL")),
    sa.Index("uq_entry_hold_ends", "of", unique=True, **where("kind IN ('redeem', 'release')")),  # once
)
posting = sa.Table(
    "posting",
    metadata,
    sa.Column("entry", whole, _sealed(), primary_key=True, autoincrement=False),
    sa.Column("n", whole, primary_key=True, autoincrement=False),
    sa.Column("account", whole, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("lot", whole, _sealed()),  # the entry that made these points; empty on the shop's side
    sa.Column("hold", whole, _sealed()),  # the entry that holds them, in accounts of kind held
    sa.Column("points", whole, nullable=False),
    sa.Column("balance", whole, nullable=False),  # of the account, after this posting
    sa.Index("ix_posting_account", "account", "entry", "n"),
    sa.Index("ix_posting_lot", "lot", "account", "points", **where("lot IS NOT NULL")),
    sa.Index("ix_posting_hold", "hold", **where("hold IS NOT NULL")),
)
piece = sa.Table(  # what is left of a lot in an account; kept by triggers, held to the postings
    "piece",
    metadata,
    sa.Column("lot", whole, _sealed(), primary_key=True, autoincrement=False),
    sa.Column("account", whole, sa.ForeignKey("account.id"), primary_key=True, autoincrement=False),
    sa.Column("points", whole, nullable=False),
    sa.Index("ix_piece_left", "account", **where("points > 0")),
)
LEFT = sa.literal_column("piece.points") > sa.literal_column("0")
"""The condition of the index over pieces not used up; a bound number would keep it from being used."""
head = sa.Table(
    "head",
    metadata,
    sa.Column("id", whole, primary_key=True, autoincrement=False),
    sa.Column("count", whole, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
