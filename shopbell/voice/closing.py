"""How likely a sentence ends after the words heard, by the decoder's own account. Pure.

The mark it wrote tells little: Whisper puts a stop behind nearly everything. How sure it was of that stop
tells a sentence from a half of one, for it has read the words and heard their melody.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

MARKS = tuple(f"{space}{mark}{quote}" for mark in ".?!" for quote in ("", '"', "'") for space in ("", " "))
"""What ends a sentence, as the decoder may write it."""


def closing(
    tokens: Sequence[int],
    scores: Sequence[NDArray[np.float32]],
    marks: Sequence[int],
    says: Callable[[int], bool],
) -> float:
    """Return the probability of one of `marks` behind the last token that says something; 0 if none does.

    `scores[n]` are the unnormalised scores from which `tokens[n]` was chosen, one for each token there is.
    """
    after = next((at + 1 for at in range(len(tokens) - 1, -1, -1) if says(tokens[at])), 0)
    if not 0 < after < len(scores):
        return 0.0
    given = np.where(np.isfinite(scores[after]), scores[after], -np.inf).astype(np.float64)
    weights = np.exp(given - given.max())
    return float(weights[list(marks)].sum() / weights.sum())
