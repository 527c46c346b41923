"""How long a reading may grow before the decoder is stopped. Pure."""

import math

TOKENS_A_SECOND = 8
"""More than anyone speaks; a telephone number written with hyphens has five."""

SPARE = 10
"""Tokens that the shortest turn may have besides."""

CONTEXT = 448
"""Tokens that Whisper can hold: what it was told before and what it writes."""


def most_tokens(seconds: float) -> int:
    """Return the most tokens that a turn of so many seconds may have."""
    return SPARE + math.ceil(TOKENS_A_SECOND * seconds)


def max_length(prompt: int, tokens: int) -> int:
    """Return the decoder's `max_length` for `tokens` after a prompt of `prompt` tokens.

    CTranslate2 stops at half of it, as Whisper's own code keeps half of its context for the prompt. Without
    the double a quick speaker was cut off in the middle of a sentence, and a telephone number before its end.
    """
    return min(CONTEXT, max(2 * tokens, prompt + tokens))
