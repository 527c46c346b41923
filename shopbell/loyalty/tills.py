"""Till keys: what a till shows to be let in. Calls block: make them in a worker."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine, Row

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import KeyRefused, ScopeMissing, TillTaken, TooFast
from shopbell.loyalty.registry import till_key_table, unstamp
from shopbell.storage.buckets import Buckets, Rate
from shopbell.storage.database import reading

RATE = Rate(60, 10)
"""Requests of one till: sixty at once, ten each second; no till is so busy."""
_SECRET_BYTES = 32
_USED_EVERY = timedelta(minutes=1)
"""How often the last use is written down: a sale should not cost a second commit."""
_PREFIX = "sbk"


class Scope(StrEnum):
    """What a key may be used for."""

    SALES_WRITE = "sales:write"
    REWARDS_REDEEM = "rewards:redeem"
    READ = "read"
    MANAGE = "manage"
    """The back room: corrections, merges, the close of the day, imports, webhooks."""


class TillKey(Struct, frozen=True, kw_only=True):
    """A key as it is kept: without what opens the door."""

    id: str
    till: str
    """Becomes the source of the sales it records."""
    scopes: frozenset[Scope]
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    """To the minute."""


class NewKey(Struct, frozen=True):
    """A key on the one occasion it is shown."""

    key: TillKey
    text: str


class Tills:
    """The keys of the shop's tills. `buckets` holds what each key may ask; `draw` gives random bytes."""

    def __init__(self, engine: Engine, *, buckets: Buckets, draw: Callable[[int], bytes]) -> None:
        self._engine = engine
        self._buckets = buckets
        self._draw = draw

    def create(self, till: str, scopes: Iterable[Scope], at: datetime) -> NewKey:
        """Make the key of a till; its text is shown now and never again. Raises `TillTaken`."""
        ident = self._draw(8).hex()
        secret = base64.urlsafe_b64encode(self._draw(_SECRET_BYTES)).decode().rstrip("=")
        key = TillKey(id=ident, till=till, scopes=frozenset(scopes), created_at=at)
        with self._engine.begin() as db:
            live = sa.select(till_key_table.c.id).where(
                till_key_table.c.till == till, till_key_table.c.revoked_at.is_(None)
            )
            if db.execute(live).first() is not None:
                raise TillTaken(f"The till {till} has a key already. Revoke that one first.")
            db.execute(
                till_key_table.insert().values(
                    id=ident,
                    till=till,
                    digest=_digest(secret),
                    scopes=" ".join(sorted(key.scopes)),
                    created_at=stamp(at),
                )
            )
        return NewKey(key, f"{_PREFIX}_{ident}_{secret}")

    def revoke(self, ident: str, at: datetime) -> None:
        """Let a key in no more, from the next request on. Raises `KeyRefused` when it is in no use."""
        live = (till_key_table.c.id == ident) & till_key_table.c.revoked_at.is_(None)
        with self._engine.begin() as db:
            if db.execute(till_key_table.update().where(live).values(revoked_at=stamp(at))).rowcount != 1:
                raise KeyRefused(f"No key {ident[:20]} is in use. List the keys to see which are.")

    def keys(self) -> tuple[TillKey, ...]:
        """Return all keys, the newest first."""
        query = sa.select(till_key_table).order_by(till_key_table.c.created_at.desc(), till_key_table.c.id)
        with reading(self._engine) as db:
            return tuple(_key(row) for row in db.execute(query))

    def admit(self, text: str, scope: Scope, at: datetime) -> TillKey:
        """Return the key that `text` spells, when it may be used for `scope` now.

        Raises `KeyRefused`, `ScopeMissing` or `TooFast`. The secret is 256 random bits: a plain SHA-256 of it
        cannot be guessed back, and a slow hash would only slow the till.
        """
        prefix, _, rest = text.partition("_")
        ident, _, secret = rest.partition("_")
        query = sa.select(till_key_table).where(till_key_table.c.id == ident)
        with reading(self._engine) as db:
            row = db.execute(query).first()
        kept = row.digest if row is not None else _digest("")
        same = hmac.compare_digest(kept, _digest(secret))  # compared even when there is no such key
        if row is None or not same or prefix != _PREFIX or row.revoked_at is not None:
            raise KeyRefused("This till key is not known or was revoked. Ask the owner for a new one.")
        key = _key(row)
        if not self._buckets.take(key.id):
            raise TooFast(f"The till {key.till} asks too often. Wait a moment.")
        if scope not in key.scopes:
            raise ScopeMissing(
                f'The key of {key.till} does not allow "{scope}". The owner can make one that does.'
            )
        self._used(key, at)
        return key

    def _used(self, key: TillKey, at: datetime) -> None:
        if key.last_used_at is None or at - key.last_used_at >= _USED_EVERY:
            with self._engine.begin() as db:
                where = till_key_table.c.id == key.id
                db.execute(till_key_table.update().where(where).values(last_used_at=stamp(at)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _key(row: Row[tuple[object, ...]]) -> TillKey:
    return TillKey(
        id=row.id,
        till=row.till,
        scopes=frozenset(Scope(scope) for scope in row.scopes.split()),
        created_at=unstamp(row.created_at),
        revoked_at=unstamp(row.revoked_at) if row.revoked_at else None,
        last_used_at=unstamp(row.last_used_at) if row.last_used_at else None,
    )
