"""Calibration: how sure a search may be, learnt from each shop's own words when it is published.

The shop's own wordings, asked with that wording left out or with a slip or a word missing, are
questions it can answer; the same with their passage left out are questions it cannot; a bundled
list of everyday questions is about nothing it sells. Two logistic models learn from them, held
to weights fitted on public sets by `scripts/fit_retrieval` (a Gaussian prior), which are all a
shop of five entries has.
"""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.knowledge.fusion import Evidence, fuse
from shopbell.knowledge.passage import Outcome
from shopbell.knowledge.weights import ABOUT, FIRST, NONE, SURE

Numbers = NDArray[np.float64]

SIGNALS = ("one", "strength", "margin", "dense", "covered", "overlap", "lead")
"""What tells a good search from a poor one, in the order of `FIRST` and `ABOUT`."""

PRIOR_QUESTIONS = 40.0
"""Questions of its own a shop needs before they weigh as much as the prior."""

PRECISION = 0.96
"""Share of rehearsed answers given verbatim that must be right.

Rehearsals are harder than customers: wordings of neighbouring passages overlap, and a wording left
out may fit another passage as well. On 335 questions written for the demo shop, 91 of them without an
answer, 0.96 here was 65 of 66 right, 0.95 80 of 82, 0.97 56 of 56.
"""

MISSED = 0.001
"""Share of the questions whose answer is among the first five that may be called unknown: hardly the least.

Those whose answer is not even there do not count: nothing is lost with them, and a shop that knows many
unlikely wordings would call nothing unknown. Customers say it further from the shop's words than rehearsals
do: with 0.005 here up to 15 in 100 of their questions to an invented shop fell under it, 0.001 up to 8.
"""

EDITION = 3
"""Counts the ways in which shops have learnt: by another one they learn anew."""

SETTLED = 1e-6
"""Change of every weight, in log odds per unit of its signal, under which a fit is at its end."""

FEWEST = 30
"""Questions of its own below which a shop keeps the prior's thresholds."""


class Sample(Struct, frozen=True):
    """One question put to the index, and whether it went well."""

    signals: tuple[float, ...]
    first: bool
    """Whether the first match answers it."""
    about: bool
    """Whether one of the first five does."""
    answerable: bool
    """Whether any passage does, found or not."""
    weight: float = 1.0


class Calibration(Struct, frozen=True):
    """What one index has learnt of itself; stored beside it as JSON."""

    key: str = ""
    """Digest of the embedding model and the fitted weights it was learnt with."""
    learnt_of: tuple[str, ...] = ()
    """Digests of the passages it was learnt from."""
    first: tuple[float, ...] = FIRST
    about: tuple[float, ...] = ABOUT
    sure: float = SURE
    """Probability that the first match answers, from which its words are given verbatim."""
    none: float = NONE
    """Probability that any match answers, below which the shop knows nothing of this."""
    questions: int = 0
    """Questions of the shop's own it was learnt from."""

    def confidence(self, signals: Sequence[float]) -> float:
        """Return the probability that the first match answers."""
        return float(_chance(np.array([signals]), np.array(self.first))[0])

    def relevance(self, signals: Sequence[float]) -> float:
        """Return the probability that one of the first five matches answers."""
        return float(_chance(np.array([signals]), np.array(self.about))[0])

    def judge(self, signals: Sequence[float]) -> Outcome:
        """Say what a search with these signals amounts to."""
        if self.relevance(signals) < self.none:
            return Outcome.NONE
        return Outcome.SURE if self.confidence(signals) >= self.sure else Outcome.UNSURE


def signals_of(evidence: Evidence) -> tuple[float, ...]:
    """Return the `SIGNALS` of a search; all zero but the first where the index is empty."""
    if not len(evidence.dense):
        return (1.0,) + (0.0,) * (len(SIGNALS) - 1)
    scores = fuse(evidence)
    best = int(np.argmax(scores))
    others = np.delete(scores, best)
    covered = max(evidence.column("covered_asked")[best], evidence.column("covered_body")[best])
    rest = np.delete(evidence.dense, best)
    return (
        1.0,
        float(scores[best]) / 10.0,
        min(float(scores[best] - others.max()) if len(others) else 2.0, 2.0),
        float(evidence.dense[best]),
        float(covered),
        float(evidence.column("overlap_asked")[best]),
        float(evidence.dense[best] - np.median(rest)) if len(rest) else 0.3,
    )


