from pathlib import Path

import numpy as np
import pytest

from shopbell.knowledge.embedding import DIMENSIONS, Embedder, MiniLM
from shopbell.knowledge.errors import EmbedderMissing
from tests.fakes.embedding import HashedEmbedder


@pytest.fixture(params=["hashed", pytest.param("minilm", marks=pytest.mark.model)])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "hashed":
        return HashedEmbedder(["sunday"])
    model: Embedder = request.getfixturevalue("minilm")
    return model


def test_vectors_have_length_one(embedder: Embedder) -> None:
    """Each text becomes a row of 384 numbers of length one, an empty text too."""
    rows = embedder.embed(["are you open on sunday", "", "gluten free bread " * 200])
    assert rows.shape == (3, DIMENSIONS)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-4)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    """Nothing in, nothing out, and the shape still holds."""
    assert embedder.embed([]).shape == (0, DIMENSIONS)


def test_the_same_text_has_the_same_vector_in_any_company(embedder: Embedder) -> None:
    """A vector depends on its text alone, so that a content hash may stand for it."""
    alone = embedder.embed(["what time do you close"])
    among = embedder.embed(
        ["a", "what time do you close", "something much longer about delivery and returns"]
    )
    assert np.allclose(alone[0], among[1], atol=1e-6)


def test_like_texts_are_nearer_than_others(embedder: Embedder) -> None:
    """A rewording is nearer than another matter."""
    rows = embedder.embed(["are you open on sunday?", "open sundays?", "is the brioche made with butter"])
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_counts_pieces_and_knows_words(embedder: Embedder) -> None:
    """Longer texts have more pieces, and an everyday word is known as one."""
    assert 0 < embedder.token_count("open sunday") < embedder.token_count("open sunday and monday")
    assert embedder.token_count("bread " * 600) >= 600
    assert embedder.is_word("sunday")
    assert not embedder.is_word("sundyay")
    assert embedder.fingerprint


def test_missing_model_is_named(tmp_path: Path) -> None:
    """Without its files the model says which one is missing and what to do."""
    with pytest.raises(EmbedderMissing, match=r"model\.onnx is missing.*models fetch"):
        MiniLM(tmp_path)
