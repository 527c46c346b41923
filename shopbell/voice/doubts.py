"""Doubts about a transcript: what Whisper writes when nobody spoke, or when it is caught in a loop. Pure."""

import re
import zlib

NOBODY = 0.6
"""Probability of no speech from which a transcript must be well founded (Whisper's own threshold)."""

UNFOUNDED = -1.0
"""Mean log-probability under which it is not (Whisper's own threshold)."""

BABBLE = -1.6
"""Mean log-probability under which nothing counts, whoever spoke."""

SQUEEZED = 2.4
"""Text that deflates more than this repeats itself (Whisper's own threshold)."""

DOUBTFUL = 0.85
"""Confidence under which a turn is read once more with the shop's rare names in mind.

Of 16 spoken sentences with such a name all had less, .55 to .83, of 20 without one two at the most. Names
given with every turn make the ears hear them where nobody said them: of those 20, 16 were heard right then,
19 without.
"""

UNSURE, BEAMS = 0.75, 5
"""Confidence under which a turn is written again from the same sound, in five beams.

That costs about half of the first reading: of 47 noisy sentences by telephone, spoken by four synthetic
voices, 23.3 % of the words were wrong at first and 19.7 % with beams.
"""

LOST = 0.65
"""Confidence under which it is then encoded anew in the whole window, as Whisper's own code does at once.

The short window now and then stops in the middle of a sentence. It costs three times the first reading.
"""

CODE_UNSURE = 0.9
"""Confidence under which a code or a telephone number is read twice more: see `agreement`.

A double digit is easily heard as three (884 as 8884), and such a reading may have .86.
"""

_GHOSTS = frozenset(
    "you|thank you|thanks|thank you for watching|thanks for watching|bye|bye bye|okay|the end|so|oh|hmm"
    "|please subscribe|subtitles by the amara org community".split("|")
)
"""What Whisper writes over silence and hum, from the captions it was taught on."""

GHOSTLY = 0.3
"""Probability of no speech from which one of `_GHOSTS` is a ghost."""

_LONG = re.compile(r"\d(?:[ ,.-]{0,2}\d){4,}")
"""Five digits running, as no price, time or date has them but codes and telephone numbers do."""

_WORD = re.compile(r"[\w']+")
_STAGE = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]+")
"""Stage directions: `[Music]`, `(coughs)`, `*sighs*`."""


def spoken_part(text: str) -> str:
    """Return the text without stage directions; empty when no word is left."""
    plain = re.sub(r"\s+", " ", _STAGE.sub(" ", text)).strip()
    return plain if _WORD.search(plain) else ""


def has_code(text: str) -> bool:
    """Say whether a code or a telephone number is in the text, where every digit counts."""
    return bool(_LONG.search(text))


def loops(text: str) -> bool:
    """Say whether the text repeats itself as no speaker does."""
    body = text.encode()
    if len(body) > 40 and len(body) / len(zlib.compress(body)) > SQUEEZED:  # noqa: PLR2004
        return True
    words = _WORD.findall(text.lower())
    return any(_repeats(words, span) for span in (1, 2, 3, 4))


def _repeats(words: list[str], span: int) -> bool:
    """Say whether a phrase of `span` words stands more than four times running; digits may."""
    need = 4 * span
    run = 0
    for now, before in zip(words[span:], words, strict=False):
        run = run + 1 if now == before and not now.isdigit() else 0
        if run >= need:
            return True
    return False


def is_noise(text: str, *, no_speech: float, mean_logprob: float) -> bool:
    """Say whether a transcript is better not believed."""
    if mean_logprob < BABBLE or (no_speech > NOBODY and mean_logprob < UNFOUNDED):
        return True
    return no_speech > GHOSTLY and " ".join(_WORD.findall(text.lower())) in _GHOSTS
