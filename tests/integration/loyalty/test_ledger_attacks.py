"""Raw SQL against the ledger: refused by the database, or, with the triggers gone, named by verify."""

import importlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty.chain import ENTRY_COLUMNS
from shopbell.loyalty.ledger import Ledger
from shopbell.storage.database import reading
from shopbell.storage.triggers import repeal

if TYPE_CHECKING:
    from shopbell.storage.triggers import Law

T0 = datetime(2026, 1, 1, tzinfo=UTC)
_MIGRATION = importlib.import_module("shopbell.storage.migrations.versions.0004_ledger_laws")
LAWS: "tuple[Law, ...]" = _MIGRATION.LAWS
_ENTRY = (
    "INSERT INTO entry ({columns}, prev_hash, hash) SELECT {values}, {prev}, hash FROM entry WHERE seq = 1"
)


def an_entry(seq: str = "7", key: str = "'new'", unit: str = "'points'", prev: str = "hash") -> str:
    """Return an INSERT of an entry that differs from a lawful one in what is given."""
    values = {name: f'"{name}"' for name in ENTRY_COLUMNS} | {"seq": seq, "key": key, "unit": unit}
    tail = "(SELECT hash FROM head)" if prev == "hash" else prev
    columns = ", ".join(f'"{name}"' for name in ENTRY_COLUMNS)
    return _ENTRY.format(columns=columns, values=", ".join(values.values()), prev=tail)


LAWFUL = (
    "INSERT INTO posting (entry, n, account, lot, points, balance) VALUES (7, 0, 1, 1, 5, 13)",
    "INSERT INTO posting (entry, n, account, points, balance) VALUES (7, 1, 2, -5, -35)",
)
"""Two postings that entry 7 could seal: 5 more points for ann."""

ATTACKS: dict[str, tuple[str, ...]] = {
    "account_no_update": ("UPDATE account SET owner = 'eve' WHERE owner = 'ann'",),
    "account_no_delete": ("DELETE FROM account WHERE id = 1",),
    "account_no_replace": ("INSERT INTO account VALUES (1, 'eve', 'points', 'available')",),
    "entry_no_update": ("UPDATE entry SET points = 1000 WHERE seq = 1",),
    "entry_no_delete": ("DELETE FROM entry WHERE seq = 6",),
    "entry_no_replace": (an_entry(seq="6"), an_entry(key="'a1'")),
    "posting_no_update": ("UPDATE posting SET points = 1000 WHERE entry = 1 AND n = 0",),
    "posting_no_delete": ("DELETE FROM posting WHERE entry = 6",),
    "posting_no_replace": (
        "INSERT INTO posting (entry, n, account, lot, points, balance) VALUES (1, 0, 1, 1, 5, 13)",
    ),
    "posting_sealed": (
        "INSERT INTO posting (entry, n, account, lot, points, balance) VALUES (6, 9, 1, 1, 5, 13)",
    ),
    "posting_running": (
        "INSERT INTO posting (entry, n, account, lot, points, balance) VALUES (7, 0, 1, 1, 5, 1000)",
    ),
    "posting_sign": (
        "INSERT INTO posting (entry, n, account, lot, points, balance) VALUES (7, 0, 1, 1, -9, -1)",
    ),
    "posting_lot": (
        "INSERT INTO posting (entry, n, account, points, balance) VALUES (7, 0, 1, 5, 13)",
        "INSERT INTO posting (entry, n, account, lot, points, balance) VALUES (7, 0, 2, 1, -5, -35)",
        "INSERT INTO posting (entry, n, account, lot, hold, points, balance) VALUES (7, 0, 1, 1, 1, 5, 13)",
    ),
    "posting_moves_piece": (
        "INSERT INTO posting (entry, n, account, lot, points, balance) VALUES (7, 0, 1, 1, -8, 0)",
    ),
    "entry_chained": (
        an_entry(seq="8"),
        an_entry(prev="prev_hash"),
        an_entry(seq="0"),
    ),
    "entry_balanced": (f"{LAWFUL[0]}; {an_entry()}",),
    "entry_one_unit": ("; ".join([*LAWFUL, an_entry(unit="'money'")]),),
    "entry_moves_head": (an_entry(seq="1 + (SELECT count - 1 FROM head)", key="'again'"),),
    "head_follows": (
        "UPDATE head SET count = 5",
        "UPDATE head SET count = count + 1",
        "UPDATE head SET id = 2",
    ),
    "head_no_delete": ("DELETE FROM head",),
    "head_no_replace": ("INSERT INTO head SELECT * FROM head",),
    "piece_follows": ("UPDATE piece SET points = 1000 WHERE lot = 1", "UPDATE piece SET account = 3"),
    "piece_begins_empty": ("INSERT INTO piece (account, lot, points) VALUES (1, 6, 1000)",),
    "piece_no_delete": ("DELETE FROM piece WHERE lot = 1",),
    "piece_no_replace": ("INSERT INTO piece (account, lot, points) VALUES (1, 1, 0)",),
}
"""Trigger -> statements it, or the law beside it, must refuse."""


