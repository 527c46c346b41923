"""The till's interface, in process, on a real programme and a database of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from shopbell.loyalty.tills import Scope
from shopbell.storage.buckets import Rate
from tests.fakes.till import CALLS, Counter, counter

pytestmark = pytest.mark.slow

AT = "2026-11-21T11:00:00+00:00"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Counter]:
    """Open a shop."""
    async with counter(tmp_path) as one:
        yield one


@pytest.fixture
async def web(shop: Counter) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client with a till's key that may do everything."""
    async with shop.client(shop.key()) as one:
        yield one


def sale(number: str, customer: str = "", amount: int = 12_000, **more: object) -> dict[str, object]:
    lines = [{"id": "1", "sku": "DRK-FLAT", "amount": amount, "categories": ["Drinks"]}]
    return {"id": number, "at": AT, "customer": customer, "lines": lines, **more}


async def joined(web: httpx.AsyncClient, **more: object) -> str:
    answer = await web.post("/api/loyalty/customers", json={"name": "Ann Fennmere", **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["customer"]["id"])


async def points(web: httpx.AsyncClient, customer: str) -> int:
    account = (await web.get(f"/api/loyalty/customers/{customer}/balance")).json()
    return next((each["available"] for each in account["balances"] if each["unit"] == "points"), 0)


async def test_a_sale_earns_once_and_is_answered_alike(web: httpx.AsyncClient) -> None:
    """The same sale again adds nothing and gets the same bytes."""
    ann = await joined(web)
    answers = [await web.post("/api/purchases", json=sale("r1", ann)) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["source"] == "front"
    assert await points(web, ann) == 120
    told = (await web.get("/api/purchases/front/r1/explain")).json()
    assert told["sentences"] == ["Points: £120.00 at 1 point per £1.00 = 120 points."]


async def test_one_number_names_one_sale(web: httpx.AsyncClient) -> None:
    """Another sale under the same number is refused with a code of its own."""
    ann = await joined(web)
    await web.post("/api/purchases", json=sale("r1", ann))
    answer = await web.post("/api/purchases", json=sale("r1", ann, 1))
    assert (answer.status_code, answer.json()["code"]) == (409, "loyalty.purchase_reused")
    assert await points(web, ann) == 120


async def test_goods_come_back_in_part_and_whole(web: httpx.AsyncClient) -> None:
    """A part takes back its share, the void the rest; both can be sent again."""
    ann = await joined(web)
    lines = [
        {"id": "1", "sku": "A", "amount": 3_000, "quantity": 3},
        {"id": "2", "sku": "B", "amount": 1_000},
    ]
    await web.post("/api/purchases", json={"id": "r1", "at": AT, "customer": ann, "lines": lines})
    part = {"id": "b1", "at": AT, "returns": [{"line": "1", "quantity": 1}]}
    back = [await web.post("/api/purchases/front/r1/refunds", json=part) for _ in range(2)]
    assert back[0].content == back[1].content
    assert await points(web, ann) == 30
    void = await web.post("/api/purchases/front/r1/void", json={"id": "v1", "at": AT, "reason": "wrong till"})
    assert void.json()["whole"] is True
    assert await points(web, ann) == 0
    missing = await web.post("/api/purchases/front/r9/void", json={"id": "v2", "at": AT})
    assert (missing.status_code, missing.json()["code"]) == (404, "loyalty.no_such_purchase")


async def test_a_receipt_finds_its_customer_later(web: httpx.AsyncClient) -> None:
    """A sale on which nobody was named is added to an account."""
    ann = await joined(web)
    await web.post("/api/purchases", json=sale("r1"))
    answer = await web.post("/api/purchases/front/r1/claim", json={"customer": ann})
    assert answer.status_code == 200, answer.text
    assert await points(web, ann) == 120


async def test_customers_are_found_and_never_doubled(web: httpx.AsyncClient) -> None:
    """By number in any spelling, address, code and id; the same number twice is refused."""
    ann = await joined(web, phone="07700 900123", email="Ann@Example.com")
    code = (await web.get(f"/api/loyalty/customers/{ann}")).json()["referral_code"]
    for text in ("+44 7700 900123", "07700900123", "ann@example.com", code.lower(), ann):
        found = await web.get("/api/loyalty/customers", params={"find": text})
        assert found.json()["id"] == ann, text
    again = await web.post("/api/loyalty/customers", json={"name": "Ann", "phone": "07700-900123"})
    assert (again.status_code, again.json()["code"]) == (409, "loyalty.customer_taken")
    nobody = await web.get("/api/loyalty/customers", params={"find": "+447700900999"})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "loyalty.no_such_customer")
    bad = await web.post("/api/loyalty/customers", json={"name": "Bo", "phone": "12"})
    assert (bad.status_code, bad.json()["code"]) == (400, "loyalty.customer_refused")


async def test_a_reward_is_set_aside_handed_out_and_undone(web: httpx.AsyncClient) -> None:
    """Steps named by key or hold can be sent again; a code counts once, and what is held is not spendable."""
    ann = await joined(web)
    await web.post("/api/purchases", json=sale("r1", ann, 19_900))
    path = f"/api/loyalty/customers/{ann}/rewards"
    held = [await web.post(f"{path}/five-off/reserve", json={"key": "k1"}) for _ in range(2)]
    assert held[0].content == held[1].content
    short = await web.post(f"{path}/five-off/reserve", json={"key": "k2"})
    assert (short.status_code, short.json()["code"]) == (409, "loyalty.not_enough")
    code, hold = held[0].json()["code"], held[0].json()["hold"]
    drawn = await web.get("/api/loyalty/rewards/qr", params={"code": code})
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.startswith("<svg")
    spent = [
        await web.post("/api/loyalty/rewards/redeem", json={"code": text}) for text in (code.lower(), hold)
    ]
    assert spent[0].content == spent[1].content
    again = await web.post("/api/loyalty/rewards/redeem", json={"code": code})
    assert (again.status_code, again.json()["code"]) == (409, "loyalty.reward_refused")
    assert await points(web, ann) == 99
    undone = await web.post(f"/api/loyalty/rewards/{hold}/undo")
    assert undone.json()["state"] == "undone"
    assert await points(web, ann) == 199
    other = (await web.post(f"{path}/five-off/reserve", json={"key": "k3"})).json()["hold"]
    assert (await web.post(f"/api/loyalty/rewards/{other}/release")).json()["state"] == "released"
    wrong = await web.post("/api/loyalty/rewards/redeem", json={"code": "00000-00001"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "loyalty.code_refused")


async def test_history_comes_in_pages(web: httpx.AsyncClient) -> None:
    """`before` leads from page to page, through all of it once."""
    ann = await joined(web)
    for number in range(5):
        await web.post("/api/purchases", json=sale(f"r{number}", ann))
    seen, before = [], None
    while True:
        params = {"limit": 2} | ({"before": before} if before else {})
        page = (await web.get(f"/api/loyalty/customers/{ann}/history", params=params)).json()
        seen += [movement["seq"] for movement in page["movements"]]
        if (before := page["before"]) is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5


async def test_points_are_used_without_a_sale(web: httpx.AsyncClient) -> None:
    """The same key uses them once; another request under it is refused."""
    ann = await joined(web)
    await web.post("/api/purchases", json=sale("r1", ann))
    body = {"key": "p1", "unit": "points", "points": 50}
    paid = [await web.post(f"/api/loyalty/customers/{ann}/pay", json=body) for _ in range(2)]
    assert paid[0].content == paid[1].content
    assert await points(web, ann) == 70
    other = await web.post(f"/api/loyalty/customers/{ann}/pay", json={**body, "points": 51})
    assert (other.status_code, other.json()["code"]) == (409, "loyalty.key_reused")


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"Authorization": "Bearer sbk_0_0"},
        {"Authorization": "Bearer clerk"},
        {"Authorization": "Basic eDp5"},
    ],
)
async def test_without_a_key_nothing_is_told(shop: Counter, proof: dict[str, str]) -> None:
    """Unknown keys and tokens are refused alike."""
    async with shop.client(proof) as web:
        for method, path in (("GET", "/api/loyalty/customers?find=x"), ("POST", "/api/purchases")):
            answer = await web.request(method, path, json={} if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (401, "loyalty.key_refused")
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_key_opens_what_it_is_for(shop: Counter) -> None:
    """A till that may only read does not sell, and one that sells does not correct."""
    async with shop.client(shop.key("reader", {Scope.READ})) as web:
        answer = await web.post("/api/purchases", json=sale("r1"))
        assert (answer.status_code, answer.json()["code"]) == (403, "loyalty.scope_missing")
    async with shop.client(shop.key("seller", {Scope.SALES_WRITE})) as web:
        assert (await web.get("/api/loyalty/verify")).status_code == 403


async def test_people_come_with_their_console_token(shop: Counter) -> None:
    """A clerk is sent to the console, a manager's calls are written down; sales need a till."""
    CALLS.clear()
    async with shop.client({"Authorization": "Bearer clerk-token"}) as web:
        for path in ("/api/loyalty/customers?find=x", "/api/loyalty/watch"):
            assert (await web.get(path)).json()["code"] == "loyalty.scope_missing"
        assert (await web.post("/api/purchases", json=sale("r1"))).json()["code"] == "loyalty.scope_missing"
    assert not CALLS
    async with shop.client({"Authorization": "Bearer manager-token"}) as web:
        assert (await web.get("/api/loyalty/watch")).status_code == 200
    assert [what for _, what in CALLS] == ["GET /api/loyalty/watch"]


async def test_each_till_has_a_rate_of_its_own(tmp_path: Path) -> None:
    """A till that asks too often is told so."""
    async with counter(tmp_path, rate=Rate(2, 0)) as shop, shop.client(shop.key()) as web:
        answers = [await web.get("/api/loyalty/webhooks") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["code"] == "loyalty.too_fast"


async def test_a_page_of_another_site_may_not_post(web: httpx.AsyncClient) -> None:
    """A till sends no Origin and passes; a foreign page's Origin is refused, key or no key."""
    answer = await web.post("/api/purchases", json=sale("r1"), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"id": "a/b"},
        {"id": "a\n"},
        {"id": "x" * 121},
        {"at": "2026-11-21T11:00:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "9999-12-31T23:59:59-12:00"},
        {"at": "2026-11-23T11:00:00+00:00"},
        {"customer": "x\u0000y"},
        {"customer": "x" * 65},
        {"lines": []},
        {"lines": [{"id": "1", "sku": "A", "amount": -1}]},
        {"lines": [{"id": "1", "sku": "A", "amount": 1.5}]},
        {"lines": [{"id": "1", "sku": "A", "amount": 10**12}]},
        {"lines": [{"id": "1", "sku": "A", "amount": 1, "quantity": "NaN"}]},
        {"lines": [{"id": "1", "sku": "A", "amount": 1, "quantity": "1e9"}]},
        {"lines": [{"id": "1", "sku": "A", "amount": 1, "quantity": 0}]},
        {"lines": [{"id": "1", "sku": "A", "amount": 1, "quantity": "0.000"}]},
        {"lines": [{"id": "1", "sku": "A", "amount": 1}, {"id": "1", "sku": "B", "amount": 1}]},
        {"custmer": "typo"},
        {"payments": [{"unit": "points", "points": 0}]},
        {"payments": [{"unit": "nonsense", "points": 5}]},
        {"payments": [{"unit": "points", "points": 5}]},
    ],
)
async def test_hostile_sales_are_refused(web: httpx.AsyncClient, change: dict[str, object]) -> None:
    """Nothing that cannot be a sale is taken in, and nothing fails."""
    answer = await web.post("/api/purchases", json={**sale("r1"), **change})
    assert answer.status_code in {400, 409}, answer.text
    assert answer.json()["text"]
    assert (await web.get("/api/purchases/front/r1/explain")).status_code == 404


async def test_huge_bodies_are_refused(web: httpx.AsyncClient) -> None:
    """A body above the limit is not read."""
    answer = await web.post("/api/purchases", json=sale("r1", cashier="x" * 70_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
