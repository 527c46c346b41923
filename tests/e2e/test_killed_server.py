"""The real server, killed and restarted under its tills: what was acknowledged is there, once, and the same.

`scripts/bench_kill` runs it in full; the suite runs it smaller.
"""

import asyncio
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from shopbell.loyalty.ledger import Ledger
from shopbell.storage.database import open_database
from tests.fakes.served import Premises

pytestmark = [pytest.mark.model, pytest.mark.slow]

KILLS = int(os.environ.get("SHOPBELL_KILLS", "2"))
"""How often the server is killed under its writers."""
REQUESTS = int(os.environ.get("SHOPBELL_REQUESTS", "20"))
"""Requests that are sent again and again across restarts."""
RESTARTS = int(os.environ.get("SHOPBELL_RESTARTS", "2"))
"""How often the server is stopped and started among them."""
WRITERS, COPIES = 8, 20


class Till:
    """A client that records sales and spends points, one request after the other, for ever."""

    def __init__(self, number: int, proof: dict[str, str]) -> None:
        self.customer = f"c{number}"
        self.proof = proof
        self.next = 0
        self.acknowledged: dict[str, bytes] = {}
        """Name of a request -> its first answer."""
        self.joined = ""
        """When; all sales are of this moment, for one of the day before would earn nothing."""

    async def work(self, address: str) -> None:
        """Send until the server is gone; what was not acknowledged is sent again by the next call."""
        async with httpx.AsyncClient(base_url=address, headers=self.proof, timeout=60) as web:
            while True:
                name = f"{self.customer}-{self.next}"
                try:
                    answer = await _send(web, name, self.customer, self.next, self.joined)
                except httpx.TransportError:
                    return
                if answer.status_code == 429:
                    await asyncio.sleep(0.05)
                    continue
                assert answer.status_code == 200, answer.text
                self.acknowledged[name] = answer.content
                self.next += 1

    async def join(self, address: str) -> None:
        """Become a customer."""
        async with httpx.AsyncClient(base_url=address, headers=self.proof, timeout=60) as web:
            joined = await web.post("/api/loyalty/customers", json={"id": self.customer, "name": "Ann"})
            assert joined.status_code == 201, joined.text
        self.joined = datetime.now(UTC).isoformat()


async def _send(web: httpx.AsyncClient, name: str, customer: str, number: int, at: str) -> httpx.Response:
    """Send a sale worth three points, or every third time spend one."""
    if number % 3 == 2:
        spent = {"key": name, "unit": "points", "points": 1}
        return await web.post(f"/api/loyalty/customers/{customer}/pay", json=spent)
    lines = [{"id": "1", "sku": "A", "amount": 300}]
    sale = {"id": name, "at": at, "customer": customer, "lines": lines}
    return await web.post("/api/purchases", json=sale)


async def _until_killed(place: Premises, tills: list[Till], chance: random.Random) -> int:
    """Let the tills work and kill the server among them; return how many requests it had acknowledged."""
    before = sum(len(till.acknowledged) for till in tills)
    async with place.served() as (process, address), asyncio.TaskGroup() as group:
        for till in tills:
            group.create_task(till.work(address))
        while sum(len(till.acknowledged) for till in tills) == before:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)
        await asyncio.sleep(chance.uniform(0, 1.5))
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return sum(len(till.acknowledged) for till in tills) - before


def _check_books(place: Premises, tills: list[Till]) -> None:
    """Hold the books against what was acknowledged: nothing missing, nothing twice."""
    engine = open_database(place.database)
    ledger = Ledger(engine)
    assert ledger.verify().fault is None
    with engine.connect() as db:
        sales = {name for (name,) in db.exec_driver_sql("SELECT external_id FROM purchase")}
        keys = [key for (key,) in db.exec_driver_sql("SELECT key FROM entry")]
    for till in tills:
        assert not [name for name in till.acknowledged if name not in sales and not _paid(name, keys)]
        sold = sum(name.startswith(f"{till.customer}-") for name in sales)
        paid = sum(_paid(f"{till.customer}-{n}", keys) for n in range(till.next + 1))
        assert sold + paid - len(till.acknowledged) in {0, 1}  # the last may stand without its answer
        has = ledger.balance(till.customer, "points", datetime.now(UTC)).available
        assert has == 3 * sold - paid
    engine.dispose()


def _paid(name: str, keys: list[str]) -> bool:
    return sum(key == name or key.endswith(f":{name}") for key in keys) == 1


async def test_the_server_killed_under_eight_tills(tmp_path: Path) -> None:
    """`kill -9` of the serving process, again and again: acknowledged and missing 0, doubled 0."""
    place, chance = Premises(tmp_path), random.Random(8)
    async with place.served() as (_, address):
        tills = [Till(number, proof) for number, proof in enumerate(place.keys(WRITERS))]
        for till in tills:
            await till.join(address)
    began, counts = time.monotonic(), []
    for turn in range(KILLS):
        counts.append(await _until_killed(place, tills, chance))
        _check_books(place, tills)
        spent = time.monotonic() - began
        sys.stderr.write(f"kill {turn + 1}: {counts[-1]} acknowledged, {sum(counts)} in all, {spent:.0f} s\n")
    assert min(counts) > 0


async def test_answers_are_the_same_across_restarts(tmp_path: Path) -> None:
    """Twenty shuffled copies of each request across restarts of the server: one effect, same bytes."""
    place = Premises(tmp_path)
    async with place.served() as (_, address):
        till = Till(0, place.keys(1)[0])
        await till.join(address)
    copies = [number for number in range(REQUESTS) for _ in range(COPIES)]
    random.Random(20).shuffle(copies)
    copies = [*range(REQUESTS), *copies[REQUESTS:]]  # points are earned before they are spent
    cuts = [len(copies) * life // (RESTARTS + 1) for life in range(RESTARTS + 2)]
    answers: dict[int, set[bytes]] = {number: set() for number in range(REQUESTS)}
    for start, end in pairwise(cuts):
        async with place.served() as (process, address):
            async with httpx.AsyncClient(base_url=address, headers=till.proof, timeout=60) as web:
                for number in copies[start:end]:
                    answers[number].add(await _answer(web, number, till.joined))
            process.send_signal(signal.SIGTERM)
            await process.wait()
    assert {len(each) for each in answers.values()} == {1}
    till.next, till.acknowledged = REQUESTS, {f"c0-{n}": b"" for n in range(REQUESTS)}
    _check_books(place, [till])


async def _answer(web: httpx.AsyncClient, number: int, at: str) -> bytes:
    answer = await _send(web, f"c0-{number}", "c0", number, at)
    if answer.status_code == 429:
        await asyncio.sleep(0.2)
        return await _answer(web, number, at)
    assert answer.status_code == 200, answer.text
    return answer.content