def calibrate(samples: Sequence[Sample], key: str) -> Calibration:
    """Learn from a shop's own samples; with too few questions of its own the prior stands.

    Thresholds are read from probabilities of folds that did not see the question.
    """
    own = sum(1 for sample in samples if sample.answerable)
    if own < FEWEST:
        return Calibration(key=key, questions=own)
    table = np.array([sample.signals for sample in samples])
    weights = np.array([sample.weight for sample in samples])
    first = np.array([sample.first for sample in samples])
    about = np.array([sample.about for sample in samples])
    answerable = np.array([sample.answerable for sample in samples])
    return Calibration(
        key=key,
        first=tuple(fit(table, first, weights, np.array(FIRST)).tolist()),
        about=tuple(fit(table, about, weights, np.array(ABOUT)).tolist()),
        sure=sure_from(held_out(table, first, weights, np.array(FIRST)), first, weights),
        none=none_below(held_out(table, about, weights, np.array(ABOUT)), about & answerable),
        questions=own,
    )


def sure_from(chance: Numbers, right: NDArray[np.bool_], weights: Numbers) -> float:
    """Return the least probability from which on answers are right often enough."""
    order = np.argsort(-chance, kind="stable")
    good = np.cumsum(weights[order] * right[order])
    precision = good / np.cumsum(weights[order])
    is_last = np.append(np.diff(chance[order]) < 0.0, True)  # of equal probabilities all count, or none
    enough = np.flatnonzero((precision >= PRECISION) & is_last)
    lowest = float(chance[order][enough[-1]]) if len(enough) else 1.0
    return float(np.clip(lowest, 0.4, 0.98))


def none_below(known: Numbers, found: NDArray[np.bool_]) -> float:
    """Return the probability under which few questions whose answer was found fall."""
    return float(np.clip(np.quantile(known[found], MISSED), 0.02, 0.5))


def fit(table: Numbers, right: NDArray[np.bool_], weights: Numbers, prior: Numbers) -> Numbers:
    """Fit a logistic model by Newton's method, drawn to `prior` as by `PRIOR_QUESTIONS` questions.

    More of a signal never speaks against a match: but for the constant, weights stay above zero.
    """
    found = prior.copy()
    pull = PRIOR_QUESTIONS / 20.0
    free = np.ones(len(prior), dtype=bool)
    for _ in range(40):
        chance = _chance(table, found)
        slope = table.T @ (weights * (chance - right)) + pull * (found - prior)
        free[1:] = (found[1:] > 0.0) | (slope[1:] < 0.0)
        bend = (table * (weights * chance * (1.0 - chance))[:, None]).T @ table + pull * np.eye(len(prior))
        step = np.zeros_like(found)
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        there = _downhill(
            lambda at: _loss(table, right, weights, at) + 0.5 * pull * float(((at - prior) ** 2).sum()),
            found,
            np.clip(step, -2.0, 2.0),
        )
        settled = np.abs(there - found).max() < SETTLED
        found = there
        if settled:
            break
    return found


def _downhill(loss: Callable[[Numbers], float], start: Numbers, step: Numbers) -> Numbers:
    """Go as much of a step as lessens the loss, but for the constant never below zero."""
    level = loss(start)
    for halved in range(12):
        there: Numbers = start - 0.5**halved * step
        there[1:] = np.maximum(there[1:], 0.0)
        if loss(there) <= level:
            return there
    return start


def _loss(table: Numbers, right: NDArray[np.bool_], weights: Numbers, at: Numbers) -> float:
    odds = table @ at
    return float(weights @ (np.logaddexp(0.0, odds) - right * odds))


def held_out(
    table: Numbers, right: NDArray[np.bool_], weights: Numbers, prior: Numbers, folds: int = 5
) -> Numbers:
    """Return for each sample the probability by a model that saw only the other folds."""
    fold = np.arange(len(right)) % folds
    chance = np.empty(len(right))
    for number in range(folds):
        seen = fold != number
        chance[~seen] = _chance(table[~seen], fit(table[seen], right[seen], weights[seen], prior))
    return chance


def _chance(table: Numbers, weights: Numbers) -> Numbers:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(table @ weights, -30.0, 30.0))))
