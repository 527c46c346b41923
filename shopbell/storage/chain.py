"""The chain: each row's hash covers the row and the hash before it, so that nothing can be changed unseen.

The bytes hashed are MessagePack of [hash before, parts...]; SHA-256. What was cut off at the end shows only
against a hash that was written down elsewhere.
"""

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

GENESIS = bytes(32)
"""What stands before the first row."""

_pack = msgspec.msgpack.Encoder().encode


class Link(Struct, frozen=True, kw_only=True):
    """One row of a chain as it was read back."""

    seq: int
    before: bytes
    """The hash it names as the one before it."""
    seal: bytes
    """Its own hash."""
    parts: Sequence[object]
    """What the hash covers besides the one before, in the order it was sealed in."""


class Proof(Struct, frozen=True, kw_only=True):
    """What following a chain from its beginning found."""

    rows: int
    """Rows that hold."""
    head: bytes
    """The hash of the last of them."""
    fault: str = ""
    """Where it broke and how; empty when it holds."""


def seal(before: bytes, *parts: object) -> bytes:
    """Return the 32 bytes that seal a row behind `before`."""
    return hashlib.sha256(_pack((before, *parts))).digest()


def follow(links: Iterable[Link], first: int = 1) -> Proof:
    """Follow a chain whose rows are numbered from `first` without a gap; stop where it breaks."""
    head, rows = GENESIS, 0
    for link in links:
        fault = ""
        if link.seq != first + rows:
            fault = f"row {first + rows} is missing"
        elif link.before != head:
            fault = f"row {link.seq} does not follow the row before it"
        elif seal(link.before, *link.parts) != link.seal:
            fault = f"row {link.seq} was changed"
        if fault:
            return Proof(rows=rows, head=head, fault=fault)
        head, rows = link.seal, rows + 1
    return Proof(rows=rows, head=head)
