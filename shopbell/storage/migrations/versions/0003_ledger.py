"""The ledger's tables: accounts, entries, postings, what is left of each lot, and the head of the chain."""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.columns import texts, where, whole

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOST = 2**53 - 1  # a number that JSON readers keep exact
_CUSTOMER = "('available', 'pending', 'held', 'owed')"
_SHOP = "('issued', 'redeemed', 'expired', 'clawed_back', 'adjusted')"
_ENTRIES = (
    "('accrue', 'adjust', 'spend', 'hold', 'redeem', 'release', 'give_back', 'claw_back', "
    "'transfer', 'undo_transfer', 'mature', 'expire', 'repay', 'close')"
)


def upgrade() -> None:
    """Create the ledger with an empty chain."""
    _account()
    _entry()
    _posting()
    _piece()
    _head()


def downgrade() -> None:
    """Drop everything this revision created."""
    for table in ("head", "piece", "posting", "entry", "account"):
        op.drop_table(table)


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", whole, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.UniqueConstraint("owner", "unit", "kind", name="uq_account"),
        sa.CheckConstraint(
            f"(owner <> '' AND kind IN {_CUSTOMER}) OR (owner = '' AND kind IN {_SHOP})", name="account_kind"
        ),
        sa.CheckConstraint("unit <> ''", name="account_unit"),
        sqlite_strict=True,
    )


def _entry() -> None:
    op.create_table(
        "entry",
        sa.Column("seq", whole, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *texts("kind", "owner", "other", "unit"),
        sa.Column("points", whole, nullable=False),
        sa.Column("shortfall", whole, nullable=False),
        sa.Column("of", whole, sa.ForeignKey("entry.seq")),
        *texts("reason", "rule", "line", "actor", "at"),
        sa.Column("matures_at", sa.Text),
        sa.Column("expires_at", sa.Text),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("key"),
        sa.CheckConstraint(f"kind IN {_ENTRIES}", name="entry_kind"),
        sa.CheckConstraint(f"points BETWEEN 0 AND {_MOST}", name="entry_points"),
        sa.CheckConstraint("shortfall BETWEEN 0 AND points", name="entry_shortfall"),
        sa.CheckConstraint("kind <> 'adjust' OR (reason <> '' AND actor <> '')", name="entry_adjust_reason"),
        sa.CheckConstraint("matures_at < expires_at", name="entry_matures_first"),
        sa.CheckConstraint("length(hash) = 32 AND length(prev_hash) = 32", name="entry_hashes"),
        sqlite_strict=True,
    )
    op.create_index("ix_entry_owner", "entry", ["owner", "seq"])
    moved = where("other <> ''")
    op.create_index("ix_entry_other", "entry", ["other", "seq"], **moved)
    about = where("of IS NOT NULL")
    op.create_index("ix_entry_of", "entry", ["of"], **about)
    ends = where("kind IN ('redeem', 'release')")  # a hold ends once
    op.create_index("uq_entry_hold_ends", "entry", ["of"], unique=True, **ends)


def _posting() -> None:
    op.create_table(
        "posting",
        sa.Column("entry", whole, _sealed(), primary_key=True, autoincrement=False),
        sa.Column("n", whole, primary_key=True, autoincrement=False),
        sa.Column("account", whole, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("lot", whole, _sealed()),
        sa.Column("hold", whole, _sealed()),
        sa.Column("points", whole, nullable=False),
        sa.Column("balance", whole, nullable=False),
        sa.CheckConstraint(f"points <> 0 AND points BETWEEN -{_MOST} AND {_MOST}", name="posting_points"),
        sa.CheckConstraint(f"balance BETWEEN -{_MOST} AND {_MOST}", name="posting_balance"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_posting_account", "posting", ["account", "entry", "n"])
    lots, holds = where("lot IS NOT NULL"), where("hold IS NOT NULL")
    op.create_index("ix_posting_lot", "posting", ["lot", "account", "points"], **lots)
    op.create_index("ix_posting_hold", "posting", ["hold"], **holds)


def _piece() -> None:
    op.create_table(
        "piece",
        # The lot leads the key: when an entry comes, SQLite looks up each row that waited for it by its lot.
        sa.Column("lot", whole, _sealed(), primary_key=True, autoincrement=False),
        sa.Column("account", whole, sa.ForeignKey("account.id"), primary_key=True, autoincrement=False),
        sa.Column("points", whole, nullable=False),
        sa.CheckConstraint("points >= 0", name="piece_points"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    left = where("points > 0")
    op.create_index("ix_piece_left", "piece", ["account"], **left)


def _head() -> None:
    op.create_table(
        "head",
        sa.Column("id", whole, primary_key=True, autoincrement=False),
        sa.Column("count", whole, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1 AND count >= 0 AND length(hash) = 32", name="head_whole"),
        sqlite_strict=True,
    )
    op.get_bind().execute(
        sa.text("INSERT INTO head (id, count, hash) VALUES (1, 0, :hash)"), {"hash": bytes(32)}
    )


def _sealed() -> sa.ForeignKey:
    """Point to an entry, which may follow its postings within the transaction."""
    return sa.ForeignKey("entry.seq", deferrable=True, initially="DEFERRED")
