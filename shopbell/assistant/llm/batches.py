"""Who is read for in the next batch. Pure: it sees asks and counts, no clock and no engine.

One batch serves all who are at work: the next token of everyone who writes, and a slice of what somebody
reads. Whoever has the least left to read goes first, for most wait for a short question; each batch that
passes somebody by counts as `AGING` tokens less, so that a long prompt waits no more than `longest_wait`.

A second question is read beside the first only where it ends there: a part of it would hold the first up and
be no sooner over itself.
"""

from collections.abc import Sequence

from msgspec import Struct

SLICE = 64
"""Tokens of prompts in one batch, at most. More are no faster on a few cores, and take more memory."""

TILE = 32
"""Tokens on which the kernels work at a time: a few more cost half as much again (of the 1.5B model on one
thread 0.49 s for 32 and 0.74 s for 40)."""

TOGETHER = 16
"""Replies in one batch, at most."""

AGING = 16
"""Tokens that a reader is moved forward by each batch without it."""


class Standing(Struct, frozen=True, kw_only=True):
    """How one job stands."""

    left: int
    """Tokens it wants read."""
    writing: bool = False
    """Whether that is the one token of a reply."""
    waited: int = 0
    """Batches since it was last in one."""
    spare: bool = False
    """Whether it is worth doing only while nobody else is there."""


class Share(Struct, frozen=True):
    """A job's part in the batch."""

    place: int
    """Of the job, among those that stood."""
    count: int
    """Tokens."""


def choose(standing: Sequence[Standing], *, room: int) -> tuple[Share, ...]:
    """Return the next batch: all who write, and readers for up to `room` tokens, at least 1."""
    wanted = any(not one.spare for one in standing)
    places = [place for place, one in enumerate(standing) if not (one.spare and wanted)]
    writers = [Share(place, 1) for place in places if standing[place].writing]
    readers = [place for place in places if not standing[place].writing]
    return (*_reading(standing, readers, room), *writers)


def _reading(standing: Sequence[Standing], places: Sequence[int], room: int) -> tuple[Share, ...]:
    shares: list[Share] = []
    order = sorted(places, key=lambda place: (standing[place].left - AGING * standing[place].waited, place))
    for place in order:
        count = standing[place].left if shares else min(standing[place].left, room)
        if 0 < count <= room:
            shares.append(Share(place, count))
            room -= count
    return tuple(shares)


def longest_wait(left: int, *, others: int) -> int:
    """Return the most batches that somebody with so much left is passed by, whoever comes and goes.

    After `left / AGING` batches it goes before everyone who comes anew; those who were there before it may
    have waited as long, and each of them goes before it once.
    """
    return -(-left // AGING) + others
