"""Frames between the house and a worker: four bytes of length, big-endian, then msgpack."""

import asyncio
from typing import BinaryIO

import msgspec
from msgspec import Struct

HEADER = 4
"""Bytes of the length."""

LONGEST = 1 << 24
"""Bytes of one frame; more is taken for garbage."""


class Start(Struct, frozen=True, tag=True):
    """The first frame to a worker."""

    settings: bytes


class Call(Struct, frozen=True, tag=True):
    """A job; its answers carry the same number."""

    number: int
    request: bytes


class Cancel(Struct, frozen=True, tag=True):
    """The job's answers are not wanted any more."""

    number: int


class Ready(Struct, frozen=True, tag=True):
    """The engine stands."""

    facts: bytes


class Beat(Struct, frozen=True, tag=True):
    """The engine is at work and getting on."""


class Item(Struct, frozen=True, tag=True):
    """An answer, or a part of one."""

    number: int
    body: bytes


class Done(Struct, frozen=True, tag=True):
    """The job ended; also the answer to a `Cancel`."""

    number: int


class Failed(Struct, frozen=True, tag=True):
    """The engine refused the job and stands ready for the next."""

    number: int
    code: str
    message: str


Order = Start | Call | Cancel
Report = Ready | Beat | Item | Done | Failed

_ORDERS: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_REPORTS: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)
_ENCODER = msgspec.msgpack.Encoder()


class BadFrame(ValueError):
    """The other end does not speak this language."""


def pack(frame: Order | Report) -> bytes:
    """Return the bytes of a frame with its length before it."""
    body = _ENCODER.encode(frame)
    return len(body).to_bytes(HEADER, "big") + body


def read_order(stream: BinaryIO) -> Order | None:
    """Wait for the next order; None when the house has closed the line. Raises BadFrame."""
    header = stream.read(HEADER)
    if len(header) < HEADER:
        return None
    body = stream.read(_length(header))
    try:
        return _ORDERS.decode(body)
    except msgspec.DecodeError as error:
        raise BadFrame(f"an order that cannot be read: {error}") from error


async def read_report(stream: asyncio.StreamReader) -> Report | None:
    """Wait for the next report; None when the worker has gone. Raises BadFrame."""
    try:
        header = await stream.readexactly(HEADER)
        body = await stream.readexactly(_length(header))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    try:
        return _REPORTS.decode(body)
    except msgspec.DecodeError as error:
        raise BadFrame(f"a report that cannot be read: {error}") from error


def _length(header: bytes) -> int:
    length = int.from_bytes(header, "big")
    if length > LONGEST:
        raise BadFrame(f"a frame of {length} bytes, when {LONGEST} is the most")
    return length
