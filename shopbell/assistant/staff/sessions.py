"""Sessions: who is signed in, by a token of which only the hash is kept. Every call blocks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.errors import BadLogin
from shopbell.assistant.staff.audit import AuditLog
from shopbell.assistant.staff.names import key_of
from shopbell.assistant.staff.passwords import fingerprint
from shopbell.assistant.staff.tables import session, staff
from shopbell.assistant.staffwire import Role
from shopbell.storage.database import reading

IDLE_FOR = timedelta(minutes=30)
LASTS = timedelta(hours=12)


class Member(Struct, frozen=True, kw_only=True):
    """A member of staff who is signed in."""

    name: str
    role: Role
    session: str
    """The session's id; not its token."""
    ends_at: datetime


class Sessions:
    """Who is signed in."""

    def __init__(self, engine: sa.Engine, audit: AuditLog, clock: Callable[[], datetime]) -> None:
        """Take the database, the log that signing in and out is written to, and the time."""
        self._engine = engine
        self._audit = audit
        self._clock = clock

    def begin(self, name: str, token: str, number: str) -> Member:
        """Sign somebody in, known by `token` from now on; `number` is the session's own name."""
        with self._engine.begin() as db:
            query = sa.select(staff).where(staff.c.id == key_of(name), staff.c.revoked_at.is_(None))
            row, now = db.execute(query).one_or_none(), stamp(self._clock())
            if row is None:  # revoked while the password was compared
                raise BadLogin("The name or the password is not right.")
            kept = {"id": number, "token_hash": fingerprint(token), "staff": row.id}
            db.execute(session.insert().values(started_at=now, seen_at=now, **kept))
            self._audit.add(db, row.name, "login", row.name)
        return Member(name=row.name, role=row.role, session=number, ends_at=self._clock() + LASTS)

    def member(self, token: str) -> Member | None:
        """Return who sends this token; None when the session is over or never was."""
        return self._found(session.c.token_hash == fingerprint(token)) if token else None

    def still(self, number: str) -> Member | None:
        """Return who the session is of, with the role as it is now; None when it is over."""
        return self._found(session.c.id == number)

    def seen(self, number: str) -> None:
        """Note that somebody is at the keys."""
        with self._engine.begin() as db:
            db.execute(session.update().where(session.c.id == number).values(seen_at=stamp(self._clock())))

    def end(self, member: Member) -> None:
        """Sign somebody out."""
        with self._engine.begin() as db:
            db.execute(
                session.update().where(session.c.id == member.session).values(ended_at=stamp(self._clock()))
            )
            self._audit.add(db, member.name, "logout", member.name)

    def _found(self, which: sa.ColumnElement[bool]) -> Member | None:
        query = sa.select(session, staff.c.name, staff.c.role).join(staff, staff.c.id == session.c.staff)
        query = query.where(which, session.c.ended_at.is_(None), staff.c.revoked_at.is_(None))
        with reading(self._engine) as db:
            row = db.execute(query).one_or_none()
        if row is None:
            return None
        ends_at = datetime.fromisoformat(row.started_at) + LASTS
        if self._clock() >= min(ends_at, datetime.fromisoformat(row.seen_at) + IDLE_FOR):
            return None
        return Member(name=row.name, role=row.role, session=row.id, ends_at=ends_at)


def end_all(db: sa.Connection, member: str, now: str, but: str = "") -> None:
    """End every session of a member, except the one with the id `but`."""
    theirs = (session.c.staff == member) & session.c.ended_at.is_(None) & (session.c.id != but)
    db.execute(session.update().where(theirs).values(ended_at=now))


def stamp(at: datetime) -> str:
    """Return the instant as text of one width in UTC, which sorts as it passes."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
