"""Publishing: passages become an index to search; only what changed is embedded anew."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from shopbell.knowledge.calibration import EDITION, Calibration, calibrate
from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.fusion import Vectors
from shopbell.knowledge.index import VectorIndex
from shopbell.knowledge.lexical import Lexical
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.rehearsal import Rehearsal, foreign_questions
from shopbell.knowledge.synonyms import Synonyms
from shopbell.knowledge.weights import ABOUT, FIRST, NONE, SURE, WEIGHTS, WORDED
from shopbell.knowledge.wordstore import WordStore
from shopbell.models.meter import Meter

FEW_CHANGED = 0.1
"""Share of passages that may differ before thresholds are learnt anew: an edit is to be live at once, and one
answer among many does not move them."""


class Indexed(Struct, frozen=True):
    """All parts of an index, made from the same passages in the same order."""

    passages: tuple[Passage, ...]
    lexical: Lexical
    vectors: Vectors
    calibration: Calibration


class Publisher:
    """Owns the stored index of one shop; one process writes it."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        synonyms: Synonyms | None = None,
        *,
        told: Meter | None = None,
    ) -> None:
        """Open or make the index in `folder`; `told` hears how far it has come with many texts."""
        self._folder, self._embedder = folder, embedder
        self._synonyms = synonyms or Synonyms()
        self._index = VectorIndex(folder / "vectors", embedder, WordStore(folder / "words.npz"), told)

    def publish(self, passages: Sequence[Passage]) -> Indexed:
        """Bring the store to these passages and no others, and learn how sure it may be."""
        self._index.sync(passages)
        vectors = self._index.vectors(passages)
        lexical = Lexical(passages, is_word=self._embedder.is_word, synonyms=self._synonyms)
        return Indexed(tuple(passages), lexical, vectors, self._calibration(passages, lexical, vectors))

    def close(self) -> None:
        """Let go of the index's files."""
        self._index.close()

    def _calibration(self, passages: Sequence[Passage], lexical: Lexical, vectors: Vectors) -> Calibration:
        """Return the stored calibration if it is of nearly these passages, else learn and store one."""
        path = self._folder / "calibration.json"
        key = version_of(self._embedder)
        digests = tuple(sorted(_digest(passage) for passage in passages))
        stored = _read(path)
        if stored is not None and stored.key == key and _changed(stored.learnt_of, digests) <= FEW_CHANGED:
            return stored
        if not passages:
            return Calibration(key=key)
        rehearsal = Rehearsal(passages, lexical, vectors, self._embedder)
        learnt = replace(calibrate(rehearsal.samples(foreign_questions()), key), learnt_of=digests)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(learnt), indent=2))
        return learnt


def version_of(embedder: Embedder) -> str:
    """Return a digest of all that decides how a search comes out besides the passages."""
    # New weights make another search: a shop that was updated learns its thresholds anew.
    fitted = (sorted(WEIGHTS.items()), sorted(WORDED.items()), FIRST, ABOUT, SURE, NONE, EDITION)
    return hashlib.sha256(f"{embedder.fingerprint} {fitted}".encode()).hexdigest()[:32]


def _digest(passage: Passage) -> str:
    return hashlib.sha256(msgspec.json.encode(passage)).hexdigest()[:12]


def _changed(before: Sequence[str], now: Sequence[str]) -> float:
    """Return the share of passages that are new or gone, in [0, 1]."""
    old, new = set(before), set(now)
    return len(old ^ new) / len(old | new) if old | new else 0.0


def _read(path: Path) -> Calibration | None:
    """Read a stored calibration; one that cannot be read is learnt again."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Calibration)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
