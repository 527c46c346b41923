"""A turn without its long pauses, as the ears are given it. Pure.

Whisper was taught on whole sentences. A pause for thought within one sounds to it like the end of the first
half, and it is less sure of the true end then; cut to a breath, it hears a sentence said in one go.
"""

from collections.abc import Iterable

import numpy as np

from shopbell.voice.audio import floats, pcm
from shopbell.voice.speech import RATE

LEFT_S = 0.1
"""Seconds of each pause that stay, half of them on either side.

Chosen among 0.1, 0.2 and 0.35 on sentences of four speakers: the fewest words were heard wrong and the
ends of sentences told best.
"""
FADE_S = 0.01
"""Seconds over which one side goes over into the other, so that the cut does not click."""


def shortened(sound: bytes, pauses: Iterable[tuple[float, float]]) -> bytes:
    """Return a sound at `RATE` in which each pause, from second to second, lasts `LEFT_S` at the most.

    The pauses come in their order and do not overlap. Raises BadAudio for half a sample.
    """
    samples = floats(sound)
    fade = round(FADE_S * RATE)
    rising = np.linspace(0, 1, fade, dtype=np.float32)
    kept, at = [], 0
    for start_s, end_s in pauses:
        start, end = round((start_s + LEFT_S / 2) * RATE), round((end_s - LEFT_S / 2) * RATE)
        if start - fade < at or end - start < fade or end > samples.size:
            continue
        piece = samples[at:start].copy()
        piece[-fade:] = piece[-fade:] * (1 - rising) + samples[end - fade : end] * rising
        kept.append(piece)
        at = end
    return pcm(np.concatenate([*kept, samples[at:]])) if kept else sound
