"""Calling a person, from the customer's words to the bell in a console, over the real server."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from shopbell.assistant import events as e
from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.assistant.console import Console, Valued
from shopbell.assistant.handover import Worth
from tests.fakes.staff import Staffed, Terminal, staffed, terminal
from tests.fakes.web import SETTINGS
from tests.unit.assistant.test_ladder import Shop

pytestmark = pytest.mark.slow

CONSOLE = Console(topics=("allergy",), valued=Valued(tiers=("gold",), points=500))
KNOWN = {
    "gold": Worth(tier="Gold", points=3),
    "rich": Worth(tier="", points=500),
    "poor": Worth(tier="silver", points=499),
}
_keys = itertools.count(1)


@pytest.fixture
async def shop(engine: sa.Engine, tmp_path: Path) -> AsyncIterator[Staffed]:
    settings = replace(SETTINGS, console=CONSOLE)
    async with staffed(engine, tmp_path / "shop", Shop().ladder, settings=settings) as made:
        made.desk._handover.know(_worth)
        yield made


async def _worth(customer: str) -> Worth | None:
    return KNOWN.get(customer)


async def say(shop: Staffed, conversation: str, *texts: str) -> None:
    """Say these things, each after the reply to the one before."""
    for text in texts:
        seq = await shop.conversations.say(conversation, text, f"k{next(_keys)}")
        async for frame in shop.conversations.follow(conversation, seq):
            if isinstance(frame, wire.Replied):
                break


async def begun(shop: Staffed, console: Terminal) -> str:
    """Open a conversation that a console watches."""
    name = (await shop.conversations.open("web")).conversation
    await console.send(w.Watch(conversation=name))
    await console.until(lambda f: isinstance(f, w.Told) and isinstance(f.frame, wire.Current))
    return name


async def lines_of(shop: Staffed, conversation: str) -> list[str]:
    """Return the visible lines the customer got."""
    found: list[str] = []
    async for frame in shop.conversations.follow(conversation):
        if isinstance(frame, wire.Current):
            break
        if isinstance(frame, wire.Said) and frame.who == "notice":
            found.append(frame.text)
    return found


@pytest.mark.parametrize(
    ("reason", "texts"),
    [
        ("asked", ("a person please",)),
        ("topic", ("what about returns with an allergy?",)),
        ("frustration", ("what about returns, this is ridiculous",)),
        ("failed-turns", ("who invented the wheel?", "and who invented the sail?")),
    ],
)
async def test_code_calls_a_person(shop: Staffed, reason: str, texts: tuple[str, ...]) -> None:
    """The bell rings once with the reason, the card waits, and the customer gets exactly one line."""
    async with terminal(shop, "clerk") as console:
        name = await begun(shop, console)
        await say(shop, name, *texts)
        called = await console.find(lambda f: isinstance(f, w.Called))
        assert (called.conversation, called.reason) == (name, reason)
        card = await console.find(lambda f: isinstance(f, w.Card) and f.need == "waiting")
        assert (card.holder, card.reason) == ("waiting", reason)
        await say(shop, name, "what about returns?")
        assert len([f for f in console.seen if isinstance(f, w.Called)]) == 1
    # Who asks is answered by the line itself; else the reply is followed by one.
    assert len(await lines_of(shop, name)) == (0 if reason == "asked" else 1)


@pytest.mark.parametrize("customer", ["gold", "rich"])
async def test_a_customer_the_owner_listed_gets_a_person(shop: Staffed, customer: str) -> None:
    """By level or by points; the reply comes all the same, and nobody is called a second time."""
    async with terminal(shop, "clerk") as console:
        name = await begun(shop, console)
        await say(shop, name, "what about returns?")
        await shop.desk.hub.recognise(name, customer, "Cleo")
        await say(shop, name, "and returns by post?")
        called = await console.find(lambda f: isinstance(f, w.Called))
        assert called.reason == "valued"
        card = shop.desk.hub.board.card(name)
        assert card is not None
        version = card.version
        done = await console.do(lambda k: w.TakeOver(key=k, conversation=name, version=version))
        assert isinstance(done, w.Done)
        await console.do(lambda k: w.HandBack(key=k, conversation=name))
        await say(shop, name, "are returns free?")
        assert len([f for f in console.seen if isinstance(f, w.Called)]) == 1
    card = shop.desk.hub.board.card(name)
    assert card is not None
    assert card.holder == "assistant"


@pytest.mark.parametrize(("customer", "level"), [("poor", "vouched"), ("gold", "claimed"), ("", "vouched")])
async def test_others_do_not(shop: Staffed, customer: str, level: str) -> None:
    """Too little, nobody known, or a number that was only typed calls nobody."""
    async with terminal(shop, "clerk") as console:
        name = await begun(shop, console)
        async with shop.conversations._entered(name) as room:
            await shop.conversations._append(room, e.Recognised(customer=customer, level=level))  # type: ignore[arg-type]
        await say(shop, name, "what about returns?")
        assert await lines_of(shop, name) == []
        assert not [f for f in console.seen if isinstance(f, w.Called)]
