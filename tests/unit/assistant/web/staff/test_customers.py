"""The counter card over the wire: found, masked, revealed, goodwill, rewards, twins; all of it audited."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant import staffwire as w
from shopbell.assistant.web.limits import Limits, Rate
from shopbell.assistant.web.loyalty.desk import LoyaltyDesk
from shopbell.loyalty.casebook import Case, Casebook
from shopbell.loyalty.sale import Line, Sale
from tests.fakes.counterdesk import with_club
from tests.fakes.ladder import ScriptedLadder, at_once
from tests.fakes.staff import NAMES, Staffed, staffed, terminal

pytestmark = pytest.mark.slow

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
BOUNDLESS = Limits(posts=Rate(10_000, 1_000))


class Clock:
    """A clock that goes a little at every look, and on when it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class Shop(Struct, frozen=True):
    """A shop with staff, customers and a clock."""

    staffed: Staffed
    club: LoyaltyDesk
    clock: Clock

    async def ask(self, role: str, path: str, **body: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.staffed.tokens[role]}"}
        async with httpx.AsyncClient(headers=headers) as web:
            return await web.post(f"{self.staffed.url}/customers/{path}", json=body)

    async def told(self, role: str, path: str, **body: object) -> Any:
        answer = await self.ask(role, path, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def requests(self, role: str) -> list[Any]:
        headers = {"Authorization": f"Bearer {self.staffed.tokens[role]}"}
        async with httpx.AsyncClient(headers=headers) as web:
            answer = await web.get(f"{self.staffed.url}/customers/requests")
        return list(answer.json()["requests"])

    def buy(self, who: str, pounds: int, number: str, thing: str = "Cake") -> None:
        line = Line(id="1", sku=thing, name=thing, quantity=Decimal(1), amount=pounds * 100)
        sale = Sale(source="till", external_id=number, at=self.clock.now, customer=who, lines=(line,))
        self.club.room.club.record_sale(sale, self.clock.now)

    def audited(self, action: str) -> list[tuple[str, str, str]]:
        lines = reversed(self.staffed.office.audit.lines(limit=500))
        return [(line.actor, line.target, line.detail) for line in lines if line.action == action]


@pytest.fixture
async def shop(engine: sa.Engine, tmp_path: Path) -> AsyncIterator[Shop]:
    """Open a shop."""
    clock = Clock()
    ladder = ScriptedLadder(at_once)
    async with staffed(engine, tmp_path / "shop", ladder, limits=BOUNDLESS, now=clock) as made:
        yield Shop(made, with_club(made, engine, tmp_path / "club", clock), clock)


async def test_a_customer_is_found_by_name_number_address_card_and_code(shop: Shop) -> None:
    """Each way finds her; what was looked for is in no log, only that somebody looked."""
    code = shop.club.room.customers.get("ann").referral_code
    for text in ("amberfield", "07700 900123", "0123", "ANN.AMBERFIELD@example.com", "ann", code):
        found = await shop.told("clerk", "find", text=text)
        assert "ann" in {row["customer"] for row in found["rows"]}, text
    assert (await shop.told("clerk", "find", text="nobody of that name"))["rows"] == []
    assert shop.audited("customers-searched") == [(NAMES["clerk"], "", "")] * 7


async def test_the_card_is_masked_until_somebody_says_why(shop: Shop) -> None:
    """Neither list nor card holds number, address or year; a reveal gives one of them and is written down."""
    found = await shop.ask("clerk", "find", text="Ann Amberfield")
    card = await shop.ask("clerk", "card", customer="ann")
    for answer in (found, card):
        assert not any(secret in answer.text for secret in ("447700", "00123", "ann.amber", "1984"))
    assert (card.json()["phone"], card.json()["email"]) == ("***123", "a***@...")
    assert (card.json()["birthday"], card.json()["birthday_in"]) == ("1 December", 10)
    assert (await shop.ask("clerk", "reveal", customer="ann", field="phone", reason="")).status_code == 400
    shown = await shop.told("clerk", "reveal", customer="ann", field="phone", reason="Cake is ready")
    assert shown["text"] == "+447700900123"
    assert shop.audited("customer-viewed") == [(NAMES["clerk"], "ann", "")]
    assert shop.audited("customer-revealed") == [(NAMES["clerk"], "ann", "field=phone reason=Cake is ready")]


async def test_the_card_tells_what_the_counter_needs(shop: Shop) -> None:
    """Level, points, visits, the usual order, open complaints, rewards and cards are on it."""
    for number in range(3):
        shop.clock.now += timedelta(minutes=1)
        shop.buy("ann", 20, f"r{number}", "Flat white")
    shop.buy("ann", 60, "r9", "Birthday cake")
    cases = Casebook(shop.staffed.office.audit._engine)
    for key, text in (("1", "The bun was hard."), ("2", "It was wet.")):
        cases.add(
            Case(key=key, kind="complaint", customer="ann", conversation="c", at=shop.clock.now, text=text)
        )
    card = await shop.told("owner", "card", customer="ann")
    assert (card["tier"], card["vip"], card["most"]) == ("gold", True, 1000)
    assert card["points"] == 130  # 120 spent, and 10 for reaching gold
    assert card["usual"] == ["Flat white"]
    assert card["visits"][0] == {"day": "2026-11-21", "amount": "€60.00", "things": ["Birthday cake"]}
    assert {"name": "card", "amount": "0 of 3 stamps", "note": ""} in card["purses"]
    assert [row["can"] for row in card["rewards"]] == [True, True, False]
    assert [row["text"] for row in card["complaints"]] == ["It was wet.", "The bun was hard."]
    await shop.told("clerk", "complaints/settle", number=card["complaints"][0]["number"])
    again = await shop.ask("clerk", "complaints/settle", number=card["complaints"][0]["number"])
    assert again.status_code == 400
    assert len((await shop.told("owner", "card", customer="ann"))["complaints"]) == 1
    assert len(shop.audited("complaint-settled")) == 1


async def test_goodwill_goes_as_far_as_the_role(shop: Shop) -> None:
    """Within the limit it is done; above it a manager decides, never the one who asked; all audited once."""
    small = {"customer": "ann", "points": 50, "reason": "Waited for a cake"}
    first = await shop.told("clerk", "award", key="a1", **small)
    assert (first["state"], first["points_now"]) == ("done", 50)
    assert await shop.told("clerk", "award", key="a1", **small) == first
    large = await shop.told("clerk", "award", key="a2", customer="ann", points=51, reason="Wet cake")
    assert (large["state"], large["points_now"]) == ("waiting", None)
    assert [row["name"] for row in await shop.requests("clerk")] == ["Ann Amberfield"]
    decide = {"request": large["request"], "approve": True}
    assert (await shop.ask("clerk", "requests/decide", **decide)).status_code == 403
    done = await shop.told("manager", "requests/decide", **decide)
    assert (done["state"], done["decided_by"], done["points_now"]) == ("done", NAMES["manager"], 101)
    assert await shop.told("manager", "requests/decide", **decide) == done
    assert (await shop.ask("owner", "requests/decide", **decide)).status_code == 409
    mine = await shop.told("manager", "award", key="a3", customer="ann", points=201, reason="Lost order")
    own = await shop.ask("manager", "requests/decide", request=mine["request"], approve=True)
    assert "second person" in own.json()["text"]
    refused = await shop.told("owner", "requests/decide", request=mine["request"], approve=False)
    assert (refused["state"], await shop.requests("owner")) == ("refused", [])
    counted = {
        name: len(shop.audited(f"points-{name}")) for name in ("awarded", "asked", "approved", "refused")
    }
    assert counted == {"awarded": 1, "asked": 2, "approved": 1, "refused": 1}
    assert "reason=Waited for a cake" in shop.audited("points-awarded")[0][2]


async def test_a_failed_award_leaves_no_line(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not happen is not in the audit log; and nothing happens that cannot be written there."""
    assert (
        await shop.ask("clerk", "award", key="a", customer="zoe", points=5, reason="Sorry")
    ).status_code == 404
    assert shop.audited("points-awarded") == []

    def broken(*_: object) -> None:
        raise RuntimeError("no room in the log")

    with monkeypatch.context() as patch:
        patch.setattr(shop.staffed.office.audit, "add", broken)
        answer = await shop.ask("clerk", "award", key="b", customer="ann", points=5, reason="Sorry")
    assert answer.status_code == 500
    assert (await shop.told("clerk", "card", customer="ann"))["points"] == 0


async def test_a_reward_is_set_aside_shown_handed_out_and_undone(shop: Shop) -> None:
    """The code tells what it is for before anything happens; five minutes later nothing can be undone."""
    await shop.told("owner", "award", key="a", customer="ann", points=30, reason="Opening day")
    held = await shop.told("clerk", "rewards/set-aside", key="k", customer="ann", reward="five-off")
    again = await shop.told("clerk", "rewards/set-aside", key="k", customer="ann", reward="five-off")
    assert held == again
    echo = await shop.told("clerk", "rewards/look", code=held["code"].lower())
    assert (echo["name"], echo["reward"], echo["points"]) == ("Ann Amberfield", "5 off", 10)
    assert (echo["state"], echo["code"]) == ("reserved", "")
    done = await shop.told("clerk", "rewards/redeem", code=held["hold"])
    assert (done["state"], done["points_left"]) == ("redeemed", 20)
    assert await shop.told("clerk", "rewards/redeem", code=held["hold"]) == done
    shop.clock.now += timedelta(minutes=4)
    assert (await shop.told("clerk", "rewards/undo", code=held["hold"]))["state"] == "undone"
    late = await shop.told("clerk", "rewards/set-aside", key="k2", customer="ann", reward="five-off")
    await shop.told("clerk", "rewards/redeem", code=late["hold"])
    shop.clock.now += timedelta(minutes=6)
    refused = await shop.ask("clerk", "rewards/undo", code=late["hold"])
    assert "undone for 5 minutes" in refused.json()["text"]
    third = await shop.told("clerk", "rewards/set-aside", key="k3", customer="ann", reward="five-off")
    assert (await shop.told("clerk", "rewards/release", code=third["hold"]))["state"] == "released"
    names = ("reserved", "looked-up", "redeemed", "undone", "released")
    assert [len(shop.audited(f"reward-{name}")) for name in names] == [3, 1, 2, 1, 1]


async def test_a_wrong_code_is_told_in_words(shop: Shop) -> None:
    """Misread and unknown codes hand nothing out."""
    misread = await shop.ask("clerk", "rewards/look", code="7K4QW-2M9XB")
    assert (misread.status_code, "Read it again" in misread.json()["text"]) == (409, True)
    assert shop.audited("reward-looked-up") == []


async def test_twins_are_shown_joined_and_parted(shop: Shop) -> None:
    """The preview changes nothing and tells the truth; joining takes a manager and can be undone."""
    for who, points in (("ann", 30), ("anne", 12)):
        await shop.told("owner", "award", key=who, customer=who, points=points, reason="Opening day")
    pair = {"source": "anne", "target": "ann"}
    assert (await shop.ask("clerk", "twins/preview", **pair)).status_code == 403
    would = await shop.told("manager", "twins/preview", **pair)
    assert would["joined"][0] == {"name": "Points", "amount": "42 points", "note": ""}
    assert (would["source"]["points"], would["target"]["points"]) == (12, 30)
    assert (await shop.told("clerk", "card", customer="ann"))["points"] == 30
    merged = await shop.told("manager", "twins/join", **pair)
    card = await shop.told("clerk", "card", customer="anne")
    assert (card["customer"], card["points"]) == ("ann", 42)
    assert [(row["source"], row["name"]) for row in card["merges"]] == [("anne", "Anne Amberfield")]
    parted = await shop.told("manager", "twins/part", merge=merged["merge"])
    assert parted["undone"]
    assert await shop.told("manager", "twins/part", merge=merged["merge"]) == parted
    assert (await shop.told("clerk", "card", customer="anne"))["points"] == 12
    names = ("merge-previewed", "customers-merged", "customers-parted")
    assert [len(shop.audited(name)) for name in names] == [1, 1, 1]


async def test_a_customer_of_the_highest_level_stands_before_the_rest(shop: Shop) -> None:
    """Staff says who it is: the card has name and level, the need is `vip`; and it can be taken back."""
    shop.buy("ben", 150, "r1")
    opened = [await shop.staffed.conversations.open("web") for _ in range(2)]
    for number, one in enumerate(opened):
        await shop.staffed.conversations.say(one.conversation, f"hello {number}", f"k{number}")
    first = opened[0].conversation
    async with terminal(shop.staffed, "clerk") as console:
        await shop.told("clerk", "recognise", conversation=first, customer="ben")
        card = await console.find(lambda frame: isinstance(frame, w.Card) and frame.who == "Ben Birkholt")
        assert (card.need, card.tier, card.known, card.customer) == ("vip", "gold", "vouched", "ben")
        assert [one.need for one in shop.staffed.desk.hub.board.cards()] == ["vip", "rest"]
        await shop.told("clerk", "recognise", conversation=first)
        card = await console.until(lambda frame: isinstance(frame, w.Card) and frame.conversation == first)
        assert (card.need, card.who) == ("rest", "")
    assert (await shop.ask("clerk", "recognise", conversation=first, customer="zoe")).status_code == 404
    assert (await shop.ask("clerk", "recognise", conversation="none", customer="ben")).status_code == 404
    assert len(shop.audited("customer-recognised")) == 2


async def test_a_shop_without_a_programme_says_so(engine: sa.Engine, tmp_path: Path) -> None:
    """There are no customers to show, and the answer says why."""
    async with staffed(engine, tmp_path / "shop", ScriptedLadder(at_once)) as made:
        headers = {"Authorization": f"Bearer {made.tokens['clerk']}"}
        async with httpx.AsyncClient(headers=headers) as web:
            answer = await web.post(f"{made.url}/customers/find", json={"text": "ann"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no-programme")


async def test_two_who_decide_at_once_give_once(shop: Shop) -> None:
    """Two managers approve the same request at the same moment: the points come once."""
    asked = await shop.told("clerk", "award", key="a", customer="ann", points=500, reason="Lost order")
    decide = {"request": asked["request"], "approve": True}
    answers = await asyncio.gather(
        *(shop.ask(role, "requests/decide", **decide) for role in ("manager", "owner"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert (await shop.told("clerk", "card", customer="ann"))["points"] == 500
    assert len(shop.audited("points-approved")) == 1
