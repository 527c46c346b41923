"""Speech to text by Whisper; the only module that knows faster-whisper and CTranslate2."""

import math
import os
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from shopbell.storage.quiet import silence
from shopbell.voice.agreement import agreed
from shopbell.voice.audio import Samples, floats
from shopbell.voice.closing import MARKS, closing
from shopbell.voice.doubts import BEAMS, CODE_UNSURE, DOUBTFUL, LOST, UNSURE, has_code, loops
from shopbell.voice.drafts import Draft, credible, joined, likelier, reworded
from shopbell.voice.errors import VoiceModelError
from shopbell.voice.lengths import max_length, most_tokens
from shopbell.voice.lexicon import rare, told_before
from shopbell.voice.mel import BANDS, STEP, log_mel
from shopbell.voice.speech import RATE, Transcript

WHOLE = 3_000
"""Frames of the window Whisper was taught on: 30 s."""

SHORTEST = 1_500
"""Frames of the shortest window that costs no accuracy; 1,000 cost 1.2 points of word error rate."""

ROOM = 300
"""Frames of silence after the speech."""

LEAST_S = 0.1
"""Seconds under which there is nothing to hear."""

REHEARSED = 11
"""Tokens of the sentence that `rehearse` writes."""


def library() -> str:
    """Return the version of what runs the model."""
    return version("ctranslate2")


def _nobody(_reading: Struct) -> None:
    """Tell nobody."""


