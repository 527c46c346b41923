"""Outline: headings and text in reading order become entries, whatever the file format was."""

from shopbell.knowledge.entry import Entry
from shopbell.knowledge.passage import Kind
from shopbell.knowledge.problem import Notes


class Outline:
    """Takes headings and text as they come and makes entries of them.

    A heading with a question mark at its end is a question, its text the answer; under any other heading
    stands running text. Text before any heading goes by the topic or, without one, by `stem`.
    """

    def __init__(self, notes: Notes, *, stem: str) -> None:
        self._notes = notes
        self._stem = stem
        self._topic = ""
        self._title = ""
        self._anchor = ""
        self._line = 1
        self._texts: list[str] = []
        self._entries: list[Entry] = []

    def topic(self, text: str, line: int) -> None:
        """Take a main heading: what follows is about `text`."""
        self._finish()
        self._topic, self._title, self._anchor, self._line = text, "", "", line

    def heading(self, text: str, line: int, anchor: str = "") -> None:
        """Take a heading: what follows answers it or stands under it."""
        self._finish()
        self._title, self._anchor, self._line = text, anchor, line

    def text(self, text: str, line: int) -> None:
        """Take a paragraph, list or table."""
        if not text.strip():
            return
        if not self._title and not self._texts:
            self._line = line
        self._texts.append(text.strip())

    def entries(self) -> tuple[Entry, ...]:
        """Finish and return all entries."""
        self._finish()
        return tuple(self._entries)

    def _finish(self) -> None:
        if self._title and not self._texts:
            self._notes.warning(self._line, f'"{self._title[:80]}" has no text under it and is left out.')
        if self._texts:
            is_question = self._title.endswith("?")
            self._entries.append(
                Entry(
                    title=self._title or self._topic or self._stem,
                    text="\n\n".join(self._texts),
                    line=self._line,
                    anchor=self._anchor,
                    kind=Kind.FAQ if is_question else Kind.DOCUMENT,
                    topic=self._topic,
                )
            )
        self._title, self._anchor, self._texts = "", "", []
