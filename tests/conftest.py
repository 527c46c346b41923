"""What every test has: a data folder of its own, a clock that stands still, and no way out of the machine."""

import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import structlog
from hypothesis import settings

from shopbell.knowledge.embedding import MiniLM
from shopbell.models.custom import known_models
from shopbell.models.errors import ModelsError
from shopbell.models.files import ModelFiles, data_folder
from tests.fakes.databases import new_database

NOW = datetime(2026, 11, 21, 10, 24, tzinfo=ZoneInfo("Europe/London"))
UNIT = Path(__file__).parent / "unit"
LONG = 40


# A suite that a shell started in the background ignores Ctrl-C, and so would all programs that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("quick", max_examples=25, deadline=None, database=None)
settings.load_profile("quick")
structlog.configure(
    processors=[structlog.processors.ExceptionRenderer(), structlog.processors.KeyValueRenderer()]
)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name a test by its long bytes' parameter: bytes that hold the time name it anew in every process."""
    return argname if isinstance(val, bytes) and len(val) > LONG else None


class ReachedOut(AssertionError):
    """A unit test tried to speak to another machine."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return an empty data folder."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Return a clock in the shop's zone that stands still on a Saturday morning."""
    return lambda: NOW


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    """Give a new database of the shop; quick, because a test need not survive a power cut."""
    engine = new_database(tmp_path / "shop.db")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def minilm() -> MiniLM:
    """Return the embedding model of this user; the test is skipped where it was not fetched."""
    data = data_folder(os.environ, Path.home())
    try:
        return MiniLM(ModelFiles(data, known_models(data)).locate("minilm").folder)
    except ModelsError as error:
        pytest.skip(f"the embedding model is not here ({error}); run `shopbell models fetch`")


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, without asking anybody."""
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def stay_home(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail every unit test that opens a connection beyond loopback, even when it swallows the error."""
    if UNIT not in request.path.parents:
        yield
        return
    attempts: list[object] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name), attempts))
    monkeypatch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo, attempts))
    yield
    if attempts:
        raise ReachedOut(f"the test reached for {attempts}")


def _guarded(original: Callable[..., Any], attempts: list[object]) -> Callable[..., Any]:
    def guarded(self: socket.socket, *args: Any) -> Any:
        address = args[-1]
        if self.family != socket.AF_UNIX and not is_loopback(str(address[0])):
            attempts.append(address)
            raise ReachedOut(f"the test reached for {address}")
        return original(self, *args)

    return guarded


def _guarded_lookup(original: Callable[..., Any], attempts: list[object]) -> Callable[..., Any]:
    def guarded(host: str | bytes | None, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host or ""
        if not is_loopback(name):
            attempts.append(name)
            raise ReachedOut(f"the test asked for the address of {name}")
        return original(host, *args, **kwargs)

    return guarded
