"""An embedder without a model: texts that share words are near each other."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from shopbell.knowledge.embedding import DIMENSIONS, Read, Vectors
from shopbell.knowledge.late import Words
from shopbell.knowledge.words import words

_WORD = re.compile(r"\w+")


class FakeEmbedder:
    """Adds up one fixed random direction for each word; remembers what it was asked to embed."""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    @property
    def fingerprint(self) -> str:
        return "fake-1"

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        if not texts:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        return np.stack([_vector(text) for text in texts])

    def read(self, texts: Sequence[str]) -> list[Read]:
        return [Read(row, _words(text)) for text, row in zip(texts, self.embed(texts), strict=True)]

    def token_count(self, text: str) -> int:
        return len(_WORD.findall(text))

    def is_word(self, word: str) -> bool:
        return False


def _vector(text: str) -> Vectors:
    summed = np.full(DIMENSIONS, 1e-3, dtype=np.float32)
    for word in _WORD.findall(text.lower()):
        summed += _direction(word)
    return np.asarray(summed / np.linalg.norm(summed), dtype=np.float32)


def _words(text: str) -> Words:
    found = tuple(words(text))
    return Words(found, np.stack([_vector(word) for word in found])) if found else Words()


@lru_cache(maxsize=10_000)
def _direction(word: str) -> Vectors:
    seed = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest())
    return np.random.default_rng(seed).standard_normal(DIMENSIONS, dtype=np.float32)
