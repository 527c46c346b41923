"""Recognising a wish by its meaning: softmax regression over sentence vectors, fitted at start."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

STEPS = 300
RATE = 10.0
STRENGTH = 100.0
"""Inverse weight of the L2 penalty; ten-fold cross-validation on `phrases.toml` is flat from 10 to 1,000."""

Floats = NDArray[np.float64]


class Intents:
    """A linear classifier from unit vectors to labels."""

    def __init__(self, labels: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Fit on float32[n, d] with one label a row; rare labels weigh more, by the root of that."""
        self.names = tuple(dict.fromkeys(labels))
        index = {name: at for at, name in enumerate(self.names)}
        targets = np.array([index[label] for label in labels])
        weights = 1 / np.sqrt(np.bincount(targets, minlength=len(self.names)))[targets]
        self.weights = _fit(_with_bias(vectors), np.eye(len(self.names))[targets], weights / weights.sum())
        """float64[d + 1, labels], the bias last."""

    @classmethod
    def restored(cls, names: Sequence[str], weights: Floats) -> Self:
        """Return a classifier as it was fitted before."""
        intents = cls.__new__(cls)
        intents.names, intents.weights = tuple(names), weights
        return intents

    def probabilities(self, vectors: NDArray[np.float32]) -> Floats:
        """Return float64[n, labels] in the order of `names`, each row summing to 1."""
        return _softmax(_with_bias(vectors) @ self.weights)


def _fit(inputs: Floats, targets: Floats, sample_weights: Floats) -> Floats:
    weights = np.zeros((inputs.shape[1], targets.shape[1]))
    penalty = 1 / (STRENGTH * len(inputs))
    for _ in range(STEPS):
        errors = (_softmax(inputs @ weights) - targets) * sample_weights[:, None]
        gradient = inputs.T @ errors
        gradient[:-1] += penalty * weights[:-1]
        weights -= RATE * gradient
    return weights


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _with_bias(vectors: NDArray[np.float32]) -> Floats:
    return np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])
