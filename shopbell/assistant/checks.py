"""Checks: what of a finished reply its passages do not state, and which passages it may cite."""

import re
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from shopbell.assistant.quantities import Quantity, is_stated, quantities
from shopbell.assistant.wording import is_content, is_negated, names, overlap, sentences, stem, stems, words

MIN_SUPPORT = 0.6
"""Share of a sentence's words and quantities that its sources must hold; half-made-up ones fall below."""
MIN_SAME_MATTER = 0.7
"""Share of a reply's words in one sentence of a source from which on the two must agree in negation."""

Code = Literal[
    "quantity",
    "link",
    "name",
    "promise",
    "unsupported",
    "contradicts",
    "empty",
    "refusal",
    "ungrounded",
    "whisper",
]

_LINK = re.compile(
    r"https?://\S+|\bwww\.\S+|\S+@\S+\.\w+|\b[\w-]+\.(?:com|org|net|co\.uk|uk|shop|io|de|fr)\b\S*",
    re.IGNORECASE,
)
_OWN_DEED = re.compile(
    r"\b(?:I(?:['’]ll| will| can| have|['’]ve|['’]m going to)|let me)\s+"
    r"(?!help\b|see\b|only\b|not\b|just\b)\w+",
    re.IGNORECASE,
)
"""The model does nothing, so it must not say that it did or will."""
_PROMISES = frozenset(
    stem(word)
    for word in """guarantee promise definitely certainly absolutely always surely refund replace free
    discount compensate compensation voucher exception immediately instantly""".split()
)
"""Words a shop is held to: each must stand in a source."""
_CONDITION = frozenset("if unless only except but however although though until".split())


class Fault(Struct, frozen=True):
    """Something in a reply that no source states."""

    code: Code
    text: str
    """The words at fault."""


class Verdict(Struct, frozen=True):
    """What the check of a reply, or of one sentence of it, found."""

    cited: tuple[int, ...]
    """Positions of the passages that support it, best first."""
    support: float
    """Share of its content words and quantities that the cited passages hold, in [0, 1]."""
    faults: tuple[Fault, ...] = ()

    @property
    def passed(self) -> bool:
        """Say whether it may be sent."""
        return not self.faults


class Source(Struct, frozen=True):
    """A passage made ready for checking."""

    text: str
    """Title and text."""
    stems: frozenset[str]
    quantities: tuple[Quantity, ...]

    @classmethod
    def of(cls, title: str, text: str) -> "Source":
        """Read a passage; its title counts as said by the shop."""
        whole = f"{title}\n{text}"
        return cls(whole, frozenset(stems(whole)), quantities(whole))


def matter(sentence: str) -> list[str]:
    """Return the stems of the words that are not part of a quantity; those are compared by value."""
    for fact in sorted(quantities(sentence), key=lambda fact: -len(fact.text)):
        sentence = sentence.replace(fact.text, " ")
    return stems(sentence)


def check_sentence(sentence: str, sources: Sequence[Source], known: frozenset[str] = frozenset()) -> Verdict:
    """Check one sentence of a reply against the passages.

    `known` are lower-case names the assistant may say though no passage holds them: the shop's, its own.
    """
    if not words(sentence):
        return Verdict((), 0.0, (Fault("empty", sentence),))
    cited = _cite(sentence, sources)
    texts = tuple(sources[place] for place in cited)
    support = _support(sentence, texts, known)
    faults = (
        *_quantity_faults(sentence, texts),
        *_link_faults(sentence, texts),
        *_name_faults(sentence, texts, known),
        *_promise_faults(sentence, texts),
        *_contradictions(sentence, texts),
    )
    if support < MIN_SUPPORT:
        faults = (*faults, Fault("unsupported", sentence))
    return Verdict(cited, support, faults)


