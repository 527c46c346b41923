"""How long it takes to verify a long ledger: rows are filled in by bulk, then walked."""

import importlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty import tables as t
from shopbell.loyalty.book import SHOP
from shopbell.loyalty.chain import GENESIS, Leaf, entry_hash, request_hash, stamp
from shopbell.loyalty.ledger import Ledger
from shopbell.storage.database import open_database
from shopbell.storage.triggers import Law, repeal

T0 = datetime(2026, 1, 1, tzinfo=UTC)
LAWS: tuple[Law, ...] = importlib.import_module("shopbell.storage.migrations.versions.0004_ledger_laws").LAWS


def timed(work: Callable[[], None]) -> float:
    """Return the seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def verification(path: Path, entries: int) -> dict[str, float]:
    """Fill a ledger, half of it redemptions, and time verify."""
    engine = open_database(path)
    filling = timed(lambda: fill(engine, entries))
    ledger = Ledger(engine)
    before = time.process_time()
    seconds = timed(lambda: check(ledger, entries))
    used = time.process_time() - before
    engine.dispose()
    return {
        "entries verified": entries,
        "fill s": filling,
        "verify s": seconds,
        "verify CPU s": used,
        "1,000,000 entries CPU s": used * 1_000_000 / entries,
    }


def fill(engine: sa.Engine, entries: int) -> None:
    """Write accruals and redemptions in turn, rows in bulk with the laws off; verify holds them to it."""
    raw = engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys = OFF")
    raw.close()
    with engine.begin() as db:
        repeal(db, LAWS)
        write = [sa.insert(table).compile(dialect=engine.dialect) for table in (t.posting, t.entry)]
        owners = [f"c{n}" for n in range(max(1, entries // 50))]
        accounts = [(SHOP, "issued"), (SHOP, "redeemed"), *((owner, "available") for owner in owners)]
        rows = [(n, owner, "points", kind) for n, (owner, kind) in enumerate(accounts, 1)]
        db.exec_driver_sql("INSERT INTO account VALUES (?, ?, ?, ?)", rows)
        last = GENESIS
        balances = [0] * (len(accounts) + 1)
        for start in range(0, entries, 10_000):
            made = [batch_row(n, owners, balances) for n in range(start, min(start + 10_000, entries))]
            sealed = []
            for columns, leaves, _ in made:
                digest = entry_hash(last, columns, leaves)
                sealed.append((*columns, last, digest))
                last = digest
            db.exec_driver_sql(str(write[0]), [posting for _, _, postings in made for posting in postings])
            db.exec_driver_sql(str(write[1]), sealed)
        db.exec_driver_sql(
            "INSERT INTO piece (account, lot, points) SELECT account, lot, sum(points) FROM posting "
            "WHERE lot IS NOT NULL GROUP BY account, lot"
        )
        db.exec_driver_sql("UPDATE head SET count = ?, hash = ?", (entries, last))


Posting = tuple[int, int, int, int | None, int | None, int, int]
"""A row of the postings: entry, n, account, lot, hold, points, balance."""


def batch_row(
    n: int, owners: list[str], balances: list[int]
) -> tuple[tuple[object, ...], list[Leaf], list[Posting]]:
    """Return what entry n + 1 says, what its hash covers of its postings, and the postings."""
    seq, customer, spends = n + 1, n // 2 % len(owners), n % 2
    owner, account, lot = owners[customer], customer + 3, seq - spends
    kind, other, points = ("spend", 2, -10) if spends else ("accrue", 1, 10)
    balances[account] += points
    balances[other] -= points
    request = (o.Spend if spends else o.Accrue)(key=f"k{n}", at=T0, owner=owner, unit="points", points=10)
    receipt = o.Receipt(
        seq=seq,
        key=request.key,
        kind="spend" if spends else "accrue",
        owner=owner,
        unit="points",
        points=10,
        available=balances[account],
        pending=0,
        held=0,
        at=T0,
    )
    columns = (
        *(seq, request.key, request_hash(request), kind, owner, "", "points", 10, 0, None),
        *("", "", "", "", stamp(T0), None, None, msgspec.json.encode(receipt).decode()),
    )
    shops = "redeemed" if spends else "issued"
    leaves: list[Leaf] = [
        (owner, "available", lot, None, points, balances[account]),
        (SHOP, shops, None, None, -points, balances[other]),
    ]
    return (
        columns,
        leaves,
        [
            (seq, 0, account, lot, None, points, balances[account]),
            (seq, 1, other, None, None, -points, balances[other]),
        ],
    )


def check(ledger: Ledger, entries: int) -> None:
    """Verify and insist."""
    found = ledger.verify()
    if found.fault is not None or found.entries != entries:
        raise SystemExit(f"the ledger is not good: {found}")
