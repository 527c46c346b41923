"""Unspoken: what a question speaks of, or asks for, of which a passage says nothing.

"Do you sell pond pumps?" is nearly "Do you sell pond plants?", and no mean over words tells them apart:
it is the one word worst matched that does. "Who teaches the puppy class?" has no strange word at all, but
nobody ever wrote an answer to a who. Such questions are left to the model, however sure the search is.
"""

from collections.abc import Sequence
from itertools import pairwise

from shopbell.knowledge.late import Scores, Words
from shopbell.knowledge.lexical import wordings_of
from shopbell.knowledge.passage import Passage
from shopbell.knowledge.words import LIGHT, stem, stems, words

LIKE = 0.55
"""Cosine of a word with the nearest of a passage from which it is taken for another word of the same."""

_SPOKEN = frozenset(
    """
    ain't ago again ah already arent asked asking ask back bit both bring brought call came cant cheers
    come comes coming cope couldnt couple dad daughter didnt different doesnt don dont down each em er erm
    even ever every everybody few forget forgot go goes gran granny grandma grandad guy happen happened
    happens hasnt havent he her here hers him his hmm hows husband id il ill isnt ive keep keeps lad lady
    later left less ll lol lot made make man manage mate mates maybe me mean meant more most mum mom my
    myself nan nobody now nowt off oh only own paid pay paying pls plz put re shouldnt shes she hes so son
    soon stuff summat ta take takes thats theres theyre then today til till too took turn turns two uh um
    up ve wasnt we weren well went wheres whens whats whos wife while wont wouldnt work works ya yall yet
    youre yo
    """.split(),
)
"""Words customers put around a question; that a passage has none of them says nothing."""

_SOUGHT = frozenset({"who", "whose", "what", "which", "why"})
_RUN_TOGETHER = {"whos": "who", "whats": "what", "wots": "what", "wot": "what", "hows": "how"}
_NO_THING = frozenset({"time", "times", "if", "about", "happen", "happens"})
"""After "what" they ask for no thing: "what time" is when, "what if" is whether."""
_MEASURES = "big deep far fast heavy high large long many often old small strong tall thick wide"
_ATTRIBUTES = (
    "brand breed color colour flavor flavour kind kinds make material model name size sort temperature type "
    "types weight"
)
_SOUGHT_PAIRS = frozenset(
    (first, second)
    for first, seconds in (("how", _MEASURES), ("what", _ATTRIBUTES))
    for second in seconds.split()
)
"""What may be asked for: a passage over which no such question stands is an answer to another one."""


def unspoken(question: str, passage: Passage, readings: Sequence[tuple[Words, Scores]]) -> bool:
    """Say whether the question speaks of or asks for something of which the passage does not.

    `readings` are the question and its rewrites word by word, each word with its likeness to the nearest
    of the passage; one reading without a strange word is enough.
    """
    asked = wordings_of(passage)
    if not _sought(question) <= {kind for wording in asked for kind in _sought(wording)}:
        return True
    held = {word for text in (*asked, passage.text, passage.topic) for word in stems(text)}
    return all(_is_strange(heard, near, held) for heard, near in readings)


def _is_strange(heard: Words, near: Scores, held: set[str]) -> bool:
    return any(
        likeness < LIKE and _tells(word) and stem(word) not in held
        for word, likeness in zip(heard.texts, near, strict=True)
    )


def _tells(word: str) -> bool:
    return len(word) > 1 and word not in LIGHT and word not in _SPOKEN


def _sought(text: str) -> set[str]:
    """Return what a question asks for, as far as it is told by its question words."""
    plain = (word.removesuffix("'s") for word in words(text))
    found = [_RUN_TOGETHER.get(word, word) for word in plain]
    pairs = list(pairwise([*found, ""]))
    single = {first for first, then in pairs if first in _SOUGHT and then not in _NO_THING}
    return single | {" ".join(pair) for pair in pairs if pair in _SOUGHT_PAIRS}
