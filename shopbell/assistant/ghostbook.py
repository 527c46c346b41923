"""The book of ghost mode: what became of each topic's drafts, and which topics need no approval any more.

A topic is promoted when enough drafts in a row were accepted unchanged; an edit or a rejection begins the row
anew, a draft that nobody judged changes nothing. Every call blocks.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant.staff.audit import AuditLog
from shopbell.storage.database import metadata, reading

HOUSE = "the house"
"""Who the audit log names for what happens by itself."""

ghost_topic = sa.Table(
    "ghost_topic",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("in_a_row", sa.Integer, nullable=False),
    sa.Column("accepted", sa.Integer, nullable=False),
    sa.Column("edited", sa.Integer, nullable=False),
    sa.Column("rejected", sa.Integer, nullable=False),
    sa.Column("lapsed", sa.Integer, nullable=False),
    sa.Column("promoted_at", sa.Text),
    sqlite_strict=True,
)


class Standing(Struct, frozen=True, kw_only=True):
    """How a topic stands."""

    topic: str
    in_a_row: int = 0
    """Drafts accepted unchanged since the last that was not."""
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    lapsed: int = 0
    """Drafts that nobody judged in time."""
    promoted_at: datetime | None = None
    """Since when it needs no approval; None while it does."""


class GhostBook:
    """The topics in the database."""

    def __init__(
        self, engine: sa.Engine, audit: AuditLog, promote_after: int, clock: Callable[[], datetime]
    ) -> None:
        """Take the owner's number of drafts in a row."""
        self._engine = engine
        self._audit = audit
        self._promote_after = promote_after
        self._clock = clock

    def promoted(self) -> frozenset[str]:
        """Return the topics that need no approval any more."""
        query = sa.select(ghost_topic.c.topic).where(ghost_topic.c.promoted_at.is_not(None))
        with reading(self._engine) as db:
            return frozenset(db.execute(query).scalars())

    def standings(self) -> tuple[Standing, ...]:
        """Return every topic of which a draft was judged."""
        with reading(self._engine) as db:
            rows = db.execute(sa.select(ghost_topic).order_by(ghost_topic.c.topic))
            return tuple(_standing(row) for row in rows)

    def witness(self, db: sa.Connection, entry: e.Logged) -> None:
        """Count a judged draft of ghost mode, in the transaction of its event."""
        if not isinstance(entry.event, e.DraftJudged) or not entry.event.topic:
            return
        judged, before = entry.event, _read(db, entry.event.topic)
        row = {"accepted": before.in_a_row + 1, "lapsed": before.in_a_row}.get(judged.verdict, 0)
        _write(
            db,
            before.topic,
            {judged.verdict: getattr(before, judged.verdict) + 1, "in_a_row": row},
        )
        if row >= self._promote_after and before.promoted_at is None:
            at = self._clock().astimezone(UTC).isoformat()
            _write(db, before.topic, {"promoted_at": at})
            self._audit.add(db, HOUSE, "topic-promoted", before.topic, {"in-a-row": row, "last": judged.name})

    def take_back(self, name: str, topic: str) -> bool:
        """Let a topic need approval again; False when it does already."""
        with self._engine.begin() as db:
            promoted = ghost_topic.c.topic == topic, ghost_topic.c.promoted_at.is_not(None)
            taken = db.execute(ghost_topic.update().where(*promoted).values(promoted_at=None, in_a_row=0))
            if taken.rowcount:
                self._audit.add(db, name, "topic-taken-back", topic)
            return bool(taken.rowcount)


def _read(db: sa.Connection, topic: str) -> Standing:
    row = db.execute(sa.select(ghost_topic).where(ghost_topic.c.topic == topic)).one_or_none()
    if row is not None:
        return _standing(row)
    db.execute(
        ghost_topic.insert().values(topic=topic, in_a_row=0, accepted=0, edited=0, rejected=0, lapsed=0)
    )
    return Standing(topic=topic)


def _write(db: sa.Connection, topic: str, values: dict[str, int | str | None]) -> None:
    db.execute(ghost_topic.update().where(ghost_topic.c.topic == topic).values(values))


def _standing(row: sa.Row[tuple[object, ...]]) -> Standing:
    promoted = row.promoted_at
    return Standing(
        topic=str(row.topic),
        in_a_row=int(row.in_a_row),
        accepted=int(row.accepted),
        edited=int(row.edited),
        rejected=int(row.rejected),
        lapsed=int(row.lapsed),
        promoted_at=datetime.fromisoformat(str(promoted)) if promoted is not None else None,
    )
