"""Recognising a wish by its meaning: softmax regression and nearest examples over sentence vectors.

The regression knows what tells labels apart, the examples know what was really said; each is right where the
other errs. Fitted at start. How the two are weighed was chosen on rows held out of the training halves of two
public sets, clinc150 and banking77, never on the rows that are reported.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

STEPS = 100
"""Steps of L-BFGS at most; some sixty are enough for 150 intents of 100 phrases each."""
STRENGTH = 100.0
"""Inverse weight of the L2 penalty; of 10, 30 and 100 the best on the wishes' development phrasings."""
NEAREST = 3
"""Examples of a label that are looked at; fewer where there are fewer."""
LIKENESS = 20.0
"""Weight of their mean cosine beside the regression's logarithms of chances."""
SOFTENED = 0.75
"""Both together are this much less sure than they say, by the likelihood of rows held out."""
SURROUNDED = 5
"""Nearest examples of any label by which familiarity is judged, and the weight of their mean cosine."""

TINY = 1e-300

Floats = NDArray[np.float64]


class Fitted(Struct, frozen=True, eq=False):
    """What is kept of a fit."""

    weights: Floats
    """float64[d + 1, labels], the bias last."""
    examples: NDArray[np.float32]
    """float32[n, d]."""
    places: NDArray[np.int64]
    """int64[n]: each example's label, as its place among the names."""


class Intents:
    """A classifier from unit vectors to labels."""

    def __init__(
        self, labels: Sequence[str], vectors: NDArray[np.float32], begin: Floats | None = None
    ) -> None:
        """Fit on float32[n, d] with one label a row; rare labels weigh more, by the root of that.

        A fit that begins at the weights of one on nearly the same rows is soon there.
        """
        self.names = tuple(dict.fromkeys(labels))
        index = {name: at for at, name in enumerate(self.names)}
        targets = np.array([index[label] for label in labels])
        weights = 1 / np.sqrt(np.bincount(targets, minlength=len(self.names)))[targets]
        fitted = _fit(_with_bias(vectors), np.eye(len(self.names))[targets], weights / weights.sum(), begin)
        self.fitted = Fitted(fitted, vectors, targets)

    @classmethod
    def restored(cls, names: Sequence[str], fitted: Fitted) -> Self:
        """Return a classifier as it was fitted before."""
        intents = cls.__new__(cls)
        intents.names, intents.fitted = tuple(names), fitted
        return intents

    def probabilities(self, vectors: NDArray[np.float32]) -> Floats:
        """Return float64[n, labels] in the order of `names`, each row summing to 1."""
        chances = _softmax(_with_bias(vectors) @ self.fitted.weights)
        scores = np.log(chances + TINY) + LIKENESS * self._likeness(vectors)
        return _softmax(SOFTENED * scores)

    def familiarity(self, vectors: NDArray[np.float32]) -> Floats:
        """Return float64[n]: the less, the less an utterance is like any label's; without a scale of its own.

        What belongs to no label is told from what does by this, better than by the likeliest label's chance.
        """
        best = (_with_bias(vectors) @ self.fitted.weights).max(axis=1)
        cosines = vectors @ self.fitted.examples.T
        around = np.sort(cosines, axis=1)[:, -SURROUNDED:].mean(axis=1)
        return np.asarray(best + SURROUNDED * around, dtype=np.float64)

    def _likeness(self, vectors: NDArray[np.float32]) -> Floats:
        cosines = vectors @ self.fitted.examples.T
        owns = [np.flatnonzero(self.fitted.places == at) for at in range(len(self.names))]
        nearest = [np.sort(cosines[:, own], axis=1)[:, -NEAREST:].mean(axis=1) for own in owns]
        return np.stack(nearest, axis=1).astype(np.float64)


def _fit(inputs: Floats, targets: Floats, sample_weights: Floats, begin: Floats | None) -> Floats:
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

    start = np.zeros(shape) if begin is None else begin
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    return np.asarray(found.x).reshape(shape)


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _with_bias(vectors: NDArray[np.float32]) -> Floats:
    return np.hstack([vectors.astype(np.float64), np.ones((len(vectors), 1))])
