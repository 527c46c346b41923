"""Where a reply may be cut so that speaking can begin before it is all there. Pure.

The first piece is the shortest that sounds whole; after it, whole sentences. A comma in a price, a full stop
in an abbreviation or a colon in a time ends nothing.
"""

import re

LEAST = 10
"""Letters and digits of a first piece that ends within a sentence."""

LONGEST = 120
"""Characters after which a first piece is cut at a space, and later ones at a comma."""

_SHORT = (
    r"(?:mr|mrs|ms|dr|st|no|nos|approx|dept|ext|tel|inc|ltd|co|vs|etc|e\.g|i\.e|a\.m|p\.m|min|max|qty"
    r"|incl|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thurs?|fri|sat|sun|[a-z])"
)
_ABBREVIATED = re.compile(rf"(?:^|[^\w.]){_SHORT}\.$", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_STOP = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|\n+")
_BREAK = re.compile(r"[,;:][\"'”’)]*(?=\s)|\s[–—-](?=\s)|—(?=\w)")
_ALNUM = re.compile(r"[^\W_]")


def _sentence_end(text: str, start: int = 0) -> int | None:
    """Return where the first sentence ends, its stop included; None while that is not certain."""
    for found in _STOP.finditer(text, start):
        if text[found.start()] != "." or not _abbreviates(text, found):
            return found.end()
    return None


def _abbreviates(text: str, stop: re.Match[str]) -> bool:
    """Say whether a full stop belongs to its word; before a capital `p.m.` ends one, `Mr.` does not."""
    if not _ABBREVIATED.search(text[: stop.start() + 1]):
        return bool(re.search(r"(?:^|\n)\s*\d{1,2}\.$", text[: stop.start() + 1]))
    after = text[stop.end() :].lstrip()
    ends = re.search(r"(?i)(?:[ap]\.?\s?m|etc|ltd|inc|co)\.$", text[: stop.start() + 1])
    return not (ends and after[:1].isupper() and not _WEEKDAY.match(after))


def _clause_end(text: str) -> int | None:
    """Return where the first break is after which the piece sounds whole; None when there is none yet."""
    for found in _BREAK.finditer(text):
        if len(_ALNUM.findall(text[: found.start()])) >= LEAST:
            return found.end()
    return None


class Clauses:
    """Cuts a reply, as it grows, into pieces to be spoken."""

    def __init__(self) -> None:
        self._rest = ""
        self._first = True

    def feed(self, delta: str) -> list[str]:
        """Return the pieces that are certain now."""
        self._rest += delta
        return list(self._cut())

    def flush(self) -> list[str]:
        """Return what is left; the reply is complete."""
        pieces = list(self._cut(whole=True))
        self._rest, self._first = "", True
        return pieces

    def _cut(self, *, whole: bool = False) -> list[str]:
        pieces: list[str] = []
        text = self._rest + (" " if whole else "")
        while (end := self._end(text)) is not None:
            pieces.append(text[:end].strip())
            self._first = self._first and not pieces[-1]
            text = text[end:]
        if whole and text.strip():
            pieces.append(text.strip())
        self._rest = text
        return [piece for piece in pieces if _ALNUM.search(piece)]

    def _end(self, text: str) -> int | None:
        ends = [_sentence_end(text)]
        if self._first:
            ends.append(_clause_end(text))
        known = [end for end in ends if end is not None]
        if known:
            return min(known)
        return self._forced(text)

    def _forced(self, text: str) -> int | None:
        """Cut a piece that grows too long: the first anywhere, later ones at a break."""
        if len(text) <= LONGEST:
            return None
        breaks = [found.end() for found in _BREAK.finditer(text) if found.end() > LONGEST // 2]
        if breaks:
            return breaks[0]
        space = text.rfind(" ", LONGEST // 2, LONGEST)
        return space if self._first and space > 0 else None


def clauses(text: str) -> list[str]:
    """Cut a whole text: a short first piece, then sentences."""
    return Clauses().feed(text + "\n")
