"""Suggestions in conversation: limits in plain words, reasons, and silence while something is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from shopbell.assistant.clerk import Clerk, Gear
from shopbell.assistant.conversation import Exchange
from shopbell.assistant.flows.account import Account, Books
from shopbell.assistant.flows.diets import limits_in
from shopbell.assistant.flows.doing import Doer, Tools
from shopbell.assistant.flows.sight import Sight
from shopbell.assistant.flows.suggestion import (
    AS_WRITTEN,
    FOR_ANYBODY,
    NOT_NOW,
    NOTHING,
    WISH,
    Offers,
    asks_why,
    told_suggestion,
)
from shopbell.assistant.flows.task import Task
from shopbell.assistant.flows.wishes import Wish
from shopbell.assistant.known import Known
from shopbell.assistant.turn import Answer, Turn
from shopbell.knowledge.history import History
from shopbell.loyalty.backroom import About, Backroom, open_backroom
from shopbell.loyalty.casebook import Case, Casebook
from shopbell.loyalty.customers import Customer, Customers
from shopbell.loyalty.reckoning.copurchase import Counted, keep_habits
from shopbell.loyalty.reckoning.offering import Offering
from shopbell.loyalty.reckoning.recommending import Ware
from shopbell.storage.database import open_database
from tests.fakes.clock import InlineWorker
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.till import PROGRAMME

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TURN = Turn(conversation="t1", text="what would you recommend?", now=NOW)
SHELF = (
    Ware(sku="TEA", name="Tea", price_minor=250, diet=("vegan",)),
    Ware(sku="SCONE", name="Scone", price_minor=300, allergens=("milk", "egg")),
    Ware(sku="NUTS", name="Nuts", price_minor=400, diet=("vegan",), allergens=("tree nuts",)),
    Ware(sku="GONE", name="Gone", price_minor=100, stock=0, diet=("vegan",)),
)


class Kit(msgspec.Struct, frozen=True):
    """Books with what was counted, and what suggestions are made with."""

    engine: sa.Engine
    offers: Offers
    facts: list[str]

    def say(self, turn: Turn = TURN, customer: str = "") -> str:
        """Return what is said."""
        return told_suggestion(self.offers, customer, turn, self.facts if customer else ())[0]


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    """Give a shop in which everything is bought in the morning, and ann, who agreed to nothing."""
    engine = open_database(tmp_path / "shop.db")
    Customers(engine, region="GB", draw=lambda many: b"x" * many).create(
        Customer(id="ann", name="Ann", joined_at=NOW)
    )
    counted = Counted()
    for number in range(30):
        counted.add(NOW, [("GONE", "Gone", ""), ("SCONE", "Scone", "")])
        counted.add(NOW, [("TEA", "Tea", ""), ("NUTS", "Nuts", "")][: 1 + number % 2])
    with engine.begin() as db:
        keep_habits(db, counted.habits())
    facts: list[str] = []
    offering = Offering(engine, tmp_path)
    offering.shelf = lambda: SHELF
    offers = Offers(offering=offering, cases=Casebook(engine), currency="GBP")
    yield Kit(engine, offers, facts)
    engine.dispose()


def test_what_is_popular_is_suggested_with_prices_and_without_what_is_sold_out(kit: Kit) -> None:
    """Nobody known is told what others like now; the reasons stand beside, and are told when asked why."""
    text, reasons = told_suggestion(kit.offers, "", TURN)
    assert text.startswith("I would suggest Scone (£3.00), Tea (£2.50) or Nuts (£4.00).")
    assert reasons.count("on 30 receipts around 9:00") == 2
    asked = Exchange(question=TURN.text, answer=text, rung="flow", subject=WISH)
    again = msgspec.structs.replace(TURN, text="Why?", history=(asked,))
    assert asks_why(again)
    assert not asks_why(msgspec.structs.replace(again, history=()))
    assert kit.say(again) == reasons


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("I'm vegan, what would you recommend?", {"Tea", "Nuts"}),
        ("something without milk please, any suggestions?", {"Tea", "Nuts"}),
        ("I am allergic to nuts, what should I try?", {"Scone", "Tea"}),
        ("recommend a nut-free vegan treat", {"Tea"}),
        ("I'm not vegan, what do you suggest", {"Tea", "Nuts", "Scone"}),
    ],
)
def test_what_somebody_cannot_eat_is_never_suggested(kit: Kit, text: str, named: set[str]) -> None:
    """Diets and allergens in the words count, and the reply says whose word it is."""
    told = kit.say(msgspec.structs.replace(TURN, text=text))
    assert {ware.name for ware in SHELF if f"{ware.name} (" in told} == named
    assert (AS_WRITTEN in told) == (len(named) < 3)


def test_limits_hold_for_the_conversation_and_from_what_is_remembered(kit: Kit) -> None:
    """What was said of oneself before counts on, and so does what a member had remembered."""
    before = Exchange(question="I'm lactose intolerant", answer="Noted.", rung="model")
    assert "Scone" not in kit.say(msgspec.structs.replace(TURN, history=(before,)))
    kit.facts.append("I am allergic to nuts")
    told = kit.say(customer="ann")
    assert "Nuts" not in told
    assert FOR_ANYBODY in told  # she did not agree that her purchases are used


def test_nothing_is_suggested_while_something_is_wrong(kit: Kit) -> None:
    """Not during a complaint, after one in this conversation, to who is upset, or while a case is open."""
    task = Task(flow="complaint", asking="text", question="?", since=NOW, key="k")
    said = Exchange(question="The cake was stale", answer="I am sorry.", rung="flow", subject="complaint")
    change = msgspec.structs.replace
    for turn in (
        change(TURN, task=task),
        change(TURN, history=(said,)),
        change(TURN, text="this is useless, what would you recommend then"),
    ):
        assert kit.say(turn) == NOT_NOW
    case = Case(key="c", kind="complaint", conversation="old", at=NOW - timedelta(days=9), customer="ann")
    number = kit.offers.cases.add(case)
    assert kit.say(customer="ann") == NOT_NOW
    assert kit.say() != NOT_NOW
    kit.offers.cases.close(number, "olga", NOW)
    assert kit.say(customer="ann") != NOT_NOW


def test_without_anything_fitting_there_is_no_suggestion(kit: Kit) -> None:
    """A limit that nothing is known to keep leaves nothing, and a person is offered."""
    assert kit.say(msgspec.structs.replace(TURN, text="I keep kosher, what do you suggest?")) == NOTHING


@pytest.mark.parametrize(
    ("text", "diets", "allergens"),
    [
        ("no dairy and no eggs", (), ("milk", "egg")),
        ("I'm coeliac", (), ("gluten", "wheat", "barley", "rye", "oats")),
        ("I can’t eat peanuts", (), ("peanut",)),
        ("do you have oat milk?", (), ()),
        ("with milk and nuts please", (), ()),
        ("I am vegetarian", ("vegetarian",), ()),
    ],
)
def test_limits_are_read_from_plain_words(
    text: str, diets: tuple[str, ...], allergens: tuple[str, ...]
) -> None:
    """Refusing words make a limit; liking words do not."""
    found = limits_in([text])
    assert (found.diets, found.allergens) == (diets, allergens)


async def test_a_stranger_is_told_without_signing_in_and_may_ask_why(kit: Kit, tmp_path: Path) -> None:
    """The clerk answers who is unknown, and takes a bare "why?" for a question about that, only after it."""
    (tmp_path / "programme.toml").write_text(PROGRAMME)
    about = About(currency="GBP", timezone="Europe/London", region="GB")
    room = open_backroom(kit.engine, tmp_path, tmp_path, about)
    history = History(kit.engine, FakeEmbedder().embed)
    clerk = Clerk(_gear(Account(Books(room=room, history=history, offers=kit.offers)), room, history))
    turn = msgspec.structs.replace(TURN, acts=True)
    (told,) = [step async for step in clerk.respond(turn)]
    assert isinstance(told, Answer)
    assert (told.subject, told.private, told.text[:20]) == (WISH, "", "I would suggest Scon")
    assert "receipts" in told.why
    why = msgspec.structs.replace(turn, text="why?")
    assert [step async for step in clerk.respond(why)] == []
    after = Exchange(question=turn.text, answer=told.text, rung="flow", subject=WISH)
    (reasons,) = [step async for step in clerk.respond(msgspec.structs.replace(why, history=(after,)))]
    assert isinstance(reasons, Answer)
    assert reasons.text == told.why


def _gear(account: Account, room: Backroom, history: History) -> Gear:
    work = InlineWorker()

    async def nobody(known: Known | None) -> Known | None:
        return None

    tools = Tools(room=room, cases=Casebook(room.engine), history=history, consent_version="1")
    return Gear(
        account=account,
        doer=Doer(tools),
        forms={},
        look=work.call,
        act=work.call,
        think=work.call,
        recognise=lambda text: Wish(WISH, 1.0) if "recommend" in text else None,
        rule=lambda _text: "",
        sight=lambda _customer, turn: Sight(now=turn.now, club="Club"),
        still=nobody,
        new_id=lambda: "k1",
    )