def check_reply(reply: str, sources: Sequence[Source], known: frozenset[str] = frozenset()) -> Verdict:
    """Check a whole reply: it passes when each of its sentences does."""
    verdicts = [check_sentence(sentence, sources, known) for sentence in sentences(reply)]
    if not verdicts:
        return Verdict((), 0.0, (Fault("empty", reply),))
    return Verdict(
        tuple(dict.fromkeys(place for verdict in verdicts for place in verdict.cited)),
        min(verdict.support for verdict in verdicts),
        tuple(fault for verdict in verdicts for fault in verdict.faults),
    )


def _support(sentence: str, sources: Sequence[Source], known: frozenset[str]) -> float:
    """Return the share of its content words and quantities that the sources hold; 1 if it has none."""
    held = frozenset[str]().union(*(source.stems for source in sources))
    stated = [fact for source in sources for fact in source.quantities]
    found = [word in held for word in set(matter(sentence)) - {stem(name) for name in known}]
    found += [is_stated(fact, stated) for fact in quantities(sentence)]
    return sum(found) / len(found) if found else 1.0


def _cite(sentence: str, sources: Sequence[Source]) -> tuple[int, ...]:
    """Choose the passage that holds most of the sentence, then those that add a missing quantity or word."""
    wanted = set(matter(sentence))
    facts = quantities(sentence)
    cited: list[int] = []
    while True:
        gains = [
            (4 * _stated(facts, source) + len(wanted & source.stems), -place)
            for place, source in enumerate(sources)
            if place not in cited
        ]
        gain, place = max(gains, default=(0, 0))
        if gain == 0 or (cited and gain < 2):  # noqa: PLR2004 - one stray word does not make a source
            return tuple(cited)
        cited.append(-place)
        facts = tuple(fact for fact in facts if not is_stated(fact, sources[-place].quantities))
        wanted -= sources[-place].stems


def _stated(facts: Sequence[Quantity], source: Source) -> int:
    return sum(is_stated(fact, source.quantities) for fact in facts)


def _quantity_faults(sentence: str, sources: Sequence[Source]) -> list[Fault]:
    stated = [fact for source in sources for fact in source.quantities]
    return [Fault("quantity", fact.text) for fact in quantities(sentence) if not is_stated(fact, stated)]


def _link_faults(sentence: str, sources: Sequence[Source]) -> list[Fault]:
    whole = " ".join(source.text for source in sources).lower()
    links = (found.rstrip(".,;:!?)") for found in _LINK.findall(sentence))
    return [Fault("link", link) for link in links if link.lower() not in whole]


def _name_faults(sentence: str, sources: Sequence[Source], known: frozenset[str]) -> list[Fault]:
    said = {word.removesuffix("'s") for source in sources for word in words(source.text)} | known
    roots = {stem(word) for word in said}
    dates = {word for fact in quantities(sentence) for word in words(fact.text)}
    return [
        Fault("name", name)
        for name in names(sentence)
        if name not in said and stem(name) not in roots and name not in dates
    ]


def _promise_faults(sentence: str, sources: Sequence[Source]) -> list[Fault]:
    deeds = [Fault("promise", found[0]) for found in _OWN_DEED.finditer(sentence)]
    held: frozenset[str] = frozenset().union(*({stem(w) for w in words(source.text)} for source in sources))
    return deeds + [
        Fault("promise", word)
        for word in words(sentence)
        if stem(word) in _PROMISES and stem(word) not in held
    ]


def _contradictions(sentence: str, sources: Sequence[Source]) -> list[Fault]:
    """Find the source's sentence on the same matter, if it denies what the reply says or the other way."""
    own = [stem(word) for word in words(sentence) if is_content(word)]
    ranked = [(overlap(own, stems(line)), line) for source in sources for line in sentences(source.text)]
    best, line = max(ranked, default=(0.0, ""))
    if len(own) == 1 or best < MIN_SAME_MATTER or _CONDITION & {*words(line), *words(sentence)}:
        return []
    return [Fault("contradicts", line)] if is_negated(line) != is_negated(sentence) else []
