"""The real server, killed: nothing that was acknowledged is lost, and service returns."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

import httpx
import msgspec
import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from shopbell.assistant.newshop import make
from shopbell.models.files import data_folder

pytestmark = pytest.mark.model

ANSWER_S = 120
"""Seconds to wait for an answer; a busy machine is slow, a lost turn never comes."""
NEW = MappingProxyType({"type": "hello"})
QUESTION = "my neighbour gave me a mug from you that I do not like, what can I do about it?"


class Frame(msgspec.Struct):
    """What this test reads of a frame."""

    type: str
    seq: int = 0
    conversation: str = ""
    token: str = ""
    key: str = ""
    text: str = ""
    reply: str = ""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Give a small shop that answers with the smallest real model."""
    folder = tmp_path / "shop"
    make(folder)
    settings = folder / "shop.toml"
    settings.write_text(settings.read_text() + '\n[engine]\nmodel = "smollm2-135m"\ndeadline_s = 60.0\n')
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Give a data folder of its own that shares this machine's models."""
    models = data_folder(os.environ, Path.home()) / "models"
    if not (models / "smollm2-135m").is_dir() or not (models / "minilm").is_dir():
        pytest.skip("the models smollm2-135m and minilm are not here: run scripts/test")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "models").symlink_to(models)
    return folder


@asynccontextmanager
async def serving(shop: Path, data: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Run the server on a free port and end it afterwards."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shopbell.assistant.cli", "--data", str(data)),
        *("serve", str(shop), "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(ANSWER_S):
            line = (await process.stdout.readline()).decode()
        yield process, int(line.split("127.0.0.1:")[1].split()[0])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def line_to(port: int, hello: Mapping[str, str] = NEW) -> AsyncIterator[ClientConnection]:
    """Open a socket as the chat page does, once the model is ready, and say hello."""
    await ready(port)
    here = f"127.0.0.1:{port}"
    async with connect(f"ws://{here}/api/chat", origin=Origin(f"http://{here}")) as socket:
        await socket.send(msgspec.json.encode(dict(hello)).decode())
        yield socket


async def take(socket: ClientConnection, kind: str) -> Frame:
    """Return the next frame of a type."""
    async with asyncio.timeout(ANSWER_S):
        while True:
            frame = msgspec.json.decode(await socket.recv(), type=Frame)
            if frame.type == kind:
                return frame


async def ready(port: int) -> None:
    """Wait until the model answers, so that it is the model that is interrupted."""
    async with httpx.AsyncClient() as web, asyncio.timeout(ANSWER_S):
        while (await _status(web, port)) == "starting":  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.2)


async def _status(web: httpx.AsyncClient, port: int) -> str:
    return str((await web.get(f"http://127.0.0.1:{port}/api/health")).json()["status"])


async def test_server_killed_mid_answer(shop: Path, data: Path) -> None:
    """What was acknowledged before kill -9 is there afterwards, once, and gets its answer."""
    async with serving(shop, data) as (process, port), line_to(port) as socket:
        welcome = await take(socket, "welcome")
        await socket.send(msgspec.json.encode({"type": "say", "key": "k1", "text": QUESTION}).decode())
        said = await take(socket, "said")
        await take(socket, "replying")
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    hello = {"type": "hello", "conversation": welcome.conversation, "token": welcome.token}
    async with serving(shop, data) as (_, port), line_to(port, hello) as socket:
        again = await take(socket, "said")
        assert (again.seq, again.text) == (said.seq, QUESTION)
        assert (await take(socket, "replied")).text


async def test_worker_killed_mid_answer(shop: Path, data: Path) -> None:
    """With its worker killed the shop still answers, and the worker comes back."""
    async with serving(shop, data) as (process, port), line_to(port) as socket:
        await take(socket, "welcome")
        await socket.send(msgspec.json.encode({"type": "say", "key": "k1", "text": QUESTION}).decode())
        await take(socket, "replying")
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        assert (await take(socket, "replied")).text
        await socket.send('{"type":"say","key":"k2","text":"are you open on monday?"}')
        assert "18:00" in (await take(socket, "replied")).text  # said on an open Monday as well
        await ready(port)
        assert psutil.Process(process.pid).children(recursive=True)
