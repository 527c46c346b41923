"""Threads under contention."""

from shopbell.assistant.llm.threads import CALM_S, WINDOW_S, Threads


class Clock:
    """Work beside neighbours who leave a share of the time."""

    def __init__(self, threads: Threads) -> None:
        self.threads = threads
        self.wall = self.cpu = 0.0
        threads.begin(wall=0.0, cpu=0.0)

    def work(self, share: float, seconds: float = WINDOW_S * 1.01) -> bool:
        self.wall += seconds
        self.cpu += seconds * share * self.threads.now
        return self.threads.note(wall=self.wall, cpu=self.cpu)


def test_alone_all_threads_are_used() -> None:
    """With the cores to ourselves nothing changes."""
    clock = Clock(Threads(most=2))
    assert not any(clock.work(0.97) for _ in range(50))
    assert clock.threads.now == 2


def test_beside_a_neighbour_fewer_are_used_and_then_all_are_tried_again() -> None:
    """A busy neighbour halves the threads; after a calm time all come back."""
    clock = Clock(Threads(most=4))
    assert clock.work(0.6)
    assert clock.threads.now == 2
    changes = [clock.work(1.0) for _ in range(int(CALM_S / WINDOW_S) + 1)]
    assert sum(changes) == 1
    assert clock.threads.now == 4


def test_a_short_moment_tells_nothing() -> None:
    """One slow token is not contention."""
    clock = Clock(Threads(most=2))
    assert not clock.work(0.1, seconds=WINDOW_S / 2)
    assert clock.threads.now == 2


def test_idle_time_between_jobs_does_not_count() -> None:
    """Waiting for the next customer is not contention."""
    clock = Clock(Threads(most=2))
    clock.wall += 60.0
    clock.threads.begin(wall=clock.wall, cpu=clock.cpu)
    assert not clock.work(0.97)


def test_one_thread_stays_one() -> None:
    """There is always a thread."""
    clock = Clock(Threads(most=1))
    assert not clock.work(0.3)
    assert clock.threads.now == 1
