"""The ledger: accounts, entries, postings, what is left of each lot, and the head of the chain.

Postings come first and their entry seals them: an entry is refused unless its postings sum to zero and it
continues the chain, and a posting is refused once its entry stands.
The trigger list is the test list: tests/integration/loyalty/test_ledger_attacks.py attacks each one.
"""

import sqlalchemy as sa
from alembic import op

from shopbell.storage.triggers import Law, append_only, enact, repeal

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHOLE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOST = 2**53 - 1  # a number that JSON readers keep exact
_CUSTOMER = "('available', 'pending', 'held', 'owed')"
_WITH_LOTS = "('available', 'pending', 'held')"
_SHOP = "('issued', 'redeemed', 'expired', 'clawed_back', 'adjusted')"
_ENTRIES = (
    "('accrue', 'adjust', 'spend', 'hold', 'redeem', 'release', 'give_back', 'claw_back', "
    "'transfer', 'undo_transfer', 'mature', 'expire', 'repay', 'close')"
)
_KIND = "(SELECT kind FROM account WHERE id = NEW.account)"
_LAST = "SELECT balance FROM posting WHERE account = NEW.account ORDER BY entry DESC, n DESC LIMIT 1"
_LEFT = "(SELECT coalesce(sum(points), 0) FROM posting WHERE lot = NEW.lot AND account = NEW.account)"

LAWS = (
    *append_only(
        "account",
        "id = NEW.id OR (owner = NEW.owner AND unit = NEW.unit AND kind = NEW.kind)",
        "accounts are append-only",
    ),
    *append_only("entry", "seq = NEW.seq OR key = NEW.key", "entries are append-only"),
    *append_only("posting", "entry = NEW.entry AND n = NEW.n", "postings are append-only"),
    Law(
        name="posting_sealed",
        table="posting",
        event="BEFORE INSERT",
        when="EXISTS (SELECT 1 FROM entry WHERE seq = NEW.entry)",
        refusal="the entry is sealed",
    ),
    Law(
        name="posting_running",
        table="posting",
        event="BEFORE INSERT",
        when=f"NEW.balance <> NEW.points + coalesce(({_LAST}), 0)",
        refusal="the balance does not continue the account",
    ),
    Law(
        name="posting_sign",
        table="posting",
        event="BEFORE INSERT",
        when=f"(NEW.balance < 0 AND {_KIND} IN {_WITH_LOTS}) OR (NEW.balance > 0 AND {_KIND} = 'owed')",
        refusal="a customer has no less than nothing",
    ),
    Law(
        name="posting_lot",
        table="posting",
        event="BEFORE INSERT",
        when=(
            f"(NEW.lot IS NOT NULL) <> ({_KIND} IN {_WITH_LOTS}) OR (NEW.hold IS NOT NULL) <> ({_KIND} = 'held')"
        ),
        refusal="a customer holds points of a lot, the shop does not",
    ),
    Law(
        name="posting_moves_piece",
        table="posting",
        event="AFTER INSERT",
        when="NEW.lot IS NOT NULL",
        then=(
            "INSERT INTO piece (account, lot, points) SELECT NEW.account, NEW.lot, 0 WHERE NOT EXISTS "
            "(SELECT 1 FROM piece WHERE account = NEW.account AND lot = NEW.lot)",
            "UPDATE piece SET points = points + NEW.points WHERE account = NEW.account AND lot = NEW.lot",
        ),
    ),
    Law(
        name="entry_chained",
        table="entry",
        event="BEFORE INSERT",
        when="NOT EXISTS (SELECT 1 FROM head WHERE count = NEW.seq - 1 AND hash = NEW.prev_hash)",
        refusal="the entry does not continue the chain",
    ),
    Law(
        name="entry_balanced",
        table="entry",
        event="BEFORE INSERT",
        when="(SELECT coalesce(sum(points), 0) FROM posting WHERE entry = NEW.seq) <> 0",
        refusal="the postings do not sum to zero",
    ),
    Law(
        name="entry_one_unit",
        table="entry",
        event="BEFORE INSERT",
        when=(
            "EXISTS (SELECT 1 FROM posting JOIN account ON account.id = posting.account "
            "WHERE posting.entry = NEW.seq AND account.unit <> NEW.unit)"
        ),
        refusal="an entry moves one unit",
    ),
    Law(
        name="entry_moves_head",
        table="entry",
        event="AFTER INSERT",
        then=("UPDATE head SET count = NEW.seq, hash = NEW.hash WHERE id = 1",),
    ),
    Law(
        name="head_follows",
        table="head",
        event="BEFORE UPDATE",
        when=(
            "NEW.id <> OLD.id OR NEW.count <> OLD.count + 1 "
            "OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.count AND hash = NEW.hash)"
        ),
        refusal="the head follows the entries",
    ),
    *(law for law in append_only("head", "id = NEW.id", "there is one head") if law.event != "BEFORE UPDATE"),
    Law(
        name="piece_follows",
        table="piece",
        event="BEFORE UPDATE",
        when=f"NEW.account <> OLD.account OR NEW.lot <> OLD.lot OR NEW.points <> {_LEFT}",
        refusal="what is left of a lot follows the postings",
    ),
    Law(
        name="piece_begins_empty",
        table="piece",
        event="BEFORE INSERT",
        when="NEW.points <> 0",
        refusal="what is left of a lot follows the postings",
    ),
    *(
        law
        for law in append_only(
            "piece", "account = NEW.account AND lot = NEW.lot", "what is left of a lot follows the postings"
        )
        if law.event != "BEFORE UPDATE"
    ),
)


