"""The audit log: who did what and when, one line each, chained and never changed. Every call blocks.

It names people of the staff, conversations and accounts, never a customer's words and never a secret.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from shopbell.assistant.staff.tables import audit
from shopbell.assistant.staffwire.visible import visible
from shopbell.storage.chain import GENESIS, Link, Proof, follow, seal
from shopbell.storage.database import reading

Action = Literal[
    "login",
    "login-refused",
    "logout",
    "join",
    "password-changed",
    "account-added",
    "account-role",
    "account-revoked",
    "account-reset",
    "list-viewed",
    "conversation-viewed",
    "conversation-exported",
    "floor-taken",
    "floor-returned",
    "staff-said",
    "conversation-ended",
    "whispered",
    "noted",
    "draft-asked",
    "draft-judged",
    "topic-promoted",
    "topic-taken-back",
    "gap-forgotten",
    "entry-drafted",
    "entry-published",
    "entry-retired",
    "code-issued",
    "pin-unlocked",
    "card-made",
    "model-restarted",
    "audit-viewed",
    "figures-viewed",
    "figure-rows-viewed",
    "customer-exported",
    "customer-erased",
    "backup-made",
    "customers-searched",
    "customer-viewed",
    "customer-revealed",
    "customer-recognised",
    "points-awarded",
    "points-asked",
    "points-approved",
    "points-refused",
    "requests-viewed",
    "reward-reserved",
    "reward-looked-up",
    "reward-redeemed",
    "reward-released",
    "reward-undone",
    "merge-previewed",
    "customers-merged",
    "customers-parted",
    "complaint-settled",
    "letters-viewed",
    "letter-edited",
    "letter-released",
    "letter-refused",
    "feedback-viewed",
    "call-back-dialled",
    "interface-used",
    "deed-done",
    "deed-refused",
    "call-ignored",
]
"""What is written down; the names are stable."""
MAX_CHARS = 500
_LINE = {ord("\n"): "␊", ord("\t"): "␉"}


class Line(Struct, frozen=True, kw_only=True):
    """One line of the log."""

    seq: int
    at: str
    """ISO 8601, in UTC."""
    actor: str
    action: str
    target: str
    detail: str


class AuditLog:
    """The log in the database."""

    def __init__(self, engine: sa.Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def write(self, actor: str, action: Action, target: str = "", **detail: str | int) -> None:
        """Add a line in a transaction of its own."""
        with self._engine.begin() as db:
            self.add(db, actor, action, target, detail)

    def add(
        self,
        db: sa.Connection,
        actor: str,
        action: Action,
        target: str = "",
        detail: Mapping[str, str | int] | None = None,
    ) -> None:
        """Add a line in the transaction of what it tells of: neither happens without the other."""
        head = db.execute(sa.select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)).first()
        before = bytes(head.hash) if head else GENESIS
        said = " ".join(f"{key}={value}" for key, value in (detail or {}).items())
        line = Line(
            seq=head.seq + 1 if head else 1,
            at=self._clock().astimezone(UTC).isoformat(timespec="milliseconds"),
            actor=one_line(actor),
            action=action,
            target=one_line(target),
            detail=one_line(said),
        )
        db.execute(
            audit.insert().values(
                seq=line.seq,
                at=line.at,
                actor=line.actor,
                action=line.action,
                target=line.target,
                detail=line.detail,
                prev_hash=before,
                hash=seal(before, *_parts(line)),
            )
        )

    def lines(self, *, before: int = 0, limit: int = 100) -> list[Line]:
        """Return lines, the newest first; `before` a number, or from the end."""
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if before:
            query = query.where(audit.c.seq < before)
        with reading(self._engine) as db:
            return [_line(row) for row in db.execute(query)]

    def verify(self) -> Proof:
        """Follow the chain from its beginning."""
        with reading(self._engine) as db:
            return follow(_links(db))


def one_line(text: str) -> str:
    """Return the text as it may stand in a log: one line, no controls, capped."""
    return visible(text).translate(_LINE)[:MAX_CHARS]


def _links(db: sa.Connection) -> Iterator[Link]:
    for row in db.execute(sa.select(audit).order_by(audit.c.seq)):
        yield Link(seq=row.seq, before=bytes(row.prev_hash), seal=bytes(row.hash), parts=_parts(_line(row)))


def _parts(line: Line) -> tuple[int | str, ...]:
    return (line.seq, line.at, line.actor, line.action, line.target, line.detail)


def _line(row: sa.Row[tuple[object, ...]]) -> Line:
    return Line(
        seq=int(row.seq),
        at=str(row.at),
        actor=str(row.actor),
        action=str(row.action),
        target=str(row.target),
        detail=str(row.detail),
    )
