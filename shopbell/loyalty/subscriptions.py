"""Subscriptions: who is told of what by webhook, and the secret that shows it was the shop."""

import base64
from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine, Row

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import SubscriptionRefused
from shopbell.loyalty.registry import delivery_table, subscription_table, unstamp
from shopbell.storage.database import reading

ALL = "*"
"""An event name that stands for all of them."""
_SECRET_BYTES = 32


class Subscription(Struct, frozen=True, kw_only=True):
    """Somebody who is told."""

    id: str
    url: str
    events: frozenset[str]
    public: bool
    """The owner allows an address outside the shop's own network."""
    created_at: datetime


class NewSubscription(Struct, frozen=True):
    """A subscription on the one occasion its secret is shown."""

    subscription: Subscription
    secret: str


class Subscriptions:
    """Who is told. Calls block: make them in a worker. `draw` gives random bytes."""

    def __init__(self, engine: Engine, *, draw: Callable[[int], bytes]) -> None:
        self._engine = engine
        self._draw = draw

    def subscribe(
        self, url: str, events: Iterable[str], at: datetime, *, public: bool = False
    ) -> NewSubscription:
        """Have somebody told; the secret is shown now and never again. Raises `SubscriptionRefused`.

        The secret is kept as it is, since signing needs it; the database is its owner's alone.
        """
        wanted = frozenset(events)
        _check(url, wanted, public=public)
        ident, secret = self._draw(8).hex(), base64.urlsafe_b64encode(self._draw(_SECRET_BYTES)).decode()
        with self._engine.begin() as db:
            db.execute(
                subscription_table.insert().values(
                    id=ident,
                    url=url,
                    secret=secret,
                    events=" ".join(sorted(wanted)),
                    public=int(public),
                    created_at=stamp(at),
                )
            )
        made = Subscription(id=ident, url=url, events=wanted, public=public, created_at=at)
        return NewSubscription(made, secret)

    def unsubscribe(self, ident: str, at: datetime) -> None:
        """Tell somebody nothing more; what waits for them is dropped. Raises `SubscriptionRefused`."""
        table = subscription_table.c
        with self._engine.begin() as db:
            live = (table.id == ident) & table.ended_at.is_(None)
            if db.execute(subscription_table.update().where(live).values(ended_at=stamp(at))).rowcount != 1:
                raise SubscriptionRefused(
                    f"There is no subscription {ident[:20]}. List them to see which are."
                )
            waiting = (delivery_table.c.subscription == ident) & (delivery_table.c.state == "waiting")
            db.execute(delivery_table.update().where(waiting).values(state="dead"))

    def all(self) -> tuple[Subscription, ...]:
        """Return who is told, oldest first."""
        table = subscription_table.c
        query = (
            sa.select(subscription_table).where(table.ended_at.is_(None)).order_by(table.created_at, table.id)
        )
        with reading(self._engine) as db:
            return tuple(_subscription(row) for row in db.execute(query))


def _check(url: str, events: frozenset[str], *, public: bool) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SubscriptionRefused(
            f'"{url[:80]}" is no address. Write it as http://192.168.1.20:8080/bell.'
        ) from None
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or port == 0
        or not (url.isascii() and url.isprintable())
        or " " in url
    ):
        raise SubscriptionRefused(f'"{url[:80]}" is no address. Write it as http://192.168.1.20:8080/bell.')
    if parts.username is not None or parts.fragment:
        raise SubscriptionRefused("An address holds no user, password or #. The signature shows who we are.")
    if public and parts.scheme != "https":
        raise SubscriptionRefused(
            "An address outside the shop must begin with https://, or anyone could read it."
        )
    if not events or any(not name or not name.isprintable() or " " in name for name in events):
        raise SubscriptionRefused(f'Name the events to be told of, or "{ALL}" for all.')


def _subscription(row: Row[tuple[object, ...]]) -> Subscription:
    return Subscription(
        id=row.id,
        url=row.url,
        events=frozenset(row.events.split()),
        public=bool(row.public),
        created_at=unstamp(row.created_at),
    )
