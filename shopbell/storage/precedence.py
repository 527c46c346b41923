"""Precedence: a customer who waits goes before the other programs of the machine, and idle work behind them.

The system's scheduler gives each level of niceness about a tenth less of the processor than the one before.
An account may go above the others only where its owner has allowed that; elsewhere all stays as it was.
"""

import os
from contextlib import suppress
from pathlib import Path

FIRST = -8
"""Niceness of the shop and of its engines: some six times the share of an ordinary program."""

LAST = 10
"""Niceness of what nobody waits for: about a tenth of that share."""

_GROUP = Path("/proc/self/autogroup")
"""Linux shares the processor out among sessions first, and heeds niceness only within each."""


def go_first(group: Path = _GROUP) -> bool:
    """Put this thread, and all threads and processes begun by it, before ordinary programs.

    Returns False where the account may not. Call it before any thread is begun.
    """
    if not _settle(FIRST):
        return False
    if os.getsid(0) == os.getpid():  # a terminal's other programs are not ours to raise
        with suppress(OSError):
            group.write_text(str(FIRST))
    return True


def go_last() -> None:
    """Put this thread, and all begun by it, behind ordinary programs, whatever it has inherited."""
    _settle(LAST)


def may_go_first() -> bool:
    """Say whether `go_first` is allowed here; it is tried, and taken back at once."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    allowed = _settle(FIRST)
    if allowed:
        os.setpriority(os.PRIO_PROCESS, 0, before)
    return allowed


def _settle(niceness: int) -> bool:
    try:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    except OSError:
        return False
    return True
