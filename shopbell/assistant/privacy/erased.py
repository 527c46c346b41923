"""The list of erased people: slow salted hashes of their ids, so that a backup put back forgets them again.

It stands in the database and in a file beside it, which a backup put back does not replace, and goes with
every backup. It names nobody: whoever holds it can only check a guess, slowly.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.privacy.tables import erased_person
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.registry import customer_table

FILE = "erased.json"
"""In the folder of the shop's data."""
_N, _R, _P = 2**10, 8, 1
"""Cost of scrypt (RFC 7914): about 3 ms and 1 MB for one id."""


class Erased(Struct, frozen=True, kw_only=True):
    """One record of an erased person."""

    digest: bytes
    salt: bytes
    pseudonym: str
    at: str
    """ISO 8601, in UTC."""


def pseudonyms(db: sa.Connection, ids: Sequence[str], draw: Callable[[int], bytes]) -> dict[str, str]:
    """Return the pseudonym of each id: the one on the list, or a new one."""
    known = {one.digest: one.pseudonym for one in listed(db)}
    salts = {one.salt for one in listed(db)}
    found = {}
    for ident in ids:
        before = (known.get(_digest(salt, ident)) for salt in salts)
        found[ident] = next((one for one in before if one), f"erased-{draw(6).hex()}")
    return found


def note(db: sa.Connection, people: dict[str, str], at: datetime, draw: Callable[[int], bytes]) -> None:
    """Put people (id -> pseudonym) on the list, in the transaction that erases them."""
    salt = db.execute(sa.select(erased_person.c.salt).limit(1)).scalar() or draw(16)
    known = set(db.execute(sa.select(erased_person.c.digest)).scalars())
    for ident, pseudonym in people.items():
        if (digest := _digest(bytes(salt), ident)) not in known:
            row = {"digest": digest, "salt": salt, "pseudonym": pseudonym, "at": stamp(at)}
            db.execute(erased_person.insert().values(row))


def listed(db: sa.Connection) -> tuple[Erased, ...]:
    """Return the list in the database."""
    rows = db.execute(sa.select(erased_person).order_by(erased_person.c.digest))
    return tuple(
        Erased(digest=bytes(row.digest), salt=bytes(row.salt), pseudonym=row.pseudonym, at=row.at)
        for row in rows
    )


def read(path: Path) -> tuple[Erased, ...]:
    """Return a list from a file; empty when there is none."""
    if not path.is_file():
        return ()
    return msgspec.json.decode(path.read_bytes(), type=tuple[Erased, ...])


def keep(path: Path, people: Iterable[Erased]) -> tuple[Erased, ...]:
    """Add people to a file and return all that stand in it; it is replaced as a whole, for its owner only."""
    together = {one.digest: one for one in (*read(path), *people)}
    whole = tuple(together[digest] for digest in sorted(together))
    growing = path.with_name(f".{path.name}.{os.getpid()}.part")
    growing.touch(0o600)
    growing.write_bytes(msgspec.json.encode(whole))
    growing.replace(path)
    return whole


def adopt(db: sa.Connection, people: Iterable[Erased]) -> None:
    """Add people to the list in the database."""
    known = set(db.execute(sa.select(erased_person.c.digest)).scalars())
    for one in people:
        if one.digest not in known:
            db.execute(erased_person.insert().values(msgspec.structs.asdict(one)))


def found_again(db: sa.Connection, people: Sequence[Erased]) -> tuple[str, ...]:
    """Return the ids of customers in the database who are on a list; some milliseconds for each customer."""
    if not people:
        return ()
    digests = {one.digest for one in people}
    salts = {one.salt for one in people}
    query = sa.select(customer_table.c.id).where(customer_table.c.status != "erased")
    return tuple(
        ident
        for ident in db.execute(query).scalars().all()
        if any(_digest(salt, ident) in digests for salt in salts)
    )


def _digest(salt: bytes, ident: str) -> bytes:
    return hashlib.scrypt(ident.encode(), salt=salt, n=_N, r=_R, p=_P, dklen=32)
