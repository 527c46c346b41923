"""Index: the vectors of a shop's passages, kept in Chroma; the only module that knows chromadb.

Chroma is the durable store and holds ids, vectors and a digest of what was embedded, never a
text: what is deleted from it stays in its files. Searching is exact, a product with the whole
matrix in memory: at a shop's size it takes under a millisecond, where Chroma's own graph is
approximate and takes five.
"""

import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from shopbell.knowledge.embedding import DIMENSIONS, Embedder
from shopbell.knowledge.fusion import Vectors
from shopbell.knowledge.late import Kept, WordIndex
from shopbell.knowledge.lexical import Scores, wordings_of
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.wordstore import WordStore
from shopbell.models.meter import Meter
from shopbell.storage.alone import Alone
from shopbell.storage.cleanmemory import clean_memory
from shopbell.storage.quiet import silence

COLLECTION = "passages"

BODY, TEXT, TITLE = 0, 1, 2
"""Numbers of a passage's vectors; its other wordings follow from 3."""

_log = logging.getLogger(__name__)
_NONE = np.empty((0, DIMENSIONS), dtype=np.float16)


class VectorIndex:
    """Vectors under `<passage id>|<number>`, made anew only where the words changed."""

    def __init__(self, folder: Path, embedder: Embedder, words: WordStore, told: Meter | None = None) -> None:
        """Open or make the store in `folder`; `words` keeps the vectors of single words beside it.

        `told` hears how far a long `sync` has come.
        """
        self._told = told
        self._folder, self._embedder, self._words = folder, embedder, words
        self._lock = threading.Lock()
        self._alone = Alone(folder.with_name(f"{folder.name}.lock"))
        with self._alone.held():
            self._open()

    def sync(self, passages: Sequence[Passage]) -> int:
        """Make the store hold these passages and nothing else; return how many texts were embedded.

        What is written last is never half there: a crash on the way leaves vectors whose
        digests differ, and the next call makes them anew. Another process that does the same
        is waited for, and what it made is taken over.
        """
        wanted = dict(pair for passage in passages for pair in texts_of(passage))
        digests = {key: self._digest(text) for key, text in wanted.items()}
        with self._lock, self._alone.held() as others_wrote:
            if others_wrote:
                self._reopen()
            gone = [key for key in self._digests if key not in digests]
            self._drop(gone)
            fresh = [
                key for key in digests if self._digests.get(key) != digests[key] or self._lacks(key, digests)
            ]
            self._put(fresh, wanted, digests)
            self._words.keep(digests[key] for key in digests if _has_words(key))
            if gone or fresh:
                self._alone.wrote()
        return len(fresh)

    def vectors(self, passages: Sequence[Passage]) -> Vectors:
        """Return the vectors of passages that were synced, in their order."""
        asked = [
            f"{passage.id}|{TITLE + number}"
            for passage in passages
            for number in range(len(wordings_of(passage)))
        ]
        text = [f"{passage.id}|{TEXT if passage.text.strip() else TITLE}" for passage in passages]
        body = [f"{passage.id}|{BODY if passage.text.strip() else TITLE}" for passage in passages]
        words = self._word_index(passages)
        return Vectors(self._stack(asked), self._stack(text), self._stack(body), words)

    def _word_index(self, passages: Sequence[Passage]) -> WordIndex:
        kept: list[list[Kept]] = []
        row = 0
        for passage in passages:
            wordings = range(len(wordings_of(passage)))
            kept.append([self._kept(f"{passage.id}|{TITLE + number}", row + number) for number in wordings])
            if passage.text.strip():
                kept[-1].append(self._kept(f"{passage.id}|{TEXT}", -1))
            row += len(wordings)
        return WordIndex(kept)

    def _kept(self, key: str, wording: int) -> Kept:
        rows = self._words.get(self._digests[key])
        return Kept(wording, _NONE if rows is None else rows)

    def _lacks(self, key: str, digests: dict[str, str]) -> bool:
        return _has_words(key) and self._words.get(digests[key]) is None

    def query(self, vector: Scores, k: int) -> list[tuple[str, float]]:
        """Return the `k` passages nearest to a unit vector with their best cosine, nearest first."""
        best: dict[str, float] = {}
        if self._vectors:
            keys = list(self._vectors)
            for key, cosine in zip(keys, self._stack(keys) @ vector, strict=True):
                passage = key.rpartition("|")[0]
                best[passage] = max(best.get(passage, -1.0), float(cosine))
        return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:k]

    def close(self) -> None:
        """Let go of the store's files."""
        with clean_memory():
            self._client.close()

    def __len__(self) -> int:
        return len(self._vectors)

    def _stack(self, keys: Sequence[str]) -> Scores:
        if not keys:
            return np.empty((0, DIMENSIONS), dtype=np.float32)
        return np.stack([self._vectors[key] for key in keys])

    def _digest(self, text: str) -> str:
        return hashlib.sha256(f"{self._embedder.fingerprint}\n{text}".encode()).hexdigest()[:32]

    def _open(self) -> None:
        """Open the store; one that cannot be read is thrown away, since all in it can be made anew."""
        self._client = _client(self._folder)
        try:
            self._collection = _collection(self._client)
            self._digests, self._vectors = self._load()
        except _unreadable() as fault:
            _log.warning("The index in %s cannot be read and is made anew: %s", self._folder, fault)
            self.close()
            shutil.rmtree(self._folder)
            self._client = _client(self._folder)
            self._collection = _collection(self._client)
            self._digests, self._vectors = {}, {}

    def _reopen(self) -> None:
        self.close()
        self._open()
        self._words.reload()

    def _load(self) -> tuple[dict[str, str], dict[str, Scores]]:
        with clean_memory():
            held = self._collection.get(include=["embeddings", "metadatas"])
        rows = np.asarray(held["embeddings"], dtype=np.float32)
        digests = {key: str(meta["digest"]) for key, meta in zip(held["ids"], held["metadatas"], strict=True)}
        return digests, dict(zip(held["ids"], rows, strict=True))

    def _drop(self, keys: Sequence[str]) -> None:
        for batch in self._slices(keys):
            with clean_memory():
                self._collection.delete(ids=batch)
        for key in keys:
            del self._digests[key], self._vectors[key]

    def _put(self, keys: Sequence[str], texts: dict[str, str], digests: dict[str, str]) -> None:
        slices = list(self._slices(keys))
        done = 0
        for batch in slices:
            reads = self._embedder.read([texts[key] for key in batch])
            rows = np.stack([read.vector for read in reads])
            for key, read in zip(batch, reads, strict=True):
                if _has_words(key):
                    self._words.put(digests[key], read.words.telling().rows)
            metadatas = [{"digest": digests[key]} for key in batch]
            with clean_memory():
                self._collection.upsert(ids=batch, embeddings=rows, metadatas=metadatas)
            self._vectors.update(zip(batch, rows, strict=True))
            self._digests.update({key: digests[key] for key in batch})
            done += len(batch)
            if self._told is not None and len(slices) > 1:  # an edit is no news
                self._told(done, len(keys))

    def _slices(self, keys: Sequence[str]) -> Iterator[list[str]]:
        size = min(256, self._client.get_max_batch_size())
        for start in range(0, len(keys), size):
            yield list(keys[start : start + size])


