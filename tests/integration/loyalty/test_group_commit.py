"""Writers that wait together share a flush of the disk, and nothing else: each stands or falls alone."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa

from shopbell.loyalty import operations as o
from shopbell.loyalty.errors import NotEnough
from shopbell.loyalty.ledger import Ledger
from shopbell.storage.errors import SharedWriteLost
from shopbell.storage.sharing import together, writing
from shopbell.storage.worker import Worker

T0 = datetime(2026, 1, 1, tzinfo=UTC)
WRITERS = 20


def _earn(key: str, points: int = 10) -> o.Accrue:
    return o.Accrue(key=key, at=T0, owner="ann", unit="points", points=points)


def _spend(key: str, points: int) -> o.Spend:
    return o.Spend(key=key, at=T0, owner="ann", unit="points", points=points)


def _has(engine: sa.Engine) -> int:
    return Ledger(engine).balance("ann", "points", T0).available


def _commits(engine: sa.Engine) -> list[str]:
    seen: list[str] = []
    sa.event.listen(engine, "commit", lambda _db: seen.append("commit"))
    return seen


async def _at_once(engine: sa.Engine, calls: list[Callable[[], object]]) -> list[object]:
    """Let calls wait behind a slow one, so that they are done together; return results and errors."""
    worker, shared = Worker("test"), partial(together, engine)
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold() -> None:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()

    try:
        first = asyncio.create_task(worker.call(hold))
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(worker.join(shared, call)) for call in calls]
        await asyncio.sleep(0.01)
        gate.set()
        await first
        return list(await asyncio.gather(*waiting, return_exceptions=True))
    finally:
        await worker.close()


async def test_writers_that_wait_together_commit_once(db_engine: sa.Engine) -> None:
    """Twenty operations that wait at the same time are twenty effects and one commit."""
    ledger, commits = Ledger(db_engine), _commits(db_engine)
    done = await _at_once(db_engine, [partial(ledger.post, _earn(f"k{n}")) for n in range(WRITERS)])
    assert [type(each) for each in done] == [o.Receipt] * WRITERS
    assert len(commits) == 1
    assert _has(db_engine) == 10 * WRITERS
    assert ledger.verify().fault is None


async def test_a_refusal_undoes_its_own_part_alone(db_engine: sa.Engine) -> None:
    """Of five who spend ten points out of thirty at once, three do, and what else they wrote is there."""
    ledger = Ledger(db_engine)
    ledger.post(_earn("e", 30))

    def spend_twice(n: int) -> None:
        with writing(db_engine) as db:
            db.execute(sa.text("CREATE TABLE IF NOT EXISTS note (n INTEGER)"))
            db.execute(sa.text("INSERT INTO note VALUES (:n)"), {"n": n})
            ledger.post(_spend(f"s{n}", 10))

    done = await _at_once(db_engine, [partial(spend_twice, n) for n in range(5)])
    assert [type(each) for each in done] == [type(None)] * 3 + [NotEnough] * 2
    with db_engine.connect() as db:
        assert db.execute(sa.text("SELECT n FROM note ORDER BY n")).scalars().all() == [0, 1, 2]
    assert _has(db_engine) == 0
    assert ledger.verify().fault is None


async def test_nobody_is_answered_when_the_commit_fails(db_engine: sa.Engine) -> None:
    """A commit that fails fails every operation of the batch, and none of them is in the books."""
    ledger = Ledger(db_engine)

    def refuse(_db: sa.Connection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    sa.event.listen(db_engine, "commit", refuse)
    done = await _at_once(db_engine, [partial(ledger.post, _earn(f"k{n}")) for n in range(3)])
    sa.event.remove(db_engine, "commit", refuse)
    assert [type(each) for each in done] == [sqlite3.OperationalError] * 3
    assert _has(db_engine) == 0


async def test_nobody_is_answered_before_the_commit(db_engine: sa.Engine) -> None:
    """While the shared transaction is open, no answer is given."""
    ledger = Ledger(db_engine)
    answers: list[o.Receipt] = []
    early: list[o.Receipt] = []
    sa.event.listen(db_engine, "commit", lambda _db: early.extend(answers))
    worker, shared = Worker("test"), partial(together, db_engine)

    async def one(n: int) -> None:
        answers.append(await worker.join(shared, ledger.post, _earn(f"k{n}")))

    async with asyncio.TaskGroup() as group:
        for n in range(3):
            group.create_task(one(n))
    await worker.close()
    assert len(answers) == 3
    assert not [receipt for receipt in early if receipt.seq == 3]


def test_a_transaction_that_the_database_dropped_is_nobodys_success(sqlite_shop: sa.Engine) -> None:
    """When SQLite undoes everything by itself, those who thought they were done are told they are not."""
    ledger = Ledger(sqlite_shop)

    def fill_the_disk() -> None:
        with writing(sqlite_shop) as db:
            cursor = db.connection.cursor()
            cursor.execute("ROLLBACK")  # what SQLite does when the disk is full
            raise sqlite3.OperationalError("database or disk is full")

    def all_of_it() -> None:
        with together(sqlite_shop):
            ledger.post(_earn("before"))
            with pytest.raises(sqlite3.OperationalError):
                fill_the_disk()
            with pytest.raises(SharedWriteLost):
                ledger.post(_earn("after"))

    with pytest.raises(SharedWriteLost):
        all_of_it()
    assert _has(sqlite_shop) == 0
    assert ledger.verify().entries == 0


async def test_a_call_given_up_while_it_waits_is_not_made(db_engine: sa.Engine) -> None:
    """Whoever is cancelled in the queue has written nothing; the others have."""
    ledger, worker, shared = Ledger(db_engine), Worker("test"), partial(together, db_engine)
    first = asyncio.create_task(worker.call(lambda: None))
    calls = [asyncio.create_task(worker.join(shared, ledger.post, _earn(f"k{n}"))) for n in range(3)]
    calls[1].cancel()
    await asyncio.gather(first, *calls, return_exceptions=True)
    await worker.close()
    assert _has(db_engine) == 20
