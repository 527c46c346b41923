"""Chunking: long text becomes pieces short enough for one passage, cut where a reader would pause."""

import re
from collections.abc import Callable, Iterator

from shopbell.knowledge.passage import MAX_TOKENS

Count = Callable[[str], int]
"""Counts the word pieces of a text."""

MAX_LETTERS = 1_200
"""Characters of a piece at most: a tokenizer may take an endless word for one token."""

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_SENTENCE = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)\]]))\s+(?=[\"'“‘(\[]*[A-Z0-9À-Þ])")
_WORD = re.compile(r"\w+|[^\w\s]")


def split(text: str, count: Count, limit: int = MAX_TOKENS) -> tuple[str, ...]:
    """Cut `text` into pieces of at most `limit` tokens, as long as possible, in order.

    Paragraphs stay whole where they fit, else sentences, else words.
    """
    pieces: list[str] = []
    room, joined = 0, ""
    for gap, atom, size in _atoms(text, count, limit):
        fits = size <= room and len(joined) + len(gap) + len(atom) <= MAX_LETTERS
        if joined and fits:
            joined, room = joined + gap + atom, room - size
            continue
        if joined:
            pieces.append(joined)
        joined, room = atom, limit - size
    return (*pieces, joined) if joined else tuple(pieces)


def rough_count(text: str) -> int:
    """Count words and marks: a stand-in for a tokenizer where none is at hand."""
    return len(_WORD.findall(text))


def _atoms(text: str, count: Count, limit: int) -> Iterator[tuple[str, str, int]]:
    """Yield what is not cut further: the gap before it, the text, its tokens."""
    for paragraph in filter(None, map(str.strip, _PARAGRAPH.split(text))):
        gap = "\n\n"
        for line in [paragraph] if _fits(paragraph, count, limit) else paragraph.split("\n"):
            for sentence in [line] if _fits(line, count, limit) else _SENTENCE.split(line):
                for part in _halves(sentence.strip(), count, limit):
                    yield gap, part, count(part)
                    gap = " "
            gap = "\n"


def _fits(text: str, count: Count, limit: int) -> bool:
    return len(text) <= MAX_LETTERS and count(text) <= limit


def _halves(text: str, count: Count, limit: int) -> Iterator[str]:
    """Cut in two at the space nearest the middle until each part fits."""
    if not text:
        return
    if _fits(text, count, limit):
        yield text
        return
    middle = len(text) // 2
    cut = text.rfind(" ", 1, middle + 1)
    cut = cut if cut > middle // 2 else middle
    for half in (text[:cut].strip(), text[cut:].strip()):
        yield from _halves(half, count, limit)
