"""The outbox: what webhooks will say, written in the transaction of the fact itself.

At least once: a message may come twice, with the same id, and is told apart by it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine, Row

from shopbell.loyalty.chain import stamp
from shopbell.loyalty.errors import DeliveryMissing
from shopbell.loyalty.registry import (
    attempt_table,
    delivery_table,
    message_table,
    subscription_table,
    unstamp,
)
from shopbell.loyalty.subscriptions import ALL
from shopbell.storage.database import reading

State = Literal["waiting", "delivered", "dead"]
MOST_ATTEMPTS = 10
"""Tries after which a delivery is dead: with the waits below, after about a day and a half."""
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=12)


class Parcel(Struct, frozen=True, kw_only=True):
    """One message on its way to one subscriber."""

    delivery: int
    message: str
    event: str
    body: bytes
    url: str
    secret: str
    public: bool
    attempts: int
    """Tries so far."""


class Outcome(Struct, frozen=True):
    """How a try ended."""

    status: int
    """HTTP status, 0 when there was no answer."""
    words: str

    @property
    def accepted(self) -> bool:
        """Say whether the subscriber took it."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's range of success


class Attempt(Struct, frozen=True, kw_only=True):
    """One line of the delivery log."""

    delivery: int
    message: str
    event: str
    state: State
    """Of the delivery, now."""
    at: datetime
    outcome: Outcome


def publish(db: Connection, event: str, body: bytes, at: datetime, *, draw: Callable[[int], bytes]) -> str:
    """Put a message into the outbox, in the caller's transaction, for all who asked for the event.

    `body` is UTF-8 JSON. Returns the message's id, or nothing when nobody asked.
    """
    live = sa.select(subscription_table).where(subscription_table.c.ended_at.is_(None))
    wanted = [row.id for row in db.execute(live) if not {event, ALL}.isdisjoint(row.events.split())]
    if not wanted:
        return ""
    message = draw(16).hex()
    db.execute(message_table.insert().values(id=message, event=event, body=body.decode(), at=stamp(at)))
    rows = [
        {"message": message, "subscription": each, "state": "waiting", "attempts": 0, "due_at": stamp(at)}
        for each in sorted(wanted)
    ]
    db.execute(delivery_table.insert(), rows)
    return message


class Outbox:
    """What waits for subscribers and what became of it. Calls block: make them in a worker.

    `jitter` gives a number in [0, 1), such as `random.random`.
    """

    def __init__(self, engine: Engine, *, jitter: Callable[[], float]) -> None:
        self._engine = engine
        self._jitter = jitter

    def due(self, now: datetime, limit: int = 32) -> tuple[Parcel, ...]:
        """Return what should be tried now, the longest due first."""
        query = (
            sa.select(
                delivery_table, message_table, subscription_table, delivery_table.c.id.label("delivery")
            )
            .join(message_table, message_table.c.id == delivery_table.c.message)
            .join(subscription_table, subscription_table.c.id == delivery_table.c.subscription)
            .where(delivery_table.c.state == "waiting", delivery_table.c.due_at <= stamp(now))
            .order_by(delivery_table.c.due_at, delivery_table.c.id)
            .limit(limit)
        )
        with reading(self._engine) as db:
            return tuple(_parcel(row) for row in db.execute(query))

    def next_due(self) -> datetime | None:
        """Return when the next try is due, None when nothing waits."""
        query = sa.select(sa.func.min(delivery_table.c.due_at)).where(delivery_table.c.state == "waiting")
        with reading(self._engine) as db:
            due_at = db.execute(query).scalar()
        return None if due_at is None else unstamp(due_at)

    def settle(self, parcel: Parcel, outcome: Outcome, at: datetime) -> State:
        """Log a try and say what follows: it is delivered, waits for the next try, or is dead."""
        attempts = parcel.attempts + 1
        state: State = "delivered" if outcome.accepted else "dead" if attempts >= MOST_ATTEMPTS else "waiting"
        due_at = at + wait(attempts, self._jitter())
        with self._engine.begin() as db:
            db.execute(
                attempt_table.insert().values(
                    delivery=parcel.delivery, at=stamp(at), status=outcome.status, outcome=outcome.words[:200]
                )
            )
            waiting = (delivery_table.c.id == parcel.delivery) & (delivery_table.c.state == "waiting")
            db.execute(
                delivery_table.update()
                .where(waiting)
                .values(state=state, attempts=attempts, due_at=stamp(due_at))
            )
        return state

    def redeliver(self, delivery: int, at: datetime) -> None:
        """Send a delivery again at once, dead or delivered. Raises `DeliveryMissing`."""
        ours = delivery_table.c.id == delivery
        anew = {"state": "waiting", "attempts": 0, "due_at": stamp(at)}
        with self._engine.begin() as db:
            if db.execute(delivery_table.update().where(ours).values(anew)).rowcount != 1:
                raise DeliveryMissing(f"There is no delivery {delivery}. The log lists them.")

    def log(self, limit: int = 100) -> Sequence[Attempt]:
        """Return the latest tries, newest first."""
        query = (
            sa.select(
                attempt_table,
                delivery_table.c.state,
                message_table.c.id.label("message"),
                message_table.c.event,
            )
            .join(delivery_table, delivery_table.c.id == attempt_table.c.delivery)
            .join(message_table, message_table.c.id == delivery_table.c.message)
            .order_by(attempt_table.c.seq.desc())
            .limit(limit)
        )
        with reading(self._engine) as db:
            return [_attempt(row) for row in db.execute(query)]


def wait(attempts: int, jitter: float) -> timedelta:
    """Return how long to wait after so many tries: doubling, capped, and spread by `jitter` in [0, 1).

    Between half and all of the doubled time, so that many subscribers do not come back at once.
    """
    doubled: timedelta = min(_FIRST_WAIT * 2 ** min(attempts - 1, 20), _LONGEST_WAIT)
    spread: timedelta = doubled * (0.5 + jitter / 2)
    return spread


def _parcel(row: Row[tuple[object, ...]]) -> Parcel:
    return Parcel(
        delivery=row.delivery,
        message=row.message,
        event=row.event,
        body=row.body.encode(),
        url=row.url,
        secret=row.secret,
        public=bool(row.public),
        attempts=row.attempts,
    )


def _attempt(row: Row[tuple[object, ...]]) -> Attempt:
    return Attempt(
        delivery=row.delivery,
        message=row.message,
        event=row.event,
        state=row.state,
        at=unstamp(row.at),
        outcome=Outcome(row.status, row.outcome),
    )
