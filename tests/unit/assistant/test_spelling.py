"""How a text is spelled, as numbers."""

import numpy as np
import pytest

from shopbell.assistant.spelling import PLACES, SHARE, beside, spelled


def likeness(one: str, other: str) -> float:
    first, second = spelled([one, other])
    return float(first @ second)


@pytest.mark.parametrize(
    ("one", "slip", "other"),
    [
        ("unsubscribe me", "unsubcribe me", "describe it to me"),
        ("where is my parcel", "wheres my pacel", "there is a party"),
        ("my points please", "my pionts please", "the mints please"),
    ],
)
def test_a_slip_is_nearer_than_another_word(one: str, slip: str, other: str) -> None:
    """A wrong letter changes a few runs of letters, another word nearly all."""
    assert likeness(one, slip) > likeness(one, other)


def test_case_and_marks_do_not_count() -> None:
    """Letters count, however they are set."""
    assert likeness("My POINTS, please!", "my points please") == pytest.approx(1.0)


def test_each_is_a_unit_vector_or_nothing() -> None:
    """What has no letters looks like nothing."""
    lengths = np.linalg.norm(spelled(["points", "??", ""]), axis=1)
    assert lengths.tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_meaning_and_spelling_share_the_likeness() -> None:
    """Texts that mean the same and look apart keep what meaning has of it."""
    embed = beside(lambda texts: np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (len(texts), 1)))
    first, second = embed(["zzzz", "qqqq"])
    assert first.shape == (2 + PLACES,)
    assert float(first @ first) == pytest.approx(1.0)
    assert float(first @ second) == pytest.approx(1 - SHARE, abs=0.05)
