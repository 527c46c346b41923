"""The server against slow clients, a taken port, and the wish to stop."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from shopbell.assistant.web.app import DEFAULTS
from shopbell.assistant.web.errors import CannotListen
from shopbell.assistant.web.server import listen, run, url
from tests.fakes.conversations import FakeConversations
from tests.fakes.web import app_for, serving

pytestmark = pytest.mark.slow

QUICK = replace(DEFAULTS, request_s=0.3, stall_s=0.3)
ROOT = Path(__file__).parents[4]


async def cut_after(host: str, *pieces: bytes, pause_s: float = 0.0) -> float:
    """Send pieces with pauses and return after how many seconds the server ends the connection."""
    name, port = host.split(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    began = asyncio.get_running_loop().time()

    async def send() -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    sending = asyncio.create_task(send())
    try:
        async with asyncio.timeout(5):
            while await reader.read(65_536):
                continue
    except ConnectionError:
        pass  # the server resets what it cuts
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()
    return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"GET / HTTP/1.1\r\n"] + [b"X-A: b\r\n"] * 400,
        [b"POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 400\r\n\r\n"] + [b"x"] * 400,
        [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET "] + [b"/"] * 400,
    ],
    ids=["silent", "header", "body", "second request"],
)
async def test_requests_that_do_not_end_are_cut(pieces: list[bytes], tmp_path: Path) -> None:
    """A silent, a trickled and a half-sent request end in time, however many bytes come."""
    async with serving(app_for(FakeConversations(), tmp_path, limits=QUICK)) as host:
        assert 0.25 < await cut_after(host, *pieces, pause_s=0.01) < 3


async def test_an_answer_that_is_not_read_is_cut(tmp_path: Path) -> None:
    """A client that asks and asks and reads nothing is ended after the stall time."""
    async with serving(app_for(FakeConversations(), tmp_path, limits=QUICK)) as host:
        name, port = host.split(":")
        reader, writer = await asyncio.open_connection(name, int(port), limit=1)
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of a socket reads
        request = b"GET /widget.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
        async with asyncio.timeout(10):
            try:
                while True:
                    writer.write(request * 100)
                    await writer.drain()
                    await asyncio.sleep(0.01)
            except ConnectionError:
                pass
        writer.close()
        assert reader is not None


async def test_honest_requests_are_served_meanwhile(tmp_path: Path) -> None:
    """Two hundred slow clients do not keep another from its page."""
    async with serving(app_for(FakeConversations(), tmp_path)) as host:
        name, port = host.split(":")
        slow = [await asyncio.open_connection(name, int(port)) for _ in range(200)]
        for _, writer in slow:
            writer.write(b"GET / HTTP/1.1\r\nX-")
        reader, writer = await asyncio.open_connection(name, int(port))
        writer.write(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(2):
            assert (await reader.read()).startswith(b"HTTP/1.1 200")
        for _, other in [*slow, (reader, writer)]:
            other.transport.abort()


def test_a_taken_port_is_told_in_one_line() -> None:
    """The owner reads which port is taken and what to do."""
    with listen("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        with pytest.raises(CannotListen, match=f"Port {port} on 127.0.0.1 is taken.*--port"):
            listen("127.0.0.1", port)
    with pytest.raises(CannotListen, match="--host"):
        listen("192.0.2.1", 0)


def test_the_address_can_be_typed_into_a_browser() -> None:
    """Addresses that mean "everywhere" are shown as this machine's own."""
    assert url("0.0.0.0", 8000) == "http://127.0.0.1:8000"  # noqa: S104 - read, not bound
    assert url("::1", 80) == "http://[::1]:80"
    assert url("shop", 8000) == "http://shop:8000"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_server_stops_when_told_to_and_its_caller_goes_on(
    number: signal.Signals, tmp_path: Path
) -> None:
    """After the signal `run` returns, so that what comes after it is still done."""
    script = tmp_path / "serve.py"
    script.write_text(
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from shopbell.assistant.web.server import run\n"
        "from tests.fakes.conversations import FakeConversations\n"
        "from tests.fakes.web import app_for\n"
        "async def main():\n"
        "    app = app_for(FakeConversations(), Path(sys.argv[1]))\n"
        "    await run(app, '127.0.0.1', 0, ready=lambda url: print(url, flush=True))\n"
        "    print('put away')\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        first = (await process.stdout.readline()).decode().strip()
        name, port = first.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(name, int(port))
        process.send_signal(number)
        rest = await process.stdout.read()
        assert await process.wait() == 0
    writer.close()
    assert rest == b"put away\n"


async def test_run_refuses_a_taken_port_before_anything_starts(tmp_path: Path) -> None:
    """`run` says that the port is taken and does not wait."""
    with listen("127.0.0.1", 0) as bound, pytest.raises(CannotListen):
        await run(app_for(FakeConversations(), tmp_path), "127.0.0.1", bound.getsockname()[1])
