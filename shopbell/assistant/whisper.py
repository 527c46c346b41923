"""Whispers: what staff hint to the assistant must never reach the customer in the hint's own words. Pure."""

from collections.abc import Sequence

from shopbell.assistant.wording import is_content, words

RUN = 4
"""Words in a row that count as repeating; of a shorter hint, all of them."""
LEAST = 2
"""Words a hint must have to be told apart from chance."""


def repeats(text: str, hints: Sequence[str]) -> bool:
    """Say whether the text repeats the words of a hint: a run of `RUN` that says something."""
    said = words(text)
    return any(_holds(said, words(hint)) for hint in hints)


def _holds(said: Sequence[str], hint: Sequence[str]) -> bool:
    length = min(RUN, len(hint))
    if length < LEAST:
        return False
    runs = {tuple(hint[at : at + length]) for at in range(len(hint) - length + 1)}
    telling = {run for run in runs if any(is_content(word) for word in run)}
    return any(tuple(said[at : at + length]) in telling for at in range(len(said) - length + 1))
