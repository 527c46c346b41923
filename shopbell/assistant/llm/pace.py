"""How long jobs take, learned from those that were done."""

WEIGHT = 0.3
"""Share of the newest job in the mean."""

LEAST_S = 0.2
"""Seconds that a running job is thought to need at least, however long it has run."""


class Pace:
    """A moving mean of seconds per kind of job."""

    def __init__(self, **first_guess: float) -> None:
        """Begin with a guess in seconds for each kind of job."""
        self._seconds = dict(first_guess)

    def note(self, kind: str, seconds: float) -> None:
        """Learn from a job that was done."""
        self._seconds[kind] += WEIGHT * (seconds - self._seconds[kind])

    def expected(self, kind: str) -> float:
        """Return the seconds such a job will probably take."""
        return self._seconds[kind]

    def remaining(self, kind: str, elapsed: float) -> float:
        """Return the seconds a job that has run for `elapsed` will probably need yet."""
        return max(self._seconds[kind] - elapsed, LEAST_S)
