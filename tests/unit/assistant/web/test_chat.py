"""The customer's socket, spoken to over loopback by a real client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from shopbell.assistant import wire
from shopbell.assistant.web.app import DEFAULTS
from shopbell.assistant.web.limits import Limits, Rate
from tests.fakes.conversations import FakeConversations
from tests.fakes.web import SITE, app_for, serving

pytestmark = pytest.mark.slow

QUICK = replace(DEFAULTS, hello_s=0.2, stall_s=0.4)
HELLO = wire.Hello()
_decoder: msgspec.json.Decoder[wire.ServerFrame] = msgspec.json.Decoder(wire.ServerFrame)


class Customer:
    """A client of the socket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.welcome: wire.Welcome | None = None

    async def send(self, frame: wire.CustomerFrame) -> None:
        """Send one frame."""
        await self.socket.send(msgspec.json.encode(frame).decode())

    async def next(self) -> wire.ServerFrame:
        """Wait for one frame."""
        async with asyncio.timeout(5):
            frame: wire.ServerFrame = _decoder.decode(await self.socket.recv())
        return frame

    async def until(self, kind: type[wire.ServerFrame]) -> wire.ServerFrame:
        """Wait for a frame of the kind."""
        while not isinstance(frame := await self.next(), kind):
            continue
        return frame

    async def closed(self) -> int:
        """Wait for the end and return its code."""
        try:
            async with asyncio.timeout(5):
                while True:
                    await self.socket.recv()
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 1006


@pytest.fixture
async def service() -> AsyncIterator[FakeConversations]:
    """Script a service that stops its replies at the end."""
    service = FakeConversations(pause_s=0.0, place_s=0.02)
    yield service
    await service.close()


@asynccontextmanager
async def customer(host: str, *, hello: wire.Hello | None = HELLO) -> AsyncIterator[Customer]:
    """Open a socket from the shop's own page and greet."""
    async with connect(f"ws://{host}/api/chat", origin=Origin(f"http://{host}")) as socket:
        one = Customer(socket)
        if hello:
            await one.send(hello)
            welcome = await one.next()
            assert isinstance(welcome, wire.Welcome)
            one.welcome = welcome
        yield one


async def status(host: str, **options: object) -> int:
    """Return how the server answers a handshake."""
    try:
        async with connect(f"ws://{host}/api/chat", **options):  # type: ignore[arg-type]  # passed on
            return 101
    except InvalidStatus as error:
        return error.response.status_code


async def test_a_question_is_answered_word_by_word(service: FakeConversations, tmp_path: Path) -> None:
    """The notice comes first, then the receipt, the words, and the reply as it stands in the log."""
    async with serving(app_for(service, tmp_path)) as host, customer(host) as one:
        assert one.welcome is not None
        assert "AI" in one.welcome.notice
        assert isinstance(await one.next(), wire.Current)
        await one.send(wire.Say(key="k1", text="Do you deliver?"))
        frames = [await one.next()]
        while not isinstance(frames[-1], wire.Replied):
            frames.append(await one.next())
    said, begun, *words, reply = frames
    assert isinstance(said, wire.Said)
    assert said.key == "k1"
    assert isinstance(begun, wire.Replying)
    assert isinstance(reply, wire.Replied)
    assert "".join(word.text for word in words if isinstance(word, wire.Delta)) == reply.text
    assert len(words) > 5


async def test_a_conversation_goes_on_after_a_loss_and_nothing_comes_twice(
    service: FakeConversations, tmp_path: Path
) -> None:
    """Who comes back with id, token and the last `seq` reads only what is new; a key counts once."""
    async with serving(app_for(service, tmp_path)) as host:
        async with customer(host) as one:
            assert one.welcome is not None
            await one.send(wire.Say(key="k1", text="Hello"))
            reply = await one.until(wire.Replied)
            assert isinstance(reply, wire.Replied)
            hello = wire.Hello(
                conversation=one.welcome.conversation, token=one.welcome.token, after=reply.seq
            )
        async with customer(host, hello=hello) as one:
            assert await one.next() == wire.Current(seq=reply.seq)
            await one.send(wire.Say(key="k1", text="Hello"))
            await one.send(wire.Say(key="k2", text="Open on Sunday?"))
            said = await one.next()
            assert isinstance(said, wire.Said)
            assert said.key == "k2"


