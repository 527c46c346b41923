"""Lexical: which passages share words with a question, and how much of it they share.

BM25 (Robertson and Zaragoza 2009), by bm25s, over three fields: the questions a passage answers
(each wording a row of its own), its text, and title, text and topic together. A word the shop
does not know is looked up as a slip of the fingers, as two words run together, and as a synonym.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import bm25s
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from shopbell.knowledge.passage import Passage
from shopbell.knowledge.spelling import Speller
from shopbell.knowledge.synonyms import Synonyms
from shopbell.knowledge.words import LIGHT, stem, stems, words

Scores = NDArray[np.float32]
Rows = NDArray[np.int64]

MENDED = 0.9
"""Weight of a word we mended against one typed as the shop writes it."""

MEANT = 0.9
"""Weight of a synonym against the word itself."""

LIGHT_SHARE = 0.3
"""Share of its rarity that a light word such as "how" keeps."""


LIGHT_STEMS = frozenset(map(stem, LIGHT))


class Term(Struct, frozen=True):
    """One word of a question with everything it may stand for."""

    options: tuple[tuple[str, float], ...]
    """Stem and weight in (0, 1]; the best one counts."""
    rarity: float
    """Inverse document frequency of the rarest option: how much the word tells passages apart."""
    mass: float
    """The same, with a light word keeping only a part."""


class Shared(Struct, frozen=True):
    """What a question shares with each row of a field."""

    score: Scores
    """BM25 over the best the question could reach, float32[rows] in [0, 1]."""
    covered: Scores
    """Share of the question's mass that the row holds, float32[rows] in [0, 1]."""
    overlap: Scores
    """Dice of question and row, light words at full mass, float32[rows] in [0, 1]."""


class Field:
    """Rows of stems under one BM25 index."""

    def __init__(self, rows: Sequence[Sequence[str]], rarity: Callable[[str], float]) -> None:
        """Index the rows; `rarity` gives the inverse document frequency of a stem in the whole shop."""
        self._index = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        self._index.index([list(row) or [""] for row in rows] or [[""]], show_progress=False)
        self._rarity = rarity
        self._held = np.array([sum(map(rarity, set(row))) for row in rows], dtype=np.float32)
        self._count = len(rows)

    def share(self, terms: Sequence[Term]) -> Shared:
        """Measure every row against a question."""
        score, covered, common = (np.zeros(self._count, dtype=np.float32) for _ in range(3))
        for term in terms:
            gain, present = self._term(term)
            score += gain
            covered += present * term.mass
            common += present * term.rarity
        best = sum(term.mass for term in terms) or 1.0
        asked = sum(term.rarity for term in terms)
        overlap = 2.0 * common / np.maximum(asked + self._held, 1e-6)
        return Shared(_share(score / best), _share(covered / best), _share(overlap))

    def _term(self, term: Term) -> tuple[Scores, Scores]:
        gain, present = (np.zeros(self._count, dtype=np.float32) for _ in range(2))
        for option, weight in term.options:
            rows, scores = self._column(option)
            scale = weight * (LIGHT_SHARE if option in LIGHT_STEMS else 1.0)
            gain[rows] = np.maximum(gain[rows], scale * scores)
            present[rows] = np.maximum(present[rows], weight)
        return gain, present

    def _column(self, token: str) -> tuple[Rows, Scores]:
        column = self._index.vocab_dict.get(token)
        if column is None or not token:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        start, end = self._index.scores["indptr"][column : column + 2]
        return self._index.scores["indices"][start:end], self._index.scores["data"][start:end]


class Asked(Struct, frozen=True):
    """A question as the index understands it."""

    terms: tuple[Term, ...]
    stems: tuple[str, ...]
    """Stems in order, slips mended."""
    rewrites: tuple[str, ...]
    """The question with slips mended, and with the shop's own words for its synonyms; may be empty."""


