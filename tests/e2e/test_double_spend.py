"""Many tills at once, over HTTP: nothing is spent twice.

`scripts/bench_double_spend` runs it in full; the suite runs it smaller.
"""

import asyncio
import os
import random
from pathlib import Path

import httpx
import pytest

from tests.fakes.till import NOW, Counter, counter
from tests.fakes.web import serving

ROUNDS = int(os.environ.get("SHOPBELL_ROUNDS", "3"))
"""How often 64 clients meet."""
OPERATIONS = int(os.environ.get("SHOPBELL_OPERATIONS", "60"))
"""Requests that are sent again and again."""
CLIENTS, AFFORDABLE = 64, 10
COPIES, RESTARTS = 20, 5


async def _redeem(web: httpx.AsyncClient, owner: str, key: str, start: asyncio.Event) -> tuple[int, str]:
    """Set a reward aside and hand it out; return the status and code of the first refusal, or 200."""
    await start.wait()
    held = await web.post(f"/api/loyalty/customers/{owner}/rewards/five-off/reserve", json={"key": key})
    if held.status_code != 200:
        return held.status_code, held.json()["code"]
    spent = await web.post("/api/loyalty/rewards/redeem", json={"code": held.json()["code"]})
    return spent.status_code, spent.json().get("code", "")


async def _join(web: httpx.AsyncClient, ident: str, points: int) -> None:
    await web.post("/api/loyalty/customers", json={"id": ident, "name": ident})
    lines = [{"id": "1", "sku": "A", "amount": points * 100}]
    body = {"id": f"first-{ident}", "at": NOW.isoformat(), "customer": ident, "lines": lines}
    answer = await web.post("/api/purchases", json=body)
    assert answer.status_code == 200, answer.text


async def _points(web: httpx.AsyncClient, ident: str) -> tuple[int, int]:
    account = (await web.get(f"/api/loyalty/customers/{ident}/balance")).json()
    purse = next(each for each in account["balances"] if each["unit"] == "points")
    return purse["available"], purse["held"]


async def test_64_clients_redeem_what_ten_can_afford(tmp_path: Path) -> None:
    """Exactly ten succeed each time, the others are told why, and the books hold."""
    async with counter(tmp_path) as shop, serving(shop.app) as address:
        proof = shop.key()
        clients = [
            httpx.AsyncClient(base_url=f"http://{address}", headers=proof, timeout=60) for _ in range(CLIENTS)
        ]
        try:
            for turn in range(ROUNDS):
                owner, start = f"c{turn}", asyncio.Event()
                await _join(clients[0], owner, AFFORDABLE * 100)
                async with asyncio.TaskGroup() as group:
                    tasks = [
                        group.create_task(_redeem(web, owner, f"{turn}-{number}", start))
                        for number, web in enumerate(clients)
                    ]
                    start.set()
                outcomes = [task.result() for task in tasks]
                assert outcomes.count((200, "")) == AFFORDABLE
                assert outcomes.count((409, "loyalty.not_enough")) == CLIENTS - AFFORDABLE
                assert await _points(clients[0], owner) == (0, 0)
            assert (await clients[0].get("/api/loyalty/verify")).json()["fault"] is None
        finally:
            for web in clients:
                await web.aclose()


def _operations(number: int) -> tuple[str, dict[str, object]]:
    """Return one request of one of five kinds, each named for ever."""
    at, owner = NOW.isoformat(), f"c{number % 7}"
    lines = [{"id": "1", "sku": "A", "amount": 1_000}]
    kinds: list[tuple[str, dict[str, object]]] = [
        ("/api/purchases", {"id": f"s{number}", "at": at, "customer": owner, "lines": lines}),
        (f"/api/purchases/front/first-{owner}/refunds", _part(number, at)),
        (f"/api/loyalty/customers/{owner}/pay", {"key": f"p{number}", "unit": "points", "points": 3}),
        (f"/api/loyalty/customers/{owner}/rewards/five-off/reserve", {"key": f"r{number}"}),
        ("/api/loyalty/adjustments", _correction(number, owner)),
    ]
    return kinds[number % 5]


def _part(number: int, at: str) -> dict[str, object]:
    return {"id": f"b{number}", "at": at, "returns": [{"line": "1", "quantity": "0.001"}]}


def _correction(number: int, owner: str) -> dict[str, object]:
    return {"key": f"a{number}", "customer": owner, "points": -2, "reason": "counted by hand"}


async def _send(shop: Counter, proof: dict[str, str], batch: list[int]) -> list[tuple[int, int, bytes]]:
    """Send requests eight at a time; return number, status and answer of each."""
    seats = asyncio.Semaphore(8)

    async def one(web: httpx.AsyncClient, number: int) -> tuple[int, int, bytes]:
        path, body = _operations(number)
        async with seats:
            answer = await web.post(path, json=body)
        return number, answer.status_code, answer.content

    async with shop.client(proof) as web, asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(web, number)) for number in batch]
    return [task.result() for task in tasks]


@pytest.mark.slow
async def test_every_request_counts_once_however_often_it_comes(tmp_path: Path) -> None:
    """Twenty shuffled copies of each, across five restarts: one effect, and every answer the same bytes."""
    async with counter(tmp_path) as shop:
        proof = shop.key()
        async with shop.client(proof) as web:
            for owner in range(7):
                await _join(web, f"c{owner}", 100_000)
            before = shop.room.club.verify().entries
    copies = [number for number in range(OPERATIONS) for _ in range(COPIES)]
    random.Random(20).shuffle(copies)
    answers: dict[int, set[bytes]] = {}
    for life in range(RESTARTS + 1):
        async with counter(tmp_path) as shop:
            for number, status, content in await _send(shop, proof, copies[life :: RESTARTS + 1]):
                assert status == 200, content
                answers.setdefault(number, set()).add(content)
    assert {len(each) for each in answers.values()} == {1}
    async with counter(tmp_path) as shop:
        proof_of_books = shop.room.club.verify()
        assert proof_of_books.fault is None
        assert proof_of_books.entries - before == OPERATIONS
        async with shop.client(proof) as web:
            await _check_balances(web)


async def _check_balances(web: httpx.AsyncClient) -> None:
    """Hold the balances against a sum done by hand."""
    for owner in range(7):
        mine = [number for number in range(OPERATIONS) if number % 7 == owner]
        by_kind = [sum(number % 5 == kind for number in mine) for kind in range(5)]
        sales, refunds, payments, rewards, corrections = by_kind
        available, held = await _points(web, f"c{owner}")
        assert held == 100 * rewards
        assert available + held == 100_000 + 10 * sales - 100 * refunds - 3 * payments - 2 * corrections
