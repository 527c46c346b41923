"""How hard the engine works beside others."""

import time

from shopbell.assistant.llm.batches import SLICE, TILE
from shopbell.assistant.llm.neighbours import Neighbours, read_busy
from shopbell.assistant.llm.pacing import LEAST, PAUSE_S, STALL_S, Pacing
from shopbell.assistant.llm.requests import Rates


def rates(prefill: float, threads: int = 2) -> Rates:
    return Rates(threads=threads, threads_reading=threads, flash=True, prefill_rate=prefill, decode_rate=20.0)


class Machine:
    """A machine whose neighbours use so many cores, and what was told to the engine."""

    def __init__(self, others: float, *, prefill: float = 100.0) -> None:
        self.others = others
        self.threads: list[tuple[int, int]] = []
        self.pauses: list[float] = []
        self.pacing = Pacing(rates(prefill), self._set, cores=2, busy=self._busy, pause=self.pauses.append)

    def _busy(self) -> float:
        return time.process_time() + self.others * time.monotonic()

    def _set(self, *, writing: int, reading: int) -> None:
        self.threads.append((writing, reading))

    def work(self, *, patient: bool = False) -> None:
        until = time.monotonic() + 0.13
        while time.monotonic() < until:
            pass
        self.pacing.look(patient=patient)


def test_beside_a_neighbour_one_thread_works() -> None:
    """The engine is told at once, and again when the neighbour rests."""
    machine = Machine(1.0)
    machine.pacing.begin()
    machine.work()
    assert machine.threads == [(1, 1)]


def test_what_can_wait_steps_aside_when_all_cores_are_in_use() -> None:
    """Only then, and only what can wait."""
    machine = Machine(2.0)
    machine.pacing.begin()
    machine.work()
    assert not machine.pauses
    machine.work(patient=True)
    assert machine.pauses == [PAUSE_S]


def test_beside_writers_so_much_is_read_that_nobodys_words_stop() -> None:
    """A slice takes no longer than is let pass, on one thread too; alone it is whole."""
    for prefill in (30.0, 97.0, 200.0, 5000.0):
        pacing = Machine(0.0, prefill=prefill).pacing
        assert pacing.room(writing=False) == SLICE
        assert LEAST <= pacing.room(writing=True) <= max(LEAST, min(SLICE, STALL_S * prefill))
        assert pacing.room(writing=True) % (TILE if pacing.room(writing=True) > TILE else 4) == 0
    machine = Machine(1.0, prefill=100.0)
    machine.pacing.begin()
    machine.work()
    assert machine.pacing.room(writing=True) == 12


def test_the_system_tells_how_busy_the_cores_are() -> None:
    """The seconds grow while we work, and what is ours is not our neighbours'."""
    before = read_busy()
    if before is None:
        return
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    after = read_busy()
    assert after is not None
    assert after >= before


def test_neighbours_are_what_we_are_not() -> None:
    """Of three busy cores one is ours; where the system tells nothing, nobody knows."""
    busy = iter((10.0, 16.0, None))
    neighbours = Neighbours(lambda: next(busy))
    neighbours.begin(wall=0.0, cpu=0.0)
    assert neighbours.look(wall=2.0, cpu=2.0) == 2.0
    assert neighbours.look(wall=3.0, cpu=3.0) is None
