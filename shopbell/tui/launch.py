"""Launch: the console in this terminal, line by line, or in a browser."""

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator

from shopbell.tui.app import ConsoleApp
from shopbell.tui.around import Around
from shopbell.tui.browser import Serving
from shopbell.tui.house import HttpHouse
from shopbell.tui.line import SocketLine
from shopbell.tui.linear import Linear


def run(url: str, token: str = "") -> None:
    """Run the console against the server at `url`; without a token it asks who you are."""
    ConsoleApp(SocketLine(url), HttpHouse(url), token=token).run()


def run_in_browser(url: str, port: int) -> None:
    """Serve the console to browsers of this machine, until Ctrl-C."""
    Serving(url, port).serve()


def run_linear(url: str) -> None:
    """Run the console line by line; raises ConsoleError when signing in fails."""
    name = input("Name: ").strip()
    password = getpass.getpass("Password: ")
    asyncio.run(_linear(url, name, password))


async def _linear(url: str, name: str, password: str) -> None:
    house = HttpHouse(url)
    session = await house.login(name, password)
    await Linear(SocketLine(url), house, _print, Around()).run(session.token, _typed())


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def _typed() -> AsyncIterator[str]:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line.decode(errors="replace")
