"""What is remembered of one customer, told by them or noted in one line, found again by meaning. Calls block.

Text and vector stand in one row of the shop's database: the customer is part of the query, so nobody else's
row is ever read, ranked or compared, and one DELETE takes words and vector together.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa
from msgspec import Struct
from numpy.typing import NDArray
from sqlalchemy.engine import Engine, Row

from shopbell.storage.columns import texts, whole
from shopbell.storage.database import metadata, reading

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
MOST = 200
"""Things remembered of one customer from each side; the oldest goes when one more comes."""
ASSISTANT = "assistant"
"""Who noted what a conversation was about."""
MAX_CHARS = 300
NEAR = 0.35
"""Cosine from which something remembered is about a question: a first guess, not yet fitted on anything."""

remembered_table = sa.Table(
    "remembered",
    metadata,
    sa.Column("seq", whole, primary_key=True, autoincrement=True),
    *texts("customer", "text", "at", "channel", "by"),
    sa.Column("vector", sa.LargeBinary, nullable=False),
    sa.Index("ix_remembered_customer", "customer", "seq"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)


class Remembered(Struct, frozen=True, kw_only=True):
    """One thing remembered, and where it comes from."""

    number: int
    text: str
    at: datetime
    channel: str
    """Where it was said."""
    by: str
    """`customer`, `assistant` for what a conversation was about, or who of the staff wrote it down."""


class History:
    """What all customers told, each reached through their own id only."""

    def __init__(self, engine: Engine, embed: Embed) -> None:
        self._engine = engine
        self._embed = embed

    def remember(self, customer: str, text: str, at: datetime, *, channel: str, by: str) -> None:
        """Remember something; the same words again stay one."""
        text = " ".join(text.split())[:MAX_CHARS]
        vector = self._embed([text])[0].astype("<f2").tobytes()
        table = remembered_table
        mine = table.c.customer == customer
        with self._engine.begin() as db:
            db.execute(table.delete().where(mine, table.c.text == text))
            values = {"customer": customer, "text": text, "channel": channel, "by": by, "vector": vector}
            db.execute(table.insert().values(at=at.astimezone(UTC).isoformat(), **values))
            same = mine & (table.c.by == by)
            kept = sa.select(table.c.seq).where(same).order_by(table.c.seq.desc()).limit(MOST)
            db.execute(table.delete().where(same, table.c.seq.not_in(kept)))

    def all(self, customer: str) -> tuple[Remembered, ...]:
        """Return everything remembered of one customer, newest first."""
        return tuple(_remembered(row) for row in self._rows(customer))

    def about(self, customer: str, question: str, limit: int = 3) -> tuple[Remembered, ...]:
        """Return what is remembered of one customer about a question, the nearest first."""
        rows = self._rows(customer)
        if not rows:
            return ()
        vectors = np.stack([np.frombuffer(row.vector, dtype="<f2") for row in rows]).astype(np.float32)
        scores = vectors @ self._embed([question])[0]
        near = [at for at in np.argsort(-scores) if scores[at] >= NEAR]
        return tuple(_remembered(rows[at]) for at in near[:limit])

    def forget(self, customer: str, number: int | None = None) -> int:
        """Forget one thing of this customer, or all; return how many went."""
        table = remembered_table
        mine = table.c.customer == customer
        with self._engine.begin() as db:
            one = mine if number is None else mine & (table.c.seq == number)
            return int(db.execute(table.delete().where(one)).rowcount)

    def _rows(self, customer: str) -> Sequence[Row[tuple[object, ...]]]:
        table = remembered_table
        query = sa.select(table).where(table.c.customer == customer).order_by(table.c.seq.desc())
        with reading(self._engine) as db:
            return db.execute(query).all()


def _remembered(row: Row[tuple[object, ...]]) -> Remembered:
    at = datetime.fromisoformat(row.at)
    return Remembered(number=row.seq, text=row.text, at=at, channel=row.channel, by=row.by)
