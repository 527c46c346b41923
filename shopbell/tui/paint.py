"""Paint: rows as Textual's content, for what does not scroll. No markup is read."""

from collections.abc import Iterable, Mapping

from textual.content import Content

from shopbell.tui.rows import Row, Tone

STYLES: Mapping[Tone, str] = {
    "": "",
    "dim": "$muted",
    "strong": "bold",
    "urgent": "bold $error",
    "warn": "$warning",
    "good": "$success",
    "accent": "bold $primary",
    "customer": "bold $accent",
    "staff": "bold $success",
    "private": "italic $secondary",
}


def content(rows: Iterable[Row]) -> Content:
    """Return rows as one piece of content."""
    lines = (Content.assemble(*((piece.text, STYLES[piece.tone]) for piece in line)) for line in rows)
    return Content("\n").join(lines)
