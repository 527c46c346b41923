"""The ledger's laws: an entry seals the postings written before it, and nothing is ever changed.

Postings come first and their entry seals them: an entry is refused unless its postings sum to zero and it
continues the chain, and a posting is refused once its entry stands.
The trigger list is the test list: tests/integration/loyalty/test_ledger_attacks.py attacks each one.
"""

from alembic import op

from shopbell.storage.triggers import Law, append_only, enact, repeal

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WITH_LOTS = "('available', 'pending', 'held')"
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
            f"(NEW.lot IS NOT NULL) <> ({_KIND} IN {_WITH_LOTS}) "
            f"OR (NEW.hold IS NOT NULL) <> ({_KIND} = 'held')"
        ),
        refusal="a customer holds points of a lot, the shop does not",
    ),
    Law(
        name="posting_moves_piece",
        table="posting",
        event="AFTER INSERT",
        when="NEW.lot IS NOT NULL",
        then=(
            (
                "INSERT INTO piece (account, lot, points) SELECT NEW.account, NEW.lot, 0 WHERE NOT EXISTS "
                "(SELECT 1 FROM piece WHERE account = NEW.account AND lot = NEW.lot)"
            ),
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
    """Have the database hold the laws."""
    enact(op.get_bind(), LAWS)


def downgrade() -> None:
    """Drop the laws."""
    repeal(op.get_bind(), LAWS)
