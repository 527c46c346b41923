"""Keys as tones in the sound: all of them heard, speech never taken for one, and none passed on."""

import numpy as np
import pytest
from numpy.typing import NDArray

from shopbell.voice.audio import first_audible, floats, pcm
from shopbell.voice.phone.tonekeys import PAD, ToneKeys
from tests.fakes.speech import tone
from tests.fakes.tones import key_tones

EVERY = "".join(PAD)


def heard(sound: bytes, rate: int = 8_000) -> tuple[str, bytes]:
    """Return the keys that a line hears in 20 ms pieces, and what it passes on."""
    keys: list[str] = []
    line, tick = ToneKeys(rate, keys.append), rate // 25
    passed = b"".join(line.hear(sound[at : at + tick]) for at in range(0, len(sound), tick))
    return "".join(keys), passed


def as_sound(samples: NDArray[np.float64]) -> bytes:
    return pcm(samples.astype(np.float32))


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_every_key_is_heard_once(rate: int) -> None:
    """Each of the sixteen is heard at any rate, also twice in a row, 40 ms long and 40 ms apart."""
    keys = EVERY + "5500#"
    assert heard(key_tones(keys, rate=rate, on_s=0.04, off_s=0.04), rate)[0] == keys


@pytest.mark.parametrize("twist_db", [-7.0, 4.0])
def test_a_line_may_bend_and_hiss(twist_db: float) -> None:
    """One tone may be louder than the other, and there may be noise 17 dB under them."""
    clean = floats(key_tones(EVERY, twist_db=twist_db))
    noise = np.random.default_rng(7).normal(0, 0.03, clean.size).astype(np.float32)
    assert heard(pcm(clean + noise))[0] == EVERY


def test_what_is_no_key_is_none() -> None:
    """One tone alone, noise, a hum of many tones and a tone too short are no keys, and pass unchanged."""
    times = np.arange(8_000) / 8_000
    hum = np.sin(2 * np.pi * np.outer(np.arange(150, 3_000, 150), times)).sum(axis=0) / 20
    noise = np.random.default_rng(3).normal(0, 0.2, 8_000)
    for sound in (tone(1.0, rate=8_000), as_sound(hum), as_sound(noise), bytes(16_000)):
        assert heard(sound) == ("", sound)
    assert heard(key_tones("5", on_s=0.015))[0] == ""


def test_of_a_key_nothing_but_its_beginning_is_passed_on() -> None:
    """What is keyed in reaches no ear: of a key at most the first 40 ms."""
    _, passed = heard(key_tones("7", on_s=0.3))
    assert first_audible(passed[2 * 8 * 40 :]) is None
