"""Wishes: what a customer wants done, recognised by meaning. What is recognised is only ever begun.

The classifier is fitted on `wishes.toml`, with the shop's own questions as examples of what must be left to
the shop's words. Below `SURE` nothing is begun without asking first; below `MAYBE` it is no wish.
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
_EXPLAINED = frozenset({"join", "card", "redeem", "referral", "balance", "rewards", "explain", "order"})
_HOW = re.compile(r"^\W*(so |and |hi |hello )?how (do|does|are|can|would) (?!i sign\b)", re.IGNORECASE)
"""What asks how a thing works is for the shop's own words."""


class Wish(Struct, frozen=True):
    """What was recognised, and how surely."""

    name: str
    chance: float

    @property
    def is_sure(self) -> bool:
        """Whether it may be begun without asking whether it is meant."""
        return self.chance >= SURE


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
        chances = self._intents.probabilities(self._embed([text]))[0]
        best = int(chances.argmax())
        name, chance = self._intents.names[best], float(chances[best])
        if name in _EXPLAINED and _HOW.match(text):
            return None
        return Wish(name, chance) if name != OTHER and chance >= MAYBE else None


def phrases() -> dict[str, list[str]]:
    """Return the bundled phrasings by wish."""
    body = resources.files("shopbell.assistant.flows").joinpath("wishes.toml").read_bytes()
    return msgspec.toml.decode(body, type=dict[str, list[str]])
