"""Precedence: a customer who waits goes before the other programs of the machine, and idle work behind them.

The system's scheduler gives each level of niceness about a tenth less of the processor than the one before.
Where it shares the processor out among sessions first ("autogroup"), a session has a niceness of its own. An
account may go above the others only where its owner has allowed that; elsewhere all stays as it was.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FIRST = -10
"""Niceness of the shop and of its engines: nine times the share of an ordinary program. At -5, three times,
an engine's threads wait for each other so long that its first word comes no sooner than at 0."""

LEVEL = 0
"""Niceness of an ordinary program."""

LAST = 10
"""Niceness of what nobody waits for: about a tenth of that share."""

_GROUP = Path("/proc/self/autogroup")


@contextmanager
def going_first(group: Path = _GROUP) -> Iterator[bool]:
    """Put this thread, and all threads and processes begun by it, before ordinary programs.

    So is the session they are in, until it is over: a terminal's other programs come along. Yields False
    where the account may not. Call it before any thread is begun.
    """
    if not _settle(0, FIRST):
        yield False
        return
    _settle_group(group, FIRST)
    try:
        yield True
    finally:
        _settle_group(group, LEVEL)


def go_last() -> None:
    """Put this thread, and all begun by it, behind ordinary programs, whatever it has inherited."""
    _settle(0, LAST)


def may_go_first() -> bool:
    """Say whether `going_first` is allowed here; it is tried, and taken back at once."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    allowed = _settle(0, FIRST)
    if allowed:
        os.setpriority(os.PRIO_PROCESS, 0, before)
    return allowed


def goes_first() -> bool:
    """Say whether this thread was put before ordinary programs."""
    return os.getpriority(os.PRIO_PROCESS, 0) == FIRST


def _settle(thread: int, niceness: int) -> bool:
    try:
        os.setpriority(os.PRIO_PROCESS, thread, niceness)
    except OSError:  # not allowed, or the thread has ended
        return False
    return True


def _settle_group(group: Path, niceness: int) -> None:
    with suppress(OSError):  # no such thing on this system, or changed a tenth of a second ago
        group.write_text(str(niceness))
