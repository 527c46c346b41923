"""The call book: every call that reached the shop's telephone, with how it went. Every call blocks.

Of the caller's number only the last three digits are kept; what was said stands in the conversation.
"""

from datetime import UTC, datetime
from typing import Literal

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.engine import Engine, Row

from shopbell.storage.columns import texts
from shopbell.storage.database import metadata, reading

End = Literal["", "goodbye", "hung-up", "idle", "longest", "transferred", "staff", "fault", "restart"]
Outcome = Literal["ringing", "answered", "missed", "busy", "blocked", "unready", "called-back", "unreached"]
"""The last two are calls of the shop's own, to customers who asked for it."""
SHOWN = 3
"""Digits of a caller's number that are kept."""
phone_call = sa.Table(
    "phone_call",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    *texts("conversation", "began_at", "caller", "callee", "outcome", "ended", "codec"),
    sa.Column("answered_at", sa.Text),
    sa.Column("ended_at", sa.Text),
    *texts("figures", "turns"),
    sa.Index("ix_phone_call_began_at", "began_at"),
    sa.Index("ix_phone_call_conversation", "conversation"),
    sqlite_strict=True,
)


class Quality(Struct, frozen=True, kw_only=True):
    """How the line was."""

    received: int = 0
    """Packets."""
    sent: int = 0
    lost_percent: float = 0.0
    """Of the caller's packets."""
    concealed: int = 0
    """Frames made up by the jitter buffer."""
    jitter_ms: float = 0.0
    far_lost_percent: float = 0.0
    """Of our packets, as the other side last told."""
    loudness_db: float = -96.0
    """Of the caller while speaking, in decibels below full scale."""
    spoke_s: float = 0.0
    """Seconds of loud sound from the caller."""
    talk_over_s: float = 0.0
    """Seconds in which both spoke."""
    longest_silence_s: float = 0.0
    """Seconds in which nobody did, at a stretch."""
    strangers: int = 0
    """Packets from elsewhere, none of which was heard."""


class Heard(Struct, frozen=True, kw_only=True):
    """One turn of the caller: never its words."""

    at_s: float
    """Seconds after the answer at which it ended."""
    seconds: float
    """How long it lasted."""
    words: int
    """0: nothing was understood."""
    confidence: float
    wait_s: float | None = None
    """Seconds until the shop sounded; None when it did not any more."""


class Call(Struct, frozen=True, kw_only=True):
    """One call."""

    id: str
    conversation: str = ""
    """Empty for a call that was not answered."""
    began_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    caller: str
    """As `masked` makes it."""
    callee: str
    """The extension that was called."""
    outcome: Outcome = "ringing"
    ended: End = ""
    codec: str = ""
    quality: Quality = Quality()
    turns: tuple[Heard, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it was talked."""
        if self.answered_at is None or self.ended_at is None:
            return 0.0
        return (self.ended_at - self.answered_at).total_seconds()


class CallBook:
    """All calls."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, call: Call) -> None:
        """Put down a call."""
        with self._engine.begin() as db:
            db.execute(phone_call.insert().values(_row(call)))

    def keep(self, call: Call) -> None:
        """Put down what became of it."""
        with self._engine.begin() as db:
            db.execute(phone_call.update().where(phone_call.c.id == call.id).values(_row(call)))

    def close_left(self, now: datetime) -> int:
        """Note of calls without an end that a restart cut them off; return how many there were."""
        left = phone_call.c.ended_at.is_(None)
        with self._engine.begin() as db:
            return db.execute(
                phone_call.update().where(left).values(ended="restart", ended_at=_stamp(now))
            ).rowcount

    def find(self, name: str) -> Call | None:
        """Return the call of this id, its beginning if only one has it, or of this conversation."""
        starts = phone_call.c.id.startswith(name, autoescape=True)
        wanted = starts | (phone_call.c.conversation == name)
        with reading(self._engine) as db:
            rows = db.execute(sa.select(phone_call).where(wanted).limit(2)).all() if name else []
        return _call(rows[0]) if len(rows) == 1 else None

    def latest(self, limit: int = 20) -> tuple[Call, ...]:
        """Return the last calls, newest first."""
        query = sa.select(phone_call).order_by(phone_call.c.began_at.desc()).limit(limit)
        with reading(self._engine) as db:
            return tuple(_call(row) for row in db.execute(query))


def masked(number: str) -> str:
    """Return the number as it may be kept and shown: its last digits."""
    digits = "".join(one for one in number if one.isdigit())
    return f"…{digits[-SHOWN:]}" if len(digits) > SHOWN else "unknown"


def _row(call: Call) -> dict[str, str | None]:
    return {
        "id": call.id,
        "conversation": call.conversation,
        "began_at": _stamp(call.began_at),
        "answered_at": _stamp(call.answered_at) if call.answered_at else None,
        "ended_at": _stamp(call.ended_at) if call.ended_at else None,
        "caller": call.caller,
        "callee": call.callee,
        "outcome": call.outcome,
        "ended": call.ended,
        "codec": call.codec,
        "figures": msgspec.json.encode(call.quality).decode(),
        "turns": msgspec.json.encode(call.turns).decode(),
    }


def _call(row: Row[tuple[object, ...]]) -> Call:
    return Call(
        id=row.id,
        conversation=row.conversation,
        began_at=datetime.fromisoformat(row.began_at),
        answered_at=datetime.fromisoformat(row.answered_at) if row.answered_at else None,
        ended_at=datetime.fromisoformat(row.ended_at) if row.ended_at else None,
        caller=row.caller,
        callee=row.callee,
        outcome=row.outcome,
        ended=row.ended,
        codec=row.codec,
        quality=msgspec.json.decode(row.figures, type=Quality),
        turns=msgspec.json.decode(row.turns, type=tuple[Heard, ...]),
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
