"""Embedding: sentences become unit vectors; the only module of the room that knows an engine."""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.knowledge.errors import EmbedderMissing
from shopbell.knowledge.late import Words, grouped
from shopbell.models.onnx import open_session
from shopbell.storage.quiet import silence

DIMENSIONS = 384
"""Length of a MiniLM vector."""

LONGEST = 256
"""Word pieces read of one text, the two markers included; the rest is not seen."""

REMEMBERED = 512
"""Single questions whose vectors are kept, least recently used first out."""

BULK = 64
"""Texts from which every core reads: so many come with an ingest, not with a question or an edit."""

Vectors = NDArray[np.float32]


class Read(Struct, frozen=True):
    """One text as the model read it."""

    vector: Vectors
    """float32[384] of the whole, of length 1."""
    words: Words


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is the cosine similarity."""

    @property
    def fingerprint(self) -> str:
        """Name of the exact model: another one means every stored vector is stale."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32[len(texts), 384], each row of length 1."""
        ...

    def read(self, texts: Sequence[str]) -> list[Read]:
        """Return each text's vector, as `embed` does, with the vectors of its words."""
        ...

    def token_count(self, text: str) -> int:
        """Count the word pieces of `text`, markers not included."""
        ...

    def is_word(self, word: str) -> bool:
        """Say whether `word` (lower case) is a common word, hence hardly a slip of the fingers."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 (int8, ONNX), each text on one thread; safe to call from several."""

    def __init__(self, folder: Path) -> None:
        """Load `model.onnx` and `tokenizer.json` of `folder`; raise `EmbedderMissing` without them."""
        model, vocabulary = folder / "model.onnx", folder / "tokenizer.json"
        for path in (model, vocabulary):
            if not path.is_file():
                raise EmbedderMissing(path)
        silence(os.environ)
        self._session = open_session(model)
        self._tokenizer = _tokenizer(vocabulary)
        self._fingerprint = f"minilm-{_digest(model)}-{_digest(vocabulary)}"
        self._recent: OrderedDict[str, Read] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """Digest of both files."""
        return self._fingerprint

    def token_count(self, text: str) -> int:
        """Count the word pieces of `text`, without truncation and markers."""
        with self._lock:
            self._tokenizer.no_truncation()
            pieces = self._tokenizer.encode(text, add_special_tokens=False).ids
            self._tokenizer.enable_truncation(LONGEST)
        return len(pieces)

    def is_word(self, word: str) -> bool:
        """Say whether the vocabulary holds `word` whole."""
        return self._tokenizer.token_to_id(word) is not None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32[len(texts), 384] of length 1; single short texts are remembered."""
        return np.stack([read.vector for read in self.read(texts)]) if texts else _nothing()

    def read(self, texts: Sequence[str]) -> list[Read]:
        """Read texts one by one on each core: a padded batch of mixed lengths is no quicker."""
        found = {text: known for text in set(texts) if (known := self._recall(text)) is not None}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        found.update(zip(missing, self._read_all(missing), strict=True))
        if len(missing) <= 4:  # noqa: PLR2004 - a customer's question and its parts, not an ingest
            self._remember({text: found[text] for text in missing})
        return [found[text] for text in texts]

    def _read_all(self, texts: Sequence[str]) -> Iterable[Read]:
        if len(texts) < BULK:
            return map(self._read, texts)
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            return list(pool.map(self._read, texts))

    def _recall(self, text: str) -> Read | None:
        with self._lock:
            if text in self._recent:
                self._recent.move_to_end(text)
            return self._recent.get(text)

    def _remember(self, reads: dict[str, Read]) -> None:
        with self._lock:
            self._recent.update(reads)
            while len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)

    def _read(self, text: str) -> Read:
        """Take the mean of the last hidden states over all pieces, and over those of each word."""
        with self._lock:
            encoded = self._tokenizer.encode(text)
        states = self._run(np.array([encoded.ids], dtype=np.int64))
        words = list(grouped(encoded.word_ids, encoded.offsets, text))
        rows = np.stack([states[places].mean(axis=0) for _, places in words]) if words else _nothing()
        return Read(_unit(states.mean(axis=0)), Words(tuple(word for word, _ in words), _unit(rows)))

    def _run(self, pieces: NDArray[np.int64]) -> Vectors:
        feed = {
            "input_ids": pieces,
            "attention_mask": np.ones_like(pieces),
            "token_type_ids": np.zeros_like(pieces),
        }
        return np.asarray(self._session.run(None, feed)[0][0], dtype=np.float32)


def _tokenizer(vocabulary: Path) -> Any:
    from tokenizers import Tokenizer  # noqa: PLC0415 - loaded with the session, not at import

    tokenizer = Tokenizer.from_file(str(vocabulary))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return tokenizer


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _unit(rows: Vectors) -> Vectors:
    """Scale vectors to length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


def _nothing() -> Vectors:
    return np.empty((0, DIMENSIONS), dtype=np.float32)