@pytest.fixture
def ledger(db_engine: sa.Engine) -> Ledger:
    """Give a ledger of six entries: ann has 8 points left of lot 2, bob 9 of lot 3."""
    ledger = Ledger(db_engine)
    for key, owner, points in (("a1", "ann", 10), ("a2", "ann", 10), ("b1", "bob", 10)):
        ledger.accrue(o.Accrue(key=key, at=T0, owner=owner, unit="points", points=points))
    ledger.spend(o.Spend(key="s1", at=T0, owner="bob", unit="points", points=1))
    ledger.spend(o.Spend(key="s2", at=T0, owner="ann", unit="points", points=2))
    ledger.spend(o.Spend(key="s3", at=T0, owner="ann", unit="points", points=10))
    return ledger


def run(engine: sa.Engine, statements: str) -> None:
    """Run statements in one transaction; constraints that wait are asked at its end."""
    with engine.begin() as db:
        for statement in statements.split("; "):
            db.exec_driver_sql(statement)


def rows(engine: sa.Engine) -> list[list[tuple[object, ...]]]:
    """Return everything the ledger holds."""
    with reading(engine) as db:
        return [
            sorted((tuple(row) for row in db.exec_driver_sql(f"SELECT * FROM {table}")), key=repr)  # noqa: S608 - our own tables
            for table in ("account", "entry", "posting", "piece", "head")
        ]


def test_every_law_is_attacked() -> None:
    """The trigger list is the test list."""
    assert set(ATTACKS) == {law.name for law in LAWS}


@pytest.mark.parametrize("attack", [s for statements in ATTACKS.values() for s in statements])
def test_the_database_refuses(ledger: Ledger, db_engine: sa.Engine, attack: str) -> None:
    """Each attack is refused and changes no row."""
    before = rows(db_engine)
    with pytest.raises(sa.exc.IntegrityError):
        run(db_engine, attack)
    assert rows(db_engine) == before


@pytest.mark.parametrize("table", ["account", "entry", "posting", "piece", "head"])
def test_replace_and_truncate_are_refused(ledger: Ledger, db_engine: sa.Engine, table: str) -> None:
    """What each engine has beside UPDATE and DELETE is refused too, also without our settings."""
    before = rows(db_engine)
    if db_engine.dialect.name == "postgresql":
        attacks = [f"TRUNCATE {table} CASCADE"]
    else:
        attacks = [
            f"PRAGMA recursive_triggers = OFF; REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",  # noqa: S608 - ours
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",  # noqa: S608 - ours
        ]
    for attack in attacks:
        with pytest.raises(sa.exc.IntegrityError):
            run(db_engine, attack)
    assert rows(db_engine) == before


