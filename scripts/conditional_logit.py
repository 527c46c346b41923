"""The conditional logit of listwise ranking: which of a question's candidates is the right one."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

CANDIDATES = 25
"""Passages of a question the fit looks at, the best by the plain sum of features."""
RIDGE = 1e-2
STEPS = 60


class Batch(Struct, frozen=True):
    """Candidates of the questions of one set."""

    table: Numbers
    relevant: NDArray[np.bool_]
    weight: float


def batch(table: Numbers, relevant: NDArray[np.bool_], weight: float) -> Batch:
    """Keep the likeliest passages of each question, and questions with a relevant one among them."""
    likely = np.argsort(-table.sum(axis=2), axis=1)[:, :CANDIDATES]
    near = np.take_along_axis(relevant, likely, 1)
    some = near.any(axis=1)
    return Batch(np.take_along_axis(table, likely[:, :, None], 1)[some], near[some], weight)


def fit(batches: Sequence[Batch]) -> Numbers:
    """Fit one direction for all sets by Newton steps; each set has a temperature of its own.

    Without it the noise in the labels of one set would set the scale of all. What is returned has the
    temperature of the sets' mean: log odds.
    """
    count = batches[0].table.shape[2]
    found, heats = np.zeros(count), np.ones(len(batches))
    bend = np.eye(count)
    for step in range(STEPS):
        slope = 2.0 * RIDGE * found
        fresh = 2.0 * RIDGE * np.eye(count)
        for number, one in enumerate(batches):
            raw, heat, share = one.table @ found, heats[number], one.weight / len(one.table)
            chance = _softmax(heat * raw)
            pull = (chance - _softmax(heat * raw, one.relevant)) * share
            slope += heat * np.einsum("qp,qpf->f", pull, one.table)
            if step % 4 == 0:
                fresh += heat**2 * share * _bend(one.table, chance)
            if step > 3:  # noqa: PLR2004 - once the direction is about right
                turn = heat * float((pull * raw).sum()) / one.weight + 0.04 * np.log(heat)
                heats[number] = np.clip(heat * np.exp(-0.5 * turn), 0.3, 5.0)
        bend = fresh if step % 4 == 0 else bend
        stride = np.linalg.solve(bend, slope)
        found -= stride * min(1.0, 3.0 / float(np.abs(stride).max()))
    shares = np.array([one.weight for one in batches])
    return np.asarray(found * np.exp(shares @ np.log(heats) / shares.sum()))


def _bend(table: Numbers, chance: Numbers) -> Numbers:
    """Return the second derivative of a conditional logit, summed over questions."""
    mean = np.einsum("qp,qpf->qf", chance, table)
    flat = table.reshape(-1, table.shape[2])
    return np.asarray((flat * chance.reshape(-1, 1)).T @ flat - mean.T @ mean)


def _softmax(scores: Numbers, among: NDArray[np.bool_] | None = None) -> Numbers:
    scores = scores if among is None else np.where(among, scores, -1e9)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def hit_1(table: Numbers, relevant: NDArray[np.bool_], weights: Numbers) -> float:
    """Return the share of questions whose best passage is relevant."""
    best = np.argmax(table @ weights, axis=1)
    return float(relevant[np.arange(len(best)), best].mean())
