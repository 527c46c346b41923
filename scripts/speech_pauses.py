"""How often a speaker who pauses to think is cut off, and how long one who has finished waits."""

import argparse
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.transcribe import Word
from msgspec import Struct
from msgspec.structs import replace
from speech_sets import Utterance, utterances

from shopbell.models.files import ModelFiles
from shopbell.voice.audio import Frames, Samples, floats, pcm
from shopbell.voice.endpointing import FRAME_S, Endpointing, Event, Manners, Pause, TurnEnded
from shopbell.voice.hearinghost import LATE_S
from shopbell.voice.shortening import shortened
from shopbell.voice.speech import RATE, SAMPLE, Transcript
from shopbell.voice.stt import Whisper
from shopbell.voice.turns import SmartTurn
from shopbell.voice.vad import Silero, silero_file

TAIL_S = 3.5
MELODY_S = 0.1
"""Seconds the turn model takes, more or less; it decides little."""
SOONEST_S = 0.15
"""Seconds within which no words come: who speaks on by then is not asked about."""


class Judged(Struct, frozen=True, kw_only=True):
    """What the engines say of a pause."""

    melody: float | None
    """The turn model's probability; it is asked when the words are late, or there are none."""
    heard: Transcript
    words_s: float
    """Seconds until the words were there."""


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
    """Whether the speaker had finished, the ears' probability of it, and the words so far."""
    words_s: tuple[float, ...]
    """Seconds until the words of each pause were there."""


def room(samples: Samples, seconds: float) -> Samples:
    """Return the room's own noise: the quietest fifth of a second, again and again."""
    size = RATE // 5
    quiet = min(
        range(0, samples.size - size, size // 4), key=lambda at: float(np.sum(samples[at : at + size] ** 2))
    )
    piece = samples[quiet : quiet + size]
    turned = np.concatenate([piece, piece[::-1]])
    return np.tile(turned, 2 + int(seconds * RATE) // turned.size)[: round(seconds * RATE)]


def words_of(model: WhisperModel, samples: Samples) -> list[Word]:
    """Return the words with their places in seconds."""
    segments, _ = model.transcribe(samples, beam_size=1, language="en", word_timestamps=True)
    return [word for segment in segments for word in segment.words or ()]


def _gap(model: WhisperModel, samples: Samples, choice: random.Random) -> tuple[float, float] | None:
    """Return a place between two words, in the middle of the sentence, and the end of the last word."""
    words = words_of(model, samples)
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
    whole = np.concatenate([samples[:cut], room(samples, pause), samples[cut:], room(samples, TAIL_S)])
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


def _silent_until(spoken: Spoken, at_s: float) -> float:
    """Return when speech goes on; words that are not there by then are void, and need not be heard."""
    first = round(at_s / FRAME_S)
    later = (n for n, p in enumerate(spoken.probabilities[first:], first) if p >= Manners().stop_at)
    return next(later, len(spoken.probabilities)) * FRAME_S


def turn_so_far(sound: bytes, event: Pause) -> bytes:
    """Return what the engines are given of a sound at a pause."""
    part = sound[: round(event.at_s * RATE) * SAMPLE][round(event.start_s * RATE) * SAMPLE :]
    return shortened(part, ((since - event.start_s, until - event.start_s) for since, until in event.before))


def _judged(event: Pause, spoken: Spoken, turn: SmartTurn, whisper: Whisper, words_s: float | None) -> Judged:
    """Ask both engines as `Ears` does; `words_s` is taken for the time of the words where it is given."""
    part = turn_so_far(spoken.sound, event)
    began = time.perf_counter()
    readings: list[tuple[Transcript, float]] = []

    def read(reading: Transcript) -> None:
        readings.append((reading, time.perf_counter() - began))

    read(whisper.hear(part, first=read))
    heard, spent = readings[0]  # an unsure turn is read twice; the first reading already tells of its end
    spent = words_s or spent
    melody = turn.finished(part) if spent > LATE_S or not heard.text else None
    return Judged(melody=melody, heard=heard, words_s=spent)


def _followed(spoken: Spoken, turn: SmartTurn, whisper: Whisper, words_s: float | None) -> Outcome:
    """Feed the frames, with the verdicts as late as they would come."""
    ears = Endpointing()
    due: list[tuple[float, Callable[[], None]]] = []
    verdicts, times = [], []
    ended: TurnEnded | None = None
    for probability in spoken.probabilities:
        told: list[Event] = []
        for at_s, verdict in [
            one for one in due if one[0] <= ears.now_s + FRAME_S
        ]:  # before the frame is whole
            verdict()
            due.remove((at_s, verdict))
            told += [replace(event, at_s=at_s) for event in ears.due() if isinstance(event, TurnEnded)]
        for event in (*told, *ears.heard(probability)):
            if isinstance(event, Pause) and _silent_until(spoken, event.at_s) >= event.at_s + SOONEST_S:
                found = _judged(event, spoken, turn, whisper, words_s)
                if found.melody is not None:
                    judged = partial(ears.judged, event.number, found.melody)
                    due.append((event.at_s + min(found.words_s, LATE_S) + MELODY_S, judged))
                text, closes = found.heard.text, found.heard.closes
                if text:
                    due.append(
                        (event.at_s + found.words_s, partial(ears.understood, event.number, text, closes))
                    )
                verdicts.append((bool(event.at_s > spoken.end_s), closes, text))
                times.append(found.words_s)
            if isinstance(event, TurnEnded) and event.at_s > spoken.pause_at_s:
                ended = ended or event
        if ended:
            break
    at = ended.at_s if ended else spoken.end_s + TAIL_S
    return Outcome(
        name=spoken.name,
        cut=bool(at < spoken.pause_at_s + spoken.pause_s + 0.3),
        early=bool(at < spoken.end_s),
        wait_s=float(at - spoken.end_s),
        verdicts=tuple(verdicts),
        words_s=tuple(times),
    )


def _outcomes(options: argparse.Namespace, files: ModelFiles) -> Iterator[Outcome]:
    folder = files.locate(options.model).folder
    quick = str(files.locate("whisper-tiny.en").folder)  # good enough for where the words are
    plain = WhisperModel(quick, device="cpu", compute_type="int8", cpu_threads=options.threads)
    whisper, silero = Whisper(folder, threads=options.threads), Silero(silero_file())
    turn = SmartTurn(files.locate("smart-turn").main)
    choice = random.Random(options.seed)
    chosen = utterances(options.sets / "read", options.limit, options.seed)
    for utterance in chosen:
        spoken = _spoken(utterance, plain, silero, choice)
        if spoken is not None:
            yield _followed(spoken, turn, whisper, options.words_s)


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print false cut-offs and the wait; keep every verdict beside, if a file is named."""
    found = list(_outcomes(options, files))
    cut, early = sum(outcome.cut for outcome in found), sum(outcome.early for outcome in found)
    waits = [outcome.wait_s for outcome in found if not outcome.early]
    print(
        f"sentences {len(found)}  cut off in the pause {cut} ({cut / len(found):.1%}), before the end {early}"
    )
    times = [spent for outcome in found for spent in outcome.words_s]
    print(f"words after {median(times):.2f} s, 9 in 10 within {np.quantile(times, 0.9):.2f} s")
    print(f"answered at once {np.mean(np.less(waits, 0.5)):.0%}")
    print(f"wait after the end: median {median(waits):.2f} s, 9 in 10 under {np.quantile(waits, 0.9):.2f} s")
    if options.out:
        Path(options.out).write_bytes(msgspec.json.encode(found))
