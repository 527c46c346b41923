import ast
from pathlib import Path

import pytest

import shopbell

PACKAGE = Path(shopbell.__file__).parent
CALLERS = {
    "aiohttp",
    "aiortp",
    "aiosipua",
    "aiosmtplib",
    "ftplib",
    "http.client",
    "httpx",
    "huggingface_hub",
    "requests",
    "smtplib",
    "urllib.request",
    "websockets.asyncio.client",
    "websockets.sync.client",
    "xmlrpc",
}
"""Libraries that open connections of their own accord when called."""
CALLS = {"ClientSession", "create_connection", "open_connection"}
"""What opens a connection in libraries that also do other things."""
ALLOWED = {
    "models/fetch.py": {"pip"},  # fetches the models, when told to
    "assistant/outreach/mail.py": {"aiosmtplib"},  # hands mail to the server the owner named
    "loyalty/courier.py": {"open_connection"},  # carries webhooks to the addresses the owner gave
    "tui/house.py": {"httpx"},  # the console speaks with its own house
    "tui/line.py": {"websockets.asyncio.client"},  # and listens to it
    "tui/browser.py": {"aiohttp"},  # serves the console's page on loopback
    # The telephone speaks with the box the owner named, and with the phones it sends here.
    "voice/phone/codecs.py": {"aiortp.codecs", "aiosipua"},
    "voice/phone/dialled.py": {"aiosipua"},
    "voice/phone/exchange.py": {"aiosipua"},
    "voice/phone/leg.py": {"aiosipua", "aiortp.clock"},
    "voice/phone/office.py": {"aiosipua.auth"},
    "voice/phone/registrar.py": {"aiosipua"},
    "voice/phone/sip.py": {"aiosipua"},
    "voice/phone/sound.py": {"aiortp"},
    "voice/phone/streams.py": {"aiosipua", "open_connection"},  # where the box speaks over TCP
    "voice/phone/switchboard.py": {"aiosipua"},
    "voice/phone/wideband.py": {"aiortp.codecs"},
}
"""Module -> the only doors it may open."""


def reaches_out(source: str) -> set[str]:
    """Return what in a source reaches a network: an import of a caller, a call of one, or a run of pip."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {name for name in names if any(f"{name}.".startswith(f"{caller}.") for caller in CALLERS)}
        found |= {name.rpartition(".")[2] for name in names} & CALLS
        if isinstance(node, ast.Constant) and node.value == "pip":
            found.add("pip")
        if isinstance(node, ast.Attribute) and node.attr in CALLS:
            found.add(node.attr)
    return found


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_nothing_else_reaches_a_network(path: Path) -> None:
    """Only the modules named above open a door, and each only its own."""
    assert _doors(path) == ALLOWED.get(path.relative_to(PACKAGE).as_posix(), set())


def _doors(path: Path) -> set[str]:
    """Return the doors, each with the library alone where names of it are imported."""
    found = reaches_out(path.read_text("utf-8"))
    return {door for door in found if not any(door.startswith(f"{other}.") for other in found)}


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "from urllib.request import urlopen",
        "from urllib import request",
        "import http.client as c",
        "from aiosipua.rtp import Session",
        "from asyncio import open_connection",
        "asyncio.open_connection('example.com', 80)",
        "run('pip', 'download')",
    ],
)
def test_the_check_can_fail(source: str) -> None:
    """The check sees each way in."""
    assert reaches_out(source)
