"""How well a pause after a whole sentence is told from one after a broken-off one, by words and by melody."""

import argparse
import random
from collections.abc import Iterator
from typing import Literal, get_args

import msgspec
import numpy as np
from faster_whisper import WhisperModel
from msgspec import Struct
from numpy.typing import NDArray
from speech_pauses import room, turn_so_far, words_of
from speech_sets import by_phone, utterances

from shopbell.models.files import ModelFiles
from shopbell.voice.audio import Frames, Samples, floats, pcm
from shopbell.voice.endpointing import Endpointing, Manners, Pause
from shopbell.voice.speech import RATE
from shopbell.voice.stt import Whisper
from shopbell.voice.turns import SmartTurn
from shopbell.voice.vad import Silero, silero_file

CUTS = 4
"""Places at which each sentence is broken off."""
MAY_REACH = 0.05
"""Share of the broken-off sentences that may be taken for whole ones."""
FOR_EVER_S = 60.0

Kind = Literal["whole", "broken off", "paused"]
"""A sentence in one go, up to a word before its end, or whole with a pause at that word."""


class Example(Struct, frozen=True, kw_only=True):
    """A sentence, as the engines hear it at its last pause."""

    speaker: str
    kind: Kind
    melody: float
    closes: float
    text: str


def _asked(sound: bytes, silero: Silero) -> bytes | None:
    """Return what the engines are given at the last pause of a turn nothing ends; None if none begins."""
    ears, ear = Endpointing(Manners(blind_pause_s=FOR_EVER_S)), silero.ear()
    heard = [event for frame in Frames().cut(sound) for event in ears.heard(ear.heard(frame))]
    pauses = [event for event in heard if isinstance(event, Pause)]
    return turn_so_far(sound, pauses[-1]) if pauses else None


def _sounds(samples: Samples, cuts: list[float], choice: random.Random) -> Iterator[tuple[Kind, Samples]]:
    """Yield the sentence whole, broken off at each place, and whole with a pause there."""
    rest = room(samples, 1.0)
    yield "whole", np.concatenate([samples, rest])
    for at_s in cuts:
        before, after = np.split(samples, [round(at_s * RATE)])
        yield "broken off", np.concatenate([before, rest])
        yield "paused", np.concatenate([before, room(samples, choice.uniform(0.5, 1.5)), after, rest])


def _examples(options: argparse.Namespace, files: ModelFiles) -> Iterator[Example]:
    folder = files.locate(options.model).folder
    quick = str(files.locate("whisper-tiny.en").folder)  # good enough for where the words are
    plain = WhisperModel(quick, device="cpu", compute_type="int8", cpu_threads=options.threads)
    whisper, silero = Whisper(folder, threads=options.threads), Silero(silero_file())
    turn, choice = SmartTurn(files.locate("smart-turn").main), random.Random(options.seed)
    for utterance in utterances(options.sets / "read", options.limit, options.seed):
        samples = floats(utterance.sound)
        words = words_of(plain, samples)
        inner = range(2, len(words) - 1)
        places = choice.sample(inner, min(CUTS, len(inner)))
        cuts = [(words[at].start + words[at - 1].end) / 2 for at in places]
        for kind, sound in _sounds(samples, cuts, choice):
            asked = _asked(by_phone(pcm(sound)) if options.line else pcm(sound), silero)
            if asked is None:
                continue
            said = whisper.hear(asked)
            yield Example(
                speaker=utterance.name.split("-")[0],
                kind=kind,
                melody=turn.finished(asked),
                closes=said.closes,
                text=said.text,
            )


class _Scored:
    """One account of all examples: how likely each is whole."""

    def __init__(self, examples: list[Example], scores: list[float]) -> None:
        self._scores = np.array(scores)
        self._speakers = np.array([one.speaker for one in examples])
        self._kinds: dict[Kind, NDArray[np.bool_]] = {
            kind: np.array([one.kind == kind for one in examples]) for kind in get_args(Kind)
        }

    def show(self, name: str) -> None:
        """Print how well whole and broken off are told apart, and what reaches each bar."""
        for kind in ("whole", "paused"):
            above = self._scores[self._kinds[kind]][:, None] > self._scores[self._kinds["broken off"]][None]
            print(f"{name}: {kind} above broken off {np.mean(above):.1%}")
        for bar in (0.5, 0.6, 0.7, 0.75, 0.78, 0.8, 0.85, 0.9, 0.95):
            print(f"  from {bar:.2f}: {self._shares(self._scores >= bar)}")

    def held_out(self) -> None:
        """Choose the bar on all speakers but one, and count on that one."""
        reached = np.zeros(self._scores.size, dtype=bool)
        for speaker in np.unique(self._speakers):
            mine = self._speakers == speaker
            bar = np.quantile(self._scores[self._kinds["broken off"] & ~mine], 1 - MAY_REACH)
            reached[mine] = self._scores[mine] > bar
        print(f"  chosen on the others: {self._shares(reached)}")

    def _shares(self, reached: NDArray[np.bool_]) -> str:
        return ", ".join(f"{kind} {reached[which].mean():.1%}" for kind, which in self._kinds.items())


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print what words and melody tell, and how a bar does on speakers it was not chosen on."""
    found = list(_examples(options, files))
    if options.out:
        options.out.write_bytes(msgspec.json.encode(found))
    found = [one for one in found if one.text]
    print(", ".join(f"{sum(one.kind == kind for one in found)} {kind}" for kind in get_args(Kind)))
    for name, scores in (("words", [one.closes for one in found]), ("melody", [one.melody for one in found])):
        account = _Scored(found, scores)
        account.show(name)
        account.held_out()
