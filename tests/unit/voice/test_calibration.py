"""Calibration to the shop's noise."""

import numpy as np
import pytest

from shopbell.voice.audio import pcm
from shopbell.voice.calibration import calibrate
from shopbell.voice.endpointing import Manners
from shopbell.voice.errors import BadAudio
from tests.fakes.speech import silence, tone


def hiss(level_db: float, seconds: float = 20.0) -> bytes:
    noise = np.random.default_rng(1).standard_normal(round(seconds * 16_000))
    return pcm((noise * 10 ** (level_db / 20)).astype(np.float32))


def test_a_quiet_shop_leaves_the_usual_thresholds() -> None:
    """Noise that is never taken for speech changes nothing."""
    found = calibrate(hiss(-60), [0.02] * 600)
    assert found.manners == Manners()
    assert found.verdict == "good"
    assert found.noise_db == pytest.approx(-60, abs=0.5)
    assert not found.measured


def test_noise_like_speech_lifts_the_thresholds() -> None:
    """A fridge that rattles is kept out, and a clear voice still gets in."""
    found = calibrate(hiss(-45), [0.1] * 590 + [0.7] * 10)
    assert found.manners.start_at == pytest.approx(0.8, abs=0.01)
    assert 0.35 <= found.manners.stop_at < found.manners.start_at
    assert found.verdict == "fair"


def test_a_spoken_sentence_gives_the_true_ratio() -> None:
    """With speech the signal-to-noise ratio is measured, not supposed."""
    found = calibrate(hiss(-40), [0.1] * 600, speech=tone(2.0, rate=16_000, level=3_277))
    assert found.measured
    assert found.snr_db == pytest.approx(40 - 23, abs=1)


@pytest.mark.parametrize(
    ("noise", "probabilities", "verdict", "words"),
    [
        (silence(20.0), [0.0] * 600, "dead", "plugged in"),
        (hiss(-30), [0.1] * 600, "poor", "nearer"),
        (hiss(-60), [0.9] * 600, "poor", "radio"),
    ],
)
def test_a_bad_place_is_told_with_what_to_do(
    noise: bytes, probabilities: list[float], verdict: str, words: str
) -> None:
    """The advice names the fault."""
    found = calibrate(noise, probabilities)
    assert found.verdict == verdict
    assert words in found.advice


def test_too_little_noise_is_refused() -> None:
    """A second of noise says nothing of a shop."""
    with pytest.raises(BadAudio, match=r"only 1\.0 s"):
        calibrate(silence(1.0), [])
