"""Patience: what to do when nothing is heard for long, from either side. Pure, in seconds."""

from math import inf
from typing import Literal

from msgspec import Struct

FILL_AFTER_S = 0.7
"""Silence after a turn before something is said about it."""
ANSWER_S = 1.1
"""Seconds from the words being known in which most answers come, the model's on a note read ahead among them:
a filler would only be in their way, for it has to end before they begin."""
UNHEARD_S = 1.5
"""Seconds after a turn for which a filler waits for the words, to name what it is about."""
TONE_EVERY_S = 1.5
"""Silence during a long wait before a soft tone says that the line is alive; 2 s would feel dead."""
SLOW_AFTER_S = 8.0
"""Waiting for an answer after which the delay is admitted, once."""
PROMPT_AFTER_S = (10.0, 20.0)
"""Silence of the customer before each prompt."""
LEAVE_AFTER_S = 30.0
"""Silence of the customer after which the visit is over."""
STAFF_LEAVE_AFTER_S = 300.0
"""The same while a person was asked for or answers."""


class Wait(Struct, frozen=True, kw_only=True):
    """A turn that waits for its answer to sound."""

    since: float
    """Seconds on the clock at which the turn ended."""
    known: float | None = None
    """Seconds on the clock at which the words were known."""
    filled: bool = False
    """The filler was said."""
    admitted: bool = False
    """The delay was admitted."""


def overdue(
    wait: Wait, now: float, silent_since: float, *, most_s: float = inf
) -> Literal["", "filler", "slow", "tone"]:
    """Return what is to sound now so that the wait is not a silence, of `most_s` seconds at the very most.

    `silent_since` is when the last sound ended, of whoever made it.
    """
    silence = now - max(wait.since, silent_since)
    if not wait.filled:
        ready = silence >= most_s or _ready(wait, now)
        return "filler" if silence >= FILL_AFTER_S and ready else ""
    if silence < TONE_EVERY_S:
        return ""
    return "slow" if not wait.admitted and now - wait.since >= SLOW_AFTER_S else "tone"


def _ready(wait: Wait, now: float) -> bool:
    return now - wait.since >= UNHEARD_S if wait.known is None else now - wait.known >= ANSWER_S


def no_input(silence: float, prompted: int, *, with_person: bool) -> Literal["", "prompt", "leave"]:
    """Return what follows so many seconds without a word, touch or key after so many prompts."""
    if silence >= (STAFF_LEAVE_AFTER_S if with_person else LEAVE_AFTER_S):
        return "leave"
    if with_person or prompted >= len(PROMPT_AFTER_S):
        return ""
    return "prompt" if silence >= PROMPT_AFTER_S[prompted] else ""
