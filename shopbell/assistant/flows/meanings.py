"""Meanings: what the bundled phrasings mean to the bundled embedder, reckoned once and shipped.

`scripts/fit_wishes` does that. Thousands of phrasings take the embedder half a minute; a shop opens without
it. For another embedder, or other phrasings, nothing of it counts and all is reckoned anew.
"""

import hashlib
from collections.abc import Mapping, Sequence
from importlib import resources

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.assistant.intents import Fitted, Intents
from shopbell.assistant.rules import Embed
from shopbell.assistant.spelling import beside

FILE = "wishes.npz"
ALIKE = 0.995
"""Least cosine of the first phrasing's vector, here and in the file: processors round differently."""
LEVELS = 127.0
"""Steps that the greatest number of a vector is told in."""

Vectors = NDArray[np.float32]


class Meanings(Struct, frozen=True, eq=False):
    """What is shipped."""

    digest: str
    """Of the phrasings."""
    packed: NDArray[np.int8]
    """int8[n, d]: the phrasings' unit vectors, in their order, each as far as its greatest number goes."""
    weights: NDArray[np.float32]
    """Of the regression on the phrasings alone, float32[d + spelling + 1, labels]."""

    def vectors(self) -> Vectors:
        """Return unit vectors float32[n, d]."""
        plain = self.packed.astype(np.float32)
        return np.asarray(plain / np.linalg.norm(plain, axis=1, keepdims=True), dtype=np.float32)


def known(phrases: Mapping[str, Sequence[str]], embed: Embed) -> tuple[Vectors, Intents] | None:
    """Return the phrasings' vectors, spelling included, and the classifier of them alone; None for others.

    `embed` gives the meaning alone; it is asked for one phrasing.
    """
    texts = [text for examples in phrases.values() for text in examples]
    shipped = load()
    if shipped.digest != digest(texts):
        return None
    vectors, probe = shipped.vectors(), embed(texts[:1])
    if probe.shape[1:] != vectors.shape[1:] or float(probe[0] @ vectors[0]) < ALIKE:
        return None
    whole = beside(lambda _texts: vectors)(texts)
    places = np.repeat(np.arange(len(phrases)), [len(examples) for examples in phrases.values()])
    fitted = Fitted(shipped.weights.astype(np.float64), whole, places)
    return whole, Intents.restored(tuple(phrases), fitted)


def pack(phrases: Mapping[str, Sequence[str]], embed: Embed) -> Meanings:
    """Reckon what is to be shipped; `embed` gives the meaning alone."""
    texts = [text for examples in phrases.values() for text in examples]
    vectors = embed(texts)
    packed = np.rint(vectors / np.abs(vectors).max(axis=1, keepdims=True) * LEVELS).astype(np.int8)
    draft = Meanings(digest(texts), packed, np.zeros((0, 0), dtype=np.float32))
    labels = [wish for wish, examples in phrases.items() for _ in examples]
    fitted = Intents(labels, beside(lambda _texts: draft.vectors())(texts)).fitted
    return Meanings(draft.digest, packed, fitted.weights.astype(np.float32))


def load() -> Meanings:
    """Read what is shipped."""
    with (
        resources.as_file(resources.files(__package__).joinpath(FILE)) as path,
        np.load(path, allow_pickle=False) as parts,
    ):
        return Meanings(str(parts["digest"]), parts["packed"], parts["weights"])


def digest(texts: Sequence[str]) -> str:
    """Return what tells these phrasings from others."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
