"""How well a pause after a whole sentence is told from one after a broken-off one, by words and by melody."""

import argparse
import random
from collections.abc import Iterator

import msgspec
import numpy as np
from faster_whisper import WhisperModel
from msgspec import Struct
from numpy.typing import NDArray
from speech_pauses import room, words_of
from speech_sets import utterances

from shopbell.models.files import ModelFiles
from shopbell.voice.audio import Frames, floats, pcm
from shopbell.voice.endpointing import FRAME_S, Manners
from shopbell.voice.speech import RATE
from shopbell.voice.stt import Whisper
from shopbell.voice.turns import SmartTurn
from shopbell.voice.vad import Silero, silero_file

CUTS = 4
"""Places at which each sentence is broken off."""
MAY_REACH = 0.05
"""Share of the broken-off sentences that may be taken for whole ones."""


class Example(Struct, frozen=True, kw_only=True):
    """A sentence heard up to its end, or to a word before it."""

    speaker: str
    whole: bool
    melody: float
    closes: float
    text: str


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
        for at_s in (*cuts, samples.size / RATE):
            sound = np.concatenate([samples[: round(at_s * RATE)], room(samples, 1.0)])
            ear = silero.ear()
            spoken = [ear.heard(frame) >= Manners().stop_at for frame in Frames().cut(pcm(sound))]
            last = max((n for n, is_speech in enumerate(spoken) if is_speech), default=0)
            heard = pcm(sound[: round(((last + 1) * FRAME_S + Manners().pause_s) * RATE)])
            said = whisper.hear(heard)
            yield Example(
                speaker=utterance.name.split("-")[0],
                whole=at_s == samples.size / RATE,
                melody=turn.finished(heard),
                closes=said.closes,
                text=said.text,
            )


def _table(name: str, scores: NDArray[np.float64], whole: NDArray[np.bool_]) -> None:
    ranked = np.mean(scores[whole][:, None] > scores[~whole][None])
    print(f"{name}: whole above broken off {ranked:.1%}")
    for bar in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95):
        reached = scores >= bar
        print(f"  from {bar:.2f}: whole {reached[whole].mean():.0%}, broken off {reached[~whole].mean():.1%}")


def _held_out(scores: NDArray[np.float64], whole: NDArray[np.bool_], speakers: NDArray[np.str_]) -> None:
    """Choose the bar on all speakers but one, and count on that one."""
    reached = np.zeros(whole.size, dtype=bool)
    for speaker in np.unique(speakers):
        others = scores[~whole & (speakers != speaker)]
        bar = np.quantile(others, 1 - MAY_REACH)
        reached[speakers == speaker] = scores[speakers == speaker] > bar
    print(
        f"  chosen on the others: whole {reached[whole].mean():.0%}, broken off {reached[~whole].mean():.1%}"
    )


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print what words and melody tell, and how a bar does on speakers it was not chosen on."""
    found = list(_examples(options, files))
    if options.out:
        options.out.write_bytes(msgspec.json.encode(found))
    found = [one for one in found if one.text]
    whole = np.array([one.whole for one in found])
    speakers = np.array([one.speaker for one in found])
    print(f"{whole.sum()} whole sentences, {(~whole).sum()} broken off")
    for name, scores in (("words", [one.closes for one in found]), ("melody", [one.melody for one in found])):
        _table(name, np.array(scores), whole)
        _held_out(np.array(scores), whole, speakers)
