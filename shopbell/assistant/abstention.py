"""Abstention: how likely it is that the passages state the answer, from cheap signals and one judgement.

Each signal is a number computed the same way for every question; a logistic regression weighs them. Its
coefficients stand in `abstention.json`, fitted by `scripts/fit_reader`, with what they were fitted on; those
that need a probe of one model's states in `abstention_probed.json`.
"""

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.assistant.checks import Source
from shopbell.assistant.probe import Probe
from shopbell.assistant.quantities import Kind, is_stated, quantities
from shopbell.assistant.wording import is_negated, names, overlap, sentences, stem, stems, words

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, float32[n, d]."""
Expectation = Literal["count", "time", "person", "place", "other"]

_EXPECTED: tuple[tuple[str, Expectation], ...] = (
    (
        r"\bhow (?:many|much)\b|\bpercent\w*|\bproportion\b|\bnumber of\b|\bwhat (?:price|fee)\b|\bcost\b",
        "count",
    ),
    (
        r"\bwhen\b|\bhow long\b|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|time|century|period)\b",
        "time",
    ),
    (r"\bwho(?:se|m)?\b", "person"),
    (r"\bwhere\b|\b(?:what|which) (?:city|country|town|place|street|state|region)\b", "place"),
)
_FITTING: dict[Expectation, frozenset[Kind]] = {
    "count": frozenset({"amount", "money", "percent", "length"}),
    "time": frozenset({"amount", "time", "date", "month", "weekday", "length"}),
}
_TURNING = ("un", "in", "im", "dis", "non", "il", "ir", "mis")
_OPPOSITES = tuple(
    (frozenset(stem(word) for word in one.split()), frozenset(stem(word) for word in other.split()))
    for one, other in (
        ("before prior earlier", "after later following"),
        ("first earliest oldest", "last latest newest final"),
        ("increase rise grow gain more higher", "decrease fall decline drop lose fewer less lower"),
        ("largest biggest most highest greatest", "smallest least lowest fewest"),
        ("open opened opening", "close closed shut"),
        ("begin start began started", "end stop finish ended"),
        ("buy purchase", "sell sold"),
        ("allow accept permit support", "forbid refuse reject oppose ban"),
        ("north northern", "south southern"),
        ("east eastern", "west western"),
        ("major majority", "minor minority"),
        ("win won victory", "lose lost defeat"),
        ("hot warm", "cold cool"),
        ("cheap cheaper cheapest", "dear expensive"),
        ("new", "old"),
        ("inside indoor", "outside outdoor"),
        ("free", "paid charge"),
    )
)


class Signals(Struct, frozen=True, kw_only=True):
    """What is known before a word of the answer is written; the trace of "why this answer?"."""

    stated: float
    """Log-odds of Yes against No of the model asked whether the notes state the answer."""
    coverage: float
    """Share of the question's content words that stand in the passages."""
    line_coverage: float
    """The same, in the best two neighbouring sentences."""
    missing_names: float
    """Names in the question that no passage holds, at most 2."""
    missing_quantities: float
    """Numbers, dates and times in the question that no passage holds, at most 2."""
    similarity: float
    """Cosine of the question and the nearest sentence."""
    turned: float
    """1 when the nearest sentences turn the question round: a negation or an opposite, else 0."""
    fitting: float
    """1 when the nearest sentences hold a thing of the kind asked for, not named by the question."""
    probed: float = 0.0
    """What the probe makes of the model's state before it answers."""


class Gate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fitted weighing of the signals."""

    weights: dict[str, float]
    """Signal -> its coefficient, on the raw scale of the signal."""
    bias: float
    threshold: float
    """Probability in [0, 1] from which the question is answered."""
    typical_similarity: float
    """Stands in for the similarity when there is no embedder."""
    surest: dict[str, float]
    """The highest value of each signal that costs a judgement: if even those would not do, there is none."""
    fitted_on: str
    probe: Probe | None = None
    """Gives `probed`; None for a gate that knows nothing of the model."""

    def probability(self, signals: Signals) -> float:
        """Return the probability in [0, 1] that the passages state the answer."""
        score = self.bias + sum(weight * getattr(signals, name) for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, score))))


def load_gate(path: Path) -> Gate:
    """Read a fitted gate; raises msgspec.ValidationError when the file is not one."""
    return msgspec.json.decode(path.read_bytes(), type=Gate)


GATE_FILE = Path(__file__).with_name("abstention.json")
PROBED_FILE = Path(__file__).with_name("abstention_probed.json")


def gate_for(model: str) -> Gate:
    """Return the gate that knows the states of this model, or else the one that serves any."""
    probed = load_gate(PROBED_FILE)
    return probed if probed.probe is not None and probed.probe.model == model else load_gate(GATE_FILE)


def measure(question: str, sources: Sequence[Source], *, stated: float, similarity: float) -> Signals:
    """Compute the signals of a question and the passages found for it."""
    asked = stems(question)
    lines = [line for source in sources for line in sentences(source.text)]
    near = _nearest(asked, lines)
    held = frozenset[str]().union(*(source.stems for source in sources))
    given = [fact for source in sources for fact in source.quantities]
    missing = sum(not is_stated(fact, given) for fact in quantities(question))
    said = {word.removesuffix("'s") for source in sources for word in words(source.text)}
    strange = sum(name not in said and stem(name) not in held for name in set(names(question)))
    return Signals(
        stated=stated,
        coverage=overlap(asked, held),
        line_coverage=overlap(asked, stems(near)),
        missing_names=min(2.0, strange),
        missing_quantities=min(2.0, missing),
        similarity=similarity,
        turned=float(is_turned(question, near)),
        fitting=float(holds_fitting(question, near)),
    )


def similarity(question: str, sources: Sequence[Source], embed: Embed) -> float:
    """Return the cosine of the question and the nearest sentence of the passages, in [-1, 1]."""
    lines = [line for source in sources for line in sentences(source.text)]
    vectors = embed([question, *lines])
    return float(np.max(vectors[1:] @ vectors[0])) if lines else -1.0


def expectation(question: str) -> Expectation:
    """Say what kind of thing the question asks for."""
    return next((kind for pattern, kind in _EXPECTED if re.search(pattern, question, re.IGNORECASE)), "other")


def holds_fitting(question: str, text: str) -> bool:
    """Say whether `text` holds something of the kind asked for that the question does not name itself."""
    kind = expectation(question)
    if kind in _FITTING:
        own = quantities(question)
        return any(fact.kind in _FITTING[kind] and not is_stated(fact, own) for fact in quantities(text))
    if kind == "person":
        return bool(set(names(f"x {text}")) - set(words(question)))
    return True


def is_turned(question: str, text: str) -> bool:
    """Say whether `text` negates what the question asserts, or the other way, or names its opposite."""
    asked, said = {stem(word) for word in words(question)}, {stem(word) for word in words(text)}
    opposed = any(
        (asked & one and said & other and not said & one)
        or (asked & other and said & one and not said & other)
        for one, other in _OPPOSITES
    )
    prefixed = any(
        word.startswith(turn) and word not in said and word[len(turn) :] in said
        for word in asked
        for turn in _TURNING
        if len(word) > len(turn) + 3
    )
    return opposed or prefixed or is_negated(question) != is_negated(text)


def _nearest(asked: Sequence[str], lines: Sequence[str]) -> str:
    """Return the two neighbouring sentences that hold most of the question's words."""
    pairs = [" ".join(lines[place : place + 2]) for place in range(max(1, len(lines) - 1))]
    return max(pairs, key=lambda pair: overlap(asked, stems(pair)), default="")
