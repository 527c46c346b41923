"""How long jobs take."""

import pytest

from shopbell.assistant.llm.pace import LEAST_S, READ, WRITTEN, Pace
from shopbell.assistant.llm.requests import Rates

RATES = Rates(threads=2, threads_reading=2, flash=True, prefill_rate=100.0, decode_rate=20.0)


def test_at_first_it_guesses_from_the_rates() -> None:
    """Before any job was done, a typical turn at the measured rates is expected."""
    pace = Pace()
    pace.guess(RATES)
    assert pace.expected("generate") == pytest.approx(READ / 100 + WRITTEN / 20)
    assert pace.expected("judge") == pytest.approx(READ / 100)


def test_it_learns_and_does_not_unlearn_at_a_restart() -> None:
    """The mean moves towards what jobs really take, and a restart guesses no more."""
    pace = Pace()
    for _ in range(30):
        pace.note("generate", 9.0)
    pace.guess(RATES)
    assert pace.expected("generate") == pytest.approx(9.0, rel=0.01)


def test_a_long_job_is_always_about_to_end() -> None:
    """What runs longer than expected needs a little yet."""
    pace = Pace()
    assert pace.remaining("generate", 1.0) == pytest.approx(3.0)
    assert pace.remaining("generate", 100.0) == LEAST_S
