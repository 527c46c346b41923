"""Webhooks against a real server on loopback."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from shopbell.loyalty.courier import Courier, is_allowed, post_parcel
from shopbell.loyalty.errors import DeliveryMissing, SubscriptionRefused
from shopbell.loyalty.signature import is_signed, sign
from shopbell.loyalty.subscriptions import NewSubscription, Subscriptions
from shopbell.loyalty.webhooks import MOST_ATTEMPTS, Outbox, Outcome, Parcel, publish, wait
from shopbell.storage.worker import Worker

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BODY = '{"name": "Zoë"}'.encode()


class Time:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


class Subscriber:
    """A server that answers as told and keeps what it was sent."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.heads: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.lines: list[str] = []
        self.port = 0
        self.told = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *fields = head.strip().split("\r\n")
        named = dict(field.split(": ", 1) for field in fields)
        self.lines.append(line)
        self.heads.append(named)
        self.bodies.append(await reader.readexactly(int(named["Content-Length"])))
        self.told.set()
        writer.write(self.answers.pop(0) if self.answers else b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def subscriber() -> AsyncIterator[Subscriber]:
    told = Subscriber()
    server = await asyncio.start_server(told.answer, "127.0.0.1", 0)
    told.port = server.sockets[0].getsockname()[1]
    async with server:
        yield told


@pytest.fixture
def engine(db_engine: sa.Engine) -> sa.Engine:
    return db_engine


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def outbox(engine: sa.Engine) -> Outbox:
    return Outbox(engine, jitter=lambda: 0.5)


@pytest.fixture
async def courier(outbox: Outbox, clock: Time) -> AsyncIterator[Courier]:
    worker = Worker("test-outbox")
    yield Courier(outbox, worker, clock, post_parcel)
    await worker.close()


def subscribe(engine: sa.Engine, port: int, *events: str) -> NewSubscription:
    draw = random.Random(f"{port}{events}").randbytes
    return Subscriptions(engine, draw=draw).subscribe(f"http://127.0.0.1:{port}/bell?x=1", events, NOW)


def replacing(db: sa.Connection, statement: str) -> str:
    return statement.replace("INSERT", "REPLACE") if db.dialect.name == "sqlite" else statement


def tell(engine: sa.Engine, event: str = "purchase.recorded") -> str:
    with engine.begin() as db:
        return publish(db, event, BODY, NOW, draw=random.randbytes)


async def test_a_message_arrives_signed(
    engine: sa.Engine, outbox: Outbox, courier: Courier, subscriber: Subscriber
) -> None:
    """Who has the secret can check who wrote it and when; the log tells that it arrived."""
    new = subscribe(engine, subscriber.port, "purchase.recorded")
    message = tell(engine)
    assert await courier.round() == 1
    head = subscriber.heads[0]
    assert subscriber.lines == ["POST /bell?x=1 HTTP/1.1"]
    assert subscriber.bodies == [BODY]
    assert (head["Shopbell-Event"], head["Shopbell-Message"]) == ("purchase.recorded", message)
    now = int(NOW.timestamp())
    assert is_signed(new.secret, head["Shopbell-Signature"], BODY, now)
    assert not is_signed(new.secret, head["Shopbell-Signature"], BODY + b" ", now)
    assert not is_signed("other", head["Shopbell-Signature"], BODY, now)
    assert not is_signed(new.secret, head["Shopbell-Signature"], BODY, now + 301)
    assert await courier.round() == 0
    (entry,) = outbox.log()
    assert (entry.state, entry.outcome, entry.at) == ("delivered", Outcome(204, "Answered 204."), NOW)


async def test_only_those_who_asked_are_told(
    engine: sa.Engine, courier: Courier, subscriber: Subscriber
) -> None:
    """A star asks for all; nothing is written when nobody asked."""
    assert tell(engine) == ""
    subscribe(engine, subscriber.port, "tier.changed", "reward.redeemed")
    assert tell(engine) == ""
    subscribe(engine, subscriber.port, "*")
    tell(engine)
    tell(engine, "tier.changed")
    assert await courier.round() == 3
    assert sorted(head["Shopbell-Event"] for head in subscriber.heads) == [
        "purchase.recorded",
        "tier.changed",
        "tier.changed",
    ]


def test_the_outbox_stands_or_falls_with_the_fact(engine: sa.Engine, outbox: Outbox) -> None:
    """A transaction that is rolled back tells nobody."""
    subscribe(engine, 9, "*")
    with engine.connect() as db, db.begin() as fact:
        publish(db, "purchase.recorded", BODY, NOW, draw=random.randbytes)
        fact.rollback()
    assert outbox.due(NOW) == ()
    assert outbox.next_due() is None


async def test_a_refusal_is_tried_again_later_and_then_again(
    engine: sa.Engine, outbox: Outbox, courier: Courier, clock: Time, subscriber: Subscriber
) -> None:
    """Waits double; the same message keeps its id and is signed anew."""
    subscribe(engine, subscriber.port, "*")
    subscriber.answers = [
        b"HTTP/1.1 500 Oh\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n",
    ]
    tell(engine)
    waits = []
    for _ in range(3):
        assert await courier.round() == 1
        if due := outbox.next_due():
            waits.append((due - clock.now).total_seconds())
            assert await courier.round() == 0
            clock.now = due
    assert waits == [22.5, 45.0]
    assert len({head["Shopbell-Message"] for head in subscriber.heads}) == 1
    assert len({head["Shopbell-Signature"] for head in subscriber.heads}) == 3
    assert [entry.outcome.status for entry in outbox.log()] == [204, 302, 500]


async def test_a_delivery_dies_and_can_be_sent_by_hand(
    engine: sa.Engine, outbox: Outbox, courier: Courier, clock: Time, subscriber: Subscriber
) -> None:
    """After the last try nothing goes out, until somebody says so."""
    subscribe(engine, subscriber.port, "*")
    subscriber.answers = [b"HTTP/1.1 410 Gone\r\n\r\n"] * MOST_ATTEMPTS
    tell(engine)
    for _ in range(MOST_ATTEMPTS):
        assert await courier.round() == 1
        clock.now += timedelta(hours=13)
    assert await courier.round() == 0
    assert {entry.state for entry in outbox.log()} == {"dead"}
    outbox.redeliver(outbox.log()[0].delivery, clock.now)
    assert await courier.round() == 1
    assert outbox.log()[0].state == "delivered"
    with pytest.raises(DeliveryMissing):
        outbox.redeliver(99, clock.now)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0\r\n", b"HTTP/1.1 200", b"x" * 9_000])
async def test_what_answers_no_http_did_not_take_it(
    engine: sa.Engine, outbox: Outbox, courier: Courier, subscriber: Subscriber, answer: bytes
) -> None:
    """Silence, noise and half an answer are failures, and never a crash."""
    subscribe(engine, subscriber.port, "*")
    subscriber.answers = [answer]
    tell(engine)
    await courier.round()
    assert (outbox.log()[0].state, outbox.log()[0].outcome.status) == ("waiting", 0)


async def test_nobody_there_is_a_failure(engine: sa.Engine, outbox: Outbox, courier: Courier) -> None:
    """A closed door is told in the log."""
    subscribe(engine, 1, "*")
    tell(engine)
    await courier.round()
    assert outbox.log()[0].outcome.words.startswith("Not reached")


async def test_what_was_sent_but_not_noted_is_sent_again(
    engine: sa.Engine, courier: Courier, outbox: Outbox, subscriber: Subscriber
) -> None:
    """At least once: a crash between sending and noting leads to the same message twice, never to none."""
    subscribe(engine, subscriber.port, "*")
    tell(engine)
    (parcel,) = outbox.due(NOW)
    assert (await post_parcel(parcel, 1)).accepted
    assert await courier.round() == 1
    assert subscriber.heads[0]["Shopbell-Message"] == subscriber.heads[1]["Shopbell-Message"]


async def test_the_courier_goes_when_the_bell_rings(
    engine: sa.Engine, courier: Courier, subscriber: Subscriber
) -> None:
    """Running, it waits for the bell and delivers at once."""
    subscribe(engine, subscriber.port, "*")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(courier.run())
        await asyncio.sleep(0.05)
        tell(engine)
        courier.ring()
        async with asyncio.timeout(4):
            await subscriber.told.wait()
        running.cancel()


async def test_one_who_left_is_told_nothing_more(
    engine: sa.Engine, courier: Courier, outbox: Outbox, subscriber: Subscriber
) -> None:
    """What waited is dropped, and new messages do not wait for them."""
    told = Subscriptions(engine, draw=random.randbytes)
    new = subscribe(engine, subscriber.port, "*")
    tell(engine)
    told.unsubscribe(new.subscription.id, NOW)
    assert await courier.round() == 0
    assert tell(engine) == ""
    assert told.all() == ()
    with pytest.raises(SubscriptionRefused):
        told.unsubscribe(new.subscription.id, NOW)


@pytest.mark.parametrize(
    ("address", "private", "public"),
    [
        ("127.0.0.1", True, True),
        ("192.168.1.20", True, True),
        ("10.1.2.3", True, True),
        ("172.31.255.255", True, True),
        ("::1", True, True),
        ("fd00::1", True, True),
        ("::ffff:192.168.1.1", True, True),
        ("93.184.215.14", False, True),
        ("2606:4700::1", False, True),
        ("::ffff:93.184.215.14", False, True),
        ("172.32.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),  # noqa: S104 - refused
        ("224.0.0.1", False, False),
        ("100.64.0.1", False, False),
        ("nonsense", False, False),
    ],
)
def test_messages_stay_in_the_shops_network_unless_allowed(address: str, private: bool, public: bool) -> None:
    """And never go to addresses that are nobody's."""
    assert (is_allowed(address, public=False), is_allowed(address, public=True)) == (private, public)


async def test_an_address_outside_is_not_even_called() -> None:
    """The owner has not allowed it, so no connection is opened."""
    parcel = Parcel(
        delivery=1,
        message="m",
        event="e",
        body=b"{}",
        url="http://93.184.215.14/",
        secret="s",  # noqa: S106 - of a parcel that is never sent
        public=False,
        attempts=0,
    )
    outcome = await post_parcel(parcel, 1)
    assert (outcome.status, "has not allowed" in outcome.words) == (0, True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://127.0.0.1/",
        "http://",
        "http://127.0.0.1:99999/",
        "http://user:pass@127.0.0.1/",
        "http://127.0.0.1/ x",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1/#part",
        "http://127.0.0.1/ä",
        "//127.0.0.1/",
    ],
)
def test_addresses_that_cannot_be_are_refused(engine: sa.Engine, url: str) -> None:
    """Nothing that could smuggle a header or a password is kept."""
    told = Subscriptions(engine, draw=random.randbytes)
    with pytest.raises(SubscriptionRefused):
        told.subscribe(url, ["*"], NOW)
    with pytest.raises(SubscriptionRefused, match="https"):
        told.subscribe("http://example.com/", ["*"], NOW, public=True)
    with pytest.raises(SubscriptionRefused, match="events"):
        told.subscribe("http://127.0.0.1/", [], NOW)


def test_the_delivery_log_is_only_added_to(engine: sa.Engine, outbox: Outbox) -> None:
    """Rows of it are neither changed nor dropped nor replaced."""
    subscribe(engine, 9, "*")
    tell(engine)
    (parcel,) = outbox.due(NOW)
    outbox.settle(parcel, Outcome(500, "no"), NOW)
    for statement in (
        "UPDATE webhook_attempt SET status = 200",
        "DELETE FROM webhook_attempt",
        "INSERT INTO webhook_attempt VALUES (1, 1, 'x', 200, 'y')",
    ):
        with pytest.raises(sa.exc.IntegrityError, match="append-only"), engine.begin() as db:
            db.exec_driver_sql(replacing(db, statement))


def test_waits_double_are_capped_and_spread() -> None:
    """From half a minute to half a day, between half and all of it."""
    assert wait(1, 0.0) == timedelta(seconds=15)
    assert wait(1, 1.0) == timedelta(seconds=30)
    assert wait(4, 1.0) == timedelta(minutes=4)
    assert wait(60, 1.0) == timedelta(hours=12)


def test_a_signature_is_what_its_description_says() -> None:
    """A fixed case, computed once with `openssl dgst -sha256 -hmac key` over `1700000000.{}`."""
    mac = "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
    assert sign("key", 1_700_000_000, b"{}") == f"t=1700000000,v1={mac}"
    for header in ("", "t=,v1=", "t=x,v1=y", "t=1700000000", "t=²,v1=", "\ud800"):
        assert not is_signed("key", header, b"{}", 1_700_000_000)
