"""Duplicates: passages that say the same twice, and answers to like questions that differ in a fact."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice

from msgspec import Struct

from shopbell.knowledge.fusion import Vectors
from shopbell.knowledge.lexical import Scores, wordings_of
from shopbell.knowledge.likeness import Likeness, Memory
from shopbell.knowledge.passage import Kind, Passage
from shopbell.knowledge.problem import Problem, Severity

SAME_QUESTION = 0.85
"""Cosine from which two questions ask the same. On stackfaq and covidfaq (development halves) pairs of
unlike questions reach it in 0.0 % and 1.0 % of cases, pairs of like ones in 15 % and 17 %: few reports,
hardly a false one."""
SAME_TEXT = 0.92
"""Cosine from which two answers say the same in other words."""
MAX_REPORTS = 50
"""Reports of one kind at most; a shop with more has copied a whole file."""
_WORD = re.compile(r"\w+")
_MONEY = re.compile(r"[£$€]\s?(\d+(?:[.,]\d+)?)|(\d+(?:[.,]\d+)?)\s?([£$€]|p\b|pence\b|pounds?\b|euros?\b)")
_TIME = re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm)\b|\b(\d{1,2}):(\d{2})\b", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s?(%|[a-z]{3,})", re.IGNORECASE)
_UNITS = frozenset(
    "% percent minute hour day week month year mile metre kilo gram litre people person point stamp".split()
)


class Pair(Struct, frozen=True):
    """Two passages that are alike."""

    first: Passage
    second: Passage
    similarity: float
    """Cosine of what was compared."""


class Duplicates:
    """Finds passages that repeat or contradict each other; after an edit it looks at what that touched."""

    def __init__(self) -> None:
        self._texts, self._questions = Likeness(SAME_TEXT), Likeness(SAME_QUESTION)

    @property
    def memories(self) -> tuple[Memory, Memory]:
        """What the last look compared; put it back after a restart, and the next edit costs little too."""
        return self._texts.memory, self._questions.memory

    @memories.setter
    def memories(self, memories: tuple[Memory, Memory]) -> None:
        self._texts.memory, self._questions.memory = memories

    def find(self, passages: Sequence[Passage], vectors: Vectors) -> tuple[Problem, ...]:
        """Report passages that repeat each other and answers that contradict each other, naming both places.

        `vectors` are those of `passages` in their order. Products are left out: a shop may well sell one bag
        in two sizes.
        """
        repeats = list(islice(self._repeats(passages, vectors.text), MAX_REPORTS))
        told = {(pair.first.id, pair.second.id) for pair in repeats}
        contradictions = [
            (pair, reason)
            for pair in self._same_questions(passages, vectors.asked)
            if (pair.first.id, pair.second.id) not in told
            and (reason := contradiction(pair.first, pair.second))
        ]
        return (
            *map(_repeat_problem, repeats),
            *(_contradiction_problem(pair, reason) for pair, reason in contradictions[:MAX_REPORTS]),
        )

    def _repeats(self, passages: Sequence[Passage], text: Scores) -> Iterator[Pair]:
        kept = [row for row, passage in enumerate(passages) if passage.kind is not Kind.PRODUCT]
        texts = [passages[row].text if passages[row].text.strip() else passages[row].title for row in kept]
        for left, right, cosine in self._texts.pairs(texts, text[kept]):
            first, second = passages[kept[left]], passages[kept[right]]
            if _comparable(first, second) and _says_the_same(first.text, second.text):
                yield Pair(first, second, cosine)

    def _same_questions(self, passages: Sequence[Passage], asked: Scores) -> Iterator[Pair]:
        """Yield pairs of which some wording of one asks the same as some of the other, likest first."""
        wordings = [(passage, text) for passage in passages for text in wordings_of(passage)]
        kept = [row for row, (passage, _) in enumerate(wordings) if passage.kind is not Kind.PRODUCT]
        best: dict[tuple[str, str], Pair] = {}
        for left, right, cosine in self._questions.pairs([wordings[row][1] for row in kept], asked[kept]):
            pair = Pair(wordings[kept[left]][0], wordings[kept[right]][0], cosine)
            other = best.get(ids := (pair.first.id, pair.second.id))
            if other is None or cosine > other.similarity:
                best[ids] = pair
        for pair in sorted(best.values(), key=lambda pair: -pair.similarity):
            kinds = (pair.first.kind, pair.second.kind)
            if Kind.FAQ in kinds and _comparable(pair.first, pair.second):
                yield pair


def find_duplicates(passages: Sequence[Passage], vectors: Vectors) -> tuple[Problem, ...]:
    """Report the duplicates of a shop of which nothing is known yet; see `Duplicates`."""
    return Duplicates().find(passages, vectors)


def contradiction(first: Passage, second: Passage) -> str:
    """Return in words how two answers to one question differ in a fact; empty when they do not.

    A fact counts when both give one of its kind and they share none: £3.50 against £4.95, yes against no.
    """
    yes, no = _verdict(first.text), _verdict(second.text)
    if yes and no and yes != no:
        return f'one says "{yes}", the other "{no}"'
    ours, theirs = facts(first.text), facts(second.text)
    for kind in ours.keys() & theirs.keys():
        if not ours[kind] & theirs[kind]:
            return f"one says {_listed(ours[kind])}, the other {_listed(theirs[kind])}"
    return ""


def facts(text: str) -> dict[str, frozenset[str]]:
    """Return the amounts in `text` by kind: `money`, `time`, and the unit of any other number."""
    found: dict[str, set[str]] = {}
    for match in _MONEY.finditer(text):
        found.setdefault("money", set()).add(_amount(match))
    for match in _TIME.finditer(text):
        found.setdefault("time", set()).add(_clock_time(match))
    for match in _AMOUNT.finditer(text):
        unit = match[2].lower().removesuffix("s") if len(match[2]) > 1 else match[2]
        if unit in _UNITS:
            found.setdefault(unit, set()).add(f"{match[1]} {match[2].lower()}")
    return {kind: frozenset(values) for kind, values in found.items()}


def _says_the_same(ours: str, theirs: str) -> bool:
    """Say so of two answers that are alike; one that differs in an amount does not repeat the other."""
    plain = (" ".join(_WORD.findall(text.lower())) for text in (ours, theirs))
    return next(plain) == next(plain) or facts(ours) == facts(theirs)


def _comparable(first: Passage, second: Passage) -> bool:
    """Say whether two passages are not pieces of one answer, and both true on some day."""
    return _whole(first) != _whole(second) and _overlap(first, second)


def _overlap(first: Passage, second: Passage) -> bool:
    """Say whether there is a day on which both are true."""
    starts = [day for day in (first.valid_from, second.valid_from) if day]
    ends = [day for day in (first.valid_until, second.valid_until) if day]
    return not (starts and ends) or max(starts) <= min(ends)


def _whole(passage: Passage) -> str:
    return passage.id.partition("~")[0]


def _verdict(text: str) -> str:
    word = (_WORD.findall(text[:20]) or [""])[0].lower()
    return word if word in {"yes", "no"} else ""


def _amount(match: re.Match[str]) -> str:
    amount = Decimal((match[1] or match[2]).replace(",", "."))
    return f"{amount / 100 if match[3] in {'p', 'pence'} else amount:.2f}"


def _clock_time(match: re.Match[str]) -> str:
    if match[4]:
        return f"{int(match[4]):02}:{match[5]}"
    hour = int(match[1]) % 12 + (12 if match[3].lower() == "pm" else 0)
    return f"{hour:02}:{match[2] or '00'}"


def _listed(values: frozenset[str]) -> str:
    return ", ".join(sorted(values)[:4])


def _repeat_problem(pair: Pair) -> Problem:
    return _problem(
        pair, f"It says the same as {pair.second.source}. Keep one and list the other wordings under it."
    )


def _contradiction_problem(pair: Pair, reason: str) -> Problem:
    message = (
        f'"{pair.first.title[:60]}" here and "{pair.second.title[:60]}" in {pair.second.source} '
        "ask alike, but"
    )
    return _problem(pair, f"{message} {reason}. Correct one of them.")


def _problem(pair: Pair, message: str) -> Problem:
    path, _, line = pair.first.source.rpartition(":")
    return Problem(severity=Severity.WARNING, path=path, line=int(line), message=message)
