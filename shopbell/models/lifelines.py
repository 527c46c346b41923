"""What ties a worker process to the house: its lines, and its end when the house ends."""

import ctypes
import os
import signal
import sys
from typing import BinaryIO

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Ask the kernel to end this process when the house dies, even by `kill -9` (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def take_lines() -> tuple[BinaryIO, BinaryIO]:
    """Keep standard input and output to ourselves, so that no library can write among the frames."""
    orders, reports = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return os.fdopen(orders, "rb"), os.fdopen(reports, "wb")