async def test_a_wrong_token_opens_nothing(service: FakeConversations, tmp_path: Path) -> None:
    """Guessed ids and foreign tokens are refused alike, and the socket is closed."""
    async with serving(app_for(service, tmp_path)) as host:
        async with customer(host) as one:
            assert one.welcome is not None
            mine = one.welcome
        for conversation, token in (
            (mine.conversation, "token-9"),
            ("c99", mine.token),
            (mine.conversation, ""),
        ):
            async with customer(host, hello=None) as other:
                await other.send(wire.Hello(conversation=conversation, token=token))
                trouble = await other.next()
                assert isinstance(trouble, wire.Trouble)
                assert trouble.code == "no-such-conversation"
                assert await other.closed() == 4404


async def test_buttons_reach_the_service(service: FakeConversations, tmp_path: Path) -> None:
    """Stop, person, thumbs, stars and the end all arrive and are told back."""
    async with serving(app_for(service, tmp_path)) as host, customer(host) as one:
        await one.send(wire.Say(key="k1", text="a long story"))
        await one.until(wire.Delta)
        await one.send(wire.Interrupt())
        reply = await one.until(wire.Replied)
        assert isinstance(reply, wire.Replied)
        assert reply.cut
        await one.send(wire.Rate(reply=reply.reply, helpful=False))
        assert (await one.until(wire.Rated)).helpful is False  # type: ignore[union-attr]  # it is Rated
        await one.send(wire.WantPerson(key="k2"))
        assert (await one.until(wire.FloorChanged)).holder == "waiting"  # type: ignore[union-attr]  # same
        await one.send(wire.End())
        await one.until(wire.Ended)
        await one.send(wire.Say(key="k3", text="one more"))
        trouble = await one.until(wire.Trouble)
        assert (trouble.code, trouble.key) == ("conversation-over", "k3")  # type: ignore[union-attr]  # same
        await one.send(wire.Stars(stars=5, comment="Lovely"))
        assert (await one.until(wire.Rated)).stars == 5  # type: ignore[union-attr]  # same
    assert service.comment == "Lovely"


