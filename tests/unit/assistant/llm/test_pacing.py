"""How hard the engine works beside others."""

import time
from pathlib import Path

import pytest

from shopbell.assistant.llm import neighbours
from shopbell.assistant.llm.batches import SLICE, TILE
from shopbell.assistant.llm.neighbours import Neighbours, read_busy, read_waiting
from shopbell.assistant.llm.pacing import LEAST, PAUSE_S, STALL_S, Pacing
from shopbell.assistant.llm.requests import Rates


def rates(prefill: float, threads: int = 2) -> Rates:
    return Rates(threads=threads, threads_reading=threads, flash=True, prefill_rate=prefill, decode_rate=20.0)


class Machine:
    """A machine whose neighbours use so many cores and lack others, and what was told to the engine."""

    def __init__(self, others: float = 0.0, *, prefill: float = 100.0) -> None:
        self.others, self.lacked = others, 0.0
        self.wall = self.cpu = self.used = self.waited = 0.0
        self.threads: list[tuple[int, int]] = []
        self.pauses: list[float] = []
        self.pacing = Pacing(
            rates(prefill),
            self._set,
            cores=2,
            busy=lambda: self.cpu + self.used,
            waiting=lambda: self.waited,
            pause=self.pauses.append,
            clocks=lambda: (self.wall, self.cpu),
        )
        self.pacing.begin()

    def _set(self, *, writing: int, reading: int) -> None:
        self.threads.append((writing, reading))

    def work(self, *, share: float = 1.0, patient: bool = False, ahead: bool = False) -> None:
        """Read or write a batch, with such a share of two cores, and look at the machine before the next."""
        self.wall += 0.13
        self.cpu += 0.26 * share
        self.used += 0.13 * self.others
        self.waited += 0.13 * self.lacked
        self.pacing.look(patient=patient, ahead=ahead)


def test_beside_a_neighbour_one_thread_works() -> None:
    """The engine is told at once, and again when the neighbour rests."""
    machine = Machine(1.0)
    machine.work(share=0.5)
    assert machine.threads == [(1, 1)]
    machine.others = 0.0
    machine.work(share=0.5)
    assert machine.threads == [(1, 1), (2, 2)]


def test_a_neighbour_whom_we_hold_back_has_a_core_as_soon_as_words_come() -> None:
    """Who goes first is given both cores, and would never see the kiosk's browser that plays his words."""
    machine = Machine()
    machine.lacked = 0.9
    machine.work(ahead=True)
    machine.work(ahead=True)
    machine.work()
    assert not machine.threads
    machine.work()
    assert machine.threads == [(1, 1)]


def test_who_goes_ahead_reads_with_all_threads_beside_any_program_that_is_held_back() -> None:
    """The thread that words leave to a neighbour is taken back for the next question, and left again."""
    machine = Machine(1.0)
    machine.work(share=0.5)
    machine.work(ahead=True)
    machine.work(ahead=True)
    assert machine.threads == [(1, 1), (2, 2)]
    machine.work()
    assert machine.threads == [(1, 1), (2, 2), (1, 1)]


def test_who_goes_ahead_still_makes_room_for_the_house_itself() -> None:
    """The voice is not held back: two threads that wait for each other would be slower than one."""
    machine = Machine()
    machine.work(ahead=True)
    machine.work(ahead=True, share=0.67)
    assert machine.threads == [(1, 1)]


def test_what_can_wait_steps_aside_when_all_cores_are_in_use() -> None:
    """Only then, and only what can wait."""
    machine = Machine(2.0)
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
    machine.work(share=0.5)
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


def test_the_system_tells_whether_somebody_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In millionths of a second; some systems tell nothing, and then nobody knows."""
    pressure = tmp_path / "cpu"
    pressure.write_text("some avg10=0.00 avg60=0.00 avg300=2.84 total=794448432\nfull avg10=0.00 total=7\n")
    monkeypatch.setattr(neighbours, "_PRESSURE", pressure)
    assert read_waiting() == 794.448432
    pressure.write_text("nothing of the kind\n")
    assert read_waiting() is None
    pressure.unlink()
    assert read_waiting() is None


def test_neighbours_are_what_we_are_not() -> None:
    """Of three busy cores one is ours; where the system tells nothing, nobody knows."""
    busy = iter((10.0, 16.0, None))
    others = Neighbours(lambda: next(busy), lambda: None)
    others.begin(wall=0.0, cpu=0.0)
    assert others.look(wall=2.0, cpu=2.0) == 2.0
    assert others.look(wall=3.0, cpu=3.0) is None


def test_a_neighbour_who_waits_for_a_core_counts_as_if_he_had_it() -> None:
    """Both cores were ours; he waited three quarters of the time."""
    busy, waiting = iter((10.0, 14.0)), iter((1.0, 2.5))
    others = Neighbours(lambda: next(busy), lambda: next(waiting))
    others.begin(wall=0.0, cpu=0.0)
    assert others.look(wall=2.0, cpu=4.0) == 0.75
