"""An embedder without a model: nearness by shared letters, so that a slip of the fingers stays near."""

import hashlib
from collections.abc import Sequence

import numpy as np

from shopbell.knowledge.embedding import DIMENSIONS, Vectors
from shopbell.knowledge.words import words


class HashedEmbedder:
    """Adds one fixed direction for each run of three letters."""

    def __init__(self, everyday: Sequence[str] = ()) -> None:
        self.everyday = frozenset(everyday)
        self.embedded: list[str] = []

    @property
    def fingerprint(self) -> str:
        return "hashed-1"

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        rows = np.full((len(texts), DIMENSIONS), 1e-3, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for run in _runs(text):
                place = int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest())
                row[place % DIMENSIONS] += 1.0 if place >> 63 else -1.0
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def token_count(self, text: str) -> int:
        return len(words(text))

    def is_word(self, word: str) -> bool:
        return word in self.everyday


def _runs(text: str) -> list[str]:
    padded = [f" {word} " for word in words(text)]
    return [word[start : start + 3] for word in padded for start in range(len(word) - 2)]
