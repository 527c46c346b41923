"""How often a speaker who pauses to think is cut off, and how long one who has finished waits."""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
from faster_whisper import WhisperModel
from msgspec import Struct
from speech_sets import Utterance, utterances

from shopbell.models.files import ModelFiles
from shopbell.voice.audio import Frames, Samples, floats, pcm
from shopbell.voice.endpointing import Endpointing, Pause, TurnEnded
from shopbell.voice.speech import RATE, SAMPLE
from shopbell.voice.stt import Whisper
from shopbell.voice.turns import SmartTurn
from shopbell.voice.vad import Silero, silero_file

VERDICT_S = 0.08
"""Seconds until the turn model has answered, on an idle machine."""
WORDS_S = 0.25
"""Seconds until the words are there."""
TAIL_S = 3.5


class Spoken(Struct, frozen=True, kw_only=True):
    """One sentence with a pause in it, as the ears hear it."""

    name: str
    probabilities: tuple[float, ...]
    pause_at_s: float
    pause_s: float
    end_s: float
    """Where the last word ends."""
    sound: bytes


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of it."""

    name: str
    cut: bool
    """Ended within the pause put in."""
    early: bool
    """Ended before the last word, there or at a pause of the reader's own."""
    wait_s: float
    verdicts: tuple[tuple[bool, float, str], ...]
    """Whether the speaker had finished, the turn model's probability, the words so far."""


def _room(samples: Samples, seconds: float) -> Samples:
    """Return the room's own noise: the quietest fifth of a second, again and again."""
    size = RATE // 5
    quiet = min(
        range(0, samples.size - size, size // 4), key=lambda at: float(np.sum(samples[at : at + size] ** 2))
    )
    piece = samples[quiet : quiet + size]
    turned = np.concatenate([piece, piece[::-1]])
    return np.tile(turned, 2 + int(seconds * RATE) // turned.size)[: round(seconds * RATE)]


def _gap(model: WhisperModel, samples: Samples, choice: random.Random) -> tuple[float, float] | None:
    """Return a place between two words, in the middle of the sentence, and the end of the last word."""
    segments, _ = model.transcribe(samples, beam_size=1, language="en", word_timestamps=True)
    words = [word for segment in segments for word in segment.words or ()]
    inner = range(max(2, len(words) // 4), len(words) - 2)
    if not inner:
        return None
    at = choice.choice(inner)
    return float(words[at].start + words[at - 1].end) / 2, float(words[-1].end)


def _spoken(
    utterance: Utterance, model: WhisperModel, silero: Silero, choice: random.Random
) -> Spoken | None:
    samples = floats(utterance.sound)
    gap = _gap(model, samples, choice)
    if gap is None:
        return None
    pause = choice.uniform(0.5, 1.5)
    cut = round(gap[0] * RATE)
    whole = np.concatenate([samples[:cut], _room(samples, pause), samples[cut:], _room(samples, TAIL_S)])
    sound, ear = pcm(whole), silero.ear()
    probabilities = tuple(ear.heard(frame) for frame in Frames().cut(sound))
    body = probabilities[: round((samples.size / RATE + pause) / 0.032) + 8]
    last = max((at for at, p in enumerate(body) if p >= 0.35), default=0)  # noqa: PLR2004 - as the ears have it
    return Spoken(
        name=utterance.name,
        probabilities=probabilities,
        pause_at_s=gap[0],
        pause_s=pause,
        end_s=(last + 1) * 0.032,
        sound=sound,
    )


def _followed(spoken: Spoken, turn: SmartTurn, whisper: Whisper) -> Outcome:
    """Feed the frames, with the verdicts as late as they would come."""
    ears = Endpointing()
    due: list[tuple[float, int, float, str | None]] = []
    verdicts = []
    ended: TurnEnded | None = None
    for probability in spoken.probabilities:
        for event in ears.heard(probability):
            if isinstance(event, Pause):
                part = spoken.sound[: round(event.at_s * RATE) * SAMPLE]
                start = round(event.start_s * RATE) * SAMPLE
                finished, text = turn.finished(part[start:]), whisper.hear(part[start:]).text
                due += [
                    (event.at_s + VERDICT_S, event.number, finished, None),
                    (event.at_s + VERDICT_S + WORDS_S, event.number, finished, text),
                ]
                verdicts.append((event.at_s > spoken.end_s, finished, text))
            if isinstance(event, TurnEnded) and event.at_s > spoken.pause_at_s:
                ended = ended or event
        for verdict in [one for one in due if one[0] <= ears.now_s]:
            ears.judged(*verdict[1:])
            due.remove(verdict)
        if ended:
            break
    at = ended.at_s if ended else spoken.end_s + TAIL_S
    return Outcome(
        name=spoken.name,
        cut=at < spoken.pause_at_s + spoken.pause_s + 0.3,
        early=at < spoken.end_s,
        wait_s=at - spoken.end_s,
        verdicts=tuple(verdicts),
    )


def _outcomes(options: argparse.Namespace, files: ModelFiles) -> Iterator[Outcome]:
    folder = files.locate(options.model).folder
    plain = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=options.threads)
    whisper, silero = Whisper(folder, threads=options.threads), Silero(silero_file())
    turn = SmartTurn(files.locate("smart-turn").main)
    choice = random.Random(options.seed)
    for utterance in utterances(options.sets / "read", options.limit, options.seed):
        spoken = _spoken(utterance, plain, silero, choice)
        if spoken is not None:
            yield _followed(spoken, turn, whisper)


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print false cut-offs and the wait; keep every verdict beside, if a file is named."""
    found = list(_outcomes(options, files))
    cut, early = sum(outcome.cut for outcome in found), sum(outcome.early for outcome in found)
    waits = [outcome.wait_s for outcome in found if not outcome.early]
    print(
        f"sentences {len(found)}  cut off in the pause {cut} ({cut / len(found):.1%}), before the end {early}"
    )
    print(f"wait after the end: median {median(waits):.2f} s, 9 in 10 under {np.quantile(waits, 0.9):.2f} s")
    if options.out:
        Path(options.out).write_bytes(msgspec.json.encode(found))
