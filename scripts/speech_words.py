"""How many words are heard wrong, and in what time, beside faster-whisper's own way."""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path

from faster_whisper import WhisperModel
from msgspec import Struct
from speech_sets import Utterance, by_phone, error_rate, utterances

from shopbell.models.files import ModelFiles
from shopbell.voice.audio import floats
from shopbell.voice.stt import Whisper

SETS = ("read", "phone")


class Score(Struct, frozen=True, kw_only=True):
    """One way of hearing on one set."""

    wer: float
    seconds: float
    """Per utterance."""


def _scored(said: list[Utterance], hear: Callable[[bytes], str]) -> Score:
    began = time.perf_counter()
    heard = [hear(utterance.sound) for utterance in said]
    spent = (time.perf_counter() - began) / len(said)
    pairs = [(utterance.text, text) for utterance, text in zip(said, heard, strict=True)]
    return Score(wer=error_rate(pairs), seconds=spent)


def _plain(folder: Path, threads: int) -> Callable[[bytes], str]:
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def hear(sound: bytes) -> str:
        segments, _ = model.transcribe(floats(sound), beam_size=5, language="en")
        return " ".join(segment.text for segment in segments)

    return hear


def measure(options: argparse.Namespace, files: ModelFiles) -> None:
    """Print a line for each set, clean and by telephone."""
    folder = files.locate(options.model).folder
    ours, plain = Whisper(folder, threads=options.threads), _plain(folder, os.cpu_count() or 1)
    print(f"{options.model}, {options.threads} threads, load {os.getloadavg()[0]:.1f}")
    print("set            ours WER  plain WER   ours s  plain s  ratio")
    for name in SETS:
        clean = utterances(options.sets / name, options.limit, options.seed)
        narrow = [Utterance(name=one.name, text=one.text, sound=by_phone(one.sound)) for one in clean]
        for label, said in ((name, clean), (f"{name}, phone", narrow)):
            mine = _scored(said, lambda sound: ours.hear(sound).text)
            theirs = _scored(said, plain)
            print(
                f"{label:14} {mine.wer:8.2%}  {theirs.wer:8.2%}  {mine.seconds:7.3f}  {theirs.seconds:7.3f}"
                f"  {mine.seconds / theirs.seconds:5.2f}",
                flush=True,
            )
