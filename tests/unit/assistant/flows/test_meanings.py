"""Meanings that are shipped: as the embedder gives them; of no count for other words, or another embedder."""

import numpy as np
import pytest

from shopbell.assistant.flows.meanings import ALIKE, digest, known, load
from shopbell.assistant.flows.wishes import phrases
from shopbell.knowledge.embedding import MiniLM
from tests.fakes.embedder import FakeEmbedder


def test_what_is_shipped_is_of_the_bundled_phrasings() -> None:
    """A phrasing changed without `scripts/fit_wishes` is found here."""
    assert load().digest == digest([text for examples in phrases().values() for text in examples])


def test_another_embedder_or_other_words_are_reckoned_anew() -> None:
    """Nothing that is shipped counts for what it was not reckoned of."""
    assert known(phrases(), FakeEmbedder().embed) is None
    assert known({"usual": ["the usual please"], "other": ["hello"]}, FakeEmbedder().embed) is None


@pytest.mark.model
def test_they_are_as_the_embedder_gives_them(minilm: MiniLM) -> None:
    """Told in so few steps a vector still points where it did."""
    texts = [text for examples in phrases().values() for text in examples]
    some = range(0, len(texts), 97)
    given = minilm.embed([texts[place] for place in some])
    assert np.min(np.sum(given * load().vectors()[list(some)], axis=1)) > ALIKE
    shipped = known(phrases(), minilm.embed)
    assert shipped is not None
    assert shipped[1].names == tuple(phrases())
