"""Retention: the daily removal of what is older than the shop keeps it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant import events as e
from shopbell.assistant.callbook import phone_call
from shopbell.assistant.outreach.tables import letter_table
from shopbell.assistant.outreach.tables import try_table as send_table
from shopbell.assistant.privacy.erasure import UPLOADS, Place
from shopbell.assistant.privacy.keeping import Retention
from shopbell.assistant.privacy.tables import retention_run
from shopbell.assistant.privacy.tidying import drop_talks
from shopbell.assistant.staff.tables import invitation, session
from shopbell.assistant.store import conversation_table, event_table
from shopbell.knowledge.history import ASSISTANT, remembered_table
from shopbell.knowledge.store import gap
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.identitytries import drop_old
from shopbell.loyalty.registry import attempt_table, delivery_table, message_table
from shopbell.storage.database import forget_pages, reading
from shopbell.storage.lifting import laws_lifted

_CHUNK = 500


class Swept(Struct, frozen=True, kw_only=True):
    """What was removed on a day."""

    day: str
    """ISO date on the shop's calendar."""
    removed: Mapping[str, int]
    """Kind of data -> how many."""


def sweep_once(place: Place, keeps: Retention, now: datetime) -> Swept | None:
    """Remove what is too old, once on each day of the shop's calendar; None when it was done today.

    `now` is in the shop's zone. Blocks for as long as it takes.
    """
    day = now.date().isoformat()
    with reading(place.engine) as db:
        if db.execute(sa.select(retention_run.c.day).where(retention_run.c.day == day)).first():
            return None
    return sweep_now(place, keeps, now)


def sweep_now(place: Place, keeps: Retention, now: datetime) -> Swept:
    """Remove what is too old, whether or not it was done today."""
    day, removed = now.date().isoformat(), dict[str, int]()
    removed["conversations"] = _drop_talks(place.engine, keeps, now)
    with place.engine.begin() as db, laws_lifted(db):
        for kind, table, old in _old(keeps, now):
            removed[kind] = removed.get(kind, 0) + db.execute(table.delete().where(old)).rowcount
        tries = drop_old(db, now - timedelta(days=keeps.sign_ins))
        removed["sign_ins"] = removed.get("sign_ins", 0) + tries
        removed["messages"] = _drop_messages(db, now - timedelta(days=keeps.messages))
        removed["uploads"] = _drop_uploads(place, now - timedelta(days=keeps.uploads))
        db.execute(retention_run.delete().where(retention_run.c.day == day))
        told = msgspec.json.encode(removed).decode()
        db.execute(retention_run.insert().values(day=day, at=stamp(now), removed=told))
    forget_pages(place.engine)
    return Swept(day=day, removed=removed)


def past_sweeps(engine: sa.Engine, limit: int = 30) -> tuple[Swept, ...]:
    """Return what was removed lately, newest first."""
    query = sa.select(retention_run).order_by(retention_run.c.day.desc()).limit(limit)
    with reading(engine) as db:
        rows = db.execute(query).all()
    return tuple(
        Swept(day=row.day, removed=msgspec.json.decode(row.removed, type=dict[str, int])) for row in rows
    )


def _drop_talks(engine: sa.Engine, keeps: Retention, now: datetime) -> int:
    anonymous, known = (
        (now - timedelta(days=days)).astimezone(UTC).isoformat()
        for days in (keeps.anonymous, keeps.conversations)
    )
    named = (
        sa.select(event_table.c.conversation).where(event_table.c.kind == e.Recognised.__name__).distinct()
    )
    last = sa.func.max(event_table.c.at)
    quiet = sa.select(event_table.c.conversation).group_by(event_table.c.conversation)
    strangers = quiet.where(event_table.c.conversation.not_in(named)).having(last < anonymous)
    customers = quiet.where(event_table.c.conversation.in_(named)).having(last < known)
    empty = sa.select(conversation_table.c.id).where(
        conversation_table.c.started_at < anonymous,
        conversation_table.c.id.not_in(sa.select(event_table.c.conversation)),
    )
    with engine.connect() as db:
        talks = [str(talk) for query in (strangers, customers, empty) for talk in db.execute(query).scalars()]
    for some in _slices(talks):  # one transaction each: the shop writes in between
        with engine.begin() as db, laws_lifted(db):
            drop_talks(db, some)
    return len(talks)


def _old(keeps: Retention, now: datetime) -> Iterator[tuple[str, sa.Table, sa.ColumnElement[bool]]]:
    def since(days: int) -> str:
        return (now - timedelta(days=days)).astimezone(UTC).isoformat()

    yield "unanswered", gap, gap.c.last_seen < since(keeps.unanswered)
    noted = (remembered_table.c.by == ASSISTANT) & (remembered_table.c.at < since(keeps.conversations))
    yield "summaries", remembered_table, noted
    yield "calls", phone_call, phone_call.c.began_at < since(keeps.calls)
    letters = letter_table.c.drawn_at < since(keeps.letters)
    yield "tries", send_table, send_table.c.letter.in_(sa.select(letter_table.c.id).where(letters))
    yield "letters", letter_table, letters
    yield "sign_ins", session, session.c.seen_at < since(keeps.sign_ins)
    yield "sign_ins", invitation, invitation.c.ends_at < since(keeps.sign_ins)


def _drop_messages(db: sa.Connection, before: datetime) -> int:
    old = message_table.c.at < stamp(before)
    ids = db.execute(sa.select(message_table.c.id).where(old)).scalars().all()
    for some in _slices(list(ids)):
        _drop_parcels(db, some)
    return len(ids)


def _drop_parcels(db: sa.Connection, ids: Sequence[str]) -> None:
    parcels = sa.select(delivery_table.c.id).where(delivery_table.c.message.in_(ids))
    db.execute(attempt_table.delete().where(attempt_table.c.delivery.in_(parcels)))
    db.execute(delivery_table.delete().where(delivery_table.c.message.in_(ids)))
    db.execute(message_table.delete().where(message_table.c.id.in_(ids)))


def _drop_uploads(place: Place, before: datetime) -> int:
    folder = place.folder / UPLOADS
    old = [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.is_file() and path.stat().st_mtime < before.timestamp()
    ]
    for path in old:
        path.unlink()
    return len(old)


def _slices(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
