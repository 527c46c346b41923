"""Signing in and out: who is let in, what is told to whom, and what is never kept."""

import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shopbell.assistant import events as e
from shopbell.assistant import wire
from shopbell.assistant.conversations import Conversations
from shopbell.assistant.covering import MASK, masked
from shopbell.assistant.doorman import Doorman, Gate
from shopbell.assistant.known import IDLE
from shopbell.assistant.staff.passwords import Passwords
from shopbell.loyalty.customers import Customer, Customers
from shopbell.loyalty.identity import Issued, Keyring
from shopbell.loyalty.identityerrors import (
    PinRefused,
    SignInLocked,
    SignInRefused,
    SignInTooFast,
    TokenRefused,
)
from shopbell.loyalty.identitytoken import Claim, read, sign
from shopbell.loyalty.identitytries import Tries
from shopbell.storage.database import open_database
from tests.fakes.clock import InlineWorker
from tests.fakes.ladder import ScriptedLadder, at_once
from tests.fakes.service import desk, watching

pytestmark = pytest.mark.slow

PHONE, PIN, SITE = "07700 900123", "482913", b"site key"


class Post:
    """Keeps the codes it was to send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Issued]] = []

    async def send_code(self, address: str, code: Issued) -> None:
        self.sent.append((address, code))


class Door:
    """A shop with one member, and a clock that stands still."""

    def __init__(self, engine: sa.Engine) -> None:
        self.now = datetime.now(UTC)
        self.engine = engine
        self._drawn = 0
        people = Customers(engine, region="GB", draw=self.draw)
        for name, phone in (("ann", PHONE), ("ben", "07700 900124")):
            people.create(
                Customer(id=name, name=name, phone=phone, email=f"{name}@example.com", joined_at=self.now)
            )
        self.keyring = Keyring(engine, people, secret=b"secret", draw=self.draw)
        self.tries = Tries(engine)
        gate = Gate(keyring=self.keyring, tries=self.tries, site_key=SITE, audience="shop")
        self.post = Post()
        self.service, _, rooms = desk(engine, ScriptedLadder(at_once), now=lambda: self.now)
        self.doorman = Doorman(
            rooms,
            gate,
            database=InlineWorker(),
            hashing=InlineWorker(),
            now=lambda: self.now,
            postman=self.post,
        )
        self.keyring.keep_pin("ann", Passwords().hash(PIN), self.now - timedelta(days=1))

    def draw(self, size: int) -> bytes:
        self._drawn += 1
        return self._drawn.to_bytes(8, "big").rjust(size, b"\7")[-size:]

    def events(self) -> list[str]:
        with self.engine.connect() as db:
            return list(db.exec_driver_sql("SELECT body FROM event ORDER BY seq").scalars())

    async def open(self) -> str:
        return (await self.service.open("web")).conversation

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    engine = open_database(tmp_path / "shop.db")
    yield Door(engine)
    engine.dispose()


async def test_a_number_and_its_pin_let_the_customer_in(door: Door) -> None:
    """With number and PIN the conversation knows its customer, and the log holds neither of the two."""
    talk = await door.open()
    await door.doorman.sign_in(talk, PHONE, PIN, "here")
    known = await door.doorman.known(talk)
    assert known is not None
    assert (known.customer, known.level, known.how) == ("ann", "verified", "pin")
    log = "".join(door.events())
    assert PIN not in log
    assert "900123" not in log


async def test_a_note_waits_for_who_comes_in(door: Door) -> None:
    """What outreach has for the customer is told with the welcome, but not while a person is wanted."""

    async def note(customer: str) -> str:
        return f"A word for {customer}."

    door.doorman.greeting = note
    talk = await door.open()
    await door.doorman.sign_in(talk, PHONE, PIN, "here")
    assert "A word for ann." in "".join(door.events())
    other = await door.open()
    await door.service.want_person(other, "k1")
    await door.doorman.sign_in(other, PHONE, PIN, "here")
    assert "".join(door.events()).count("A word for ann.") == 1


async def test_a_wrong_pin_and_an_unknown_number_are_told_the_same(door: Door) -> None:
    """Nobody learns from a refusal whether a number is known here."""
    talk, told = await door.open(), set()
    for account in (PHONE, "07700 900999", "nobody@example.com", "'; DROP TABLE customer; --"):
        with pytest.raises(SignInRefused) as refused:
            await door.doorman.sign_in(talk, account, "111222", account)
        told.add((type(refused.value), str(refused.value)))
    assert len(told) == 1
    assert await door.doorman.known(talk) is None


async def test_locks_come_to_known_and_unknown_numbers_alike(door: Door) -> None:
    """After the same number of wrong tries both are locked; a code from the shop opens the known one."""
    talk = await door.open()
    outcomes: dict[str, list[type]] = {}
    for account in (PHONE, "07700 900999"):
        for number in range(12):
            door.later(minutes=10)
            with pytest.raises(SignInRefused) as refused:
                await door.doorman.sign_in(talk, account, "111222", f"{account} {number}")
            outcomes.setdefault(account, []).append(type(refused.value))
    assert outcomes[PHONE] == outcomes["07700 900999"]
    assert outcomes[PHONE] == [SignInRefused] * 8 + [SignInLocked] * 4
    door.later(minutes=20)
    with pytest.raises(SignInLocked):
        await door.doorman.sign_in(talk, PHONE, PIN, "here")
    code = door.keyring.issue_code("ann", door.now, by="sam")
    await door.doorman.sign_in(talk, PHONE, f"{code.text[:4]} {code.text[4:]}", "here")
    assert '"Recognised"' in "".join(door.events())


async def test_five_tries_in_a_quarter_of_an_hour_are_enough(door: Door) -> None:
    """The sixth try waits, right or wrong, and a right one counts as the others do not."""
    talk = await door.open()
    for number in range(5):
        with pytest.raises(SignInRefused):
            await door.doorman.sign_in(talk, PHONE, "111222", f"origin {number}")
    with pytest.raises(SignInTooFast):
        await door.doorman.sign_in(talk, PHONE, PIN, "another")
    door.later(minutes=16)
    await door.doorman.sign_in(talk, PHONE, PIN, "another")


async def test_one_origin_reaches_ten_accounts_in_an_hour(door: Door) -> None:
    """One address cannot walk through the numbers of a town."""
    talk = await door.open()
    for number in range(10):
        with pytest.raises(SignInRefused) as refused:
            await door.doorman.sign_in(talk, f"07700 9005{number:02d}", "111222", "one")
        assert not isinstance(refused.value, SignInTooFast)
    with pytest.raises(SignInTooFast):
        await door.doorman.sign_in(talk, "07700 900777", "111222", "one")


async def test_a_code_opens_once_and_for_ten_minutes(door: Door) -> None:
    """A one-time code is good once, for its own account, and not for long."""
    talk = await door.open()
    code = door.keyring.issue_code("ann", door.now, by="sam")
    with pytest.raises(SignInRefused):
        await door.doorman.sign_in(talk, "07700 900124", code.text, "one")
    await door.doorman.sign_in(talk, PHONE, code.text, "one")
    with pytest.raises(SignInRefused):
        await door.doorman.sign_in(await door.open(), PHONE, code.text, "two")
    late = door.keyring.issue_code("ann", door.now, by="sam")
    door.later(minutes=10, seconds=1)
    with pytest.raises(SignInRefused):
        await door.doorman.sign_in(await door.open(), PHONE, late.text, "three")


async def test_a_card_opens_until_a_newer_one_is_made(door: Door) -> None:
    """The QR code of the card is a key; the shop can end it by making another."""
    old = door.keyring.issue_card("ann", door.now)
    talk = await door.open()
    await door.doorman.sign_in(talk, "", old, "here")
    assert await door.doorman.known(talk) is not None
    new = door.keyring.issue_card("ann", door.now)
    with pytest.raises(SignInRefused):
        await door.doorman.sign_in(await door.open(), "", old, "here")
    await door.doorman.sign_in(await door.open(), "", new, "here")


async def test_a_code_by_mail_is_promised_alike(door: Door) -> None:
    """Known and unknown addresses leave the same frames with the same numbers, and nothing private opens."""
    frames: list[list[wire.ServerFrame]] = []
    for account in ("ann@example.com", "zoe@example.com"):
        opened = await door.service.open("web")
        async with watching(door.service, opened) as watcher:
            await door.doorman.send_code(opened.conversation, account, "here")
            frames.append([f for f in watcher.frames if isinstance(f, wire.Said | wire.Identity)])
        known = await door.doorman.known(opened.conversation)
        assert known is None or not known.is_verified
    assert [type(f) for f in frames[0]] == [type(f) for f in frames[1]] == [wire.Said]
    assert [address for address, _ in door.post.sent] == ["ann@example.com"]


async def test_the_shops_own_site_can_vouch_for_its_customer(door: Door) -> None:
    """A signed token opens once; a forged, old, foreign or far-dated one does not."""
    ends = int(door.now.timestamp()) + 60
    claim = Claim(aud="shop", sub="ann@example.com", exp=ends, jti="a")
    talk = await door.open()
    await door.doorman.by_token(talk, sign(claim, SITE))
    known = await door.doorman.known(talk)
    assert known is not None
    assert known.how == "site"
    bad = (
        sign(claim, SITE),
        sign(claim, b"other"),
        sign(Claim(aud="other", sub="ann@example.com", exp=ends, jti="b"), SITE),
        sign(Claim(aud="shop", sub="ann@example.com", exp=ends - 61, jti="c"), SITE),
        sign(Claim(aud="shop", sub="ann@example.com", exp=ends + 3600, jti="d"), SITE),
        sign(Claim(aud="shop", sub="zoe@example.com", exp=ends, jti="e"), SITE),
        "",
        ".",
        "a.b",
        "x" * 5000,
    )
    for token in bad:
        with pytest.raises(SignInRefused):
            await door.doorman.by_token(await door.open(), token)
    with pytest.raises(TokenRefused):
        read("é.é", SITE, audience="shop", now=door.now)


async def test_it_ends_by_goodbye_idling_leaving_and_a_new_pin(door: Door) -> None:
    """Nobody stays known: each way out closes what is private."""
    talk = await door.open()
    await door.doorman.sign_in(talk, PHONE, PIN, "a")
    await door.doorman.sign_out(talk)
    assert await door.doorman.known(talk) is None
    await door.doorman.sign_in(talk, PHONE, PIN, "a")
    door.later(seconds=IDLE.total_seconds() + 30)
    assert await door.doorman.known(talk) is None
    await door.doorman.go_round()
    door.now = datetime.now(UTC)
    await door.doorman.sign_in(talk, PHONE, PIN, "a")
    door.doorman.left(talk)
    door.later(seconds=121)
    await door.doorman.go_round()
    assert await door.doorman.known(talk) is None
    whys = [e.decode(body).why for body in door.events() if '"Recognised"' in body and '"why":"' in body]  # type: ignore[union-attr]
    assert [why for why in whys if why] == ["asked", "idle", "left"]
    await door.doorman.sign_in(talk, PHONE, PIN, "a")
    door.later(seconds=1)
    door.keyring.keep_pin("ann", "another", door.now + timedelta(seconds=5))
    assert await door.doorman.known(talk) is None


async def test_what_was_spoken_about_is_noted_once_when_they_leave(door: Door) -> None:
    """Leaving in whatever way has the conversation noted; a second leaving does not."""
    noted: list[str] = []
    door.doorman.minutes = noted.append
    talk, other = await door.open(), await door.open()
    await door.doorman.sign_in(talk, PHONE, PIN, "a")
    await door.doorman.sign_out(talk)
    await door.doorman.sign_out(talk)
    await door.doorman.sign_out(other)
    assert noted == [talk]
    await door.doorman.sign_in(talk, PHONE, PIN, "a")
    door.later(seconds=IDLE.total_seconds() + 30)
    await door.doorman.go_round()
    assert noted == [talk, talk]


async def test_only_the_signed_in_choose_a_pin_and_no_easy_one(door: Door) -> None:
    """A PIN is kept for who is known, and the first guesses of everybody are refused."""
    talk = await door.open()
    with pytest.raises(SignInRefused):
        await door.doorman.set_pin(talk, "917305")
    code = door.keyring.issue_code("ben", door.now, by="sam")
    await door.doorman.sign_in(talk, "07700 900124", code.text, "a")
    for weak in ("123456", "654321", "111111", "121212", "123123", "12345", "12345a", "１２３４５６"):
        with pytest.raises(PinRefused):
            await door.doorman.set_pin(talk, weak)
    await door.doorman.set_pin(talk, "91 73 05")
    await door.doorman.sign_in(await door.open(), "07700 900124", "917305", "b")


async def test_a_pin_typed_as_a_message_is_covered_before_anything_sees_it(door: Door) -> None:
    """Log, page and ladder see the mask alone."""
    opened = await door.service.open("web")
    async with watching(door.service, opened) as watcher:
        for key, text in enumerate((PIN, f"my pin is {PIN}", "482 913", f"card SBC1-{'ab' * 20}")):
            await door.service.say(opened.conversation, text, f"k{key}")
        await watcher.reply_came.wait()
    shown = repr(watcher.frames) + "".join(door.events())
    assert PIN not in shown
    assert "482 913" not in shown
    assert "abab" not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "text", ["call me on 07700 900123", "order 123456", "it costs 12.50", "1000 points please", "open 1030?"]
)
def test_other_numbers_are_left_alone(text: str) -> None:
    """Phone numbers, orders, prices and points are what they are."""
    assert masked(text) == text


async def test_known_and_unknown_numbers_take_the_same_time(door: Door) -> None:
    """Medians of the processor's time for known and unknown numbers differ by less than ten milliseconds.

    The clock on the wall measures the other tests as well; scripts/prove_guessing reads it, alone.
    """
    talk = await door.open()
    spent: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(20):
        door.later(hours=2)
        for kind, account in (("known", PHONE), ("unknown", "07700 900999")):
            door.tries.reset(door.keyring.named(account), door.now)
            started = time.process_time()
            with pytest.raises(SignInRefused):
                await door.doorman.sign_in(talk, account, "111222", f"{kind} {number}")
            spent[kind].append(time.process_time() - started)
    apart = abs(statistics.median(spent["known"]) - statistics.median(spent["unknown"]))
    assert apart < 0.010


@asynccontextmanager
async def running(doorman: Doorman) -> AsyncIterator[None]:
    async with doorman:
        yield


async def test_private_replies_are_closed_to_whoever_comes_next(door: Door) -> None:
    """A reply for one customer is not shown again after sign-out, nor to the next who signs in here."""
    opened = await door.service.open("web")
    talk = opened.conversation
    await door.doorman.sign_in(talk, PHONE, PIN, "a")
    await _answered(door.service, talk, "ann")
    assert "320 points" in await _seen(door, talk)
    await door.doorman.sign_out(talk)
    assert "320 points" not in await _seen(door, talk)
    code = door.keyring.issue_code("ben", door.now, by="sam")
    await door.doorman.sign_in(talk, "07700 900124", code.text, "b")
    assert "320 points" not in await _seen(door, talk)


async def _answered(service: Conversations, talk: str, customer: str) -> None:
    async with service._rooms.entered(talk) as room:
        said = await service._rooms.append(room, e.CustomerSaid(text="my points?", key="k"))
        reply = e.Replied(
            reply="r", answers=(said,), text="You have 320 points.", rung="flow", private=customer
        )
        await service._rooms.append(room, reply)


async def _seen(door: Door, talk: str) -> str:
    seen = []
    async for frame in door.service.follow(talk):
        if isinstance(frame, wire.Current):
            break
        seen.append(frame)
    return repr(seen)