@pytest.mark.parametrize(
    "origin", [None, "null", "https://evil.example", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"]
)
async def test_foreign_pages_are_refused_before_the_handshake(
    service: FakeConversations, tmp_path: Path, origin: str | None
) -> None:
    """A missing, empty or foreign origin gets 403 and no socket."""
    async with serving(app_for(service, tmp_path)) as host:
        assert await status(host, origin=origin) == 403
        assert await status(host, origin=SITE) == 101


async def test_handshakes_are_counted_by_address(service: FakeConversations, tmp_path: Path) -> None:
    """One address opens no more sockets than the rate; a header that names another changes nothing."""
    limits = replace(DEFAULTS, handshakes=Rate(3, 0.001))
    async with serving(app_for(service, tmp_path, limits=limits)) as host:
        origin = f"http://{host}"
        answers = [
            await status(host, origin=origin, additional_headers={"X-Forwarded-For": f"1.2.3.{n}"})
            for n in range(5)
        ]
    assert answers == [101, 101, 101, 429, 429]


async def test_an_overlong_frame_closes_the_socket(service: FakeConversations, tmp_path: Path) -> None:
    """One byte over the limit, or 15 megabytes, and the socket is closed with 1009."""
    async with serving(app_for(service, tmp_path)) as host:
        for size in (wire.MAX_FRAME_BYTES + 1, 15_000_000):
            async with customer(host) as one:
                with suppress(ConnectionClosed):
                    await one.socket.send("x" * size)
                assert await one.closed() == 1009


async def test_binary_frames_close_the_socket(service: FakeConversations, tmp_path: Path) -> None:
    """Only text is understood."""
    async with serving(app_for(service, tmp_path)) as host, customer(host) as one:
        await one.socket.send(b"\x00")
        assert await one.closed() == 1003


async def test_bad_frames_are_explained_and_then_cut(service: FakeConversations, tmp_path: Path) -> None:
    """Each bad frame is answered with what is wrong; the twentieth ends it."""
    bad = ["", "{", "[]", '{"type":"hack"}', '{"type":"say","key":"k"}', '{"type":"say","key":1,"text":"x"}']
    async with serving(app_for(service, tmp_path)) as host, customer(host) as one:
        await one.until(wire.Current)
        for number in range(19):
            await one.socket.send(bad[number % len(bad)])
            trouble = await one.next()
            assert isinstance(trouble, wire.Trouble)
            assert trouble.code == "bad-request"
        await one.socket.send("{}")
        assert await one.closed() == 1008


async def test_a_hasty_customer_is_asked_to_wait(service: FakeConversations, tmp_path: Path) -> None:
    """The ninth message at once is refused politely, with its key, and the socket stays open."""
    async with serving(app_for(service, tmp_path)) as host, customer(host) as one:
        for number in range(9):
            await one.send(wire.Say(key=f"k{number}", text="Hello"))
        trouble = await one.until(wire.Trouble)
        assert (trouble.code, trouble.key) == ("rate", "k8")  # type: ignore[union-attr]  # it is Trouble
        await one.send(wire.End())
        await one.until(wire.Ended)


async def test_messages_are_counted_by_address_too(service: FakeConversations, tmp_path: Path) -> None:
    """Many sockets of one address do not make many messages."""
    limits = replace(DEFAULTS, address_says=Rate(2, 0.001))
    async with serving(app_for(service, tmp_path, limits=limits)) as host:
        for number in range(2):
            async with customer(host) as one:
                await one.send(wire.Say(key=f"k{number}", text="Hello"))
                await one.until(wire.Said)
        async with customer(host) as one:
            await one.send(wire.Say(key="k3", text="Hello"))
            await one.until(wire.Trouble)


@pytest.mark.parametrize(
    ("text", "key"), [(" \n ", "k"), ("x" * 2_001, "k"), ("fine", ""), ("fine", "k" * 65)]
)
async def test_unfit_messages_are_refused(
    service: FakeConversations, tmp_path: Path, text: str, key: str
) -> None:
    """Empty and overlong words or keys are refused and never reach the service."""
    async with serving(app_for(service, tmp_path)) as host, customer(host) as one:
        await one.send(wire.Say(key=key, text=text))
        trouble = await one.until(wire.Trouble)
        assert trouble.code == "bad-request"  # type: ignore[union-attr]  # it is Trouble
    assert all(not talk.log for talk in service.talks.values())


async def test_a_silent_client_is_cut(service: FakeConversations, tmp_path: Path) -> None:
    """Without a hello, or with something else first, the socket is closed."""
    async with serving(app_for(service, tmp_path, limits=QUICK)) as host:
        async with customer(host, hello=None) as one:
            assert await one.closed() == 1008
        async with customer(host, hello=None) as one:
            await one.send(wire.End())
            assert await one.closed() == 1008
    assert service.talks == {}


async def test_an_idle_chat_is_closed(service: FakeConversations, tmp_path: Path) -> None:
    """Nobody holds a seat for ever."""
    limits: Limits = replace(DEFAULTS, idle_s=0.1)
    async with serving(app_for(service, tmp_path, limits=limits)) as host, customer(host) as one:
        assert await one.closed() == 4408


async def test_seats_are_bounded_and_given_back(service: FakeConversations, tmp_path: Path) -> None:
    """One address takes half of the seats; who leaves makes room."""
    limits = replace(DEFAULTS, sockets=4)
    async with serving(app_for(service, tmp_path, limits=limits)) as host:
        async with customer(host), customer(host), customer(host, hello=None) as third:
            assert await third.closed() == 1013
        await asyncio.sleep(0.05)
        async with customer(host):
            pass


async def test_a_client_that_does_not_read_is_cut(service: FakeConversations, tmp_path: Path) -> None:
    """A client that stops reading is cut after the stall time, and the service follows nobody any more."""
    async with serving(app_for(service, tmp_path, limits=QUICK)) as host:
        origin = Origin(f"http://{host}")
        async with connect(f"ws://{host}/api/chat", origin=origin, max_queue=1, close_timeout=0.1) as socket:
            await socket.send('{"type":"hello"}')
            welcome = msgspec.json.decode(await socket.recv(), type=wire.Welcome)
            talk = service.talks[welcome.conversation]
            while not talk.followers:  # noqa: ASYNC110 - the fake tells nobody
                await asyncio.sleep(0.01)
            socket.transport.pause_reading()
            began = asyncio.get_running_loop().time()
            flood = wire.Delta(reply="r", text="x" * 60_000)
            for _ in range(400):
                service._send(talk, flood)
            while talk.followers:
                await asyncio.sleep(0.02)
                assert asyncio.get_running_loop().time() - began < 5
            socket.transport.abort()


async def test_leaving_cancels_everything(service: FakeConversations, tmp_path: Path) -> None:
    """Abrupt and polite ends leave no follower and no task behind."""
    async with serving(app_for(service, tmp_path)) as host:
        before = len(asyncio.all_tasks())
        for number in range(10):
            async with customer(host) as one:
                await one.send(wire.Say(key=f"k{number}", text="a long story"))
                await one.until(wire.Delta)
                if number % 2:
                    one.socket.transport.abort()
        await service.close()
        for _ in range(100):
            if not service.following and len(asyncio.all_tasks()) <= before:
                break
            await asyncio.sleep(0.01)
        assert service.following == 0
        assert len(asyncio.all_tasks()) <= before
