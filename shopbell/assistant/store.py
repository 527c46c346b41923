"""The log of conversations: append-only rows, one writer. Every call blocks: call it in a worker."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine, Row

from shopbell.assistant import events as e
from shopbell.assistant.errors import NoSuchConversation
from shopbell.storage.database import metadata, reading

conversation_table = sa.Table(
    "conversation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("started_at", sa.Text, nullable=False),
    sa.Column("ended_at", sa.Text),
)
event_table = sa.Table(
    "event",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("conversation", sa.Text, sa.ForeignKey("conversation.id"), nullable=False, index=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
client_key_table = sa.Table(
    "client_key",
    metadata,
    sa.Column("conversation", sa.Text, sa.ForeignKey("conversation.id"), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("event", sa.Integer, sa.ForeignKey("event.seq"), nullable=False),
)


Witness = Callable[[Connection, e.Logged], None]
"""Writes what else an event means into the event's own transaction: both are kept, or neither."""


class Kept(Struct, frozen=True):
    """An entry as it was put into the log, or as it already stood there."""

    entry: e.Logged
    new: bool
    also: tuple[e.Logged, ...] = ()
    """What was put into the log in the same breath."""


class EventLog:
    """Conversations and their events in the database."""

    def __init__(self, engine: Engine, *witnesses: Witness) -> None:
        """Take the database, and who else keeps something of every event that is appended with a name."""
        self._engine = engine
        self._witnesses = witnesses

    def open(self, conversation: str, token: str, channel: str, at: datetime) -> e.Logged:
        """Begin a conversation; only the token's hash is kept."""
        with self._engine.begin() as db:
            db.execute(
                conversation_table.insert().values(
                    id=conversation, token_hash=_hash(token), channel=channel, started_at=at.isoformat()
                )
            )
            return _insert(db, conversation, e.Opened(channel=channel), at)

    def check(self, conversation: str, token: str) -> None:
        """Raise NoSuchConversation unless the token opens the conversation."""
        query = sa.select(conversation_table.c.token_hash).where(conversation_table.c.id == conversation)
        with reading(self._engine) as db:
            kept = db.execute(query).scalar_one_or_none()
        if not hmac.compare_digest(kept or _hash(""), _hash(token)) or not token:
            raise NoSuchConversation("This conversation is not known here. Start a new one.")

    def append(
        self, conversation: str, event: e.Event, at: datetime, key: str = "", also: Sequence[e.Event] = ()
    ) -> Kept:
        """Add an event, and others that stand or fall with it.

        With a key that was used before nothing is added: the entry it made then is returned.
        """
        with self._engine.begin() as db:
            if key and (kept := _by_key(db, conversation, key)) is not None:
                return Kept(kept, new=False)
            entry = _insert(db, conversation, event, at)
            if key:
                made = {"conversation": conversation, "key": key, "event": entry.seq}
                db.execute(client_key_table.insert(), made)
            if isinstance(event, e.Ended):
                db.execute(
                    conversation_table.update()
                    .where(conversation_table.c.id == conversation)
                    .values(ended_at=at.isoformat())
                )
            for witness in self._witnesses:
                witness(db, entry)
            return Kept(entry, True, tuple(_insert(db, conversation, more, at) for more in also))

    def take_in(
        self, conversation: str, token: str, channel: str, past: Sequence[tuple[datetime, e.Event]]
    ) -> bool:
        """Keep a conversation that is over, whole and without witnesses; False when it is there already."""
        with self._engine.begin() as db:
            if db.execute(sa.select(1).where(conversation_table.c.id == conversation)).first():
                return False
            first, last = past[0][0].isoformat(), past[-1][0].isoformat()
            row = {"id": conversation, "token_hash": _hash(token), "channel": channel}
            db.execute(conversation_table.insert(), row | {"started_at": first, "ended_at": last})
            db.execute(event_table.insert(), [_row(conversation, event, at) for at, event in past])
            return True

    def kept(self, conversation: str, key: str) -> e.Logged | None:
        """Return the entry that was made with this key, if there is one."""
        with reading(self._engine) as db:
            return _by_key(db, conversation, key)

    def read(self, conversation: str, after: int = 0) -> list[e.Logged]:
        """Return the entries with a greater `seq`, in order."""
        query = (
            sa.select(event_table)
            .where(event_table.c.conversation == conversation, event_table.c.seq > after)
            .order_by(event_table.c.seq)
        )
        with reading(self._engine) as db:
            return [_logged(row) for row in db.execute(query)]

    def unfinished(self, since: datetime, limit: int = 500) -> Sequence[str]:
        """Return the conversations that nobody ended and in which something happened since, newest first.

        One in which a person was wanted or took over counts however long ago that was.
        """
        last = sa.func.max(event_table.c.seq)
        called = event_table.c.kind.in_(["PersonWanted", "StaffTook"])
        query = (
            sa.select(event_table.c.conversation)
            .join(conversation_table, conversation_table.c.id == event_table.c.conversation)
            .where(conversation_table.c.ended_at.is_(None))
            .where(sa.or_(event_table.c.at >= since.isoformat(), called))
            .group_by(event_table.c.conversation)
            .order_by(last.desc())
            .limit(limit)
        )
        with reading(self._engine) as db:
            return db.execute(query).scalars().all()

    def between(self, start: datetime, end: datetime) -> list[e.Logged]:
        """Return all entries of a span of time, in order."""
        query = (
            sa.select(event_table)
            .where(event_table.c.at >= start.astimezone(UTC).isoformat())
            .where(event_table.c.at < end.astimezone(UTC).isoformat())
            .order_by(event_table.c.seq)
        )
        with reading(self._engine) as db:
            return [_logged(row) for row in db.execute(query)]

    def recent(self, limit: int = 50) -> Sequence[str]:
        """Return the ids of the latest conversations, newest first."""
        query = (
            sa.select(conversation_table.c.id).order_by(conversation_table.c.started_at.desc()).limit(limit)
        )
        with reading(self._engine) as db:
            return db.execute(query).scalars().all()


def _hash(token: str) -> str:
    # The token has 192 random bits: a plain hash cannot be guessed back, a slow one would buy nothing.
    return hashlib.sha256(token.encode()).hexdigest()


def _insert(db: Connection, conversation: str, event: e.Event, at: datetime) -> e.Logged:
    # Given beside the statement, not in it: a statement's first values stay in SQLAlchemy's cache.
    result = db.execute(event_table.insert(), _row(conversation, event, at))
    key = result.inserted_primary_key
    if key is None:  # the table has a key of its own; a database that returns none is broken
        raise RuntimeError("the database returned no key for the new event")
    return e.Logged(seq=int(key[0]), conversation=conversation, at=at, event=event)


def _row(conversation: str, event: e.Event, at: datetime) -> dict[str, str]:
    body = e.encode(event).decode()
    return {"conversation": conversation, "at": at.isoformat(), "kind": type(event).__name__, "body": body}


def _by_key(db: Connection, conversation: str, key: str) -> e.Logged | None:
    query = (
        sa.select(event_table)
        .join(client_key_table, client_key_table.c.event == event_table.c.seq)
        .where(client_key_table.c.conversation == sa.bindparam("whose"))
        .where(client_key_table.c.key == sa.bindparam("made_with"))
    )
    row = db.execute(query, {"whose": conversation, "made_with": key}).one_or_none()
    return None if row is None else _logged(row)


def _logged(row: Row[tuple[object, ...]]) -> e.Logged:
    return e.Logged(
        seq=int(row.seq),
        conversation=str(row.conversation),
        at=datetime.fromisoformat(str(row.at)),
        event=e.decode(str(row.body)),
    )
