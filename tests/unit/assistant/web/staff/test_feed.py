"""Consoles on real sockets: what they are sent, what they may do, how they are shut."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from shopbell.assistant import staffwire as w
from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations
from tests.fakes.ladder import ScriptedLadder, echo
from tests.fakes.staff import Staffed, staffed, terminal

pytestmark = pytest.mark.slow

LONG = "do you have one two three four five six seven eight nine ten?"
_keys = itertools.count(1)


@pytest.fixture
async def shop(engine: sa.Engine, tmp_path: Path) -> AsyncIterator[Staffed]:
    async with staffed(engine, tmp_path / "shop", ScriptedLadder(echo)) as made:
        yield made


async def say(conversations: Conversations, conversation: str, text: str) -> None:
    await conversations.say(conversation, text, f"k{next(_keys)}")


def told(kind: type) -> object:
    return lambda frame: isinstance(frame, w.Told) and isinstance(frame.frame, kind)


async def test_a_take_over_stops_the_answer_and_the_customer_sees_one_line(shop: Staffed) -> None:
    """From the list to the last word: called, watched, taken mid-answer, said, handed back."""
    opened = await shop.conversations.open("web")
    name = opened.conversation
    async with terminal(shop, "clerk") as console:
        await say(shop.conversations, name, LONG)
        card = await console.until(lambda f: isinstance(f, w.Card) and f.answering)
        await console.send(w.Watch(conversation=name))
        await console.until(told(wire.Delta))  # type: ignore[arg-type]
        begun = time.monotonic()
        done = await console.do(lambda k: w.TakeOver(key=k, conversation=name, version=card.version))
        assert isinstance(done, w.Done)
        assert time.monotonic() - begun < 1.5  # .3, and what a busy machine adds
        again = await console.do(lambda k: w.TakeOver(key=k, conversation=name, version=card.version))
        assert isinstance(again, w.Done)
        for frame in (
            lambda k: w.StaffSay(key=k, conversation=name, text="Ten kinds, all here."),
            lambda k: w.HandBack(key=k, conversation=name),
        ):
            assert isinstance(await console.do(frame), w.Done)
        await say(shop.conversations, name, "thank you, and what do they cost?")
        await console.until(lambda f: told(w.Answered)(f) and not f.frame.reply.cut)  # type: ignore[operator]
    frames = [f.frame for f in console.seen if isinstance(f, w.Told)]
    cut = next(f for f in frames if isinstance(f, w.Answered))
    assert cut.reply.cut
    assert LONG.startswith(cut.reply.text.strip())
    lines = [f.text for f in frames if isinstance(f, wire.Said) and f.who == "notice"]
    assert [line.split()[0] for line in lines] == ["Cleo", "Cleo"]
    assert shop.desk.office.audit.verify().fault == ""
    actions = {line.action for line in shop.desk.office.audit.lines()}
    assert {"list-viewed", "conversation-viewed", "floor-taken", "staff-said", "floor-returned"} <= actions


async def test_the_slower_of_two_is_told_who_has_it(shop: Staffed) -> None:
    """Two consoles reach for one conversation; one of them is refused with the other's name."""
    opened = await shop.conversations.open("web")
    name = opened.conversation
    await shop.conversations.want_person(name, "p")
    async with terminal(shop, "clerk") as one, terminal(shop, "manager") as two:
        results = await asyncio.gather(
            *(c.do(lambda k: w.TakeOver(key=k, conversation=name, version=0)) for c in (one, two))
        )
        (lost,) = [result for result in results if isinstance(result, wire.Trouble)]
        winner = "Mara" if results[0] is lost else "Cleo"
        assert (lost.code, winner in lost.text) == ("floor-taken", True)
        loser = one if results[0] is lost else two
        refused = await loser.do(lambda k: w.StaffSay(key=k, conversation=name, text="me too"))
        assert refused.code == "not-holder"


async def test_what_is_for_staff_never_reaches_the_customer(shop: Staffed) -> None:
    """A whisper and a note go to consoles; the customer's stream holds neither."""
    opened = await shop.conversations.open("web")
    name = opened.conversation
    await say(shop.conversations, name, "hello there shop?")
    async with terminal(shop, "clerk") as console:
        await console.send(w.Watch(conversation=name))
        await console.do(lambda k: w.Whisper(key=k, conversation=name, text="secret refill"))
        await console.do(lambda k: w.Note(key=k, conversation=name, text="secret\x1b[2J note"))
        note = await console.find(lambda f: told(w.Private)(f) and f.frame.kind == "note")  # type: ignore[operator]
        assert "\x1b" not in note.frame.text
    url = f"http://{shop.address}/api/conversations/{name}/events"
    async with httpx.AsyncClient() as client:
        seen = await client.get(url, headers={"Authorization": f"Bearer {opened.token}"})
    assert seen.status_code == 200
    assert "secret" not in seen.text


