"""Drafts: what the decoder wrote of a turn, which of two readings counts, and what is no speech. Pure."""

import math

from msgspec import Struct
from msgspec.structs import replace

from shopbell.voice.doubts import is_noise, loops, spoken_part
from shopbell.voice.speech import Transcript


class Draft(Struct, frozen=True, kw_only=True):
    """What the decoder wrote, before any doubt."""

    text: str
    mean_logprob: float
    """Over the tokens and the end."""
    no_speech: float
    closes: float
    """Probability that a sentence ends behind its last word."""
    logprob: float = 0.0
    """Of the whole text, the natural logarithm."""


def likelier(plain: Draft, other: Draft) -> Draft:
    """Return the likelier reading; whether it is speech, and ends, is told by the plain one alone.

    The bars for both were chosen on plain readings: greedy, in a short window, without hints.
    """
    return plain if other.mean_logprob <= plain.mean_logprob else reworded(plain, other)


def reworded(plain: Draft, other: Draft) -> Draft:
    """Return the words of the other reading; what else there is to tell is told by the plain one."""
    return replace(other, closes=plain.closes, no_speech=plain.no_speech)


def credible(draft: Draft) -> Draft:
    """Return the draft, without text where that was noise."""
    text = spoken_part(draft.text)
    if loops(text) or is_noise(text, no_speech=draft.no_speech, mean_logprob=draft.mean_logprob):
        text = ""
    return replace(draft, text=text)


def joined(drafts: list[Draft], seconds: float) -> Transcript:
    """Return what was read of the pieces of one turn."""
    return Transcript(
        text=" ".join(draft.text for draft in drafts if draft.text),
        confidence=math.exp(sum(draft.mean_logprob for draft in drafts) / len(drafts)),
        no_speech=min(draft.no_speech for draft in drafts),
        seconds=seconds,
        closes=drafts[-1].closes,
    )
