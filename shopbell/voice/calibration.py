"""Calibration: some seconds of the shop's noise set the thresholds and tell how well we hear. Pure."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from shopbell.voice.audio import loudness
from shopbell.voice.endpointing import Manners
from shopbell.voice.errors import BadAudio
from shopbell.voice.speech import FRAME, RATE, SAMPLE

WANTED_S = 20.0
"""Seconds of noise to listen to."""
LEAST_S = 5.0
"""Seconds under which nothing is concluded."""

NEAR_DB = -28.0
"""Loudness of somebody who speaks half a metre from a tablet: supposed until a spoken sentence is given."""

_HIGHEST_START = 0.9
_HIGHEST_STOP = 0.7
_SILENT_DB = -80.0


class Calibration(Struct, frozen=True, kw_only=True):
    """What was found."""

    noise_db: float
    """Median loudness of the noise, decibels below full scale."""
    peaks_db: float
    """Loudness that one frame in twenty exceeds."""
    snr_db: float
    """Decibels that speech stands over the noise."""
    measured: bool
    """Whether a spoken sentence was given; else its loudness was supposed."""
    like_speech: float
    """Share of the noise that was taken for speech at the usual threshold."""
    verdict: Literal["good", "fair", "poor", "dead"]
    """dead: the microphone gives nothing."""
    advice: str
    manners: Manners


def calibrate(
    noise: bytes, probabilities: Sequence[float], *, speech: bytes = b"", usual: Manners | None = None
) -> Calibration:
    """Conclude from noise, the probability of speech in each of its frames, and a spoken sentence if any.

    Raises BadAudio for less than `LEAST_S`.
    """
    manners = usual or Manners()
    if len(noise) < LEAST_S * RATE * SAMPLE:
        raise BadAudio(f"only {len(noise) / SAMPLE / RATE:.1f} s of noise; listen for {WANTED_S:.0f} s.")
    levels = _levels(noise)
    noise_db, peaks_db = float(np.median(levels)), float(np.quantile(levels, 0.95))
    voice_db = float(np.quantile(_levels(speech), 0.8)) if speech else NEAR_DB
    like_speech = float(np.mean(np.asarray(probabilities) >= manners.start_at)) if len(probabilities) else 0.0
    verdict, advice = _judged(noise_db, voice_db - noise_db, like_speech)
    return Calibration(
        noise_db=noise_db,
        peaks_db=peaks_db,
        snr_db=voice_db - noise_db,
        measured=bool(speech),
        like_speech=like_speech,
        verdict=verdict,
        advice=advice,
        manners=_manners(manners, probabilities),
    )


def _levels(sound: bytes) -> np.ndarray:
    size = FRAME * SAMPLE
    frames = [sound[at : at + size] for at in range(0, len(sound) - size + 1, size)]
    return np.array([loudness(frame) for frame in frames] or [loudness(sound)])


def _manners(usual: Manners, probabilities: Sequence[float]) -> Manners:
    """Lift the thresholds over what the noise reaches, no further than a clear voice can follow."""
    if not len(probabilities):
        return usual
    high, often = np.quantile(probabilities, [0.995, 0.9])
    start = float(np.clip(high + 0.1, usual.start_at, _HIGHEST_START))
    stop = float(np.clip(often + 0.1, usual.stop_at, min(_HIGHEST_STOP, start - 0.1)))
    return replace(usual, start_at=round(start, 2), stop_at=round(stop, 2))


def _judged(
    noise_db: float, snr_db: float, like_speech: float
) -> tuple[Literal["good", "fair", "poor", "dead"], str]:
    if noise_db < _SILENT_DB:
        return "dead", "The microphone gives no sound at all. Check that it is plugged in and not muted."
    if like_speech > 0.2:  # noqa: PLR2004 - a fifth of the time
        return "poor", "People or a radio are heard all the time. Move the microphone away from them."
    if snr_db < 10:  # noqa: PLR2004 - where Whisper base begins to mishear one word in three
        return "poor", "The noise is nearly as loud as a customer. Use a microphone nearer to the mouth."
    if snr_db < 20:  # noqa: PLR2004
        return "fair", "Good enough; a microphone nearer to the mouth would be better."
    return "good", "Customers will be heard well here."
