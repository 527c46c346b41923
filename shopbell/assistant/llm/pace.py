"""How long jobs take: guessed from the engine's rates, then learned from the jobs that were done."""

from typing import Literal

from shopbell.assistant.llm.requests import Rates

Kind = Literal["generate", "judge", "keep"]

WEIGHT = 0.3
"""Share of the newest job in the mean."""

LEAST_S = 0.2
"""Seconds that a running job is thought to need at least, however long it has run."""

GIVEN_UP_S = 0.1
"""Seconds until a job that nobody waits for has made way."""

READ = 150
"""Tokens a typical turn reads anew: passages, question, and the template around them."""

WRITTEN = 40
"""Tokens of a typical reply."""


class Pace:
    """Seconds per kind of job."""

    def __init__(self) -> None:
        self._seconds: dict[Kind, float] = {"generate": 4.0, "judge": 1.0, "keep": GIVEN_UP_S}
        self._learned = False

    def guess(self, rates: Rates) -> None:
        """Think of a typical turn; nothing changes once jobs have been done."""
        if not self._learned:
            reading = READ / rates.prefill_rate
            self._seconds = {
                **self._seconds,
                "generate": reading + WRITTEN / rates.decode_rate,
                "judge": reading,
            }

    def note(self, kind: Kind, seconds: float) -> None:
        """Learn from a job that was done to its end: a moving mean."""
        self._learned = True
        self._seconds[kind] += WEIGHT * (seconds - self._seconds[kind])

    def expected(self, kind: Kind) -> float:
        """Return the seconds such a job will probably take."""
        return self._seconds[kind]

    def remaining(self, kind: Kind, elapsed: float) -> float:
        """Return the seconds a job that has run for `elapsed` will probably need yet."""
        return max(self._seconds[kind] - elapsed, LEAST_S)
