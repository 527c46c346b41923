"""Flowing: a reply that is being given, wrapped as it grows; lines that are full are not wrapped again."""

from shopbell.tui.rows import wrap


class Flowing:
    """Wraps one growing text."""

    def __init__(self) -> None:
        """Begin with no text."""
        self._of = ("", 0)
        self._done: list[str] = []
        self._text = ""
        self._at = 0

    def lines(self, reply: str, text: str, width: int) -> list[str]:
        """Return the text of a reply as lines of at most `width` cells, the same as `wrap` returns."""
        if self._of != (reply, width) or not text.startswith(self._text):
            self._of, self._done, self._at = (reply, width), [], 0
        self._text = text
        tail = wrap(text[self._at :], width)
        while len(tail) > 2 and self._settle(tail[0], tail[1:], width):  # noqa: PLR2004 - the last two may still change
            tail = tail[1:]
        return [*self._done, *tail]

    def _settle(self, line: str, rest: list[str], width: int) -> bool:
        """Take a full line off the text that is wrapped, unless that would wrap the rest otherwise."""
        at = self._at + len(line)
        while at < len(self._text) and self._text[at] in " \n":
            at += 1
            if self._text[at - 1] == "\n":
                break
        if not self._text.startswith(line, self._at) or wrap(self._text[at:], width) != rest:
            return False
        self._done.append(line)
        self._at = at
        return True
