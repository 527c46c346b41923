"""Clean memory: what a library writes of memory that it never filled is zeros, not what others left there.

Chroma's graph index allocates room for a hundred vectors and writes all of it to its file, filled or not. In
the rest stands whatever the process had freed: customers' names and words, on disk, out of reach of any
erasure. While such a library allocates, the C library is told to fill what it gives away (mallopt(3),
M_PERTURB); the smallest pieces are not filled, and none of those is written whole.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_PERTURB = -6
_ZEROS = 0xFF
"""Memory given away is filled with the complement of this, memory given back with this itself."""

_lock = threading.Lock()
_inside = 0


@contextmanager
def clean_memory() -> Iterator[None]:
    """Let all memory that is allocated meanwhile, on any thread, begin as zeros.

    Without effect where the C library is not GNU's.
    """
    _step(1)
    try:
        yield
    finally:
        _step(-1)


def _step(change: int) -> None:
    global _inside  # noqa: PLW0603 - the setting is the process's own
    with _lock:
        _inside += change
        _fill(bool(_inside))


def _fill(wanted: bool) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_PERTURB, _ZEROS if wanted else 0)
