"""Grounding: how likely it is that an answer stands in its sources, from what it adds to the question.

Only words are compared, not length or form: whether the new words, names and quantities of the answer are the
source's own, and whether one sentence holds them together. `scripts/fit_reader` fits the weights.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from shopbell.assistant.checks import Source, matter
from shopbell.assistant.quantities import Quantity, is_stated, quantities
from shopbell.assistant.wording import is_negated, names, overlap, sentences, stems, words

GROUNDING_FILE = Path(__file__).with_name("grounding.json")


class Evidence(Struct, frozen=True, kw_only=True):
    """What of an answer its sources hold."""

    new_words: float
    """Share of its words and quantities that the sources hold; the question's words count only if alone."""
    new_names: float
    """Its names that neither a source nor the question holds, at most 3."""
    new_quantities: float
    """Its quantities that neither a source nor the question states, at most 2."""
    one_line: float
    """Largest share of the same held by a single sentence of a source; 0.5 for none."""
    negated: float
    """1 when the answer denies and that sentence does not, or the other way, else 0."""


class Grounding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fitted weighing of the evidence."""

    weights: dict[str, float]
    bias: float
    threshold: float
    """Probability in [0, 1] from which an answer counts as grounded."""
    fitted_on: str

    def probability(self, evidence: Evidence) -> float:
        """Return the probability in [0, 1] that the sources hold the answer."""
        score = self.bias + sum(weight * getattr(evidence, name) for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, score))))

    def holds(self, question: str, answer: str, sources: Sequence[Source]) -> bool:
        """Say whether the sources hold the answer: word for word, or by the evidence."""
        if any(_stands_in(answer, source) for source in sources):
            return True
        return self.probability(weigh(question, answer, sources)) >= self.threshold


def load_grounding(path: Path) -> Grounding:
    """Read fitted weights; raises msgspec.ValidationError when the file holds none."""
    return msgspec.json.decode(path.read_bytes(), type=Grounding)


def weigh(question: str, answer: str, sources: Sequence[Source]) -> Evidence:
    """Compute the evidence for an answer to a question."""
    asked = frozenset(stems(question))
    own, facts = matter(answer), quantities(answer)
    new = [word for word in own if word not in asked] or ([] if facts else own)
    line = _nearest(new, facts, asked, sources)
    held = frozenset[str]().union(*(source.stems for source in sources))
    stated = [fact for source in sources for fact in source.quantities]
    said = {w.removesuffix("'s") for text in (question, *(s.text for s in sources)) for w in words(text)}
    strange = {name for name in names(f"x {answer}") if name not in said and name not in _dates(facts)}
    return Evidence(
        new_words=_held(new, facts, held, stated),
        new_names=min(3.0, len(strange)),
        new_quantities=min(2.0, sum(not is_stated(fact, [*quantities(question), *stated]) for fact in facts)),
        one_line=_held(new, facts, frozenset(stems(line)), quantities(line)),
        negated=float(is_negated(answer) and not is_negated(line)),
    )


def _stands_in(answer: str, source: Source) -> bool:
    """Say whether the answer is a piece of one sentence of the source, word for word."""
    said = words(answer)
    lines = [words(line) for line in sentences(source.text)] if said else []
    pieces = (line[at : at + len(said)] for line in lines for at in range(len(line) - len(said) + 1))
    return said in pieces


def _held(
    new: Sequence[str], facts: Sequence[Quantity], held: frozenset[str], stated: Sequence[Quantity]
) -> float:
    """Return the share of new words and quantities that are held; 0.5 when there are none to judge by."""
    found = [word in held for word in new] + [is_stated(fact, stated) for fact in facts]
    return sum(found) / len(found) if found else 0.5


def _dates(facts: Sequence[Quantity]) -> set[str]:
    return {word for fact in facts for word in words(fact.text)}


def _nearest(
    new: Sequence[str], facts: Sequence[Quantity], asked: frozenset[str], sources: Sequence[Source]
) -> str:
    """Return the sentence that holds most of what is new, then of the question's words."""
    lines = [line for source in sources for line in sentences(source.text)]

    def worth(line: str) -> float:
        own = frozenset(stems(line))
        return _held(new, facts, own, quantities(line)) + 0.5 * overlap(asked, own)

    return max(lines, key=worth, default="")
