"""The first rung: what code answers without looking anything up, in any phrasing.

A wish is recognised by its words, and else by its meaning: a small classifier fitted on `phrases.toml`,
with the shop's own questions as examples of what must be left to the next rungs.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from shopbell.assistant.intents import Fitted, Intents

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, float32[n, d]."""

Phrases = Mapping[str, Sequence[str]]
"""Wordings by what is meant."""
Known = tuple[NDArray[np.float32], Intents]
"""The vectors of phrases, and the classifier of them alone."""

LIKELY = 0.6
"""Probability from which a wish counts: in ten-fold cross-validation on `phrases.toml` it finds 98 of 109
wishes, takes 1 for another, and 10 of 103 near misses for one; of 880 questions to four shops four."""
MAX_WORDS = 14
"""Longer utterances say more than one of these wishes: they are left to the next rungs."""

OTHER = "other"
PARTS = Fitted.__struct_fields__
PROBE = "are you open on sunday"

_ENDS = (
    r"(?=\W*$|[?!.,;:]|\W+(and|then|here|there|really|right|pls|please|who|that|behind|talking|typing|"
    r"speaking|answering|writing|program|programme|assistant|i|on)\b)"
)
"""What may follow such a noun: "are you a computer shop?" and "are you people open?" are about the shop."""

_WORDS: Mapping[str, re.Pattern[str]] = {
    intent: re.compile(pattern, re.IGNORECASE)
    for intent, pattern in {
        "human": r"\b(are|r) (you|u|ya|this|we) (really |actually |just )?(an? )?(real |actual |live )?"
        rf"(human( being)?|person|people|robot|(chat ?)?bot|machine|ai|computer|a\.i|chat ?gpt)\b{_ENDS}"
        r"|\b(is|iz) (this|that|it) (really |actually |just )?(an? )?(real |actual |live )?"
        rf"(human|person|robot|(chat ?)?bot|ai|a\.i)\b{_ENDS}",
        "person": r"^\W*(a )?(human|person|agent|operator|staff|representative)( please| pls)?\W*$"
        r"|\b(talk|speak|chat|connect me|put me through|transfer me) (to|with) (an? |some|the )?"
        r"(real |actual |live )?(human|person|agent|staff|someone|somebody|manager|member of staff)\b"
        r"|\b(want|need|get me|give me) (an? )?(real |actual |live )(human|person)\b",
        "greeting": r"^\W*(hi|hiya|hello|hey|heya|yo|good (morning|afternoon|evening)|morning|evening)"
        r"( there| all| again)?\W*$",
        "thanks": r"^\W*((ok|okay|great|perfect|lovely|brilliant)\W+)?"
        r"(thanks|thank you|thank u|thx|ty|cheers|ta)"
        r"( so much| very much| a lot| a bunch| mate)?\W*$",
        "bye": r"^\W*((thanks|thank you|ok|okay|no)\W+)?"
        r"(bye|bye bye|goodbye|good bye|see (you|ya)|that'?s (all|it))\W*"
        r"( then| now| thanks| thank you| later)?\W*$",
        "erase": r"\b(forget me(?!\W?(nots?|when|if)\b)|forget (all|everything)( i (said|told you))?"
        r"|(delete|erase|wipe|remove) (all )?(my|this) (personal )?(data|chat|conversation|information))\b",
    }.items()
}


class Rules:
    """Recognises the wishes that code answers; without `embed`, by words alone."""

    def __init__(
        self, embed: Embed | None = None, shop_questions: Sequence[str] = (), kept: Path | None = None
    ) -> None:
        """Fit on the bundled phrases; `shop_questions` are wordings the shop's own answers are for.

        With a folder `kept` the fit is done once for the same words and then read from there.
        """
        self._embed = embed
        self._intents = kept_or_fitted(embed, _phrases(), shop_questions, kept) if embed else None

    def intent(self, text: str) -> str:
        """Return `human`, `person`, `greeting`, `thanks`, `bye`, `erase`, or an empty text for anything else.

        Blocks for one embedding (about 5 ms) when the words alone do not decide.
        """
        if len(text.split()) > MAX_WORDS:
            return _by_words(text, ("human", "person", "erase"))
        return _by_words(text, tuple(_WORDS)) or self._by_meaning(text)

    def _by_meaning(self, text: str) -> str:
        if self._embed is None or self._intents is None or not text.strip():
            return ""
        chances = self._intents.probabilities(self._embed([text]))[0]
        best = int(chances.argmax())
        name = self._intents.names[best]
        return name if name != OTHER and chances[best] >= LIKELY else ""


def kept_or_fitted(
    embed: Embed,
    phrases: Phrases,
    shop_questions: Sequence[str],
    kept: Path | None,
    name: str = "rules",
    known: Callable[[], Known | None] = lambda: None,
) -> Intents:
    """Return a classifier of these phrases, of which `other` are none; kept in a folder under `name`.

    `known` gives the phrases' vectors and the classifier of them alone, where they were reckoned before.
    """
    if kept is None:
        return _fitted(embed, phrases, shop_questions, known())
    # One known text stands for the embedding model: another model gives another vector.
    digest = hashlib.sha256(embed([PROBE]).tobytes())
    digest.update("\n".join([*chain(*phrases.values()), *shop_questions]).encode())
    path = kept / f"{name}-{digest.hexdigest()[:16]}.npz"
    if path.is_file():
        with np.load(path, allow_pickle=False) as packed:
            return Intents.restored(tuple(phrases), Fitted(*(packed[part] for part in PARTS)))
    intents = _fitted(embed, phrases, shop_questions, known())
    for old in kept.glob(f"{name}-*.np?"):
        old.unlink()
    np.savez(path, **{part: getattr(intents.fitted, part) for part in PARTS})
    return intents


def _fitted(embed: Embed, phrases: Phrases, shop_questions: Sequence[str], known: Known | None) -> Intents:
    labels = [intent for intent, examples in phrases.items() for _ in examples]
    vectors = known[0] if known else embed([phrase for examples in phrases.values() for phrase in examples])
    first = known[1] if known else Intents(labels, vectors)
    if not shop_questions:
        return first
    asked = embed(list(shop_questions))
    # A shop may itself explain "talk to a human": such wordings must not teach the opposite.
    own = asked[first.probabilities(asked)[:, _other_column(labels)] >= LIKELY]
    every = [*labels, *[OTHER] * len(own)]
    return Intents(every, np.vstack([vectors, own]), first.fitted.weights)


def _other_column(labels: Sequence[str]) -> int:
    return list(dict.fromkeys(labels)).index(OTHER)


def _by_words(text: str, intents: Sequence[str]) -> str:
    plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((intent for intent in intents if _WORDS[intent].search(plain)), "")


def _phrases() -> dict[str, list[str]]:
    body = resources.files("shopbell.assistant").joinpath("phrases.toml").read_bytes()
    return msgspec.toml.decode(body, type=dict[str, list[str]])