def _has_words(key: str) -> bool:
    """Say whether the words of a text are kept: those of title and text together stand there already."""
    return not key.endswith(f"|{BODY}")


def texts_of(passage: Passage) -> Iterator[tuple[str, str]]:
    """Yield what is embedded of a passage: `<passage id>|<number>` and the words."""
    if passage.text.strip():
        yield f"{passage.id}|{BODY}", f"{passage.title}\n{passage.text}"
        yield f"{passage.id}|{TEXT}", passage.text
    for number, wording in enumerate(wordings_of(passage)):
        yield f"{passage.id}|{TITLE + number}", wording


def _client(folder: Path) -> Any:
    silence(os.environ)
    import chromadb  # noqa: PLC0415 - only after silence()
    from chromadb.config import Settings  # noqa: PLC0415 - same

    folder.mkdir(parents=True, exist_ok=True)
    with clean_memory():
        return chromadb.PersistentClient(folder, settings=Settings(anonymized_telemetry=False))


def _collection(client: Any) -> Any:
    with clean_memory():
        return client.get_or_create_collection(
            COLLECTION, embedding_function=None, metadata={"hnsw:space": "cosine"}
        )


def _unreadable() -> tuple[type[Exception], ...]:
    from chromadb.errors import InternalError  # noqa: PLC0415 - only after silence()

    return (InternalError,)
