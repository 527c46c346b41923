"""Rows: what is shown, as lines of toned pieces. Pure; the screens and the linear mode read the same."""

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from textual.content import Content

from shopbell.assistant.staffwire import visible

Tone = Literal["", "dim", "strong", "urgent", "warn", "good", "accent", "customer", "staff", "private"]
"""What a piece means; the theme gives it a colour, and no meaning is in the colour alone."""
TONES: tuple[Tone, ...] = (
    "dim",
    "strong",
    "urgent",
    "warn",
    "good",
    "accent",
    "customer",
    "staff",
    "private",
)


class Piece(Struct, frozen=True):
    """Some words in one tone."""

    text: str
    tone: Tone = ""


Row = tuple[Piece, ...]


def row(*pieces: Piece | str) -> Row:
    """Return a line of pieces, each made inert."""
    whole = (Piece(piece) if isinstance(piece, str) else piece for piece in pieces)
    return tuple(Piece(_flat(piece.text), piece.tone) for piece in whole if piece.text)


def words(line: Row) -> str:
    """Return a line without its tones."""
    return "".join(piece.text for piece in line)


def fit(text: str, width: int) -> str:
    """Return the text on exactly `width` cells, cut with an ellipsis where it is longer."""
    text = _flat(text)
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 1)) + "…"[:width]


def wrap(text: str, width: int) -> list[str]:
    """Return the text as lines of at most `width` cells; its own line ends stay."""
    shown = visible(text).expandtabs(4)
    return [line.plain.rstrip() for line in Content(shown).wrap(max(4, width))] or [""]


def paragraph(text: str, width: int, tone: Tone = "", *, indent: str = "") -> list[Row]:
    """Return the text as wrapped rows."""
    return [row(indent, Piece(line, tone)) for line in wrap(text, width - cell_len(indent))]


def beside(lead: str, tone: Tone, text: str, width: int, of: Tone = "") -> list[Row]:
    """Return wrapped rows with a lead in front of the first, the others set in under it."""
    return under(lead, tone, wrap(text, width - cell_len(lead)), of)


def under(lead: str, tone: Tone, lines: Sequence[str], of: Tone = "") -> list[Row]:
    """Return lines as rows with a lead in front of the first, the others set in under it."""
    first = row(Piece(lead, tone), Piece(lines[0], of))
    return [first, *(row(" " * cell_len(lead), Piece(line, of)) for line in lines[1:])]


def joined(rows: Iterable[Row]) -> str:
    """Return rows as plain text."""
    return "\n".join(words(line).rstrip() for line in rows)


def _flat(text: str) -> str:
    return visible(text).replace("\n", " ").replace("\t", " ")
