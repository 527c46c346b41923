"""Packs and segments over the interface, in process."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shopbell.loyalty.tills import Scope
from tests.fakes.till import NOW, PROGRAMME, Counter, counter

PACK = """
[[version.rule]]
kind = "pack"
id = "ten-coffees"
name = "Ten coffees"
passes = 10
when = { categories = ["Packs"] }
[[version.reward]]
"""
STEPS = "/api/loyalty/customers/ann/packs/steps"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Counter]:
    """Open a shop that sells packs."""
    async with counter(tmp_path, programme=PROGRAMME.replace("[[version.reward]]", PACK)) as one:
        yield one


@pytest.fixture
async def till(shop: Counter) -> AsyncIterator[httpx.AsyncClient]:
    """Give a till that has sold ann a pack of ten for 30.00."""
    async with shop.client(shop.key()) as one:
        await one.post("/api/loyalty/customers", json={"id": "ann", "name": "Ann"})
        lines = [{"id": "1", "sku": "PACK-10", "amount": 3_000, "categories": ["Packs"]}]
        sale = {"id": "r1", "at": NOW.isoformat(), "customer": "ann", "lines": lines}
        assert (await one.post("/api/purchases", json=sale)).status_code == 200
        yield one


async def _pack(web: httpx.AsyncClient) -> dict[str, object]:
    (pack,) = (await web.get("/api/loyalty/customers/ann/packs")).json()["packs"]
    assert isinstance(pack, dict)
    return pack


async def test_a_pack_is_used_and_left_over_the_interface(till: httpx.AsyncClient) -> None:
    """Two of ten are used once though asked twice; leaving gives 24.00 back, said byte for byte again."""
    pack = await _pack(till)
    assert (pack["left"], pack["give_back"]) == (10, 3_000)
    use = {"key": "k1", "pack": pack["id"], "step": "use", "passes": 2}
    assert (await till.post(STEPS, json=use)).content == (await till.post(STEPS, json=use)).content
    assert (await _pack(till))["left"] == 8
    leave = {"key": "k2", "pack": pack["id"], "step": "leave"}
    first, again = await till.post(STEPS, json=leave), await till.post(STEPS, json=leave)
    assert first.json()["give_back"] == 2_400
    assert first.content == again.content
    late = await till.post(STEPS, json={**use, "key": "k3"})
    assert (late.status_code, late.json()["code"]) == (409, "loyalty.pack_refused")


async def test_a_step_that_is_none_is_told(till: httpx.AsyncClient) -> None:
    """Eleven of ten, a pause that is not offered and an unknown step are refused in words."""
    pack = await _pack(till)
    for body in ({"step": "use", "passes": 11}, {"step": "pause", "until": "2026-12-01"}):
        answer = await till.post(STEPS, json={"key": "k", "pack": pack["id"], **body})
        assert answer.status_code == 409, answer.text
    assert (await till.post(STEPS, json={"key": "k", "pack": "x", "step": "eat"})).status_code == 400


async def test_segments_are_put_by_those_who_manage(shop: Counter, till: httpx.AsyncClient) -> None:
    """A manager sets them with a reason, a plain till may only read them."""
    path = "/api/loyalty/customers/ann/segments"
    body = {"segments": ["regular"], "reason": "Comes every week"}
    async with shop.client(shop.key("side", [Scope.READ, Scope.SALES_WRITE])) as side:
        assert (await side.put(path, json=body)).status_code == 403
    async with shop.client({"Authorization": "Bearer manager-token"}) as manager:
        assert (await manager.put(path, json=body)).json()["by"] == "max"
        assert (await manager.put(path, json={**body, "segments": ["So So"]})).status_code == 400
        assert (await manager.put(path, json={**body, "reason": ""})).status_code == 400
    (said,) = (await till.get(path)).json()["changes"]
    assert (said["segments"], said["reason"]) == (["regular"], "Comes every week")
