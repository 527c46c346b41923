"""What the chain of the ledger seals: each entry's row and postings, behind the hash of the one before.

An entry has two parts: its columns without its two hashes, and its postings, each [owner, kind of account,
lot, hold, points, balance]. A change of this form is a change of the ledger's format.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import asdict

from shopbell.loyalty.errors import BadOperation
from shopbell.storage import chain

GENESIS = chain.GENESIS
"""What stands before the first entry."""

Leaf = tuple[str, str, int | None, int | None, int, int]
"""Owner, kind of account, lot, hold, points, balance."""

ENTRY_COLUMNS = (
    "seq",
    "key",
    "request_hash",
    "kind",
    "owner",
    "other",
    "unit",
    "points",
    "shortfall",
    "of",
    "reason",
    "rule",
    "line",
    "actor",
    "at",
    "matures_at",
    "expires_at",
    "result",
)
"""The columns of an entry that its hash covers, in this order."""

_pack_sorted = msgspec.msgpack.Encoder(order="deterministic").encode


def entry_hash(prev: bytes, columns: Sequence[object], postings: Sequence[Leaf]) -> bytes:
    """Return the 32 bytes that seal an entry; `columns` as `ENTRY_COLUMNS` lists them."""
    return chain.seal(prev, columns, postings)


def request_hash(request: msgspec.Struct) -> bytes:
    """Return the 32 bytes that tell two requests apart; `at` is left out (see `operations`).

    A time is packed as the instant it is, so the same one in another zone is the same request.
    """
    said = {name: value for name, value in asdict(request).items() if value is not None and name != "at"}
    return hashlib.sha256(_pack_sorted((type(request).__name__, said))).digest()


def stamp(at: datetime) -> str:
    """Return the instant as text of one width in UTC, which sorts as it passes.

    Raises `BadOperation` for a time without a zone.
    """
    if at.tzinfo is None:
        raise BadOperation(f"The time {at.isoformat()} has no zone. Give an aware datetime.")
    return at.astimezone(UTC).isoformat(timespec="microseconds")
