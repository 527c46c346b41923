"""Questions without an answer that an erased customer asked: their words and their vectors."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from shopbell.assistant import events as e
from shopbell.assistant.store import event_table
from shopbell.knowledge.gaps import masked
from shopbell.knowledge.store import gap

Embed: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]
_SAME = 0.999
"""Cosine from which a vector was made of the same words."""


def drop_gaps(db: sa.Connection, talks: Sequence[str], embed: Embed | None) -> int:
    """Remove the groups of questions that were made of what was said in these conversations."""
    said = db.execute(
        sa.select(event_table.c.body).where(
            event_table.c.conversation.in_(talks), event_table.c.kind == e.CustomerSaid.__name__
        )
    ).scalars()
    found = [known.text for known in map(e.decode, said) if isinstance(known, e.CustomerSaid)]
    words = {masked(text) for text in found}
    if not words:
        return 0
    rows = db.execute(sa.select(gap.c.id, gap.c.example, gap.c.vector)).all()
    asked = embed(sorted(words)) if embed is not None and rows else None
    gone = [
        row.id for row in rows if row.example in words or (asked is not None and _near(row.vector, asked))
    ]
    return db.execute(gap.delete().where(gap.c.id.in_(gone))).rowcount if gone else 0


def _near(vector: bytes, asked: NDArray[np.float32]) -> bool:
    centre = np.frombuffer(vector, dtype=np.float32)
    return centre.shape[0] == asked.shape[1] and bool((asked @ centre).max() >= _SAME)
