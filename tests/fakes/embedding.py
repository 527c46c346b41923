"""An embedder without a model: nearness by shared letters, so that a slip of the fingers stays near."""

import hashlib
from collections.abc import Sequence

import numpy as np

from shopbell.knowledge import fusion
from shopbell.knowledge.embedding import DIMENSIONS, Embedder, Read, Vectors
from shopbell.knowledge.late import Kept, WordIndex, Words
from shopbell.knowledge.lexical import wordings_of
from shopbell.knowledge.passage import Passage
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
        return _rows(texts)

    def read(self, texts: Sequence[str]) -> list[Read]:
        rows = self.embed(texts)
        return [Read(row, _words(text)) for text, row in zip(texts, rows, strict=True)]

    def token_count(self, text: str) -> int:
        return len(words(text))

    def is_word(self, word: str) -> bool:
        return word in self.everyday


def _rows(texts: Sequence[str]) -> Vectors:
    rows = np.full((len(texts), DIMENSIONS), 1e-3, dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        for run in _runs(text):
            place = int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest())
            row[place % DIMENSIONS] += 1.0 if place >> 63 else -1.0
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _words(text: str) -> Words:
    found = tuple(words(text))
    return Words(found, _rows(found))


def _runs(text: str) -> list[str]:
    padded = [f" {word} " for word in words(text)]
    return [word[start : start + 3] for word in padded for start in range(len(word) - 2)]


def vectors_of(passages: Sequence[Passage], embedder: Embedder) -> fusion.Vectors:
    """Return the vectors of passages as the index would."""
    asked = [wording for passage in passages for wording in wordings_of(passage)]
    text = [passage.text or passage.title for passage in passages]
    rows = iter(range(len(asked)))
    kept = [
        [*(Kept(next(rows), read.words.rows) for read in embedder.read(wordings_of(passage)))]
        + [Kept(-1, read.words.rows) for read in embedder.read([passage.text] if passage.text else [])]
        for passage in passages
    ]
    body = [f"{passage.title}\n{passage.text}" for passage in passages]
    return fusion.Vectors(embedder.embed(asked), embedder.embed(text), embedder.embed(body), WordIndex(kept))
