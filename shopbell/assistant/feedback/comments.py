"""Comments: marks and words of customers from all places, each with its conversation. Blocks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Connection, Engine

from shopbell.assistant import events as e
from shopbell.assistant.mood import frustrated
from shopbell.assistant.store import event_table
from shopbell.loyalty.casebook import case_table
from shopbell.loyalty.chain import stamp
from shopbell.loyalty.registry import unstamp
from shopbell.storage.database import reading

Kind = Literal["csat", "nps", "complaint"]
Mood = Literal["unhappy", "neutral", "happy"]
LOW: dict[str, int] = {"csat": 2, "nps": 6}
"""The highest mark that is a bad one."""
HIGH: dict[str, int] = {"csat": 4, "nps": 9}
"""The lowest mark that is a good one."""
_PROVEN = ("verified", "vouched")


class Comment(Struct, frozen=True, kw_only=True):
    """What one customer thought, once."""

    key: str
    """Unique for ever."""
    kind: Kind
    conversation: str
    customer: str
    """Empty: nobody was known."""
    at: datetime
    score: int | None
    """1 to 5 (csat), 0 to 10 (nps); none with a complaint."""
    text: str

    @property
    def is_low(self) -> bool:
        """Whether somebody should call."""
        return self.score is not None and self.score <= LOW.get(self.kind, -1)

    @property
    def mood(self) -> Mood:
        """How it sounds: by the mark where there is one, else by the words."""
        if self.is_low or self.kind == "complaint" or frustrated([self.text] if self.text else []):
            return "unhappy"
        high = self.score is not None and self.score >= HIGH.get(self.kind, 99)
        return "happy" if high else "neutral"


def comments(engine: Engine, since: datetime) -> tuple[Comment, ...]:
    """Return what was said from `since` on, oldest first."""
    with reading(engine) as db:
        found = [*_cases(db, since), *_stars(db, since)]
    return tuple(sorted(found, key=lambda one: one.at))


def _cases(db: Connection, since: datetime) -> Sequence[Comment]:
    table = case_table.c
    wanted = table.kind.in_(["csat", "nps", "complaint"]) & (table.at >= stamp(since))
    return [
        Comment(
            key=row.key,
            kind=row.kind,
            conversation=row.conversation,
            customer=row.customer,
            at=unstamp(row.at),
            score=row.score,
            text=row.text,
        )
        for row in db.execute(sa.select(case_table).where(wanted))
    ]


def _stars(db: Connection, since: datetime) -> Sequence[Comment]:
    """Return the stars of conversations; given again in the same one, the last count."""
    table = event_table.c
    wanted = (table.kind == e.Starred.__name__) & (table.at >= since.astimezone(UTC).isoformat())
    found = {}
    for row in db.execute(sa.select(event_table).where(wanted).order_by(table.seq)):
        event = e.decode(row.body)
        if isinstance(event, e.Starred):
            found[row.conversation] = Comment(
                key=f"stars:{row.conversation}",
                kind="csat",
                conversation=row.conversation,
                customer=_whose(db, row.conversation, row.seq),
                at=unstamp(row.at),
                score=event.stars,
                text=event.comment,
            )
    return tuple(found.values())


def _whose(db: Connection, conversation: str, seq: int) -> str:
    """Return who was known for certain when something was said; empty for nobody."""
    table = event_table.c
    said = (table.conversation == conversation) & (table.kind == e.Recognised.__name__) & (table.seq < seq)
    query = sa.select(table.body).where(said).order_by(table.seq.desc()).limit(1)
    body = db.execute(query).scalar()
    known = e.decode(body) if body else None
    return known.customer if isinstance(known, e.Recognised) and known.level in _PROVEN else ""
