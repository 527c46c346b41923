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

from shopbell.assistant.rules import OTHER, Embed, kept_or_fitted

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
    r"^\W*(so |and |hi |hello )?(how (do|does|are|can|would) (?!i sign\b)|what (if|happens)\b)", re.IGNORECASE
)
"""What asks how a thing works is for the shop's own words."""
_THING = r"(order|parcel|package|delivery|subscription|cake|bread|beans|coffee)"
_WORDS = {
    wish: re.compile(pattern, re.IGNORECASE)
    for wish, pattern in {
        "unremember": r"^\W*((please|ok|hi|you can|could you|can you)\W+)*"
        r"(forget|delete|drop|remove|erase|scratch)\s+(that i\b|what i (said|told)\b|one thing\b|"
        r"something (you|about|for)\b|(the|that|your|one of your) notes?\b)",
        "remember": r"^\W*((hi|hello|ok|and|also|please|could you|can you)\W+)*"
        r"(remember|note( down)?|keep in mind|bear in mind|make a note|don'?t forget|save)\s+"
        r"(that\b|i\b|i'?m\b|i'?ve\b|my\b(?! order)).*[^?\s]\s*$",
        "usual": r"^\W*usual\W*$|\b(my|the|one|a) usual( (order|drink|coffee|thing|one))?"
        r"(\W+(please|pls|again|then|today|to go|now|thanks))*\W*$",
        "complaint": r"\b(want|like|wish|need) to (complain|make a complaint)\b"
        r"|\b(this is|i have) a complaint\b",
        "callback": r"\b(call|ring|phone|telephone) me( back)?\b(?! (when|if|as)\b)"
        r"|\bgive me a (call|ring)\b",
        "optout": r"\bunsubscribe\b|\bopt (me )?out\b"
        r"|^\W*(please )?(stop|no more) (sending|(e-?)?mailing|contacting)\b",
        "signout": r"^\W*(please )?(sign|log) (me )?(out|off)\b",
        "signin": r"^\W*(please )?(sign|log) (me )?in\b(\W+(please|now))*\W*$",
        "order": rf"\bwhere('?s| is| are) my {_THING}\b|\b(track|status of) my {_THING}\b|\border status\b",
        "balance": r"\bhow many points (do i have|have i)\b|^\W*(my )?(points|balance)( please| pls)?\W*$",
        "card": r"\bhow many stamps (do i have|have i)\b",
        "knowme": r"\bwhat (data |details |else )?(do|have|did) you "
        r"(know|remember|stored?|kept|keep|saved?|hold|have) (about|on|of) me\b",
    }.items()
}
"""Words after which there is no doubt what is wanted."""


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
        self._embed = embed
        self._intents = kept_or_fitted(embed, phrases(), shop_questions, kept, "wishes")

    def recognise(self, text: str) -> Wish | None:
        """Return the wish, None for anything else. Blocks for one embedding, some 5 ms."""
        if not text.strip() or len(text.split()) > MAX_WORDS:
            return None
        if said := _by_words(text):
            return Wish(said, 1.0)
        vectors = self._embed([text])
        chances = self._intents.probabilities(vectors)[0]
        best = int(chances.argmax())
        name, chance = self._intents.names[best], float(chances[best])
        if name == OTHER or chance < MAYBE or (name in _EXPLAINED and _HOW.match(text)):
            return None
        return Wish(name, chance, bool(self._intents.familiarity(vectors)[0] >= FAMILIAR))


def _by_words(text: str) -> str:
    plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((wish for wish, pattern in _WORDS.items() if pattern.search(plain)), "")


def phrases() -> dict[str, list[str]]:
    """Return the bundled phrasings by wish."""
    body = resources.files("shopbell.assistant.flows").joinpath("wishes.toml").read_bytes()
    return msgspec.toml.decode(body, type=dict[str, list[str]])
