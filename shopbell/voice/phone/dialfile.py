"""Requests to dial from another program on this machine: two small files in the shop's data."""

import asyncio
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from shopbell.assistant.callingback import CallsBack
from shopbell.assistant.errors import BadRequest

ASKED, ANSWERED = "phone-dial.json", "phone-dialled.json"
LOOK_S = 0.3
T = TypeVar("T", bound=Struct)
BY = "The command line"


class Dial(Struct, frozen=True):
    """A wish to call back the customer of a case."""

    number: int
    mark: str
    """Tells one wish from the next."""


class Dialled(Struct, frozen=True):
    """What became of a wish."""

    mark: str
    text: str
    done: bool


async def serve(folder: Path, calls: CallsBack) -> None:
    """Take wishes, for ever."""
    (folder / ASKED).unlink(missing_ok=True)
    while True:
        await asyncio.sleep(LOOK_S)
        wish = _read(folder / ASKED, Dial)
        if wish is None:
            continue
        (folder / ASKED).unlink(missing_ok=True)
        try:
            answer = Dialled(wish.mark, await calls.call_back(wish.number, BY), done=True)
        except BadRequest as error:
            answer = Dialled(wish.mark, str(error), done=False)
        _write(folder / ANSWERED, answer)


def ask(folder: Path, wish: Dial) -> None:
    """Leave a wish for the server."""
    _write(folder / ASKED, wish)


def answered(folder: Path, mark: str) -> Dialled | None:
    """Return what the server says to a wish; None while it says nothing."""
    found = _read(folder / ANSWERED, Dialled)
    return found if found is not None and found.mark == mark else None


def _write(path: Path, value: Struct) -> None:
    fresh = path.with_suffix(".part")
    fresh.write_bytes(msgspec.json.encode(value))
    fresh.chmod(0o600)
    fresh.replace(path)


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
