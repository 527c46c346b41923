"""Gaps: questions the shop could not answer, grouped by meaning and counted for the owner to fill."""

import re
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.knowledge import store
from shopbell.knowledge.embedding import Embedder
from shopbell.storage.database import forget_pages, reading
from shopbell.storage.plain import clean

SAME_MEANING = 0.65
"""Cosine from which two questions fall into one group. Chosen on the development halves of two outside sets:
on stackfaq 92 % of the pairs it joins ask the same and it joins 72 % of those that do; on covidfaq, where all
is about one illness, 64 % of like pairs are joined."""
MAX_LETTERS = 300
"""Letters kept of a question."""
MAX_GROUPS = 5_000
"""Groups kept; past it the one asked least and longest ago goes."""

_EMAIL = re.compile(r"\S+@\S+\.\w+")
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s()./-]{0,3}\d){5,}")
"""Six digits and more, however spaced: telephone, card, order and bank numbers, and dates with a year."""


class Gap(Struct, frozen=True, kw_only=True):
    """A group of like questions without an answer."""

    id: int
    example: str
    """The newest wording, with numbers and addresses masked."""
    count: int
    first_seen: str
    """ISO 8601, in UTC."""
    last_seen: str


class Gaps:
    """Keeps the unanswered questions; one writer at a time."""

    def __init__(self, engine: sa.Engine, embedder: Embedder) -> None:
        self._engine = engine
        self._embedder = embedder

    def keep(self, question: str, now: datetime) -> Gap | None:
        """Count a question that found no answer; None when it holds no word. Blocks for some milliseconds."""
        example = masked(question)
        if not any(letter.isalpha() for letter in example.replace("[number]", "").replace("[e-mail]", "")):
            return None
        vector = self._embedder.embed([example])[0]
        seen = now.astimezone(UTC).isoformat(timespec="seconds")
        with self._engine.begin() as connection:
            nearest = _nearest(connection, vector)
            if nearest is None:
                number = store.add_gap(connection, example, seen, vector.tobytes(), MAX_GROUPS)
            else:
                number = nearest
                store.count_gap(connection, number, example, seen)
            return _gap(store.gap_row(connection, number))


def list_gaps(engine: sa.Engine, limit: int = 100) -> tuple[Gap, ...]:
    """Return the groups asked most, newest first among equals."""
    with reading(engine) as connection:
        return tuple(map(_gap, store.gap_rows(connection, limit)))


def forget_gap(engine: sa.Engine, number: int) -> bool:
    """Drop a group, for it has been answered or should not be kept; say whether there was one."""
    with engine.begin() as connection:
        known = store.remove_gap(connection, number)
    forget_pages(engine)
    return known


def masked(question: str) -> str:
    """Return a question as it may be kept: one line, capped, without e-mail addresses and long numbers."""
    line = " ".join(clean(question[: 4 * MAX_LETTERS]).split())
    return _LONG_NUMBER.sub("[number]", _EMAIL.sub("[e-mail]", line))[:MAX_LETTERS]


def _nearest(connection: sa.Connection, vector: NDArray[np.float32]) -> int | None:
    """Return the group whose first question is nearest, if it is near enough.

    The first question stays the centre: a centre that moved could wander from one meaning to another.
    """
    rows = store.gap_vectors(connection)
    if not rows:
        return None
    centres = np.frombuffer(b"".join(centre for _, centre in rows), dtype=np.float32).reshape(len(rows), -1)
    if centres.shape[1] != len(vector):
        return None
    cosines = centres @ vector
    best = int(np.argmax(cosines))
    return rows[best][0] if cosines[best] >= SAME_MEANING else None


def _gap(row: sa.Row[int, str, int, str, str]) -> Gap:
    number, example, count, first_seen, last_seen = row
    return Gap(id=number, example=example, count=count, first_seen=first_seen, last_seen=last_seen)
