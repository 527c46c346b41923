"""A turn without its long pauses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopbell.voice.audio import floats, pcm, seconds
from shopbell.voice.shortening import FADE_S, LEFT_S, shortened
from shopbell.voice.speech import RATE


def tones(*parts: tuple[float, float]) -> bytes:
    """Return steps of (level, seconds)."""
    return pcm(np.concatenate([np.full(round(length * RATE), level, np.float32) for level, length in parts]))


def test_a_long_pause_is_cut_to_a_breath() -> None:
    """What was said before and after it stays whole, with a little quiet on either side."""
    sound = tones((0.5, 1.0), (0.0, 1.5), (0.25, 1.0))
    short = floats(shortened(sound, [(1.0, 2.5)]))
    assert short.size / RATE == pytest.approx(2.0 + LEFT_S)
    assert np.allclose(short[: RATE - 1], 0.5, atol=1e-3)
    assert np.allclose(short[-RATE + 1 :], 0.25, atol=1e-3)
    assert not short[RATE : RATE + round(LEFT_S * RATE)].any()


def test_every_pause_is_cut() -> None:
    """Each by itself, in their order."""
    sound = tones((0.5, 1.0), (0.0, 1.0), (0.5, 1.0), (0.0, 0.6), (0.5, 1.0))
    assert seconds(shortened(sound, [(1.0, 2.0), (3.0, 3.6)])) == pytest.approx(3.0 + 2 * LEFT_S)


def test_a_breath_stays_as_it_is() -> None:
    """A pause that is short already, or none, changes not a byte."""
    sound = tones((0.5, 1.0), (0.0, LEFT_S), (0.5, 1.0))
    assert shortened(sound, [(1.0, 1.0 + LEFT_S)]) == shortened(sound, []) == sound


def test_the_cut_does_not_click() -> None:
    """One side goes over into the other: no sample jumps much further than in the sound itself."""
    time = np.arange(3 * RATE) / RATE
    sound = pcm((0.3 * np.sin(2 * np.pi * 50 * time)).astype(np.float32))
    steps = np.abs(np.diff(floats(shortened(sound, [(1.0, 1.777)]))))
    assert steps.max() < 0.3 / (FADE_S * RATE) * 2 + np.abs(np.diff(floats(sound))).max()


@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), max_size=6))
def test_it_is_never_longer_and_never_fails(parts: list[tuple[float, float]]) -> None:
    """Whatever pauses are named, in their order, even beyond the end."""
    pauses, at = [], 0.0
    for spoken, quiet in parts:
        pauses.append((at + spoken, at + spoken + quiet))
        at += spoken + quiet
    sound = tones((0.5, 2.0))
    assert len(shortened(sound, pauses)) <= len(sound)
