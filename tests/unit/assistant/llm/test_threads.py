"""Threads under contention."""

from itertools import pairwise

from shopbell.assistant.llm.threads import CALM_S, WINDOW_S, Threads


class Clock:
    """Work beside neighbours who leave a share of the time; None when nobody tells of them."""

    def __init__(self, threads: Threads, *, others: float | None = None) -> None:
        self.threads = threads
        self.others = others
        self.wall = self.cpu = 0.0
        threads.begin(wall=0.0, cpu=0.0)

    def work(self, share: float, seconds: float = WINDOW_S * 1.01) -> bool:
        self.wall += seconds
        self.cpu += seconds * share * self.threads.now
        return self.threads.due(self.wall) and self.threads.note(
            wall=self.wall, cpu=self.cpu, others=self.others
        )


def test_alone_all_threads_are_used() -> None:
    """With the cores to ourselves nothing changes."""
    clock = Clock(Threads(most=2, cores=2))
    assert not any(clock.work(0.97) for _ in range(50))
    assert clock.threads.now == 2


def test_beside_a_neighbour_fewer_are_used_and_then_all_are_tried_again() -> None:
    """A busy neighbour halves the threads; after a calm time all come back."""
    clock = Clock(Threads(most=4, cores=4))
    assert clock.work(0.6)
    assert clock.threads.now == 2
    changes = [clock.work(1.0) for _ in range(int(CALM_S / WINDOW_S) + 1)]
    assert sum(changes) == 1
    assert clock.threads.now == 4


def test_a_short_moment_tells_nothing() -> None:
    """One slow token is not contention."""
    clock = Clock(Threads(most=2, cores=2))
    assert not clock.work(0.1, seconds=WINDOW_S / 2)
    assert clock.threads.now == 2


def test_idle_time_between_jobs_does_not_count() -> None:
    """Waiting for the next customer is not contention."""
    clock = Clock(Threads(most=2, cores=2))
    clock.wall += 60.0
    clock.threads.begin(wall=clock.wall, cpu=clock.cpu)
    assert not clock.work(0.97)


def test_one_thread_stays_one() -> None:
    """There is always a thread."""
    clock = Clock(Threads(most=1, cores=2))
    assert not clock.work(0.3)
    assert clock.threads.now == 1


def test_a_core_is_left_to_each_neighbour() -> None:
    """What others use is left to them at once, and taken back as soon as they rest."""
    for cores, others, left in ((2, 1.0, 1), (2, 2.0, 1), (8, 1.0, 7), (8, 2.7, 5), (16, 4.0, 12)):
        clock = Clock(Threads(most=cores, cores=cores), others=others)
        assert clock.work(0.95)
        assert clock.threads.now == left
        clock.others = 0.1
        assert clock.work(1.0)
        assert clock.threads.now == cores


def test_the_house_passing_words_on_is_no_neighbour() -> None:
    """A little work of others leaves all threads."""
    clock = Clock(Threads(most=2, cores=2), others=0.3)
    assert not any(clock.work(0.95) for _ in range(20))


def test_a_neighbour_who_stays_is_tried_against_ever_less_often() -> None:
    """All threads are tried after a while, given up within a window, and tried again after twice as long."""
    clock = Clock(Threads(most=2, cores=2), others=1.0)
    tried = []
    for step in range(600):
        clock.work(0.6 if clock.threads.now == 2 else 1.0)
        if clock.threads.now == 2:
            tried.append(step)
    assert all(after - before > 1 for before, after in pairwise(tried))
    assert 2 <= len(tried) <= 5
    waits = [after - before for before, after in pairwise(tried)]
    assert waits == sorted(waits)
    assert waits[-1] > 1.5 * waits[0]


def test_a_neighbour_who_makes_way_costs_no_thread() -> None:
    """Who runs only because a core was left, and rests when it is wanted, is found out by trying."""
    clock = Clock(Threads(most=2, cores=2), others=1.0)
    clock.work(0.95)
    assert clock.threads.now == 1
    while clock.threads.now == 1:
        clock.work(1.0)
    clock.others = 0.05
    assert not any(clock.work(0.95) for _ in range(50))
    assert clock.threads.now == 2


def test_with_all_cores_in_use_the_machine_is_crowded() -> None:
    """What can wait is told so."""
    clock = Clock(Threads(most=2, cores=2), others=1.9)
    clock.work(0.5)
    assert clock.threads.crowded
    clock.others = 1.0
    clock.work(1.0)
    assert not clock.threads.crowded