def upgrade() -> None:
    """Create the ledger with its laws and an empty chain."""
    _account_and_entry()
    _posting()
    op.create_table(
        "head",
        sa.Column("id", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("count", _WHOLE, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1 AND count >= 0 AND length(hash) = 32", name="head_whole"),
        sqlite_strict=True,
    )
    op.get_bind().execute(
        sa.text("INSERT INTO head (id, count, hash) VALUES (1, 0, :hash)"), {"hash": bytes(32)}
    )
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop everything this revision created."""
    repeal(op.get_bind(), LAWS)
    for table in ("head", "piece", "posting", "entry", "account"):
        op.drop_table(table)


def _account_and_entry() -> None:
    op.create_table(
        "account",
        sa.Column("id", _WHOLE, primary_key=True),
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
    op.create_table(
        "entry",
        sa.Column("seq", _WHOLE, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("key",)),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "owner", "other", "unit")),
        sa.Column("points", _WHOLE, nullable=False),
        sa.Column("shortfall", _WHOLE, nullable=False),
        sa.Column("of", _WHOLE, sa.ForeignKey("entry.seq")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("reason", "rule", "line", "actor", "at")),
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
    moved = sa.text("other <> ''")
    op.create_index("ix_entry_other", "entry", ["other", "seq"], sqlite_where=moved, postgresql_where=moved)
    about = sa.text("of IS NOT NULL")
    op.create_index("ix_entry_of", "entry", ["of"], sqlite_where=about, postgresql_where=about)
    ends = sa.text("kind IN ('redeem', 'release')")  # a hold ends once
    op.create_index(
        "uq_entry_hold_ends", "entry", ["of"], unique=True, sqlite_where=ends, postgresql_where=ends
    )


def _posting() -> None:
    def sealed() -> sa.ForeignKey:
        return sa.ForeignKey("entry.seq", deferrable=True, initially="DEFERRED")

    op.create_table(
        "posting",
        sa.Column(
            "entry", _WHOLE, sealed(), primary_key=True, autoincrement=False
        ),
        sa.Column("n", _WHOLE, primary_key=True, autoincrement=False),
        sa.Column("account", _WHOLE, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("lot", _WHOLE, sealed()),
        sa.Column("hold", _WHOLE, sealed()),
        sa.Column("points", _WHOLE, nullable=False),
        sa.Column("balance", _WHOLE, nullable=False),
        sa.CheckConstraint(f"points <> 0 AND points BETWEEN -{_MOST} AND {_MOST}", name="posting_points"),
        sa.CheckConstraint(f"balance BETWEEN -{_MOST} AND {_MOST}", name="posting_balance"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_posting_account", "posting", ["account", "entry", "n"])
    lots, holds = sa.text("lot IS NOT NULL"), sa.text("hold IS NOT NULL")
    op.create_index(
        "ix_posting_lot", "posting", ["lot", "account", "points"], sqlite_where=lots, postgresql_where=lots
    )
    op.create_index("ix_posting_hold", "posting", ["hold"], sqlite_where=holds, postgresql_where=holds)
    op.create_table(
        "piece",
        # The lot leads the key: when an entry comes, SQLite looks up each row that waited for it by its lot.
        sa.Column("lot", _WHOLE, sealed(), primary_key=True, autoincrement=False),
        sa.Column("account", _WHOLE, sa.ForeignKey("account.id"), primary_key=True, autoincrement=False),
        sa.Column("points", _WHOLE, nullable=False),
        sa.CheckConstraint("points >= 0", name="piece_points"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    left = sa.text("points > 0")
    op.create_index("ix_piece_left", "piece", ["account"], sqlite_where=left, postgresql_where=left)
