"""Scores: NPS and CSAT with their intervals, and silence where too few have answered. Pure."""

from collections.abc import Sequence
from math import sqrt

from msgspec import Struct

from shopbell.assistant.feedback.comments import HIGH, LOW, Comment
from shopbell.assistant.privacy.bias import wilson

LEAST = 20
"""Answers below which nothing is said."""
_Z = 1.959964


class Score(Struct, frozen=True, kw_only=True):
    """A score, or why there is none."""

    n: int
    value: float | None = None
    low: float = 0.0
    high: float = 0.0
    text: str
    """In a sentence."""


def nps(comments: Sequence[Comment]) -> Score:
    """Return the net promoter score from -100 to 100, of the last answer of each customer.

    The interval is the adjusted Wald one with three answers added (B. Rocks, The American Statistician 70,
    2016). It is the shop's score, not a conversation's; those who answer are seldom those who stay away.
    """
    last = {one.customer or one.key: one.score for one in comments if one.kind == "nps"}
    scores = [score for score in last.values() if score is not None]
    n = len(scores)
    if n < LEAST:
        return Score(n=n, text=f"NPS: {n} of the {LEAST} answers that are needed to say anything.")
    up, down = sum(one >= HIGH["nps"] for one in scores), sum(one <= LOW["nps"] for one in scores)
    p, q = (up + 0.75) / (n + 3), (down + 0.75) / (n + 3)
    half = _Z * sqrt((p + q - (p - q) ** 2) / (n + 3))
    value, low, high = ((up - down) / n * 100, (p - q - half) * 100, (p - q + half) * 100)
    text = f"NPS {value:+.0f} ({max(-100.0, low):+.0f} to {min(100.0, high):+.0f}), from {n} customers."
    return Score(n=n, value=value, low=max(-100.0, low), high=min(100.0, high), text=text)


def csat(comments: Sequence[Comment]) -> Score:
    """Return the share of conversations with four or five stars, and Wilson's interval, in 100."""
    scores = [one.score for one in comments if one.kind == "csat" and one.score is not None]
    n, good = len(scores), sum(one >= HIGH["csat"] for one in scores)
    if n < LEAST:
        return Score(n=n, text=f"Stars: {n} of the {LEAST} that are needed to say anything.")
    low, high = (100 * one for one in wilson(good, n))
    value = 100 * good / n
    text = f"{value:.0f} % gave four or five stars ({low:.0f} to {high:.0f} %), from {n}."
    return Score(n=n, value=value, low=low, high=high, text=text)
