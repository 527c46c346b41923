"""Recorded speech for measuring the ears: how it is read, spoiled, and scored."""

import json
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from faster_whisper import decode_audio
from msgspec import Struct

from shopbell.voice.audio import Samples, from_mu_law, pcm, to_mu_law
from shopbell.voice.resampling import resampled
from shopbell.voice.speech import RATE

PHONE_RATE = 8_000


class Utterance(Struct, frozen=True, kw_only=True):
    """A recording and what is said in it."""

    name: str
    text: str
    sound: bytes
    """int16 mono at 16 kHz."""
    hints: tuple[str, ...] = ()


def load(file: Path) -> bytes:
    """Return a recording at 16 kHz."""
    return pcm(np.asarray(decode_audio(str(file), sampling_rate=RATE), dtype=np.float32))


def utterances(folder: Path, limit: int, seed: int = 1) -> list[Utterance]:
    """Read up to `limit` recordings of a folder with a `manifest.jsonl`; the choice is the same each time."""
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    if len(rows) > limit:
        rows = random.Random(seed).sample(rows, limit)
    return [Utterance(name=row["file"], text=row["text"], sound=load(folder / row["file"])) for row in rows]


def by_phone(sound: bytes) -> bytes:
    """Return the sound after a telephone line: 8 kHz, mu-law, and back to 16 kHz."""
    narrow = resampled(sound, RATE, PHONE_RATE)
    return resampled(from_mu_law(to_mu_law(narrow)), PHONE_RATE, RATE)


def mixed(speech: Samples, noise: Samples, snr_db: float, at: int) -> Samples:
    """Return speech with noise from sample `at` on, `snr_db` under it by mean power."""
    piece = np.take(noise, range(at, at + speech.size), mode="wrap")
    ratio = float(np.mean(speech**2) / max(1e-12, float(np.mean(piece**2))))
    gain = np.sqrt(ratio / 10 ** (snr_db / 10))
    return np.clip(speech + piece * np.float32(gain), -1, 1).astype(np.float32)


_SAME = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint", "ok": "okay", "grey": "gray"}
_BRITISH = ((r"our\b", "or"), (r"ise\b", "ize"), (r"ised\b", "ized"))
_NUMBERS = dict(
    zip("zero one two three four five six seven eight nine ten".split(), map(str, range(11)), strict=True)
)


def words(text: str) -> list[str]:
    """Return the words compared: lower case, no punctuation, titles and small numbers in one spelling."""
    plain = re.sub(r"[^\w\s']", " ", text.lower().replace("’", "'"))
    found = []
    for word in plain.replace("'", "").split():
        for british, american in _BRITISH:
            word = re.sub(british, american, word) if len(word) > 5 else word  # noqa: PLW2901, PLR2004
        found.append(_NUMBERS.get(word, _SAME.get(word, word)))
    return found


def errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return the least number of words changed, left out or put in (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, left in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


def error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Return the word error rate of (said, heard) pairs, per word said."""
    counted = [(words(said), words(heard)) for said, heard in pairs]
    return sum(errors(said, heard) for said, heard in counted) / sum(len(said) for said, _ in counted)
