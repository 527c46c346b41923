"""The press: passages of the shop's files go in, what searches them comes out."""

from collections.abc import Sequence
from pathlib import Path

from shopbell.knowledge.embedding import Embedder
from shopbell.knowledge.library import Prepared
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.publishing import Publisher, version_of
from shopbell.knowledge.retriever import Retriever
from shopbell.knowledge.synonyms import Synonyms
from shopbell.models.meter import Meter


class IndexPress:
    """Publishes to the index in a folder; the press the shop runs on."""

    def __init__(
        self,
        folder: Path,
        embedder: Embedder,
        synonyms: Synonyms | None = None,
        *,
        told: Meter | None = None,
    ) -> None:
        self._publisher = Publisher(folder, embedder, synonyms, told=told)
        self._embedder = embedder

    @property
    def version(self) -> str:
        """Name of how it searches: the model and the fitted weights."""
        return version_of(self._embedder)

    def publish(self, passages: Sequence[Passage]) -> Prepared:
        """Bring the index to exactly these passages; only what has changed is embedded."""
        indexed = self._publisher.publish(passages)
        return Prepared(Retriever(indexed, self._embedder), indexed.vectors)

    def close(self) -> None:
        """Let go of the index's files."""
        self._publisher.close()
