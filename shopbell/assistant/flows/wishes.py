"""Wishes: what a customer wants done, by words or by meaning. What is recognised is only ever begun.

Where a few words leave no doubt they decide. Else the classifier does, fitted on `wishes.toml`, with the
shop's own questions as examples of what must be left to the shop's words. Below `SURE`, or when nothing like
it was ever said, nothing is begun without asking first; below `MAYBE` it is no wish.
"""

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import msgspec
from msgspec import Struct

from shopbell.assistant.flows.certain import certain
from shopbell.assistant.flows.meanings import known
from shopbell.assistant.rules import OTHER, Embed, kept_or_fitted
from shopbell.assistant.spelling import beside

SURE = 0.60
"""Chance from which a wish is taken as said: a first guess that was never moved."""
MAYBE = 0.35
"""Chance from which it is asked about; the development half of the phrasings bore it out."""
MAX_WORDS = 30
FAMILIAR = 8.0
"""Below it an utterance is like no example; so are 5 % of the wishes in the development half."""
_EXPLAINED = frozenset(
    {
        "join",
        "card",
        "redeem",
        "referral",
        "balance",
        "rewards",
        "explain",
        "order",
        "feedback",
        "knowme",
        "contact",
    }
)
_HOW = re.compile(
    r"^\W*(so |and |hi |hello )?(how (do|does|are|can|would) (?!i sign\b)|what (if|happens)\b|"
    r"how (many|much) \w+ (do|does) (a|an|one|your|the|you)\b)",
    re.IGNORECASE,
)
"""What asks how a thing works is for the shop's own words."""
_WANTS = re.compile(r"\b(i want|i need|i'?d like|give me|my own|for me)\b", re.IGNORECASE)
"""Who says so besides does not only ask how it works."""
_ANYBODYS = frozenset(
    {"join", "redeem", "referral", "rewards", "knowme", "optout", "contact", "purchases", "usual", "signin"}
)
_ASKS = re.compile(
    r"^\W*((so|and|hi|hello|ok) )*"
    r"(do|does|can|who|what|what'?s|which|is there|are there|have you|how|when|where)\b",
    re.IGNORECASE,
)
_SOMEBODYS = re.compile(
    r"\b(i|i'?m|i'?ve|i'd|i'll|my|me|mine|we|our|us|u|it|this|that|those|these|them)\b", re.IGNORECASE
)
"""A question in which nobody and nothing is pointed at is about the thing itself: "do stamps expire"."""


class Wish(Struct, frozen=True):
    """What was recognised, and how surely."""

    name: str
    chance: float
    is_familiar: bool = True
    """Whether something like it was said before."""

    @property
    def is_sure(self) -> bool:
        """Whether it may be begun without asking whether it is meant."""
        return self.chance >= SURE and self.is_familiar


class Wishes:
    """Recognises the wishes that flows serve."""

    def __init__(self, embed: Embed, shop_questions: Sequence[str] = (), kept: Path | None = None) -> None:
        """Fit on the bundled phrases; with a folder `kept` the fit is done once and read from there."""
        self._embed = beside(embed)
        said = phrases()
        self._intents = kept_or_fitted(
            self._embed, said, shop_questions, kept, "wishes", lambda: known(said, embed)
        )

    def recognise(self, text: str) -> Wish | None:
        """Return the wish, None for anything else. Blocks for one embedding, some 5 ms."""
        if not text.strip() or len(text.split()) > MAX_WORDS:
            return None
        if said := certain(text):
            return None if _is_general(said, text) else Wish(said, 1.0)
        vectors = self._embed([text])
        chances = self._intents.probabilities(vectors)[0]
        best = int(chances.argmax())
        name, chance = self._intents.names[best], float(chances[best])
        if name == OTHER or chance < MAYBE or _is_general(name, text):
            return None
        return Wish(name, chance, bool(self._intents.familiarity(vectors)[0] >= FAMILIAR))


def _is_general(wish: str, text: str) -> bool:
    """Say whether it is asked how something works, which the shop's own words are for."""
    if wish in _EXPLAINED and _HOW.match(text) and not _WANTS.search(text):
        return True
    return wish in _ANYBODYS and bool(_ASKS.match(text)) and not _SOMEBODYS.search(text)


def phrases() -> dict[str, list[str]]:
    """Return the bundled phrasings by wish."""
    body = resources.files("shopbell.assistant.flows").joinpath("wishes.toml").read_bytes()
    return msgspec.toml.decode(body, type=dict[str, list[str]])
