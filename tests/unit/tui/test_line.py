"""The line comes back by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import msgspec
from websockets.asyncio.server import ServerConnection, serve

from shopbell.assistant import staffwire as w
from shopbell.tui.line import LONGEST_WAIT_S, SocketLine, backoff
from shopbell.tui.state import Frame, Link
from tests.fakes.console import CARDS, ME


@asynccontextmanager
async def server(
    port: int = 0, *, signed_out: bool = False
) -> AsyncIterator[tuple[int, list[ServerConnection]]]:
    lines: list[ServerConnection] = []

    async def desk(socket: ServerConnection) -> None:
        assert socket.request is not None
        assert socket.request.headers["Authorization"] == "Bearer tok"
        assert msgspec.json.decode(await socket.recv(), type=w.StaffFrame) == w.SignIn("tok")
        lines.append(socket)
        if signed_out:
            await socket.send(msgspec.json.encode(w.SignedOut(text="Over.")).decode())
            await socket.close(w.SIGNED_OUT)
            return
        await socket.send(msgspec.json.encode(ME).decode())
        await socket.send(msgspec.json.encode(w.Cards(cards=CARDS)).decode())
        await socket.wait_closed()

    async with serve(desk, "127.0.0.1", port) as running:
        yield running.sockets[0].getsockname()[1], lines


async def nap(_: float) -> None:
    await asyncio.sleep(0.01)


async def until(frames: AsyncIterator[Frame], wanted: type, state: str = "") -> Frame:
    async with asyncio.timeout(5):
        async for frame in frames:
            if isinstance(frame, wanted) and (
                not state or (isinstance(frame, Link) and frame.state == state)
            ):
                return frame
    raise AssertionError("the line ended")


async def test_it_signs_in_and_survives_a_restart() -> None:
    """After the server went and came back the same line is live again, by itself."""
    async with server() as (port, lines):
        line = SocketLine(f"http://127.0.0.1:{port}", sleep=nap, luck=lambda: 0.0)
        frames = line.frames("tok")
        await until(frames, w.Cards)
        assert await line.send(w.Ping())
        await lines[0].close()
        lost = await until(frames, Link, "lost")
        assert isinstance(lost, Link)
        assert lost.wait_s > 0
        await until(frames, Link, "live")
        assert len(lines) == 2
    await until(frames, Link, "lost")
    assert not await line.send(w.Ping())
    async with aclosing(frames), server(port) as (_, again):
        await until(frames, Link, "live")
        assert len(again) == 1


async def test_a_session_that_is_over_is_not_tried_again() -> None:
    """When the server signs out, the line ends and says so."""
    async with server(signed_out=True) as (port, lines):
        line = SocketLine(f"http://127.0.0.1:{port}", sleep=nap)
        seen = [frame async for frame in line.frames("tok")]
        assert isinstance(seen[-1], Link)
        assert seen[-1].state == "over"
        assert len(lines) == 1


def test_the_wait_grows_and_has_an_end() -> None:
    """Each wait is longer, none longer than eight seconds, and luck spreads them."""
    waits = [backoff(attempt, 1.0) for attempt in range(12)]
    assert waits == sorted(waits)
    assert waits[0] == 0.5
    assert waits[-1] == LONGEST_WAIT_S
    assert backoff(3, 0.0) < backoff(3, 1.0)
