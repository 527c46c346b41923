import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from shopbell.assistant.intents import Intents


def blobs(rng: np.random.Generator, counts: dict[str, int]) -> tuple[list[str], NDArray[np.float32]]:
    labels = [name for name, count in counts.items() for _ in range(count)]
    centres = {name: rng.normal(size=16) for name in counts}
    vectors = np.array([centres[label] + 0.2 * rng.normal(size=16) for label in labels])
    return labels, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@settings(max_examples=5)
@given(st.integers(0, 10_000))
def test_probabilities_are_probabilities(seed: int) -> None:
    """Each row sums to one and holds nothing below zero."""
    labels, vectors = blobs(np.random.default_rng(seed), {"a": 5, "b": 9, "c": 2})
    chances = Intents(labels, vectors).probabilities(vectors)
    assert chances.shape == (16, 3)
    assert np.allclose(chances.sum(axis=1), 1)
    assert (chances >= 0).all()


def test_what_was_learnt_is_recognised() -> None:
    """New vectors near a label's examples get that label, the rare one as well."""
    rng = np.random.default_rng(7)
    labels, vectors = blobs(rng, {"often": 60, "rare": 6, "other": 60})
    half = np.arange(len(labels)) % 2 == 0
    intents = Intents([label for label, take in zip(labels, half, strict=True) if take], vectors[half])
    best = intents.probabilities(vectors[~half]).argmax(axis=1)
    assert [intents.names[at] for at in best] == [
        label for label, take in zip(labels, half, strict=True) if not take
    ]


def test_names_stand_in_the_order_of_the_labels() -> None:
    """Columns are found by name."""
    labels, vectors = blobs(np.random.default_rng(1), {"z": 3, "a": 3})
    assert Intents(labels, vectors).names == ("z", "a")


def test_what_is_like_no_example_is_less_familiar() -> None:
    """Vectors near a label's examples are familiar, those from elsewhere are not."""
    rng = np.random.default_rng(3)
    labels, vectors = blobs(rng, {"a": 30, "b": 30})
    intents = Intents([*labels[:20], *labels[30:50]], np.vstack([vectors[:20], vectors[30:50]]))
    elsewhere = rng.normal(size=(20, 16))
    elsewhere /= np.linalg.norm(elsewhere, axis=1, keepdims=True)
    inside = intents.familiarity(np.vstack([vectors[20:30], vectors[50:]]))
    assert np.quantile(inside, 0.1) > np.quantile(intents.familiarity(elsewhere.astype(np.float32)), 0.9)


def test_a_fit_can_be_kept() -> None:
    """A classifier restored from what was kept says the same."""
    labels, vectors = blobs(np.random.default_rng(4), {"a": 9, "b": 2})
    fresh = Intents(labels, vectors)
    again = Intents.restored(fresh.names, fresh.fitted)
    assert np.array_equal(again.probabilities(vectors), fresh.probabilities(vectors))
    assert np.array_equal(again.familiarity(vectors), fresh.familiarity(vectors))
