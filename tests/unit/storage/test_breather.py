"""Resting between slices of work."""

import pytest

from shopbell.storage.breather import Breather


class _Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_rests_three_times_as_long_as_it_worked_for_a_quarter_of_the_time() -> None:
    time = _Time()
    breather = Breather(0.25, clock=lambda: time.now, sleep=time.sleep)
    for worked in (0.1, 0.02, 0.3):
        time.now += worked
        breather.rest()
    assert time.slept == pytest.approx([0.3, 0.06, 0.9])


def test_rests_never_for_long() -> None:
    time = _Time()
    breather = Breather(0.01, clock=lambda: time.now, sleep=time.sleep)
    time.now += 60
    breather.rest()
    assert time.slept == [Breather.LONGEST_S]
