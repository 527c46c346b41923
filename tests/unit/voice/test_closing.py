"""How likely a sentence ends behind the words, from the decoder's scores."""

import numpy as np
import pytest
from numpy.typing import NDArray

from shopbell.voice.closing import closing

YES, NO, STOP, QUESTION, END = range(5)
MARKS = (STOP, QUESTION)


def scores(*shares: float) -> NDArray[np.float32]:
    logs: NDArray[np.float32] = np.log(np.array(shares, dtype=np.float32) + np.float32(1e-9))
    return logs


def says(token: int) -> bool:
    return token in {YES, NO}


def test_all_marks_behind_the_last_word_count() -> None:
    """Stop and question mark add up, whichever was written; earlier steps do not count."""
    first, last = scores(0.9, 0.1, 0, 0, 0), scores(0.1, 0.1, 0.5, 0.2, 0.1)
    after = scores(0, 0, 0, 0, 1)
    assert closing((YES, STOP), (first, last, after), MARKS, says) == pytest.approx(0.7, abs=1e-3)


def test_a_mark_that_was_not_written_counts_all_the_same() -> None:
    """A text that broke off may have been near to its end."""
    assert closing((YES,), (scores(1, 0, 0, 0, 0), scores(0, 0, 0.3, 0, 0.7)), MARKS, says) == pytest.approx(
        0.3, abs=1e-3
    )


def test_forbidden_tokens_have_no_share() -> None:
    """A score of minus infinity is none."""
    last = np.array([-np.inf, -np.inf, 0.0, -np.inf, 0.0], dtype=np.float32)
    assert closing((NO,), (last, last), MARKS, says) == pytest.approx(0.5)


@pytest.mark.parametrize("tokens", [(), (STOP,), (YES, NO)])
def test_nothing_said_or_nothing_after_it_is_no_end(tokens: tuple[int, ...]) -> None:
    """Noise, a lone mark, and words the decoder was stopped in."""
    assert closing(tokens, [scores(0, 0, 1, 0, 0)] * 2, MARKS, says) == 0.0