class Lexical:
    """The words of one shop's passages; immutable."""

    def __init__(
        self,
        passages: Sequence[Passage],
        *,
        is_word: Callable[[str], bool],
        synonyms: Synonyms | None = None,
    ) -> None:
        """Index the passages; `is_word` knows the everyday words that need no mending."""
        wordings = [(p, text) for p, passage in enumerate(passages) for text in wordings_of(passage)]
        self.owners = np.array([p for p, _ in wordings], dtype=np.int64)
        """Passage of each row of `asked`, int64[rows]; a passage's first row is its title."""
        asked = [stems(text) for _, text in wordings]
        body = [stems(f"{passage.title} {passage.topic} {passage.text}") for passage in passages]
        self._frequency = _frequency(self.owners, asked, body)
        self._rarities = {word: _rarity(held, len(passages)) for word, held in self._frequency.items()}
        self._unheard = _rarity(0, len(passages))
        self._synonyms = synonyms or Synonyms()
        self._speller = Speller(_vocabulary(passages), is_word)
        self.asked = Field(asked, self.rarity)
        self.text = Field([stems(passage.text) for passage in passages], self.rarity)
        self.body = Field(body, self.rarity)
        self.pairs = Pairs(asked)

    def read(self, question: str) -> Asked:
        """Turn a question into terms, mending slips and adding the shop's synonyms."""
        typed = words(question)
        mended = {word: better for word in set(typed) if (better := self._speller.mend(word))}
        corrected = [word for typed_word in typed for word in mended.get(typed_word, (typed_word,))]
        slips = {stem(word) for better in mended.values() for word in better}
        options = {word: {word: MENDED if word in slips else 1.0} for word in map(stem, corrected)}
        rewrites = [" ".join(corrected)] if mended else []
        rewrites += self._add_synonyms(corrected, options)
        return Asked(tuple(map(self._term, options.values())), tuple(map(stem, corrected)), tuple(rewrites))

    def _add_synonyms(self, typed: list[str], options: dict[str, dict[str, float]]) -> list[str]:
        """Give each word of a known phrase the words of its synonyms; return the question in those words."""
        rewritten: list[str] = []
        for start, end, others in self._synonyms.found([stem(word) for word in typed]):
            spoken = [phrase for phrase in others if all(word in self._frequency for word in phrase)]
            for phrase in spoken:
                for word in typed[start:end]:
                    options[stem(word)].update(dict.fromkeys(phrase, MEANT))
            if spoken:
                rewritten.append(" ".join([*typed[:start], others[spoken[0]], *typed[end:]]))
        return rewritten[:1]

    def rarity(self, word: str) -> float:
        """Return the inverse document frequency of a stem over passages."""
        return self._rarities.get(word, self._unheard)

    def _term(self, options: dict[str, float]) -> Term:
        rarity = max(map(self.rarity, options))
        light = all(option in LIGHT_STEMS for option in options)
        return Term(tuple(options.items()), rarity, rarity * (LIGHT_SHARE if light else 1.0))


class Pairs:
    """Neighbouring words of each wording: "what is" against "how does"."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        """Index rows of stems."""
        pairs = [_pairs(row) for row in rows]
        self._sizes = np.array([len(row) for row in pairs], dtype=np.float32)
        self._holders: dict[tuple[str, str], list[int]] = {}
        for number, row in enumerate(pairs):
            for pair in row:
                self._holders.setdefault(pair, []).append(number)

    def overlap(self, question: Sequence[str]) -> Scores:
        """Return the Dice coefficient of neighbouring pairs with each row, float32[rows] in [0, 1]."""
        asked = _pairs(question)
        common = np.zeros(len(self._sizes), dtype=np.float32)
        for pair in asked:
            common[self._holders.get(pair, [])] += 1.0
        return np.asarray(2.0 * common / (len(asked) + self._sizes), dtype=np.float32)

    @property
    def brevity(self) -> Scores:
        """Return 1 / log(2 + words) of each row: long wordings overlap less by chance."""
        return np.asarray(1.0 / np.log(1.0 + self._sizes), dtype=np.float32)


def _pairs(row: Sequence[str]) -> set[tuple[str, str]]:
    return set(pairwise(("", *row, "")))


def wordings_of(passage: Passage) -> tuple[str, ...]:
    """Return every question the passage answers, its title first."""
    return (passage.title, *passage.also_asked)


def _rarity(held: int, count: int) -> float:
    return math.log(1.0 + (count - held + 0.5) / (held + 0.5))


def _share(values: NDArray[np.floating[Any]]) -> Scores:
    return np.asarray(np.clip(values, 0.0, 1.0), dtype=np.float32)


def _frequency(owners: Rows, asked: list[list[str]], body: list[list[str]]) -> Counter[str]:
    held = [set(row) for row in body]
    for owner, row in zip(owners, asked, strict=True):
        held[int(owner)].update(row)
    return Counter(word for row in held for word in row)


def _vocabulary(passages: Sequence[Passage]) -> Iterator[str]:
    for passage in passages:
        for text in (*wordings_of(passage), passage.topic, passage.text):
            yield from words(text)
