"""Stopwatch: how long a reply took, from the last words heard to the first and the last said."""

import asyncio

from shopbell.assistant import wire
from shopbell.assistant.turn import Answer, Step, Words


class Stopwatch:
    """Measures one reply from the moment its last words were heard."""

    def __init__(self, heard_at: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._heard_at = heard_at
        self._first: float | None = None

    def note(self, step: Step) -> None:
        """Take one step of the reply."""
        if self._first is None and isinstance(step, Words | Answer):
            self._first = self._clock() - self._heard_at

    def timings(self, answer: Answer) -> wire.Timings:
        """Return what was measured."""
        return wire.Timings(
            search_s=round(answer.search_s, 4),
            queue_s=round(answer.queue_s, 4),
            first_word_s=round(self._first or 0.0, 4),
            total_s=round(self._clock() - self._heard_at, 4),
        )
