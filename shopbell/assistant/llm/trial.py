"""Tries the engine out, in a memory of its own, to learn how fast this machine is."""

import time

from shopbell.assistant.llm.engine import Weights
from shopbell.assistant.llm.memory import Memory, Shape
from shopbell.assistant.llm.work import Ask

_WORD = 100
"""Any token will do: the time does not depend on it."""


class Bench:
    """A `Trial` with these weights."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def __call__(
        self, *, threads: int, flash: bool, reads: int, writes: int, together: int = 1
    ) -> tuple[float, float]:
        """Read, then write `writes` tokens of `together` replies; return the seconds of each."""
        shape = Shape(cells=512, sequences=together, threads=threads, threads_reading=threads, flash=flash)
        memory = Memory(self._weights, shape, lambda: False)
        try:
            began = time.perf_counter()
            memory.run([(Ask(tokens=[_WORD] * reads, sequence=0, position=0), reads)])
            read = time.perf_counter()
            for step in range(writes):
                memory.run([(_word(sequence, reads, step), 1) for sequence in range(together)])
            return read - began, time.perf_counter() - read
        finally:
            memory.close()


def _word(sequence: int, reads: int, step: int) -> Ask:
    """Write on: the first behind what was read, the others from nothing."""
    position = step if sequence else reads + step
    return Ask(tokens=[_WORD], sequence=sequence, position=position, writing=True)
