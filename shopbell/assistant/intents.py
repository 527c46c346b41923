"""Recognising a wish by its meaning: softmax regression over sentence vectors, fitted at start."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

STEPS = 100
"""Steps of L-BFGS at most; some sixty are enough for 150 intents of 100 phrases each."""
STRENGTH = 100.0
"""Inverse weight of the L2 penalty; of 10, 30 and 100 the best on the wishes' development phrasings."""

TINY = 1e-300

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
    from scipy.optimize import minimize  # noqa: PLC0415 - half a second, and most starts fit nothing

    penalty = 1 / (STRENGTH * len(inputs))
    shape = inputs.shape[1], targets.shape[1]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = flat.reshape(shape)
        chances = _softmax(inputs @ weights)
        likelihood = sample_weights @ np.log((chances * targets).sum(axis=1) + TINY)
        gradient = inputs.T @ ((chances - targets) * sample_weights[:, None])
        gradient[:-1] += penalty * weights[:-1]
        return 0.5 * penalty * float((weights[:-1] ** 2).sum()) - float(likelihood), gradient.ravel()

    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(found.x).reshape(shape)


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _with_bias(vectors: NDArray[np.float32]) -> Floats:
    return np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])