class Whisper:
    """A Whisper model, int8, greedy, on turns of at most 30 s; a longer turn is heard in pieces."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        """Load the model of `folder`; `threads` are the encoder's. Raises VoiceModelError.

        Words are written on one thread, which is quickest; an encoder with more of them is a second model.
        """
        silence(os.environ)
        from faster_whisper import WhisperModel  # noqa: PLC0415 - after silence()
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415 - same

        def loaded(threads: int) -> Any:
            return WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

        try:
            self._model = loaded(1)
            self._encoder = self._model if threads == 1 else loaded(threads)
        except (RuntimeError, ValueError, OSError) as error:
            raise VoiceModelError(f"{folder}: Whisper cannot be loaded: {error}") from error
        many = self._model.model.is_multilingual
        self._tokenizer: Any = Tokenizer(
            self._model.hf_tokenizer, many, task="transcribe" if many else None, language="en"
        )
        self._start = [*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]
        ends = (self._tokenizer.encode(mark) for mark in MARKS)
        self._marks = sorted({tokens[0] for tokens in ends if len(tokens) == 1})
        self._others: dict[re.Pattern[str], list[int]] = {}
        self._blank = sorted({*self._tokenizer.non_speech_tokens, self._tokenizer.sot, *self._tasks(many)})

    def hear(
        self, audio: bytes, *, hints: tuple[str, ...] = (), first: Callable[[Transcript], None] = _nobody
    ) -> Transcript:
        """Transcribe a turn at `RATE`; empty text when it was noise.

        `first` is told what was read when it is unsure and read again: whether it closes is known by then.
        """
        samples = floats(audio)
        length = samples.size / RATE
        if length < LEAST_S:
            return Transcript(text="", confidence=0.0, no_speech=1.0, seconds=length, closes=0.0)
        longest = (WHOLE - ROOM) * STEP
        *pieces, last = (samples[at : at + longest] for at in range(0, samples.size, longest))
        drafts = [self._believed(piece, hints) for piece in pieces]
        told = self._believed(last, hints, lambda draft: first(joined([*drafts, draft], length)))
        return joined([*drafts, told], length)

    def encode(self, samples: Samples, *, floor: int = SHORTEST) -> Any:
        """Return the encoder's output; the window is no longer than the speech needs, but for `floor` frames.

        Whisper's own code pads every window to 3,000 frames; the time falls faster than the window does.
        """
        mel = log_mel(np.pad(samples, (0, STEP)))
        frames = min(WHOLE, max(floor, mel.shape[1] + ROOM))
        window = np.zeros((1, BANDS, frames), dtype=np.float32)
        kept = mel[:, :frames]
        window[0, :, : kept.shape[1]] = kept
        return self._encoder.encode(window[0])

    def draft(self, encoded: Any, seconds: float, hints: tuple[str, ...] = (), *, beams: int = 1) -> Draft:
        """Decode without any doubt, greedily unless `beams` are wanted; only a greedy one knows `closes`."""
        return self.readings(encoded, seconds, hints, beams=beams)[0]

    def readings(
        self, encoded: Any, seconds: float, hints: tuple[str, ...] = (), *, beams: int
    ) -> list[Draft]:
        """Return up to `beams` readings, likeliest first; see `draft`."""
        prompt = self._prompt(hints)
        [result] = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=beams,
            num_hypotheses=beams,
            max_length=max_length(len(prompt), most_tokens(seconds)),
            return_scores=True,
            return_logits_vocab=beams == 1,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._blank,
        )
        return [
            Draft(
                text=self._tokenizer.decode(tokens).strip(),
                logprob=score * len(tokens),  # the score is the mean over the tokens, the end not counted
                mean_logprob=score * len(tokens) / (len(tokens) + 1),
                no_speech=result.no_speech_prob,
                closes=self._closes(tokens, result.logits[0]) if beams == 1 else 0.0,
            )
            for tokens, score in zip(result.sequences_ids, result.scores, strict=True)
        ]

    def among(
        self, audio: bytes, pattern: re.Pattern[str], *, beams: int, longest: int
    ) -> list[tuple[str, float]]:
        """Return up to `beams` readings that hold nothing but tokens matching `pattern`, likeliest first.

        With each comes the natural logarithm of its probability. `longest` is the most tokens.
        """
        if pattern not in self._others:
            self._others[pattern] = self._not_matching(pattern)
        [result] = self._model.model.generate(
            self.encode(floats(audio)),
            [self._start],
            beam_size=beams,
            num_hypotheses=beams,
            max_length=max_length(len(self._start), longest),
            return_scores=True,
            suppress_blank=True,
            suppress_tokens=self._others[pattern],
        )
        return [
            (self._tokenizer.decode(tokens).strip(), score * len(tokens))
            for tokens, score in zip(result.sequences_ids, result.scores, strict=True)
        ]

    def rehearse(self) -> None:
        """Hear a short turn of noise and write a sentence about it, for the sake of the time it takes."""
        noise = np.random.default_rng(1).standard_normal(4 * RATE).astype(np.float32) * np.float32(0.05)
        self._model.model.generate(
            self.encode(noise),
            [self._start],
            beam_size=1,
            max_length=max_length(len(self._start), REHEARSED),
            suppress_tokens=[self._tokenizer.eot],
        )

    def _closes(self, tokens: list[int], logits: list[Any]) -> float:
        return closing(tokens, [np.asarray(one) for one in logits], self._marks, self._says)

    def _not_matching(self, pattern: re.Pattern[str]) -> list[int]:
        size = self._model.hf_tokenizer.get_vocab_size()
        kept = {self._tokenizer.eot}
        return [
            token
            for token in range(size)
            if token not in kept and not pattern.fullmatch(self._model.hf_tokenizer.decode([token]))
        ]

    def _believed(
        self, samples: Samples, hints: tuple[str, ...], first: Callable[[Draft], None] = _nobody
    ) -> Draft:
        """Decode, again with names or in more beams where it is unsure, and drop what was noise."""
        seconds = samples.size / RATE
        encoded = self.encode(samples)
        draft = self.draft(encoded, seconds)
        confidence, code = math.exp(draft.mean_logprob), has_code(draft.text)
        if loops(draft.text):
            return credible(self.draft(self.encode(samples, floor=WHOLE), seconds))
        if confidence < (CODE_UNSURE if code else DOUBTFUL if hints else UNSURE):
            first(credible(draft))
        if code and confidence < CODE_UNSURE:
            return credible(reworded(draft, self._counted(samples, encoded)))
        if hints and confidence < DOUBTFUL:
            draft = likelier(draft, self.draft(encoded, seconds, hints))
        if math.exp(draft.mean_logprob) < UNSURE:
            draft = likelier(draft, self.draft(encoded, seconds, beams=BEAMS))
        if math.exp(draft.mean_logprob) < LOST:
            draft = likelier(draft, self.draft(self.encode(samples, floor=WHOLE), seconds, beams=BEAMS))
        return credible(draft)

    def _counted(self, samples: Samples, encoded: Any) -> Draft:
        """Read a code twice more, in the short window and in the whole, and return what both agree on."""
        windows = (encoded, self.encode(samples, floor=WHOLE))
        return agreed([self.readings(window, samples.size / RATE, beams=BEAMS) for window in windows])

    def _prompt(self, hints: tuple[str, ...]) -> list[int]:
        """Return the tokens before the transcript: a shop's words with the rare names, and the start."""
        before = told_before(rare(hints, self._knows), lambda text: len(self._tokenizer.encode(text)))
        if not before:
            return self._start
        return [self._tokenizer.sot_prev, *self._tokenizer.encode(before), *self._start]

    def _knows(self, word: str) -> bool:
        """Say whether the model has a token of its own for the word: it has met it often."""
        return any(len(self._tokenizer.encode(f" {form}")) == 1 for form in (word, word.lower()))

    def _says(self, token: int) -> bool:
        """Say whether the token stands for part of a word or a number."""
        return any(letter.isalnum() for letter in self._tokenizer.decode([token]))

    def _tasks(self, many: bool) -> list[int]:
        if not many:
            return [self._tokenizer.sot_prev, self._tokenizer.sot_lm]
        names = ("transcribe", "translate", "sot_prev", "sot_lm")
        return [getattr(self._tokenizer, name) for name in names]
