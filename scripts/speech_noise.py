"""What is heard when nobody speaks to us: noise, music, a fridge; beside them, people talking."""

import argparse
from collections.abc import Iterator

import numpy as np
from speech_sets import load

from shopbell.models.files import ModelFiles
from shopbell.voice.audio import Frames, Samples, floats, pcm
from shopbell.voice.endpointing import Endpointing, Pause, TurnEnded
from shopbell.voice.speech import RATE, SAMPLE
from shopbell.voice.stt import Whisper
from shopbell.voice.turns import SmartTurn
from shopbell.voice.vad import Silero, silero_file

EACH_S = 60
PEOPLE = "tau2_people_talking.flac"
FILES = (
    "dograh_office-ambience-8000-mono.flac",
    "tau2_car_horn.flac",
    "tau2_dog_bark.flac",
    "tau2_engine_idling.flac",
    "tau2_ringing_phone.flac",
    "tau2_siren.flac",
)


def _fridge(seconds: int, level: float) -> Samples:
    """Return a compressor: hum of 50 Hz and its overtones, hiss, a rattle twice a second."""
    time = np.arange(seconds * RATE) / RATE
    hum = sum(np.sin(2 * np.pi * 50 * n * time) / n for n in range(1, 9))
    rattle = np.sin(2 * np.pi * 180 * time) * (np.sin(2 * np.pi * 2 * time) > 0.8)  # noqa: PLR2004
    hiss = np.random.default_rng(1).standard_normal(time.size)
    return (level * (0.5 * hum + 0.3 * rattle + 0.2 * hiss)).astype(np.float32)


def _music(seconds: int, level: float) -> Samples:
    """Return a tune: four chords of plucked tones over a beat."""
    time = np.arange(seconds * RATE) / RATE
    chords = ((220, 277, 330), (247, 294, 370), (196, 247, 294), (165, 208, 247))
    tune = np.zeros(time.size)
    for place, chord in enumerate(chords):
        on = (time.astype(int) % len(chords)) == place
        tune += on * sum(np.sin(2 * np.pi * tone * time) for tone in chord)
    beat = np.random.default_rng(2).standard_normal(time.size) * np.exp(-8 * (time * 2 % 1))
    return (level * (tune / 3 * np.exp(-1.5 * (time % 1)) + 0.5 * beat)).astype(np.float32)


def _sounds(options: argparse.Namespace) -> Iterator[tuple[str, bytes]]:
    for name in FILES:
        samples = floats(load(options.sets / "noise" / name))
        yield name, pcm(np.resize(samples, EACH_S * RATE))
    yield "fridge", pcm(_fridge(EACH_S, 0.05))
    yield "fridge, loud", pcm(_fridge(EACH_S, 0.2))
    yield "music", pcm(_music(EACH_S, 0.1))
    yield "music, loud", pcm(_music(EACH_S, 0.4))
    yield "(people talking)", pcm(np.resize(floats(load(options.sets / "noise" / PEOPLE)), EACH_S * RATE))


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print turns taken and words heard for each sound; people talking do not count in the sum."""
    whisper = Whisper(files.locate(options.model).folder, threads=options.threads)
    turn, silero = SmartTurn(files.locate("smart-turn").main), Silero(silero_file())
    turns = words = 0
    for name, sound in _sounds(options):
        found = [whisper.hear(part).text for part in _turns(sound, silero, turn)]
        heard = [text for text in found if text]
        print(f"{name:40} begun {len(found):2}  turns with words {len(heard):2}  {heard[:3]}", flush=True)
        if not name.startswith("("):
            turns += len(heard)
            words += sum(len(text.split()) for text in heard)
    print(f"ten minutes of noise, music and a fridge: {turns} turns, {words} words")


def _turns(sound: bytes, silero: Silero, turn: SmartTurn) -> Iterator[bytes]:
    ears, ear = Endpointing(), silero.ear()
    for frame in Frames().cut(sound):
        for event in ears.heard(ear.heard(frame)):
            if isinstance(event, Pause):
                part = sound[: round(event.at_s * RATE) * SAMPLE]
                ears.judged(event.number, turn.finished(part[round(event.start_s * RATE) * SAMPLE :]))
            if isinstance(event, TurnEnded):
                yield sound[round(event.start_s * RATE) * SAMPLE : round(event.end_s * RATE) * SAMPLE]
