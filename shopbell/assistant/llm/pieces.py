"""Bytes of tokens to pieces of text: whole characters only, and nothing of a stop text."""

import codecs
from collections.abc import Sequence

from shopbell.assistant.llm.protocol import Piece


def _held_back(text: str, stops: Sequence[str]) -> int:
    """Return how many characters at the end may be the beginning of a stop text."""
    longest = max((len(stop) for stop in stops), default=1) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(stop.startswith(text[-length:]) for stop in stops):
            return length
    return 0


class PieceStream:
    """Collects the tokens of one reply."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore")
        self._text = ""
        self._logprob = 0.0
        self.stopped = False
        """Whether a stop text was met; nothing follows it."""

    def feed(self, data: bytes, logprob: float) -> Piece | None:
        """Take a token; return what may be shown now."""
        self._text += self._decoder.decode(data)
        self._logprob += logprob
        places = [place for stop in self._stops if (place := self._text.find(stop)) >= 0]
        if places:
            self.stopped = True
            self._text = self._text[: min(places)]
            return self._take(len(self._text))
        return self._take(len(self._text) - _held_back(self._text, self._stops))

    def finish(self) -> Piece | None:
        """Return what was held back; half a character is dropped."""
        return None if self.stopped else self._take(len(self._text))

    def _take(self, length: int) -> Piece | None:
        if not length:
            return None
        piece = Piece(text=self._text[:length], logprob=self._logprob)
        self._text, self._logprob = self._text[length:], 0.0
        return piece