async def test_a_draft_is_said_only_when_judged(shop: Staffed) -> None:
    """The holder asks for a draft, edits it, and only that is said; the verdict is counted."""
    opened = await shop.conversations.open("web")
    name = opened.conversation
    await shop.conversations.want_person(name, "p")
    async with terminal(shop, "clerk") as console:
        await console.send(w.Watch(conversation=name))
        await console.do(lambda k: w.TakeOver(key=k, conversation=name, version=0))
        await say(shop.conversations, name, "do you sell tea?")
        await console.do(lambda k: w.Suggest(key=k, conversation=name))
        found = await console.find(told(w.Suggested))  # type: ignore[arg-type]
        draft = found.frame
        assert draft.text == "do you sell tea?"
        judged = await console.do(
            lambda k: w.Judge(
                key=k, conversation=name, draft=draft.draft, verdict="accepted", text="We do, ten kinds."
            )
        )
        assert isinstance(judged, w.Done)
        await console.find(lambda f: told(wire.Said)(f) and f.frame.who == "staff")  # type: ignore[operator]
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {shop.tokens['clerk']}"}) as client:
        numbers = (await client.get(f"{shop.url}/numbers")).json()
    assert numbers["drafts"] == {"edited": 1}


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example", "http://127.0.0.1.evil.example"])
async def test_no_socket_without_origin_or_token(shop: Staffed, origin: str | None) -> None:
    """A page of another site, and a program that is not signed in, never get as far as a socket."""
    headers = {"Authorization": "Bearer forged"} if origin is None else {}
    with pytest.raises(InvalidStatus):
        async with connect(
            f"ws://{shop.address}/api/staff/feed",
            origin=Origin(origin) if origin else None,
            additional_headers=headers,
        ):
            pass


async def test_a_page_of_the_shop_still_needs_the_token(shop: Staffed) -> None:
    """With the right Origin the first frame decides; without a token nothing but the refusal is sent."""
    url, origin = f"ws://{shop.address}/api/staff/feed", f"http://{shop.address}"
    async with connect(url, origin=Origin(origin)) as socket:
        await socket.send('{"type":"sign_in","token":"forged"}')
        assert b"signed_out" in str(await socket.recv()).encode()
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == w.SIGNED_OUT


@pytest.mark.parametrize("how", ["revoke", "logout", "role"])
async def test_a_session_that_ends_closes_its_sockets_within_a_second(shop: Staffed, how: str) -> None:
    """Revoked, signed out elsewhere or given another role: the console is shut."""
    office = shop.office
    async with terminal(shop, "clerk") as console:
        begun = time.monotonic()
        match how:
            case "revoke":
                office.roster.revoke("the command line", "Cleo")
            case "role":
                office.roster.change_role("the command line", "Cleo", "manager")
            case _:
                member = await office.member(shop.tokens["clerk"])
                assert member is not None
                await office.logout(member)
        with pytest.raises(ConnectionClosed):
            await console.until(lambda _: False)
        assert time.monotonic() - begun < 4.0  # a second, and what a busy machine adds
        assert console.socket.close_code == w.SIGNED_OUT
        assert isinstance(console.seen[-1], w.SignedOut)


async def test_a_burst_leaves_one_right_card(shop: Staffed) -> None:
    """A thousand events in ten conversations: the last card of each is as the board has it."""
    opened = [await shop.conversations.open("web") for _ in range(10)]
    async with terminal(shop, "clerk") as console:
        for number in range(100):
            for each in opened:
                await shop.desk.counter.note(each.conversation, "Mara", f"note {number}", f"n{number}")
        for each in opened:
            await shop.conversations.want_person(each.conversation, "p")
        last: dict[str, w.Card] = {}
        while len(last) < 10 or any(card.need != "waiting" for card in last.values()):
            frame = await console.next()
            if isinstance(frame, w.Card):
                last[frame.conversation] = frame
        assert list(last.values()) == [shop.desk.hub.board.card(name) for name in last]
