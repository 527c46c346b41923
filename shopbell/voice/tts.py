"""Text to speech by Piper; the only module that knows it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from shopbell.models.onnx import open_session
from shopbell.storage.quiet import silence
from shopbell.voice.articulated import articulated, parted
from shopbell.voice.audio import pcm, trimmed
from shopbell.voice.clauses import clauses
from shopbell.voice.errors import VoiceModelError
from shopbell.voice.spoken import spoken

LEAD_S = 0.01
"""Seconds kept before the first sound of a piece; the voice itself leads in with more."""

AFTER_SENTENCE_S = 0.22
"""Seconds of silence kept after a sentence."""

AFTER_CLAUSE_S = 0.08
"""Seconds of silence kept after a piece that goes on."""


def articulating(voice: Any) -> Any:
    """Return the Piper voice, made to pronounce number words clearly."""
    sounds = voice.phonemize
    voice.phonemize = lambda text: [articulated(one) for one in sounds(parted(text))]
    return voice


class Piper:
    """A voice, resident, on one thread."""

    def __init__(self, model: Path) -> None:
        """Load `model` and the `.json` beside it. Raises VoiceModelError."""
        silence(os.environ)
        from piper.config import PiperConfig  # noqa: PLC0415 - after silence()
        from piper.voice import PiperVoice  # noqa: PLC0415 - same

        try:
            config = PiperConfig.from_dict(json.loads(Path(f"{model}.json").read_bytes()))
        except (OSError, ValueError, KeyError) as error:
            raise VoiceModelError(f"{model}.json: the voice cannot be read: {error}") from error
        self._voice: Any = articulating(PiperVoice(config=config, session=open_session(model)))

    @property
    def rate(self) -> int:
        """Hz of what it says."""
        return int(self._voice.config.sample_rate)

    def say(self, text: str, *, pace: float = 1.0) -> Iterator[bytes]:
        """Yield the text as a person says it, piece by piece, the first one short; int16 mono."""
        for piece in clauses(spoken(text)):
            sound = self._synthesised(piece, pace)
            if sound:
                yield sound

    def _synthesised(self, piece: str, pace: float) -> bytes:
        from piper.config import SynthesisConfig  # noqa: PLC0415 - after silence()

        setting = SynthesisConfig(length_scale=(self._voice.config.length_scale or 1.0) / pace)
        parts = [chunk.audio_float_array for chunk in self._voice.synthesize(piece, setting)]
        if not parts:
            return b""
        tail = AFTER_SENTENCE_S if piece[-1] in ".!?…" else AFTER_CLAUSE_S
        sound = pcm(np.concatenate(parts).astype(np.float32))
        return trimmed(sound, self.rate, lead_s=LEAD_S, tail_s=0.0) + bytes(2 * round(tail * self.rate))
