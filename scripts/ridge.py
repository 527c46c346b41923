"""Ridge regression on a language model's states: which weighted sum tells right from wrong."""

import numpy as np
from numpy.typing import NDArray

RIDGE = 3000.0
"""Weight of the squared coefficients, on standardised numbers: there are as many of them as examples."""

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]
Line = tuple[Matrix, float]
"""Weights and bias."""


def ridge(states: Matrix, right: Flags, *, cost: float = RIDGE) -> Line:
    """Return the weights and the bias fitted to +1 and -1; `cost` is that of the squared weights."""
    mean, spread = states.mean(axis=0), states.std(axis=0) + 1e-6
    standard = (states - mean) / spread
    target = np.where(right, 1.0, -1.0)
    centre = float(target.mean())
    inner = standard @ standard.T + cost * np.eye(len(standard))
    weights = standard.T @ np.linalg.solve(inner, target - centre) / spread
    return weights, centre - float(mean @ weights)