SWAP = (
    "UPDATE entry SET seq = -1 WHERE seq = 2; UPDATE entry SET seq = 2 WHERE seq = 3; "
    "UPDATE entry SET seq = 3 WHERE seq = -1"
)
BEHIND_THE_TRIGGERS = {
    "an edited entry": ("UPDATE entry SET points = 11 WHERE seq = 2", "entry", 2),
    "an edited reason": ("UPDATE entry SET reason = 'gift' WHERE seq = 4", "entry", 4),
    "an edited answer": ("UPDATE entry SET result = '{}' WHERE seq = 4", "entry", 4),
    "an edited hash": ("UPDATE entry SET hash = prev_hash WHERE seq = 3", "entry", 3),
    "an edited posting": (
        "UPDATE posting SET points = 11, balance = 11 WHERE entry = 1 AND n = 0",
        "entry",
        1,
    ),
    "an edited lot": ("UPDATE posting SET lot = 3 WHERE entry = 5 AND n = 0", "entry", 5),
    "swapped entries": (SWAP, "entry", 2),
    "swapped keys": (
        SWAP.replace("seq =", "key =")
        .replace("= -1", "= 'x'")
        .replace("= 2", "= 'a2'")
        .replace("= 3", "= 'b1'"),
        "entry",
        2,
    ),
    "a dropped entry": ("DELETE FROM posting WHERE entry = 4; DELETE FROM entry WHERE seq = 4", "entry", 4),
    "a dropped tail": ("DELETE FROM posting WHERE entry = 6; DELETE FROM entry WHERE seq = 6", "entry", 6),
    "a dropped posting": ("DELETE FROM posting WHERE entry = 5 AND n = 0", "entry", 5),
    "a stray posting": (
        "INSERT INTO posting (entry, n, account, points, balance) VALUES (0, 0, 2, -1, -1)",
        "posting",
        0,
    ),
    "a posting after the end": (
        "INSERT INTO posting (entry, n, account, points, balance) VALUES (7, 0, 2, -1, -31)",
        "posting",
        7,
    ),
    "an edited head": ("UPDATE head SET count = 5", "head", 5),
    "a forged head": ("UPDATE head SET hash = (SELECT hash FROM entry WHERE seq = 5)", "head", 6),
    "a head that counts on": ("UPDATE head SET count = 9", "entry", 7),
    "no head": ("DELETE FROM head", "head", 0),
    "an account given away": ("UPDATE account SET owner = 'eve' WHERE owner = 'bob'", "entry", 3),
    "more left of a lot": ("UPDATE piece SET points = 9 WHERE lot = 2", "piece", 2),
    "a lot forgotten": ("DELETE FROM piece WHERE lot = 2", "piece", 2),
    "a lot out of nothing": ("INSERT INTO piece (account, lot, points) VALUES (1, 6, 1000)", "piece", 6),
}


@pytest.mark.parametrize("what", BEHIND_THE_TRIGGERS)
def test_verify_names_the_first_bad_row(ledger: Ledger, db_engine: sa.Engine, what: str) -> None:
    """With every trigger dropped and foreign keys off, a change is still found."""
    attack, table, row = BEHIND_THE_TRIGGERS[what]
    assert ledger.verify().fault is None
    with db_engine.begin() as db:
        repeal(db, LAWS)
    _attack_unguarded(db_engine, attack)
    fault = ledger.verify().fault
    assert fault is not None, "the change was not noticed"
    assert (fault.table, fault.row) == (table, row), fault.what


def _attack_unguarded(engine: sa.Engine, attack: str) -> None:
    off, on = "PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"
    if engine.dialect.name == "postgresql":
        off, on = "SET session_replication_role = replica", "SET session_replication_role = origin"
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        for statement in (off, *attack.split("; "), on):
            cursor.execute(statement)
        raw.commit()
    finally:
        raw.close()


def test_a_clean_ledger_is_good_and_counted(ledger: Ledger) -> None:
    """Verify says how much it saw, and that expiry and holds are no faults."""
    late = T0 + timedelta(days=9)
    ledger.accrue(o.Accrue(key="x", at=T0, owner="ann", unit="points", points=1, expires_at=late))
    ledger.expire(late)
    found = ledger.verify()
    assert (found.entries, found.postings, found.fault) == (8, 17, None)
