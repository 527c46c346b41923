"""Worth, at-risk list, groups and suggestions over the interface, in process."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from shopbell.loyalty.consents import Consent, record_consent
from shopbell.loyalty.reckoning.copurchase import Counted, Habit, keep_habits
from shopbell.loyalty.reckoning.night import reckon
from shopbell.loyalty.reckoning.recommending import Ware
from shopbell.loyalty.tills import Scope
from tests.fakes.till import NOW, Counter, counter

LIMITED = [Scope.READ, Scope.SALES_WRITE]
MANAGER = {"Authorization": "Bearer manager-token"}
PATHS = (
    "worth",
    "at-risk",
    "customers/ann/worth",
    "groups",
    "groups/risk-new/members",
    "customers/ann/groups",
)
MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Counter]:
    """Open a shop that was reckoned: ann agreed to profiling and bought tea twice, ben did not agree."""
    async with counter(tmp_path) as one:
        async with one.client(one.key()) as till:
            for who in ("ann", "ben"):
                await till.post("/api/loyalty/customers", json={"id": who, "name": who.title()})
                for number in (1, 2):
                    lines = [{"id": "1", "sku": "TEA", "name": "Tea", "amount": 300}]
                    sale = {"id": f"{who}{number}", "at": NOW.isoformat(), "customer": who, "lines": lines}
                    assert (await till.post("/api/purchases", json=sale)).status_code == 200
        engine = one.room.engine
        with engine.begin() as db:
            yes = Consent(
                customer="ann", purpose="profiling", given=True, text_version="1", at=NOW, by="customer"
            )
            record_consent(db, yes)
        reckon(engine, tmp_path / "shop", one.room.about, NOW, day=date(2026, 12, 1))
        with engine.begin() as db:
            keep_habits(db, _habits())
        one.desk.offering.shelf = lambda: tuple(
            Ware(sku=sku, name=name, price_minor=300, allergens=bad)
            for sku, name, bad in (("TEA", "Tea", ()), ("SCONE", "Scone", ("milk",)), ("NUTS", "Nuts", ()))
        )
        yield one


def _habits() -> tuple[Habit, ...]:
    """Scones go with tea on nine receipts of ten; nuts are bought alone, and oftenest of all."""
    counted = Counted()
    for number in range(40):
        beside = [("SCONE", "Scone", "")] if number % 10 else [("NUTS", "Nuts", "")]
        counted.add(MORNING, [("TEA", "Tea", ""), *beside])
        counted.add(MORNING, [("NUTS", "Nuts", ""), ("JAM", "Jam", "")])
    return counted.habits()


async def test_figures_come_with_reason_and_error_for_who_agreed(shop: Counter) -> None:
    """A manager sees ann's worth, why, and that the books are too short; of ben there is nothing."""
    async with shop.client(MANAGER) as web:
        body = (await web.get("/api/loyalty/worth")).json()
        assert [one["customer"] for one in body["customers"]] == ["ann"]
        assert (body["reckoned"]["held_out"], body["reckoned"]["note"][:5]) == (None, "There")
        ann = (await web.get("/api/loyalty/customers/ann/worth")).json()["worth"]
        assert (ann["visits"], ann["enough_history"]) == (1, False)
        assert ann["why"].startswith("Came once, last on ")
        assert (await web.get("/api/loyalty/customers/ben/worth")).json()["worth"] is None
        assert (await web.get("/api/loyalty/at-risk")).json()["customers"] == []
        groups = {one["name"]: one for one in (await web.get("/api/loyalty/groups")).json()["groups"]}
        assert groups["risk-new"]["members"] == 1
        (row,) = (await web.get("/api/loyalty/groups/risk-new/members")).json()["members"]
        assert (row["customer"], row["until"], bool(row["reason"])) == ("ann", None, True)
        rows = (await web.get("/api/loyalty/customers/ann/groups")).json()["members"]
        assert "risk-new" in {one["segment"] for one in rows}
        assert (await web.get("/api/loyalty/customers/nobody/worth")).status_code == 404


@pytest.mark.parametrize("path", PATHS)
async def test_only_who_manages_sees_figures_of_customers(shop: Counter, path: str) -> None:
    """A plain till, a clerk and nobody are refused."""
    for headers, status in (
        (shop.key("side", LIMITED), 403),
        ({"Authorization": "Bearer clerk-token"}, 403),
        ({}, 401),
    ):
        async with shop.client(headers) as web:
            assert (await web.get(f"/api/loyalty/{path}")).status_code == status


async def test_a_till_is_told_what_to_offer(shop: Counter) -> None:
    """By the basket, or ann's usual; not what has milk if that is left out; ben's purchases are not used."""
    async with shop.client(shop.key("side", LIMITED)) as till:

        async def told(**query: str) -> tuple[bool, list[str]]:
            body = (await till.get("/api/loyalty/suggestions", params=query)).json()
            assert all(one["why"] for one in body["suggestions"])
            return body["personal"], [one["sku"] for one in body["suggestions"]]

        assert await told(basket="TEA") == (False, ["SCONE", "NUTS"])
        assert await told(customer="ann") == (True, ["SCONE", "NUTS"])
        assert (await told(customer="ann", without="milk"))[1] == ["NUTS"]
        assert await told(customer="ben") == await told() == (False, ["NUTS", "TEA", "SCONE"])
        missing = await till.get("/api/loyalty/suggestions", params={"customer": "nobody"})
        assert missing.status_code == 404
